// Rotary position embedding as a block: the cosines and sines of each row, computed once a step for all layers.
#pragma once

#include <cstdint>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/config_reader.hpp"
#include "eigenformer/nn/recorder.hpp"
#include "eigenformer/ops/rotary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// What stands outside of the object with a config's rotary keys.
struct RotaryModel {
  double theta = 10000.0;  ///< where the object has no "rope_theta"
  std::uint32_t rotary_dim = 0;
  std::uint32_t max_position_embeddings = 0;
};

/// Reads one object of rotary keys: {"rope_theta", "rope_type" or "type", "factor", ...}.
ops::RotaryOptions read_rotary_object(const format::ConfigReader& rope, const RotaryModel& model);

/// Reads a config's rotary keys in both of Hugging Face's spellings: `rope_theta` with an object `rope_scaling`, and
/// `rope_parameters` with everything in it. `max_position_embeddings` is the model's.
ops::RotaryOptions read_rotary_options(const format::ConfigReader& config, std::uint32_t rotary_dim,
                                       std::uint32_t max_position_embeddings);

/// Tokens that a model is good for: linear and dynamic scaling stretch `max_position_embeddings`, which is the length
/// before scaling; the other configs give the length after it.
std::size_t rotary_context_length(const ops::RotaryOptions& options, std::size_t max_position_embeddings);

class RotaryEmbedding {
 public:
  RotaryEmbedding() = default;
  /// `frequency_divisors` [rotary_dim / 2] is what GGUF files keep as "rope_freqs.weight"; empty: none.
  explicit RotaryEmbedding(ops::RotaryOptions options, std::vector<float> frequency_divisors = {});

  /// [rows, rotary_dim]: the cosines of the row's position, then the sines.
  Value operator()(Recorder& recorder) const;
  /// Network::frequency_length: 0 where the frequencies are the same for all lengths.
  std::uint32_t frequency_length(std::uint32_t tokens) const noexcept;

 private:
  void fill(const Step& step, std::size_t index, float* angles) const noexcept;

  ops::RotaryOptions options_;
  std::vector<float> divisors_;
  std::vector<float> frequencies_;  // where they do not depend on the length
  float attention_factor_ = 1.0F;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/positions/rotary_embedding-inl.hpp"
#endif
