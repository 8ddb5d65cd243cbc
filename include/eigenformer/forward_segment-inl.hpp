#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/forward_feed.hpp"
#include "eigenformer/forward_segment.hpp"
#include "eigenformer/nn/two_streams.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

struct SegmentMemory::State {
  std::shared_ptr<const ModelState> model;
  nn::KvCache cache;
};

namespace forward_detail {

inline void check_perm_mask(std::span<const TokenId> ids, std::span<const std::uint8_t> perm_mask) {
  if (perm_mask.empty() || perm_mask.size() == ids.size() * ids.size()) return;
  throw UsageError({.id = "usage.perm_mask",
                    .expected = std::to_string(ids.size() * ids.size()) + " entries, a row of " +
                                std::to_string(ids.size()) + " for each token",
                    .found = std::to_string(perm_mask.size()),
                    .where = "perm_mask",
                    .remedy = "pass one entry for each pair of tokens, or none"});
}

inline void check_targets(std::span<const TokenId> ids, std::span<const std::size_t> targets) {
  std::vector<bool> seen(ids.size(), false);
  for (std::size_t index = 0; index < targets.size(); ++index) {
    const std::size_t place = targets[index];
    if (place < ids.size() && !seen[place]) {
      seen[place] = true;
      continue;
    }
    throw UsageError({.id = "usage.target_mapping",
                      .expected = "different places from 0 to " + std::to_string(ids.size() - 1),
                      .found = std::to_string(place) + (place < ids.size() ? ", twice" : ""),
                      .where = "target_mapping, entry " + std::to_string(index),
                      .remedy = "name each place that is to be predicted once"});
  }
}

inline void check_memory(const Model& model, std::span<const TokenId> ids, const SegmentMemory* memory) {
  if (memory == nullptr || memory->state() == nullptr) return;
  if (memory->state()->model != model.shared_state()) {
    throw UsageError({.id = "usage.memory_model",
                      .expected = "a memory of this model",
                      .found = "one of " + memory->state()->model->info.source,
                      .where = model.info().source,
                      .remedy = "begin with an empty memory"});
  }
  const std::size_t room = model.info().context_length - memory->tokens();
  if (ids.size() <= room) return;
  throw UsageError({.id = "usage.prompt_too_long",
                    .expected = "at most " + std::to_string(room) + " tokens behind those of the memory",
                    .found = std::to_string(ids.size()),
                    .where = "",
                    .remedy = "shorten the text, or begin with an empty memory"});
}

/// Takes what a program shows of a segment's rows apart: those of the tokens, and those of the targets behind them.
class StreamCollector {
 public:
  StreamCollector(const CollectorText& content, std::size_t targets)
      : tokens_(content.tokens),
        targets_(targets),
        content_(content),
        query_({.tokens = targets, .heads = content.heads, .slots = content.slots}) {}

  void add(std::string_view name, const ConstMatrixView& rows) {
    const std::string text(name);
    content_.add(text, part(rows, 0, tokens_));
    if (targets_ != 0) query_.add("query_" + text, part(rows, tokens_, targets_));
  }
  void add_outputs(const nn::Program& program, const nn::Session& session) {
    (targets_ != 0 ? query_ : content_).add_outputs(program, session);
  }
  std::map<std::string, Tensor> results() && {
    std::map<std::string, Tensor> results = std::move(content_).results();
    results.merge(std::move(query_).results());
    return results;
  }

 private:
  static ConstMatrixView part(const ConstMatrixView& rows, std::size_t first, std::size_t count) {
    return matrix_view(rows.data() + static_cast<Eigen::Index>(first) * rows.outerStride(),
                       {static_cast<Eigen::Index>(count), rows.cols(), rows.outerStride()});
  }

  std::size_t tokens_, targets_;
  Collector content_, query_;
};

/// What the next segment remembers.
inline SegmentMemory remembered(const Model& model, nn::KvCache cache, std::size_t before) {
  const nn::SegmentRules& rules = *model.state().network->info().segments;
  if (rules.reused_of_segment != 0) cache.truncate(before + rules.reused_of_segment);
  if (rules.memory_length != 0) cache.keep_last(rules.memory_length);
  const std::size_t tokens = cache.size();
  return {std::make_shared<const SegmentMemory::State>(model.shared_state(), std::move(cache)), tokens};
}

EIGENFORMER_INLINE std::map<std::string, Tensor> forward_segment(const Model& model, std::span<const TokenId> ids,
                                                                 const ForwardOptions& options) {
  check_ids(ids, limits_of(model));
  check_token_types(model, ids, options.token_type_ids);
  check_perm_mask(ids, options.perm_mask);
  check_targets(ids, options.target_mapping);
  check_memory(model, ids, options.memory);
  const bool remembers = options.memory != nullptr && options.memory->state() != nullptr;
  nn::KvCache cache = remembers ? options.memory->state()->cache.fork() : nn::KvCache(model.state().cache_layout);
  const std::size_t before = cache.size();
  const std::size_t targets = options.target_mapping.size();
  const nn::SegmentRows segment({.tokens = ids,
                                 .token_types = options.token_type_ids,
                                 .hidden = options.perm_mask,
                                 .targets = options.target_mapping,
                                 .memory = before},
                                *model.state().network->info().segments);
  const std::size_t slots = before + ids.size();
  const nn::Program program =
      model.state().record(nn::ProgramRole::main, {.keep = wanted_probes(options), .watched_slots = slots + targets});
  nn::Session session({&program, model.state().kernels, model.state().executor.get()});
  StreamCollector collector({.tokens = ids.size(), .heads = model.info().heads, .slots = slots}, targets);
  const nn::BatchSequence sequence{.cache = &cache};
  session.run({segment.rows(), {&sequence, 1}}, {},
              [&](std::string_view name, const ConstMatrixView& rows) { collector.add(name, rows); });
  collector.add_outputs(program, session);
  if (options.memory != nullptr) *options.memory = remembered(model, std::move(cache), before);
  return std::move(collector).results();
}

EIGENFORMER_INLINE void check_no_segment_options(const Model& model, const ForwardOptions& options) {
  const bool has_mask = !options.perm_mask.empty(), has_targets = !options.target_mapping.empty();
  if (!has_mask && !has_targets && options.memory == nullptr) return;
  throw UsageError({.id = "usage.no_segments",
                    .expected = "a model that reads segments by two streams",
                    .found = "the model " + model.info().architecture + ", which does not",
                    .where = has_mask      ? "perm_mask"
                             : has_targets ? "target_mapping"
                                           : "memory",
                    .remedy = "leave the option out"});
}

}  // namespace forward_detail
}  // namespace eigenformer::inline EIGENFORMER_ABI
