// What works on rows of floats, on eight lanes: activations, norms, rotary positions, softmax.
#pragma once

#include <cmath>
#include <limits>

#include "eigenformer/kernels/avx2/float_math.hpp"
#include "eigenformer/kernels/kernel_table.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {
#include "eigenformer/kernels/lanes/activations.hpp"
#include "eigenformer/kernels/lanes/norms.hpp"
#include "eigenformer/kernels/lanes/rotation.hpp"
#include "eigenformer/kernels/lanes/softmax.hpp"
}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
