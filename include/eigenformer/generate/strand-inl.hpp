#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "eigenformer/generate/strand.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE Strand Strand::fork(std::uint32_t index) const {
  return Strand({parts_.model, parts_.continuation.fork(index), parts_.writer,
                 parts_.drafter ? parts_.drafter->fork() : nullptr, parts_.held, parts_.guidance, parts_.cancel});
}

/// A drafted token never makes the sequence longer than it may be, and never changes the frequencies of the tokens
/// before it.
EIGENFORMER_INLINE std::size_t Strand::most_drafted() const {
  const Continuation& continuation = parts_.continuation;
  const std::size_t most = std::min({continuation.tokens_left() - 1, trusted_, k_most_drafted});
  const nn::Network& network = *parts_.model.network;
  const std::size_t same = tokens_of_same_frequency(network, continuation.sequence().ids.size(), most);
  if (!parts_.guidance) return same;
  return tokens_of_same_frequency(network, parts_.guidance->tokens_behind(continuation.new_ids()), same);
}

EIGENFORMER_INLINE void Strand::want(std::vector<SequenceStep>& steps) {
  Sequence& sequence = parts_.continuation.sequence();
  if (parts_.drafter && sequence.pending() == 1) {
    const std::size_t most = resting_steps_ == 0 ? most_drafted() : 0;
    if (resting_steps_ > 0) --resting_steps_;
    std::vector<TokenId> tokens;
    if (most > 0) tokens = parts_.drafter->draft(parts_.continuation, most);
    sequence.ids.insert(sequence.ids.end(), tokens.begin(), tokens.end());
    drafted_ = tokens.size();
  }
  want_pending(steps);
}

EIGENFORMER_INLINE void Strand::want_pending(std::vector<SequenceStep>& steps) {
  steps.push_back({.sequence = &parts_.continuation.sequence(), .outputs = places()});
  if (!parts_.guidance) return;
  parts_.guidance->follow(parts_.continuation.new_ids());
  steps.push_back({.sequence = &parts_.guidance->sequence(), .outputs = places()});
}

/// The logits of a row, guided by those `rows` behind it where there is guidance.
EIGENFORMER_INLINE std::span<const float> Strand::logits_at(const Forward& forward, std::size_t row, std::size_t rows) {
  if (!parts_.guidance) return forward.logits(row);
  return parts_.guidance->guide(forward.logits(row), forward.logits(row + rows));
}

EIGENFORMER_INLINE std::string Strand::take(const Forward& forward, std::size_t row, SamplingBuffers& buffers) {
  const std::vector<TokenId>& ids = parts_.continuation.sequence().ids;
  const std::vector<TokenId> drafted(ids.end() - static_cast<std::ptrdiff_t>(drafted_), ids.end());
  drop_drafted();
  const std::size_t first = ids.size();
  const auto has_drafted = [&](std::size_t place, TokenId token) {
    return place - first < drafted.size() && drafted[place - first] == token;
  };
  // Whether the step has computed the logits behind the tokens that there are.
  const auto is_computed = [&] {
    return ids.size() == first || (ids.size() > first && has_drafted(ids.size() - 1, ids.back()));
  };
  std::string text;
  while (!finished() && is_computed()) {
    const std::size_t place = ids.size();
    text += choose(logits_at(forward, row + place - first, drafted.size() + 1), buffers);
    if (ids.size() > place && has_drafted(place, ids.back())) ++counts_.accepted;
  }
  std::size_t right = 0;
  while (first + right < ids.size() && has_drafted(first + right, ids[first + right])) ++right;
  learn(drafted.size(), right);
  parts_.continuation.sequence().forget_computed(ids.size() - 1);
  return text;
}

/// After a draft that was all right the next may have twice its tokens, else one more than were right; after one of
/// which nothing was right, steps without drafts follow, after each such draft twice as many. So where guesses are
/// seldom right, they cost little.
EIGENFORMER_INLINE void Strand::learn(std::size_t drafted, std::size_t right) noexcept {
  counts_.drafted += drafted;
  if (drafted == 0) return;
  rest_ = right == 0 ? std::min(2 * rest_ + 1, k_longest_rest) : 0;
  resting_steps_ = rest_;
  trusted_ = right == drafted ? std::min(std::max(trusted_, 2 * drafted), k_most_drafted) : right + 1;
}

