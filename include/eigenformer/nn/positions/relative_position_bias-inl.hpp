#pragma once

#include <algorithm>

#include "eigenformer/core/math.hpp"
#include "eigenformer/nn/positions/relative_position_bias.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

EIGENFORMER_INLINE std::vector<std::uint32_t> distance_buckets(std::size_t buckets_of_side, std::size_t max_distance) {
  const std::size_t exact = buckets_of_side / 2;
  const auto first = static_cast<float>(exact);
  const double whole = static_cast<double>(max_distance) / static_cast<double>(exact);
  const auto range = static_cast<float>(logarithm(whole));
  std::vector<std::uint32_t> buckets(max_distance + 1);
  for (std::size_t distance = 0; distance < buckets.size(); ++distance) {
    std::size_t bucket = distance;
    if (distance >= exact) {
      const auto part = static_cast<float>(logarithm(static_cast<double>(static_cast<float>(distance) / first)));
      const float beyond = part / range * static_cast<float>(buckets_of_side - exact);
      bucket = std::min(exact + static_cast<std::size_t>(beyond), buckets_of_side - 1);
    }
    buckets[distance] = static_cast<std::uint32_t>(bucket);
  }
  return buckets;
}

EIGENFORMER_INLINE RelativePositionBias::RelativePositionBias(std::span<const float> weight,
                                                              const RelativePositionOptions& options)
    : options_(options),
      bucket_of_distance_(distance_buckets(options.sides == BucketSides::both ? options.buckets / 2 : options.buckets,
                                           options.max_distance)),
      weight_(weight.size()) {
  for (std::size_t bucket = 0; bucket < options.buckets; ++bucket) {
    for (std::size_t head = 0; head < options.heads; ++head) {
      weight_[head * options.buckets + bucket] = weight[bucket * options.heads + head];
    }
  }
}

EIGENFORMER_INLINE RelativePositionBias::RelativePositionBias(const WeightScope& w,
                                                              const RelativePositionOptions& options)
    : RelativePositionBias(w.table("weight", {options.buckets, options.heads}), options) {}

EIGENFORMER_INLINE void RelativePositionBias::fill(const Step& step, const BiasPlace& place,
                                                   float* bias) const noexcept {
  const float* weight = weight_.data() + place.head * options_.buckets;
  const std::uint32_t own_slot = step.batch().rows[place.row].slot;
  const std::size_t farthest = bucket_of_distance_.size() - 1;
  for (std::uint32_t slot = place.visible.first; slot < place.visible.end; ++slot) {
    const bool is_behind = slot > own_slot;
    const std::size_t distance = is_behind ? slot - own_slot : own_slot - slot;
    const std::size_t side = is_behind && options_.sides == BucketSides::both ? options_.buckets / 2 : 0;
    bias[slot] = weight[side + bucket_of_distance_[std::min(distance, farthest)]];
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
