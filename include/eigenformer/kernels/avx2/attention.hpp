// Attention over the tiles of a cache, on eight lanes.
#pragma once

#include "eigenformer/kernels/attention.hpp"
#include "eigenformer/kernels/avx2/float_math.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {
#include "eigenformer/kernels/lanes/attention.hpp"
}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
