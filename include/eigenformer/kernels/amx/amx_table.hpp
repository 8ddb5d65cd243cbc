// The kernels for AMX (TILE, INT8) as a table: those of AVX-512, but for products of blocks by many rows.
#pragma once

#include "eigenformer/kernels/amx/block_product.hpp"
#include "eigenformer/kernels/avx512/avx512_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

constexpr KernelTable make_amx_table() {
  KernelTable table = k_avx512_table;
  table.name = "amx";
  table.block_product = amx::block_product;
  return table;
}

inline constexpr KernelTable k_amx_table = make_amx_table();

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
