#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>

#include "eigenformer/core/math.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/ops/rotary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

namespace rotary_detail {

inline constexpr double k_pi = 3.14159265358979323846;

inline std::string number_text(double value) { return std::to_string(value); }

inline void require_positive(double value, const char* name) {
  if (std::isfinite(value) && value > 0) return;
  throw ConfigError({.id = "config.rotary_scaling",
                     .expected = std::string(name) + " above zero",
                     .found = number_text(value),
                     .where = "the rotary position embedding",
                     .remedy = "correct the model's config"});
}

inline void require_divisors(const std::vector<float>& divisors, const char* name, std::size_t pairs) {
  if (divisors.size() != pairs) {
    throw ShapeError({.id = "shape.rotary_factors",
                      .expected = std::to_string(pairs) + " numbers in " + name + ", one for each pair",
                      .found = std::to_string(divisors.size()),
                      .where = "the rotary position embedding",
                      .remedy = "correct the model's config"});
  }
  for (const float divisor : divisors) require_positive(divisor, name);
}

/// What each scaling needs so that no division by zero and no logarithm of nothing can happen.
struct Check {
  std::size_t rotary_dim;

  void operator()(const DefaultRotary&) const {}
  void operator()(const LinearRotary& scaling) const { require_positive(scaling.factor, "factor"); }
  void operator()(const DynamicRotary& scaling) const {
    require_positive(scaling.factor, "factor");
    require_positive(scaling.max_position_embeddings, "max_position_embeddings");
    require_positive(static_cast<double>(rotary_dim) - 2, "rotary_dim - 2");
  }
  void operator()(const Llama3Rotary& scaling) const {
    require_positive(scaling.factor, "factor");
    require_positive(scaling.low_freq_factor, "low_freq_factor");
    require_positive(scaling.high_freq_factor - scaling.low_freq_factor, "high_freq_factor - low_freq_factor");
    require_positive(scaling.original_max_position_embeddings, "original_max_position_embeddings");
  }
  void operator()(const YarnRotary& scaling) const {
    require_positive(scaling.factor, "factor");
    require_positive(scaling.beta_fast, "beta_fast");
    require_positive(scaling.beta_slow, "beta_slow");
    require_positive(scaling.original_max_position_embeddings, "original_max_position_embeddings");
    if (scaling.attention_factor) require_positive(*scaling.attention_factor, "attention_factor");
  }
  void operator()(const LongRotary& scaling) const {
    require_positive(scaling.factor, "factor");
    require_positive(static_cast<double>(scaling.original_max_position_embeddings) - 1,
                     "original_max_position_embeddings - 1");
    require_divisors(scaling.short_factor, "short_factor", rotary_dim / 2);
    require_divisors(scaling.long_factor, "long_factor", rotary_dim / 2);
    if (scaling.attention_factor) require_positive(*scaling.attention_factor, "attention_factor");
  }
};

inline void check(const RotaryOptions& options) {
  if (options.rotary_dim == 0 || options.rotary_dim % 2 != 0) {
    throw ShapeError({.id = "shape.rotary_dim",
                      .expected = "an even number of rotated values above zero",
                      .found = std::to_string(options.rotary_dim),
                      .where = "the rotary position embedding",
                      .remedy = "correct head_dim or partial_rotary_factor in the model's config"});
  }
  if (!std::isfinite(static_cast<float>(options.theta)) || options.theta <= 1) {
    throw ConfigError({.id = "config.rotary_theta",
                       .expected = "rope_theta above one, within f32",
                       .found = number_text(options.theta),
                       .where = "the rotary position embedding",
                       .remedy = "correct the model's config"});
  }
  std::visit(Check{options.rotary_dim}, options.scaling);
}

/// One scaling after another: what is done to the powers theta^(2i / d). A step has it for every row, so nothing of it
/// allocates or throws.
struct Frequencies {
  const RotaryOptions& options;
  std::uint32_t length;
  std::span<float> frequencies;  ///< [rotary_dim / 2], which is filled

  /// theta^(2i / d) for each pair, as f32; the exponent is an f32 quotient.
  void set_powers(float theta) const noexcept {
    for (std::size_t pair = 0; pair < frequencies.size(); ++pair) {
      const float exponent = static_cast<float>(2 * pair) / static_cast<float>(options.rotary_dim);
      frequencies[pair] = static_cast<float>(power(static_cast<double>(theta), static_cast<double>(exponent)));
    }
  }
  void set_powers() const noexcept { set_powers(static_cast<float>(options.theta)); }
  void invert() const noexcept {
    for (float& frequency : frequencies) frequency = 1.0F / frequency;
  }

  void operator()(const DefaultRotary&) const noexcept {
    set_powers();
    invert();
  }

  void operator()(const LinearRotary& scaling) const noexcept {
    set_powers();
    invert();
    for (float& frequency : frequencies) frequency /= static_cast<float>(scaling.factor);
  }

  void operator()(const DynamicRotary& scaling) const noexcept {
    const auto maximum = static_cast<float>(scaling.max_position_embeddings);
    const float tokens = std::max(static_cast<float>(length), maximum);
    const auto dim = static_cast<double>(options.rotary_dim);
    const float stretch =
        static_cast<float>(scaling.factor) * tokens / maximum - static_cast<float>(scaling.factor - 1);
    const auto growth = static_cast<float>(
        power(static_cast<double>(stretch), static_cast<double>(static_cast<float>(dim / (dim - 2)))));
    set_powers(static_cast<float>(options.theta) * growth);
    invert();
  }

