// What works on rows of floats, on four lanes: activations, norms, rotary positions, softmax.
#pragma once

#include <cmath>
#include <limits>

#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/kernels/neon/float_math.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon {
#include "eigenformer/kernels/lanes/activations.hpp"
#include "eigenformer/kernels/lanes/norms.hpp"
#include "eigenformer/kernels/lanes/rotation.hpp"
#include "eigenformer/kernels/lanes/softmax.hpp"
}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon
