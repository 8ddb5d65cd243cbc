// The functions of kernels/float_math.hpp on sixteen lanes.
#pragma once

#include "eigenformer/kernels/avx512/lanes.hpp"
#include "eigenformer/kernels/float_math.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {
#include "eigenformer/kernels/lanes/float_math.hpp"
}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