  void operator()(const Llama3Rotary& scaling) const noexcept {
    const auto original = static_cast<double>(scaling.original_max_position_embeddings);
    const auto longest = static_cast<float>(original / scaling.low_freq_factor);
    const auto shortest = static_cast<float>(original / scaling.high_freq_factor);
    const auto factor = static_cast<float>(scaling.factor);
    set_powers();
    invert();
    for (float& frequency : frequencies) {
      const float wavelength = static_cast<float>(2 * k_pi) / frequency;
      if (wavelength > longest) {
        frequency /= factor;
      } else if (wavelength >= shortest) {
        const float smooth = (static_cast<float>(original) / wavelength - static_cast<float>(scaling.low_freq_factor)) /
                             static_cast<float>(scaling.high_freq_factor - scaling.low_freq_factor);
        frequency = (1.0F - smooth) * frequency / factor + smooth * frequency;
      }
    }
  }

  void operator()(const YarnRotary& scaling) const noexcept {
    // The pair that turns `rotations` times over the original length, as a real number.
    const auto pair_of = [&](double rotations) {
      const double turns = static_cast<double>(scaling.original_max_position_embeddings) / (rotations * 2 * k_pi);
      return static_cast<double>(options.rotary_dim) * logarithm(turns) / (2 * logarithm(options.theta));
    };
    double low = pair_of(scaling.beta_fast);
    double high = pair_of(scaling.beta_slow);
    if (scaling.truncate) {
      low = std::floor(low);
      high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, static_cast<double>(options.rotary_dim) - 1);
    if (low == high) high += 0.001;
    set_powers();
    for (std::size_t pair = 0; pair < frequencies.size(); ++pair) {
      const float ramp = (static_cast<float>(pair) - static_cast<float>(low)) / static_cast<float>(high - low);
      const float kept = 1.0F - std::clamp(ramp, 0.0F, 1.0F);
      const float extrapolated = 1.0F / frequencies[pair];
      const float interpolated = 1.0F / (static_cast<float>(scaling.factor) * frequencies[pair]);
      frequencies[pair] = interpolated * (1.0F - kept) + extrapolated * kept;
    }
  }

  void operator()(const LongRotary& scaling) const noexcept {
    const bool is_long = length > scaling.original_max_position_embeddings;
    const std::vector<float>& divisors = is_long ? scaling.long_factor : scaling.short_factor;
    set_powers();
    for (std::size_t pair = 0; pair < frequencies.size(); ++pair) {
      frequencies[pair] = 1.0F / (divisors[pair] * frequencies[pair]);
    }
  }
};

/// Attention that is spread over more keys is sharpened: https://arxiv.org/abs/2309.00071, section 3.4.
inline double yarn_mscale(double factor, double mscale) {
  return factor <= 1 ? 1.0 : 0.1 * mscale * logarithm(factor) + 1.0;
}

struct AttentionFactor {
  double operator()(const YarnRotary& scaling) const {
    if (scaling.attention_factor) return *scaling.attention_factor;
    const double mscale = scaling.mscale.value_or(0);
    const double of_all = scaling.mscale_all_dim.value_or(0);
    if (mscale == 0 || of_all == 0) return yarn_mscale(scaling.factor, 1);
    return yarn_mscale(scaling.factor, mscale) / yarn_mscale(scaling.factor, of_all);
  }
  /// https://arxiv.org/abs/2402.13753, section 4.2
  double operator()(const LongRotary& scaling) const {
    if (scaling.attention_factor) return *scaling.attention_factor;
    if (scaling.factor <= 1) return 1;
    const auto original = static_cast<double>(scaling.original_max_position_embeddings);
    return std::sqrt(1 + logarithm(scaling.factor) / logarithm(original));
  }
  template <class Other>
  double operator()(const Other&) const {
    return 1;
  }
};

}  // namespace rotary_detail

EIGENFORMER_INLINE void set_rotary_frequencies(const RotaryOptions& options, std::uint32_t frequency_length,
                                               std::span<float> frequencies) noexcept {
  std::visit(rotary_detail::Frequencies{options, frequency_length, frequencies}, options.scaling);
}

EIGENFORMER_INLINE std::vector<float> rotary_inverse_frequencies(const RotaryOptions& options,
                                                                 std::uint32_t frequency_length) {
  rotary_detail::check(options);
  std::vector<float> frequencies(options.rotary_dim / 2);
  set_rotary_frequencies(options, frequency_length, frequencies);
  for (const float frequency : frequencies) {
    if (!std::isfinite(frequency)) rotary_detail::require_positive(frequency, "every frequency");
  }
  return frequencies;
}

EIGENFORMER_INLINE bool rotary_depends_on_length(const RotaryOptions& options) noexcept {
  return std::holds_alternative<DynamicRotary>(options.scaling) || std::holds_alternative<LongRotary>(options.scaling);
}

EIGENFORMER_INLINE float rotary_attention_factor(const RotaryOptions& options) {
  rotary_detail::check(options);
  const auto factor = static_cast<float>(std::visit(rotary_detail::AttentionFactor{}, options.scaling));
  rotary_detail::require_positive(factor, "attention_factor");
  return factor;
}

EIGENFORMER_INLINE void rotary_angles(std::span<const float> inverse_frequencies, float attention_factor,
                                      std::int32_t position, float* cosines, float* sines) noexcept {
  for (std::size_t pair = 0; pair < inverse_frequencies.size(); ++pair) {
    const float angle = static_cast<float>(position) * inverse_frequencies[pair];
    cosines[pair] = static_cast<float>(cosine(static_cast<double>(angle))) * attention_factor;
    sines[pair] = static_cast<float>(sine(static_cast<double>(angle))) * attention_factor;
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
