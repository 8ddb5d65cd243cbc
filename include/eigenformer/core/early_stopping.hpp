// When a search with beams ends, and the ranges of its other options: what a model's files and a host may say. A light
// header.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// When a search with beams ends that has as many ended texts as beams (transformers' early_stopping).
enum class EarlyStopping : std::uint8_t {
  no,     ///< false: when its best beam, were it to end now, would be no better than the worst of them
  yes,    ///< true: at once
  never,  ///< "never": when its best beam could not become better than the worst of them, whatever its length
};

inline constexpr std::size_t k_most_beams = 1024;
inline constexpr double k_largest_length_penalty = 10;  ///< and its negative is the least

}  // namespace eigenformer::inline EIGENFORMER_ABI
