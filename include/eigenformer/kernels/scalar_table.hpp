// The scalar truth as a table.
#pragma once

#include "eigenformer/kernels/activations.hpp"
#include "eigenformer/kernels/attention.hpp"
#include "eigenformer/kernels/block_product.hpp"
#include "eigenformer/kernels/cache_store.hpp"
#include "eigenformer/kernels/float_product.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/kernels/norms.hpp"
#include "eigenformer/kernels/quantize.hpp"
#include "eigenformer/kernels/rotation.hpp"
#include "eigenformer/kernels/softmax.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

inline constexpr KernelTable k_scalar_table = {
    .name = "scalar",
    .float_product = scalar::float_product,
    .block_product = scalar::block_product,
    .quantize_rows = scalar::quantize_rows,
    .rms_norm = scalar::rms_norm,
    .layer_norm = scalar::layer_norm,
    .activate = scalar::activate,
    .activate_gated = scalar::activate_gated,
    .add = scalar::add,
    .softmax = scalar::softmax,
    .sum_exponentials = scalar::sum_exponentials,
    .rotate = scalar::rotate,
    .store_in_cache = scalar::store_in_cache,
    .attend = scalar::attend,
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
