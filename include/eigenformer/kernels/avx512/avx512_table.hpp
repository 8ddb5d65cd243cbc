// The kernels for AVX-512 (F, BW, VL, DQ, VNNI) as a table. Where 512 bits bring nothing, it has those of AVX2.
#pragma once

#include "eigenformer/kernels/avx2/quantize.hpp"
#include "eigenformer/kernels/avx512/attention.hpp"
#include "eigenformer/kernels/avx512/block_product.hpp"
#include "eigenformer/kernels/avx512/cache_store.hpp"
#include "eigenformer/kernels/avx512/float_product.hpp"
#include "eigenformer/kernels/avx512/rows.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

inline constexpr KernelTable k_avx512_table = {
    .name = "avx512",
    .float_product = avx512::float_product,
    .block_product = avx512::block_product,
    .quantize_rows = avx2::quantize_rows,  // a block has too few registers: wide ones measured slower
    .rms_norm = avx512::rms_norm,
    .layer_norm = avx512::layer_norm,
    .activate = avx512::activate,
    .activate_gated = avx512::activate_gated,
    .add = avx512::add,
    .softmax = avx512::softmax,
    .sum_exponentials = avx512::sum_exponentials,
    .rotate = avx512::rotate,
    .store_in_cache = avx512::store_in_cache,
    .attend = avx512::attend,
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
