#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "eigenformer/nn/positions/rotary_embedding.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace rotary_detail {

inline constexpr format::NumberRange k_at_least_one{1.0, 1e9};

inline std::vector<float> factors(const format::ConfigReader& rope, std::string_view key) {
  const std::vector<double> read = rope.numbers(key, format::k_positive);
  return {read.begin(), read.end()};
}

inline ops::YarnRotary read_yarn(const format::ConfigReader& rope, std::uint32_t original) {
  return {.factor = rope.number("factor", k_at_least_one),
          .original_max_position_embeddings = original,
          .beta_fast = rope.number_or("beta_fast", 32, format::k_positive),
          .beta_slow = rope.number_or("beta_slow", 1, format::k_positive),
          .truncate = rope.flag_or("truncate", true),
          .attention_factor = rope.optional_number("attention_factor", format::k_positive),
          .mscale = rope.optional_number("mscale"),
          .mscale_all_dim = rope.optional_number("mscale_all_dim")};
}

inline ops::LongRotary read_longrope(const format::ConfigReader& rope, std::uint32_t original,
                                     std::uint32_t max_position_embeddings) {
  const double stretch = static_cast<double>(max_position_embeddings) / original;
  return {.short_factor = factors(rope, "short_factor"),
          .long_factor = factors(rope, "long_factor"),
          .original_max_position_embeddings = original,
          .factor = rope.number_or("factor", stretch, format::k_positive),
          .attention_factor = rope.optional_number("attention_factor", format::k_positive)};
}

inline ops::RotaryScaling read_scaling(const format::ConfigReader& rope, std::uint32_t max_position_embeddings) {
  const std::string older_name = rope.text_or("type", "default");
  const std::string type = rope.text_or("rope_type", older_name);
  const auto original = static_cast<std::uint32_t>(
      rope.integer_or("original_max_position_embeddings", max_position_embeddings, {1, 1 << 30}));
  if (type == "default" || type == "none") return ops::DefaultRotary{};
  if (type == "linear") return ops::LinearRotary{rope.number("factor", k_at_least_one)};
  if (type == "dynamic") return ops::DynamicRotary{rope.number("factor", k_at_least_one), max_position_embeddings};
  if (type == "llama3") {
    return ops::Llama3Rotary{rope.number("factor", k_at_least_one), rope.number("low_freq_factor", format::k_positive),
                             rope.number("high_freq_factor", format::k_positive), original};
  }
  if (type == "yarn") return read_yarn(rope, original);
  if (type == "longrope" || type == "su") return read_longrope(rope, original, max_position_embeddings);
  rope.refuse(rope.has("rope_type") ? "rope_type" : "type", "one of default, linear, dynamic, llama3, yarn, longrope",
              "use a checkpoint with one of these scalings");
}

}  // namespace rotary_detail

EIGENFORMER_INLINE ops::RotaryOptions read_rotary_object(const format::ConfigReader& rope, const RotaryModel& model) {
  return {.theta = rope.number_or("rope_theta", model.theta, format::k_positive),
          .rotary_dim = model.rotary_dim,
          .scaling = rotary_detail::read_scaling(rope, model.max_position_embeddings)};
}

EIGENFORMER_INLINE ops::RotaryOptions read_rotary_options(const format::ConfigReader& config, std::uint32_t rotary_dim,
                                                          std::uint32_t max_position_embeddings) {
  const bool newer = config.has("rope_parameters");
  return read_rotary_object(config.object(newer ? "rope_parameters" : "rope_scaling"),
                            {.theta = config.number_or("rope_theta", 10000.0, format::k_positive),
                             .rotary_dim = rotary_dim,
                             .max_position_embeddings = max_position_embeddings});
}

EIGENFORMER_INLINE std::size_t rotary_context_length(const ops::RotaryOptions& options,
                                                     std::size_t max_position_embeddings) {
  double factor = 1.0;
  if (const auto* linear = std::get_if<ops::LinearRotary>(&options.scaling)) factor = linear->factor;
  if (const auto* dynamic = std::get_if<ops::DynamicRotary>(&options.scaling)) factor = dynamic->factor;
  constexpr double limit = 1U << 30U;  // positions are 32-bit
  return static_cast<std::size_t>(std::min(factor * static_cast<double>(max_position_embeddings), limit));
}

EIGENFORMER_INLINE RotaryEmbedding::RotaryEmbedding(ops::RotaryOptions options, std::vector<float> frequency_divisors)
    : options_(std::move(options)),
      divisors_(std::move(frequency_divisors)),
      frequencies_(ops::rotary_inverse_frequencies(options_, 0)),
      attention_factor_(ops::rotary_attention_factor(options_)) {
  for (std::size_t pair = 0; pair < divisors_.size(); ++pair) frequencies_[pair] /= divisors_[pair];
}

EIGENFORMER_INLINE void RotaryEmbedding::fill(const Step& step, std::size_t index, float* angles) const noexcept {
  const Row& row = step.batch().rows[index];
  const std::size_t pairs = frequencies_.size();
  if (!ops::rotary_depends_on_length(options_)) {
    ops::rotary_angles(frequencies_, attention_factor_, row.position, angles, angles + pairs);
    return;
  }
  const std::uint32_t length = step.batch().sequences[row.sequence].frequency_length;
  // In the place of the cosines, each of which is made of the frequency that stands there.
  ops::set_rotary_frequencies(options_, length, {angles, pairs});
  ops::rotary_angles({angles, pairs}, attention_factor_, row.position, angles, angles + pairs);
}

EIGENFORMER_INLINE std::uint32_t RotaryEmbedding::frequency_length(std::uint32_t tokens) const noexcept {
  if (const auto* dynamic = std::get_if<ops::DynamicRotary>(&options_.scaling)) {
    return std::max(tokens, dynamic->max_position_embeddings);
  }
  if (const auto* longrope = std::get_if<ops::LongRotary>(&options_.scaling)) {
    const std::uint32_t border = longrope->original_max_position_embeddings;
    return tokens > border ? border + 1 : border;
  }
  return 0;
}

EIGENFORMER_INLINE Value RotaryEmbedding::operator()(Recorder& recorder) const {
  const auto width = static_cast<std::uint32_t>(2 * frequencies_.size());
  return recorder.rows(RowSet::all, {}, width, [this](Value angles) -> RowBody {
    return [this, angles](const Step& step, std::size_t row) { fill(step, row, step.row(angles, row)); };
  });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
