// What works on rows of floats, on sixteen lanes: activations, norms, rotary positions, softmax.
#pragma once

#include <cmath>
#include <limits>

#include "eigenformer/kernels/avx512/float_math.hpp"
#include "eigenformer/kernels/kernel_table.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {
#include "eigenformer/kernels/lanes/activations.hpp"
#include "eigenformer/kernels/lanes/norms.hpp"
#include "eigenformer/kernels/lanes/rotation.hpp"
#include "eigenformer/kernels/lanes/softmax.hpp"
}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
