// The kernels for AVX2 with FMA and F16C as a table.
#pragma once

#include "eigenformer/kernels/avx2/attention.hpp"
#include "eigenformer/kernels/avx2/block_product.hpp"
#include "eigenformer/kernels/avx2/cache_store.hpp"
#include "eigenformer/kernels/avx2/float_product.hpp"
#include "eigenformer/kernels/avx2/quantize.hpp"
#include "eigenformer/kernels/avx2/rows.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

inline constexpr KernelTable k_avx2_table = {
    .name = "avx2",
    .float_product = avx2::float_product,
    .block_product = avx2::block_product,
    .quantize_rows = avx2::quantize_rows,
    .rms_norm = avx2::rms_norm,
    .layer_norm = avx2::layer_norm,
    .activate = avx2::activate,
    .activate_gated = avx2::activate_gated,
    .add = avx2::add,
    .softmax = avx2::softmax,
    .sum_exponentials = avx2::sum_exponentials,
    .rotate = avx2::rotate,
    .store_in_cache = avx2::store_in_cache,
    .attend = avx2::attend,
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
