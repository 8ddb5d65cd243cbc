// What the numbers of a classifier mean.
#pragma once

#include <cstdint>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// "problem_type" of config.json.
enum class ProblemType : std::uint8_t {
  unspecified,   ///< the config does not say
  regression,    ///< the numbers themselves
  single_label,  ///< one label is right
  multi_label,   ///< each label is right or wrong by itself
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
