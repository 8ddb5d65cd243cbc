// Attention over the tiles of a cache, on four lanes.
#pragma once

#include "eigenformer/kernels/attention.hpp"
#include "eigenformer/kernels/neon/float_math.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon {
#include "eigenformer/kernels/lanes/attention.hpp"
}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon
