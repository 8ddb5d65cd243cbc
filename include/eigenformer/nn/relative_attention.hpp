// Attention by relative positions and segments, of Transformer-XL and XLNet: nothing of where a token stands goes into
// its keys, so they may be kept as a memory of earlier segments. https://arxiv.org/abs/1901.02860, section 3.3;
// https://arxiv.org/abs/1906.08237, sections 2.4 and 2.5
#pragma once

#include <cstddef>
#include <vector>

#include "eigenformer/core/aligned_buffer.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/attention_phase.hpp"
#include "eigenformer/nn/linear.hpp"
#include "eigenformer/nn/recorder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// What the scores learn beside the projections; each is [heads * head_dim].
struct RelativeVectors {
  std::vector<float> content_bias;   ///< added to a query that meets keys
  std::vector<float> position_bias;  ///< added to a query that meets distances
  std::vector<float> segment_bias;   ///< added to a query that meets segments
  std::vector<float> same_segment;   ///< what it meets where the key is of its own segment ...
  std::vector<float> other_segment;  ///< ... and of another one
};

/// o(concat(heads)), head = softmax(scores) v,
/// score = scale ((q + content_bias) k + (q + position_bias) r(distance) + (q + segment_bias) s(segments)).
///
/// The distance is the row's position less the key's slot. Slots before those of the step are a memory: of segment 0.
class RelativeAttention {
 public:
  struct Parts {
    Linear q_proj;  ///< [heads * head_dim, hidden]
    Linear k_proj;  ///< [heads * head_dim, hidden]
    Linear v_proj;  ///< [heads * head_dim, hidden]
    Linear r_proj;  ///< [heads * head_dim, hidden]
    Linear o_proj;  ///< [hidden, heads * head_dim]
    RelativeVectors vectors;
    AttentionOptions options;  ///< kv_heads = heads
  };

  RelativeAttention() = default;
  explicit RelativeAttention(Parts parts);

  /// [rows, hidden] -> [rows, hidden]. `sinusoids` [distances, hidden] is what r_proj reads.
  Value operator()(Recorder& recorder, Value x, Value sinusoids) const;

 private:
  Value sum(Recorder& recorder, Value queries, const std::vector<float>& bias) const;
  Value content_queries(Recorder& recorder, Value queries) const;
  Value distance_keys(Recorder& recorder, Value sinusoids) const;
  Value segment_scores(Recorder& recorder, Value queries) const;

  Parts parts_;
  AlignedBuffer segment_panels_;  // [heads][head_dim][16]: same_segment and other_segment are outputs 0 and 1
};

/// The part of the scores that is no product with keys, as RelativeAttention computes it:
/// scale * ((q + position_bias) r(distance) + segment score).
class RelativeBias final : public AttentionBias {
 public:
  struct Values {
    Value position_queries;  ///< [rows, heads * head_dim]
    Value distance_keys;     ///< in the panels of each head: [heads][distances / 16][head_dim][16]
    Value segment_scores;    ///< [rows, heads * 16]: of the same segment, of another one
  };
  RelativeBias(const AttentionOptions& options, const Values& values) : options_(options), values_(values) {}

  std::vector<Value> inputs() const override;
  void fill(const Step& step, const BiasPlace& place, float* bias) const noexcept override;

 private:
  AttentionOptions options_;
  Values values_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/relative_attention-inl.hpp"
#endif
