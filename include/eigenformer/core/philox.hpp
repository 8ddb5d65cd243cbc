// Random numbers that are counted, not carried along: the same counter and key give the same numbers on every machine,
// in any order, on any thread.
#pragma once

#include <array>
#include <cstdint>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Philox4x32 with 10 rounds: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3"
/// (SC 2011), https://doi.org/10.1145/2063384.2063405.
constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key) noexcept {
  constexpr std::uint64_t k_multiplier_0 = 0xD2511F53U;
  constexpr std::uint64_t k_multiplier_1 = 0xCD9E8D57U;
  constexpr std::uint32_t k_weyl_0 = 0x9E3779B9U;  // golden ratio
  constexpr std::uint32_t k_weyl_1 = 0xBB67AE85U;  // sqrt(3) - 1
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product_0 = k_multiplier_0 * counter[0];
    const std::uint64_t product_1 = k_multiplier_1 * counter[2];
    counter = {
        static_cast<std::uint32_t>(product_1 >> 32U) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product_1),
        static_cast<std::uint32_t>(product_0 >> 32U) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product_0)};
    key = {key[0] + k_weyl_0, key[1] + k_weyl_1};
  }
  return counter;
}

/// What a random number is for: two purposes never share a number.
enum class DrawPurpose : std::uint32_t {
  token = 0,
  beam = 1,       ///< which candidates of a beam sampling go on
  exclusion = 2,  ///< whether the likeliest tokens are dropped (XtcOptions)
};

/// Everything that a random number depends on (docs/numerics.md, rule 7).
struct Draw {
  std::uint64_t seed = 0;
  std::uint32_t sequence = 0;  ///< index within the request
  std::uint32_t position = 0;  ///< of the token in its sequence, the prompt counted
  DrawPurpose purpose = DrawPurpose::token;
  std::uint32_t attempt = 0;

  friend constexpr bool operator==(const Draw&, const Draw&) = default;
};

/// A number in [0, 1), a multiple of 2^-53.
constexpr double uniform(const Draw& draw) noexcept {
  const std::array<std::uint32_t, 4> bits =
      philox4x32({draw.position, draw.sequence, static_cast<std::uint32_t>(draw.purpose), draw.attempt},
                 {static_cast<std::uint32_t>(draw.seed), static_cast<std::uint32_t>(draw.seed >> 32U)});
  const std::uint64_t high = bits[0];
  return static_cast<double>(((high << 32U) | bits[1]) >> 11U) * 0x1p-53;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
