// Rotary position embedding: which angle each pair of a head's values is turned by at each position.
//
// Pair i of d / 2 turns by position * f_i with f_i = theta^(-2i / d): https://arxiv.org/abs/2104.09864, section 3.2.2.
// The scalings below change the f_i so that a model goes on beyond the length it was trained for. Every step is rounded
// as Hugging Face transformers rounds it (f32; powers, logarithms and sines in double first, docs/numerics.md, rule 5):
// https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/modeling_rope_utils.py
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

/// rope_type "default": the frequencies as they are.
struct DefaultRotary {};

/// rope_type "linear": position interpolation, f / factor. https://arxiv.org/abs/2306.15595
struct LinearRotary {
  double factor;
};

/// rope_type "dynamic": theta grows with the length n = max(whole prompt, max_position_embeddings) by
/// (factor n / max_position_embeddings - (factor - 1))^(d / (d - 2)).
/// https://arxiv.org/abs/2309.00071, appendix B.1 ("dynamic NTK")
struct DynamicRotary {
  double factor;
  std::uint32_t max_position_embeddings;
};

/// rope_type "llama3": wavelengths beyond original / low_freq_factor are divided by factor, those below original /
/// high_freq_factor kept, those between blended.
/// https://github.com/meta-llama/llama-models/blob/main/models/llama3/model.py (apply_scaling)
struct Llama3Rotary {
  double factor;
  double low_freq_factor;
  double high_freq_factor;
  std::uint32_t original_max_position_embeddings;
};

/// rope_type "yarn": interpolated (f / factor) for pairs that turn less than beta_slow times over the original length,
/// kept for those that turn more than beta_fast times, a linear ramp between. https://arxiv.org/abs/2309.00071
struct YarnRotary {
  double factor;
  std::uint32_t original_max_position_embeddings;
  double beta_fast = 32;
  double beta_slow = 1;
  bool truncate = true;                         ///< the ends of the ramp are whole pairs
  std::optional<double> attention_factor = {};  ///< given by the config, or else inferred from the others
  std::optional<double> mscale = {};
  std::optional<double> mscale_all_dim = {};
};

/// rope_type "longrope": each pair has a divisor of its own, one list for prompts of up to the original length and one
/// for longer ones. https://arxiv.org/abs/2402.13753
struct LongRotary {
  std::vector<float> short_factor;  ///< [rotary_dim / 2]
  std::vector<float> long_factor;   ///< [rotary_dim / 2]
  std::uint32_t original_max_position_embeddings;
  double factor;  ///< where the config has none: max_position_embeddings / original_max_position_embeddings
  std::optional<double> attention_factor = {};
};

using RotaryScaling = std::variant<DefaultRotary, LinearRotary, DynamicRotary, Llama3Rotary, YarnRotary, LongRotary>;

/// A rotary embedding as a config describes it.
struct RotaryOptions {
  double theta = 10000;
  std::uint32_t rotary_dim = 0;  ///< how many values of a head are turned: even, the whole head unless it is partial
  RotaryScaling scaling = DefaultRotary{};
};

/// f_0 .. f_(rotary_dim / 2 - 1). `frequency_length` is the number of tokens of the whole prompt: the scalings that
/// depend on a length go by that one. Throws ShapeError "shape.rotary_dim", "shape.rotary_factors" and ConfigError
/// "config.rotary_theta", "config.rotary_scaling".
std::vector<float> rotary_inverse_frequencies(const RotaryOptions& options, std::uint32_t frequency_length);
/// The same, unchecked, for options of which a length has been checked: into `frequencies` [rotary_dim / 2].
void set_rotary_frequencies(const RotaryOptions& options, std::uint32_t frequency_length,
                            std::span<float> frequencies) noexcept;

/// Whether the frequencies are different for different lengths (else any length may be given).
bool rotary_depends_on_length(const RotaryOptions& options) noexcept;

/// What cosines and sines are multiplied by: 1 but for yarn and longrope. Throws ConfigError "config.rotary_scaling".
float rotary_attention_factor(const RotaryOptions& options);

/// Cosines and sines, [inverse_frequencies.size()] each, of the angles float(position) * f, times the attention factor.
/// The frequencies may stand where the cosines will.
void rotary_angles(std::span<const float> inverse_frequencies, float attention_factor, std::int32_t position,
                   float* cosines, float* sines) noexcept;

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/ops/rotary-inl.hpp"
#endif