EIGENFORMER_INLINE void Strand::withdraw() noexcept {
  drop_drafted();
  Sequence& sequence = parts_.continuation.sequence();
  sequence.forget_computed(sequence.ids.size());
}

EIGENFORMER_INLINE void Strand::drop_drafted() noexcept {
  std::vector<TokenId>& ids = parts_.continuation.sequence().ids;
  ids.resize(ids.size() - std::exchange(drafted_, 0));
}

EIGENFORMER_INLINE std::string Strand::choose(std::span<const float> logits, SamplingBuffers& buffers) {
  Continuation& continuation = parts_.continuation;
  if (!parts_.held) {
    const std::optional<TokenId> token = continuation.choose(logits, buffers);
    return parts_.writer ? write(*token).text : std::string();
  }
  HeldTokens& held = *parts_.held;
  Checkpoint before{continuation.past(), *parts_.writer, counts_.accepted};
  const std::optional<TokenId> token = continuation.choose(logits, buffers);
  const std::optional<Checkpoint> back = token ? held.push(std::move(before), write(*token)) : held.pop();
  if (back) go_back(*back);
  const bool is_stuck = held.exhausted() || (!token && !back);
  if (is_stuck) return end_banned();
  if (back) return {};
  return finished() ? held.release_all({}) : held.release();
}

/// What a token that has been chosen makes of the text.
EIGENFORMER_INLINE Written Strand::write(TokenId token) {
  Continuation& continuation = parts_.continuation;
  TextWriter& writer = *parts_.writer;
  Written written;
  if (!continuation.is_end_token(token)) written = {.text = writer.push(token), .decoded = writer.decoded()};
  if (writer.stopped()) {
    continuation.end(FinishReason::stop_string);
  } else if (continuation.finished()) {
    written.text += writer.finish();
    written.decoded += writer.decoded();
  } else if (parts_.held) {
    written.undecoded = writer.undecoded();
  }
  return written;
}

EIGENFORMER_INLINE void Strand::go_back(const Checkpoint& before) {
  Continuation& continuation = parts_.continuation;
  counts_.taken_back += continuation.sequence().ids.size() - before.past.tokens;
  counts_.accepted = before.accepted;
  continuation.take_back(before.past);
  parts_.writer = before.writer;
}

EIGENFORMER_INLINE std::string Strand::end_banned() {
  end(FinishReason::banned);
  return last_text();
}

/// What was held back, where it has been ended by something else than its tokens.
EIGENFORMER_INLINE std::string Strand::last_text() {
  if (!parts_.writer) return {};
  Written last{.text = parts_.writer->finish(), .decoded = parts_.writer->decoded()};
  return parts_.held ? parts_.held->release_all(last) : last.text;
}

EIGENFORMER_INLINE std::string Strand::finish() {
  if (finished()) return {};
  end(FinishReason::cancelled);
  return last_text();
}

EIGENFORMER_INLINE std::span<const TokenId> Strand::kept_ids() const noexcept {
  const std::span<const TokenId> ids = parts_.continuation.new_ids();
  return ids.first(ids.size() - (parts_.held ? parts_.held->size() : 0));
}

EIGENFORMER_INLINE GeneratedSequence Strand::result(std::string text) const {
  const Continuation& continuation = parts_.continuation;
  const std::span<const TokenId> ids = continuation.new_ids();
  return {.ids = {ids.begin(), ids.end()},
          .text = std::move(text),
          .finish_reason = *continuation.reason(),
          .score = continuation.score(),
          .log_probabilities = continuation.log_probabilities(),
          .alternatives = continuation.alternatives(),
          .drafted_tokens = counts_.drafted,
          .accepted_tokens = counts_.accepted,
          .taken_back_tokens = counts_.taken_back};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
