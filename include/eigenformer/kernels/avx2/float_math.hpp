// The functions of kernels/float_math.hpp on eight lanes.
#pragma once

#include "eigenformer/kernels/avx2/lanes.hpp"
#include "eigenformer/kernels/float_math.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {
#include "eigenformer/kernels/lanes/float_math.hpp"
}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
