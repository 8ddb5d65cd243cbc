// Relative positions as a bias on the scores: one learned number for each head and each bucket of distances.
// https://arxiv.org/abs/1910.10683, section 2.1
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/attention_phase.hpp"
#include "eigenformer/nn/weight_scope.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// Which distances have a bucket of their own.
enum class BucketSides : std::uint8_t {
  both,    ///< half of the buckets for slots up to the row's own, half for those behind it
  before,  ///< all buckets for slots up to the row's own: causal attention
};

struct RelativePositionOptions {
  std::size_t heads = 0;
  std::size_t buckets = 0;       ///< at least 4
  std::size_t max_distance = 0;  ///< above half of the buckets; distances from here on share the last bucket
  BucketSides sides = BucketSides::both;
};

/// The bucket of each distance 0 .. max_distance on one side, of n: those below n / 2 are their own bucket, the others
/// n / 2 + floor(ln(2 distance / n) / ln(2 max_distance / n) (n - n / 2)), n - 1 at most. In f32, as the reference:
/// https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/models/t5/modeling_t5.py
/// (_relative_position_bucket)
std::vector<std::uint32_t> distance_buckets(std::size_t buckets_of_side, std::size_t max_distance);

/// bias[slot] = weight[bucket(slot - row's slot)][head]. One object serves every layer that shares it.
class RelativePositionBias final : public AttentionBias {
 public:
  /// `weight` [buckets][heads].
  RelativePositionBias(std::span<const float> weight, const RelativePositionOptions& options);
  /// Claims `weight` [buckets, heads].
  RelativePositionBias(const WeightScope& w, const RelativePositionOptions& options);

  void fill(const Step& step, const BiasPlace& place, float* bias) const noexcept override;

 private:
  RelativePositionOptions options_;
  std::vector<std::uint32_t> bucket_of_distance_;  // of the row's own slot and those before it
  std::vector<float> weight_;                      // [heads][buckets]
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/positions/relative_position_bias-inl.hpp"
#endif
