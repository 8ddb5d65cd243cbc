// The kernels for NEON with the dot product instructions of ARMv8.2 as a table: only products of integers differ.
#pragma once

#include "eigenformer/kernels/neon/neon_table.hpp"
#include "eigenformer/kernels/neon_dotprod/block_product.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

inline constexpr KernelTable k_neon_dotprod_table = [] {
  KernelTable table = k_neon_table;
  table.name = "neon_dotprod";
  table.block_product = neon_dotprod::block_product;
  return table;
}();

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
