// Text to token ids and back. A light header: no Eigen, no json, no pattern library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// A row of the vocabulary.
using TokenId = std::int32_t;

struct EncodeOptions {
  /// Whether the tokenizer's own template is applied: for Llama 3, `<|begin_of_text|>` in front.
  bool add_special_tokens = true;
  /// Parts of the text that somebody else wrote: inside them no special or added token is matched, so that a visitor's
  /// "<|im_end|>" stays text. Added tokens that are nothing but white space are still matched: they are text.
  std::vector<ByteSpan> plain_spans = {};
};

/// Token ids and where each came from.
struct Encoding {
  std::vector<TokenId> ids;
  /// Bytes of the input that each token stands for, widened to whole characters; {0, 0} for tokens of the template.
  std::vector<ByteSpan> offsets;
};

struct DecodeOptions {
  bool skip_special_tokens = false;
};

namespace tokenize {
struct Pipeline;
class Utf8Stream;
}  // namespace tokenize

/// Ids in, text out, as it becomes certain. Every piece is whole characters: an unfinished tail is held back, and the
/// pieces joined are `decode` of all ids.
class StreamDecoder {
 public:
  StreamDecoder(std::shared_ptr<const tokenize::Pipeline> pipeline, const DecodeOptions& options);
  StreamDecoder(const StreamDecoder& other);
  StreamDecoder& operator=(const StreamDecoder& other);
  StreamDecoder(StreamDecoder&& other) noexcept;
  StreamDecoder& operator=(StreamDecoder&& other) noexcept;
  ~StreamDecoder();

  /// The text that this token makes certain; may be empty.
  std::string push(TokenId id);
  /// What was held back, as decode would show it at the end of the ids. The decoder can be used again afterwards.
  std::string finish();

 private:
  std::shared_ptr<const tokenize::Pipeline> pipeline_;
  std::unique_ptr<tokenize::Utf8Stream> pending_;
  DecodeOptions options_;
};

/// An immutable shared handle; any number of threads may use it. Text is UTF-8. Each maximal ill-formed sequence counts
/// as U+FFFD, as Python's `bytes.decode("utf-8", "replace")` has it, and offsets stay those of the given bytes.
class Tokenizer {
 public:
  /// For the library's own rooms (tokenize/load.hpp).
  explicit Tokenizer(std::shared_ptr<const tokenize::Pipeline> pipeline) : pipeline_(std::move(pipeline)) {}

  /// The ids that Hugging Face tokenizers gives. UsageError "usage.plain_span" or "usage.text_too_long", TokenizerError
  /// "tokenizer.pattern_limit" where the text drives a pattern of the vocabulary's file beyond its limits.
  std::vector<TokenId> encode(std::string_view text, const EncodeOptions& options = {}) const;
  Encoding encode_with_offsets(std::string_view text, const EncodeOptions& options = {}) const;
  Result<std::vector<TokenId>> try_encode(std::string_view text, const EncodeOptions& options = {}) const;
  Result<Encoding> try_encode_with_offsets(std::string_view text, const EncodeOptions& options = {}) const;

  /// The text of the ids; well-formed UTF-8. An id that no token has adds nothing.
  std::string decode(std::span<const TokenId> ids, const DecodeOptions& options = {}) const;
  StreamDecoder stream(const DecodeOptions& options = {}) const;

  /// One more than the highest id, added tokens included.
  std::size_t vocabulary_size() const noexcept;
  /// The id of a token as it is written in the vocabulary: "Ġthe", "<|im_end|>".
  std::optional<TokenId> token_id(std::string_view token) const;
  /// The token as it is written in the vocabulary. TokenizerError "tokenizer.unknown_id" where there is none.
  std::string token(TokenId id) const;
  Result<std::string> try_token(TokenId id) const;
  /// The bytes that the token adds to a text; they may be part of a character. Empty where there is no such token.
  std::string token_bytes(TokenId id) const;
  /// Whether `DecodeOptions::skip_special_tokens` leaves it out.
  bool is_special(TokenId id) const noexcept;

  std::optional<TokenId> beginning_of_sequence() const noexcept;
  std::optional<TokenId> end_of_sequence() const noexcept;
  std::optional<TokenId> unknown() const noexcept;
  std::optional<TokenId> padding() const noexcept;

 private:
  std::shared_ptr<const tokenize::Pipeline> pipeline_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenizer-inl.hpp"
#endif
