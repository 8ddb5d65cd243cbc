#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "eigenformer/nn/multi_head_attention.hpp"
#include "eigenformer/nn/relative_attention.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace relative_attention_detail {

using quant::k_panel_outputs;

/// Panels that are multiplied at a time: 256 distances.
inline constexpr std::size_t k_panels_at_once = 16;

/// One row of floats through some panels of floats.
inline void multiply(const Step& step, const float* panels, std::size_t panel_count, std::span<const float> input,
                     float* output) noexcept {
  step.kernels().float_product({.kind = quant::PanelKind::f32,
                                .panels = reinterpret_cast<const std::byte*>(panels),
                                .panel_count = panel_count,
                                .inner = input.size(),
                                .input = input.data(),
                                .input_stride = input.size(),
                                .rows = 1,
                                .output = output,
                                .output_stride = panel_count * k_panel_outputs});
}

/// Which segment the key in a slot is of: that of the row that stored it in this step, 0 for those of before.
inline std::int32_t segment_of(const Step& step, const RowRun& run, std::size_t slot) noexcept {
  const Row* rows = step.batch().rows.data() + run.first_row;
  return slot < rows->slot ? 0 : rows[slot - rows->slot].segment;
}

}  // namespace relative_attention_detail

EIGENFORMER_INLINE RelativeAttention::RelativeAttention(Parts parts)
    : parts_(std::move(parts)),
      segment_panels_(parts_.options.heads * parts_.options.head_dim * quant::k_panel_outputs * sizeof(float)) {
  std::memset(segment_panels_.data(), 0, segment_panels_.size());
  auto* panels = reinterpret_cast<float*>(segment_panels_.data());
  for (std::size_t i = 0; i < parts_.vectors.same_segment.size(); ++i) {
    panels[i * quant::k_panel_outputs] = parts_.vectors.same_segment[i];
    panels[i * quant::k_panel_outputs + 1] = parts_.vectors.other_segment[i];
  }
}

EIGENFORMER_INLINE Value RelativeAttention::sum(Recorder& recorder, Value queries,
                                                const std::vector<float>& bias) const {
  return recorder.rows(RowSet::all, {queries}, queries.width, [queries, &bias](Value sums) -> RowBody {
    return [queries, &bias, sums](const Step& step, std::size_t row) {
      step.kernels().add(step.row(queries, row), bias.data(), step.row(sums, row), sums.width);
    };
  });
}

EIGENFORMER_INLINE Value RelativeAttention::content_queries(Recorder& recorder, Value queries) const {
  const Value sums = sum(recorder, queries, parts_.vectors.content_bias);
  recorder.each_row(RowSet::all, {sums}, [sums](const Step& step, std::size_t row) {
    if (step.batch().rows[row].attends_evenly) std::fill_n(step.row(sums, row), sums.width, 0.0F);
  });
  return sums;  // [rows, heads * head_dim]
}

EIGENFORMER_INLINE Value RelativeAttention::distance_keys(Recorder& recorder, Value sinusoids) const {
  const Value keys = parts_.r_proj(recorder, sinusoids);  // [distances, heads * head_dim]
  const std::size_t head_dim = parts_.options.head_dim;
  return recorder.rows(RowSet::distances, {keys}, keys.width, [keys, head_dim](Value turned) -> RowBody {
    return [keys, head_dim, turned](const Step& step, std::size_t distance) {
      using quant::k_panel_outputs;
      const std::size_t panels = step.row_count(RowSet::distances) / k_panel_outputs;
      const float* key = step.row(keys, distance);
      float* to = step.row(turned, 0) + distance % k_panel_outputs;
      for (std::size_t i = 0; i < keys.width; ++i) {
        const std::size_t panel = i / head_dim * panels + distance / k_panel_outputs;
        to[(panel * head_dim + i % head_dim) * k_panel_outputs] = key[i];
      }
    };
  });
}

