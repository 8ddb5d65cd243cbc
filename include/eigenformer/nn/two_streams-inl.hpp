#pragma once

#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/nn/two_streams.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

EIGENFORMER_INLINE SegmentRows::SegmentRows(const Segment& segment, const SegmentRules& rules)
    : words_per_row_((segment.memory + segment.tokens.size() + segment.targets.size() + kernels::k_tile_slots - 1) /
                     kernels::k_tile_slots) {
  for (std::size_t place = 0; place < segment.tokens.size(); ++place) append(segment, place);
  for (const std::size_t place : segment.targets) append(segment, place);
  if (segment.hidden.empty() && segment.targets.empty()) return;  // what the attention shows is all that there is
  words_.resize(rows_.size() * words_per_row_);
  for (std::size_t index = 0; index < rows_.size(); ++index) see(segment, rules, index);
}

EIGENFORMER_INLINE void SegmentRows::append(const Segment& segment, std::size_t place) {
  const bool is_query = rows_.size() >= segment.tokens.size();
  rows_.push_back({.token = is_query ? 0 : segment.tokens[place],
                   .slot = static_cast<std::uint32_t>(segment.memory + rows_.size()),
                   .position = static_cast<std::int32_t>(segment.memory + place),
                   .segment = segment.token_types.empty() ? 0 : segment.token_types[place],
                   .stores_keys = !is_query,
                   .wants_output = is_query || segment.targets.empty()});
}

EIGENFORMER_INLINE bool SegmentRows::sees(const Segment& segment, const SegmentRules& rules, Seer seer,
                                          std::size_t slot) const noexcept {
  if (rules.is_causal && rules.keeps_span && slot < seer.place) return false;
  if (slot < segment.memory) return true;
  const std::size_t place = slot - segment.memory;
  if (place == seer.place && seer.sees_itself) return true;
  if (rules.is_causal && place > seer.place) return false;
  return segment.hidden.empty() || segment.hidden[seer.place * segment.tokens.size() + place] == 0;
}

EIGENFORMER_INLINE void SegmentRows::see(const Segment& segment, const SegmentRules& rules, std::size_t index) {
  const std::size_t tokens = segment.tokens.size();
  const bool is_query = index >= tokens;
  const Seer seer{is_query ? segment.targets[index - tokens] : index, !is_query};
  std::uint32_t* words = words_.data() + index * words_per_row_;
  rows_[index].visible_slots = words;
  const auto show = [words](std::size_t slot) {
    words[slot / kernels::k_tile_slots] |= std::uint32_t{1} << (slot % kernels::k_tile_slots);
  };
  bool sees_something = false;
  for (std::size_t slot = 0; slot < segment.memory + tokens; ++slot) {
    if (!sees(segment, rules, seer, slot)) continue;
    show(slot);
    sees_something = true;
  }
  if (sees_something) return;
  // The reference lowers every score of such a row by 1e30, which leaves nothing of what they were.
  rows_[index].attends_evenly = true;
  for (std::size_t slot = 0; slot < segment.memory + tokens; ++slot) show(slot);
}

EIGENFORMER_INLINE Value two_stream_tokens(Recorder& recorder, const Embedding& words, const std::vector<float>& mask) {
  const Value x = words.tokens(recorder);  // [rows, hidden]
  recorder.each_row(RowSet::all, {x}, [x, &mask](const Step& step, std::size_t row) {
    if (!step.batch().rows[row].stores_keys) std::copy(mask.begin(), mask.end(), step.row(x, row));
  });
  return x;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
