// The kernels for NEON, which every 64-bit ARM processor has, as a table.
#pragma once

#include "eigenformer/kernels/neon/attention.hpp"
#include "eigenformer/kernels/neon/block_product.hpp"
#include "eigenformer/kernels/neon/cache_store.hpp"
#include "eigenformer/kernels/neon/float_product.hpp"
#include "eigenformer/kernels/neon/quantize.hpp"
#include "eigenformer/kernels/neon/rows.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

inline constexpr KernelTable k_neon_table = {
    .name = "neon",
    .float_product = neon::float_product,
    .block_product = neon::block_product,
    .quantize_rows = neon::quantize_rows,
    .rms_norm = neon::rms_norm,
    .layer_norm = neon::layer_norm,
    .activate = neon::activate,
    .activate_gated = neon::activate_gated,
    .add = neon::add,
    .softmax = neon::softmax,
    .sum_exponentials = neon::sum_exponentials,
    .rotate = neon::rotate,
    .store_in_cache = neon::store_in_cache,
    .attend = neon::attend,
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
