// How the vectors of a text's tokens become one.
#pragma once

#include <cstdint>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

enum class Pooling : std::uint8_t {
  automatic,         ///< as the model's files say; where they say nothing, mean for encoders and last for decoders
  cls,               ///< that of the first token
  max,               ///< the greatest of each number
  mean,              ///< sum / n
  mean_sqrt_length,  ///< sum / sqrt(n)
  weighted_mean,     ///< sum of i x_i / sum of i, i = 1 .. n: https://arxiv.org/abs/2202.08904, section 3.1.1
  last,              ///< that of the last token
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
