// The functions of kernels/float_math.hpp on four lanes.
#pragma once

#include "eigenformer/kernels/float_math.hpp"
#include "eigenformer/kernels/neon/lanes.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon {
#include "eigenformer/kernels/lanes/float_math.hpp"
}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon
