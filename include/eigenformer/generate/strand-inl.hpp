#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "eigenformer/generate/strand.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE Strand Strand::fork(std::uint32_t index) const {
  return Strand({parts_.model, parts_.continuation.fork(index), parts_.writer,
                 parts_.drafter ? parts_.drafter->fork() : nullptr});
}

/// A drafted token never makes the sequence longer than it may be, and never changes the frequencies of the tokens
/// before it.
EIGENFORMER_INLINE std::size_t Strand::most_drafted() const {
  const Continuation& continuation = parts_.continuation;
  const std::size_t most = std::min({continuation.tokens_left() - 1, trusted_, k_most_drafted});
  return tokens_of_same_frequency(*parts_.model.network, continuation.sequence().ids.size(), most);
}

EIGENFORMER_INLINE SequenceStep Strand::next_step() {
  Sequence& sequence = parts_.continuation.sequence();
  if (parts_.drafter && sequence.pending() == 1) {
    const std::size_t most = most_drafted();
    std::vector<TokenId> tokens;
    if (most > 0) tokens = parts_.drafter->draft(parts_.continuation, most);
    sequence.ids.insert(sequence.ids.end(), tokens.begin(), tokens.end());
    drafted_ = tokens.size();
  }
  return {.sequence = &sequence, .outputs = outputs()};
}

EIGENFORMER_INLINE std::string Strand::take(const Forward& forward, std::size_t row, SamplingBuffers& buffers) {
  Sequence& sequence = parts_.continuation.sequence();
  const std::vector<TokenId> drafted(sequence.ids.end() - static_cast<std::ptrdiff_t>(drafted_), sequence.ids.end());
  sequence.ids.resize(sequence.ids.size() - std::exchange(drafted_, 0));
  std::string text;
  std::size_t accepted = 0;
  for (std::size_t index = 0; index <= drafted.size(); ++index) {
    text += choose(forward.logits(row + index), buffers);
    if (index == drafted.size() || sequence.ids.back() != drafted[index]) break;
    ++accepted;
    if (finished()) break;
  }
  learn(drafted.size(), accepted);
  sequence.forget_computed(sequence.ids.size() - 1);
  return text;
}

/// After a draft that was all right the next may have twice its tokens, else one more than were right: where guesses
/// are seldom right, they cost little.
EIGENFORMER_INLINE void Strand::learn(std::size_t drafted, std::size_t accepted) noexcept {
  counts_.drafted += drafted;
  counts_.accepted += accepted;
  if (drafted == 0) return;
  trusted_ = accepted == drafted ? std::min(std::max(trusted_, 2 * drafted), k_most_drafted) : accepted + 1;
}

EIGENFORMER_INLINE void Strand::withdraw() noexcept {
  Sequence& sequence = parts_.continuation.sequence();
  sequence.ids.resize(sequence.ids.size() - std::exchange(drafted_, 0));
  sequence.forget_computed(sequence.ids.size());
}

EIGENFORMER_INLINE std::string Strand::choose(std::span<const float> logits, SamplingBuffers& buffers) {
  Continuation& continuation = parts_.continuation;
  const TokenId token = continuation.choose(logits, buffers);
  std::optional<TextWriter>& writer = parts_.writer;
  if (!writer) return {};
  std::string text = continuation.is_end_token(token) ? std::string() : writer->push(token);
  if (writer->stopped()) {
    continuation.end(FinishReason::stop_string);
  } else if (continuation.finished()) {
    text += writer->finish();
  }
  return text;
}

EIGENFORMER_INLINE std::string Strand::finish() {
  if (finished()) return {};
  end(FinishReason::cancelled);
  return parts_.writer ? parts_.writer->finish() : std::string();
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
          .accepted_tokens = counts_.accepted};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