EIGENFORMER_INLINE Value RelativeAttention::segment_scores(Recorder& recorder, Value queries) const {
  const Value sums = sum(recorder, queries, parts_.vectors.segment_bias);  // [rows, heads * head_dim]
  const auto width = static_cast<std::uint32_t>(parts_.options.heads * quant::k_panel_outputs);
  return recorder.rows(RowSet::all, {sums}, width, [this, sums](Value scores) -> RowBody {
    return [this, sums, scores](const Step& step, std::size_t row) {
      const std::size_t head_dim = parts_.options.head_dim;
      const auto* panels = reinterpret_cast<const float*>(segment_panels_.data());
      for (std::size_t head = 0; head < parts_.options.heads; ++head) {
        relative_attention_detail::multiply(step, panels + head * head_dim * quant::k_panel_outputs, 1,
                                            {step.row(sums, row) + head * head_dim, head_dim},
                                            step.row(scores, row) + head * quant::k_panel_outputs);
      }
    };
  });
}

EIGENFORMER_INLINE Value RelativeAttention::operator()(Recorder& recorder, Value x, Value sinusoids) const {
  const Value distances = distance_keys(recorder, sinusoids);  // [distances, heads * head_dim]
  const Value queries = parts_.q_proj(recorder, x);            // [rows, heads * head_dim]
  const Value keys = parts_.k_proj(recorder, x);               // [rows, heads * head_dim]
  const Value values = parts_.v_proj(recorder, x);             // [rows, heads * head_dim]
  record_cache_write(recorder, {parts_.options, queries, keys, values, std::nullopt});
  const Value content = content_queries(recorder, queries);                     // [rows, heads * head_dim]
  const Value position = sum(recorder, queries, parts_.vectors.position_bias);  // [rows, heads * head_dim]
  const RelativeBias::Values met{position, distances, segment_scores(recorder, queries)};
  const auto bias = std::make_shared<const RelativeBias>(parts_.options, met);
  return parts_.o_proj(recorder, record_attention(recorder, parts_.options, content, bias));  // [rows, hidden]
}

EIGENFORMER_INLINE std::vector<Value> RelativeBias::inputs() const {
  return {values_.position_queries, values_.distance_keys, values_.segment_scores};
}

EIGENFORMER_INLINE void RelativeBias::fill(const Step& step, const BiasPlace& place, float* bias) const noexcept {
  using namespace relative_attention_detail;
  const Row& row = step.batch().rows[place.row];
  if (row.attends_evenly) return std::fill(bias + place.visible.first, bias + place.visible.end, 0.0F);
  const std::size_t head_dim = options_.head_dim;
  const std::size_t panel_floats = head_dim * k_panel_outputs;
  const std::size_t panels = step.row_count(RowSet::distances) / k_panel_outputs;
  const float* keys = step.row(values_.distance_keys, 0) + place.head * panels * panel_floats;
  const std::span<const float> query(step.row(values_.position_queries, place.row) + place.head * head_dim, head_dim);
  const float* segment_scores = step.row(values_.segment_scores, place.row) + place.head * k_panel_outputs;
  const std::size_t slot_zero = step.first_distance_row(row.position);
  const std::size_t end = slot_zero + place.visible.end;
  float scores[k_panels_at_once * k_panel_outputs];
  std::size_t next = slot_zero + place.visible.first;
  while (next < end) {
    const std::size_t first_panel = next / k_panel_outputs;
    const std::size_t count = std::min(k_panels_at_once, panels - first_panel);
    multiply(step, keys + first_panel * panel_floats, count, query, scores);
    const std::size_t stop = std::min(end, (first_panel + count) * k_panel_outputs);
    for (; next < stop; ++next) {
      const std::size_t slot = next - slot_zero;
      const bool is_same = segment_of(step, place.run, slot) == row.segment;
      const float score = scores[next - first_panel * k_panel_outputs] + segment_scores[is_same ? 0 : 1];
      bias[slot] = score * options_.scale;
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
