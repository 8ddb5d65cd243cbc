// A sequence that is being written and its text: what it brings to a step, and what it makes of the logits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/continuation.hpp"
#include "eigenformer/generate/drafter.hpp"
#include "eigenformer/generate/guidance.hpp"
#include "eigenformer/generate/held_tokens.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/generate/text_writer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// What a strand is made of.
struct StrandParts {
  const ModelState& model;           ///< outlives it
  Continuation continuation;         ///< holds the prompt
  std::optional<TextWriter> writer;  ///< none where only tokens are wanted
  std::unique_ptr<Drafter> drafter;  ///< none: one token a step
  std::optional<HeldTokens> held;    ///< where texts are banned; there is a writer then
  std::optional<Guidance> guidance;  ///< none: the logits are as they come
  CancelToken cancel;                ///< stops its steps, and those of its draft model
};

/// Tokens that cost something and may be no part of the result.
struct TokenCounts {
  std::size_t drafted = 0;
  std::size_t accepted = 0;    ///< of the drafted ones, those that are part of it
  std::size_t taken_back = 0;  ///< chosen ones that are not
};

class Strand {
 public:
  explicit Strand(StrandParts parts) : parts_(std::move(parts)) {}

  /// The same past, to be continued as sequence number `index` of the request. Shares the cache's pages.
  Strand fork(std::uint32_t index) const;

  /// Appends what is to be computed next: the pending tokens and, where that is one, drafted tokens after it; with
  /// guidance, the same of the second sequence. `take` or `withdraw` follows. Throws what a draft model's step throws.
  void want(std::vector<SequenceStep>& steps);
  /// The same without drafts.
  void want_pending(std::vector<SequenceStep>& steps);
  /// Chooses tokens from the logits that it wanted, of which `row` is the first: one, and one more after each drafted
  /// token that was right. Those that complete a banned text are taken back and chosen anew, from the same logits or,
  /// if it began before them, in a step that follows. Returns the text that is certain then. Throws NumericError,
  /// UsageError.
  std::string take(const Forward& forward, std::size_t row, SamplingBuffers& buffers);
  /// Forgets what was drafted for a step that was not computed.
  void withdraw() noexcept;

  /// How many tokens `take` can choose from what is wanted.
  std::size_t places() const noexcept { return drafted_ + 1; }
  /// How many rows of logits are wanted.
  std::size_t outputs() const noexcept { return parts_.guidance ? 2 * places() : places(); }

  /// Ends it from outside; text that was held back stays so.
  void end(FinishReason reason) noexcept { parts_.continuation.end(reason); }
  /// Ends it from outside where it has not ended, and returns the text that was held back.
  std::string finish();
  /// What it has come to. The text is given by the caller, who joined it.
  GeneratedSequence result(std::string text) const;

  bool finished() const noexcept { return parts_.continuation.finished(); }
  Continuation& continuation() noexcept { return parts_.continuation; }
  const Continuation& continuation() const noexcept { return parts_.continuation; }
  const CancelToken& cancel_token() const noexcept { return parts_.cancel; }
  /// The new tokens that will not be taken back.
  std::span<const TokenId> kept_ids() const noexcept;
  const TokenCounts& counts() const noexcept { return counts_; }

 private:
  std::size_t most_drafted() const;
  void drop_drafted() noexcept;
  void learn(std::size_t drafted, std::size_t right) noexcept;
  std::span<const float> logits_at(const Forward& forward, std::size_t row, std::size_t rows);
  std::string choose(std::span<const float> logits, SamplingBuffers& buffers);
  Written write(TokenId token);
  void go_back(const Checkpoint& before);
  std::string end_banned();
  std::string last_text();

  StrandParts parts_;
  std::size_t drafted_ = 0;  // at the end of the sequence's tokens, between want and what follows it
  std::size_t trusted_ = 2;  // tokens that the next draft may have
  std::size_t rest_ = 0;     // steps without drafts after the last one
  std::size_t resting_steps_ = 0;
  TokenCounts counts_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/strand-inl.hpp"
#endif
