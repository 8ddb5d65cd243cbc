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
  /// The same of the second of two texts.
  std::vector<ByteSpan> second_plain_spans = {};
  /// The language of the text, where the model marks it (LanguageMarks::source): its code, its code of ISO 639, or its
  /// English name. Empty: the one that the tokenizer's files name.
  std::string source_language = {};
};

/// How a translation model is told of languages.
enum class LanguageMarks : std::uint8_t {
  none,
  source,  ///< the template marks the text's language, and the first token of the translation that of the translation
  target,  ///< the text begins with the language it is to be translated into: ">>fra<< "
};

/// Token ids and where each came from. Every list has one entry a token.
struct Encoding {
  std::vector<TokenId> ids;
  /// Bytes of its text that each token stands for, widened to whole characters; {0, 0} for tokens of the template.
  std::vector<ByteSpan> offsets;
  /// The segment that the template assigns: 0 or 1 for most.
  std::vector<std::int32_t> type_ids;
  /// The text that each token comes from: 0 the first, 1 the second, -1 the template.
  std::vector<std::int32_t> texts;
  /// The word of its text that each token belongs to, counted from 0 as the pre-tokenizer cuts; -1 for the template's.
  std::vector<std::int32_t> words;
};

/// One text, or two that belong together: a question and its context.
struct TextPair {
  std::string_view first;
  std::optional<std::string_view> second = {};
};

/// What is cut where tokens are too many.
enum class TruncationStrategy : std::uint8_t {
  longest_first,  ///< the longer text, until both are of one length, then both
  only_first,
  only_second,
};

/// Which end of a text is kept.
enum class KeptEnd : std::uint8_t { front, back };

struct TruncateOptions {
  std::size_t max_length = 512;  ///< tokens of a window, those of the template included
  TruncationStrategy strategy = TruncationStrategy::longest_first;
  std::size_t stride = 0;  ///< how many tokens of a text a window repeats from the one before it
  KeptEnd kept = KeptEnd::front;
  EncodeOptions encode = {};
};

/// Characters (code points) of a text from `begin` up to, not including, `end`.
struct CharacterSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend constexpr bool operator==(const CharacterSpan&, const CharacterSpan&) = default;
};

/// Offsets in characters, as Python counts them, for offsets in bytes of the text. An ill-formed sequence is one
/// character; a border inside a character counts as that at its begin, one beyond the text as its end.
std::vector<CharacterSpan> character_spans(std::string_view text, std::span<const ByteSpan> spans);

struct DecodeOptions {
  bool skip_special_tokens = false;
};

namespace tokenize {
struct Pipeline;
class DecoderRun;
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
  std::unique_ptr<tokenize::DecoderRun> run_;
  DecodeOptions options_;
  std::vector<std::string> parts_;  // kept, so that a token allocates nothing
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
  /// Both texts in the tokenizer's template for two, or one text in that for one.
  Encoding encode_pair(const TextPair& texts, const EncodeOptions& options = {}) const;
  /// The same, cut to a length. UsageError "usage.truncation" where the options leave no room for the text that is to
  /// be cut.
  Encoding encode_truncated(const TextPair& texts, const TruncateOptions& options) const;
  /// What is cut goes on in further windows, in the order of Hugging Face's `overflowing`: at least one window.
  std::vector<Encoding> encode_windows(const TextPair& texts, const TruncateOptions& options) const;
  Result<std::vector<TokenId>> try_encode(std::string_view text, const EncodeOptions& options = {}) const;
  Result<Encoding> try_encode_with_offsets(std::string_view text, const EncodeOptions& options = {}) const;
  Result<Encoding> try_encode_pair(const TextPair& texts, const EncodeOptions& options = {}) const;
  Result<Encoding> try_encode_truncated(const TextPair& texts, const TruncateOptions& options) const;
  Result<std::vector<Encoding>> try_encode_windows(const TextPair& texts, const TruncateOptions& options) const;

  /// The text of the ids; well-formed UTF-8. An id that no token has adds nothing.
  std::string decode(std::span<const TokenId> ids, const DecodeOptions& options = {}) const;
  StreamDecoder stream(const DecodeOptions& options = {}) const;
  /// The text of tokens as they are written in the vocabulary, which need not have them; well-formed UTF-8.
  std::string join(std::span<const std::string> tokens) const;

  /// One more than the highest id, added tokens included.
  std::size_t vocabulary_size() const noexcept;
  /// The id of a token as it is written in the vocabulary: "Ġthe", "<|im_end|>".
  std::optional<TokenId> token_id(std::string_view token) const;
  /// The token as it is written in the vocabulary. TokenizerError "tokenizer.unknown_id" where there is none.
  std::string token(TokenId id) const;
  Result<std::string> try_token(TokenId id) const;
  /// The bytes that the token adds to a text; they may be part of a character. Empty where there is no such token.
  std::string token_bytes(TokenId id) const;
  /// What tokens inside a word begin with ("##"); empty for vocabularies that do not mark them.
  std::string continuing_prefix() const;
  /// Whether `DecodeOptions::skip_special_tokens` leaves it out.
  bool is_special(TokenId id) const noexcept;
  /// The text without the special tokens that are written in it ("<|im_end|>"), until none is left. A Chat does not
  /// need it, for there they are text like any other: it is for texts that go elsewhere too.
  std::string without_special_tokens(std::string_view text) const;

  /// The languages of a translation model, by its own codes; empty for other models.
  std::vector<std::string> languages() const;
  LanguageMarks language_marks() const noexcept;
  /// The token of a language, which a translation into it begins with: by the model's code ("fr_XX", "fra_Latn"), by a
  /// code of ISO 639 ("fr", "fra"), or by its English name ("French"). UsageError "usage.language" for one that the
  /// model lacks.
  TokenId language_token(std::string_view language) const;
  Result<TokenId> try_language_token(std::string_view language) const;

  std::optional<TokenId> beginning_of_sequence() const noexcept;
  std::optional<TokenId> end_of_sequence() const noexcept;
  std::optional<TokenId> unknown() const noexcept;
  std::optional<TokenId> padding() const noexcept;
  std::optional<TokenId> separator() const noexcept;   ///< [SEP]
  std::optional<TokenId> classifier() const noexcept;  ///< [CLS]
  std::optional<TokenId> mask() const noexcept;        ///< [MASK]

 private:
  std::shared_ptr<const tokenize::Pipeline> pipeline_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenizer-inl.hpp"
#endif
