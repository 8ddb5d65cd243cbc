#pragma once

#include <algorithm>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/tokenize/pipeline.hpp"
#include "eigenformer/tokenize/source_text.hpp"
#include "eigenformer/tokenize/utf8_stream.hpp"
#include "eigenformer/tokenize/windows.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace tokenizer_detail {

inline std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += part;
  return text;
}

/// The token as the decoder gets to see it; nothing where the options leave it out.
inline std::optional<std::string_view> shown(const tokenize::Pipeline& pipeline, TokenId id,
                                             const DecodeOptions& options) {
  const std::optional<std::string_view> form = pipeline.decoded_form(id);
  return form && options.skip_special_tokens && pipeline.added.is_special(*form) ? std::nullopt : form;
}

}  // namespace tokenizer_detail

EIGENFORMER_INLINE StreamDecoder::StreamDecoder(std::shared_ptr<const tokenize::Pipeline> pipeline,
                                                const DecodeOptions& options)
    : pipeline_(std::move(pipeline)), run_(pipeline_->decoder->start(tokenize::TokenFlow::tokens)), options_(options) {}

EIGENFORMER_INLINE StreamDecoder::StreamDecoder(const StreamDecoder& other)
    : pipeline_(other.pipeline_), run_(other.run_->clone()), options_(other.options_) {}

EIGENFORMER_INLINE StreamDecoder& StreamDecoder::operator=(const StreamDecoder& other) {
  if (this != &other) *this = StreamDecoder(other);
  return *this;
}

EIGENFORMER_INLINE StreamDecoder::StreamDecoder(StreamDecoder&& other) noexcept = default;
EIGENFORMER_INLINE StreamDecoder& StreamDecoder::operator=(StreamDecoder&& other) noexcept = default;
EIGENFORMER_INLINE StreamDecoder::~StreamDecoder() = default;

EIGENFORMER_INLINE std::string StreamDecoder::push(TokenId id) {
  parts_.clear();
  if (const auto token = tokenizer_detail::shown(*pipeline_, id, options_)) run_->push(std::string(*token), parts_);
  return tokenizer_detail::joined(parts_);
}

EIGENFORMER_INLINE std::string StreamDecoder::finish() {
  parts_.clear();
  run_->finish(parts_);
  return tokenizer_detail::joined(parts_);
}

EIGENFORMER_INLINE std::vector<TokenId> Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  return tokenize::encode_texts(*pipeline_, {.first = text}, options, tokenize::Details::ids).ids;
}

EIGENFORMER_INLINE Encoding Tokenizer::encode_with_offsets(std::string_view text, const EncodeOptions& options) const {
  return encode_pair({.first = text}, options);
}

EIGENFORMER_INLINE Encoding Tokenizer::encode_pair(const TextPair& texts, const EncodeOptions& options) const {
  return tokenize::encode_texts(*pipeline_, texts, options, tokenize::Details::all);
}

EIGENFORMER_INLINE Encoding Tokenizer::encode_truncated(const TextPair& texts, const TruncateOptions& options) const {
  return std::move(tokenize::encode_windows(*pipeline_, texts, options, tokenize::Windows::first).front());
}

EIGENFORMER_INLINE std::vector<Encoding> Tokenizer::encode_windows(const TextPair& texts,
                                                                   const TruncateOptions& options) const {
  return tokenize::encode_windows(*pipeline_, texts, options, tokenize::Windows::all);
}

EIGENFORMER_INLINE Result<std::vector<TokenId>> Tokenizer::try_encode(std::string_view text,
                                                                      const EncodeOptions& options) const {
  return attempt([&] { return encode(text, options); });
}

EIGENFORMER_INLINE Result<Encoding> Tokenizer::try_encode_with_offsets(std::string_view text,
                                                                       const EncodeOptions& options) const {
  return attempt([&] { return encode_with_offsets(text, options); });
}

EIGENFORMER_INLINE Result<Encoding> Tokenizer::try_encode_pair(const TextPair& texts,
                                                               const EncodeOptions& options) const {
  return attempt([&] { return encode_pair(texts, options); });
}

EIGENFORMER_INLINE Result<Encoding> Tokenizer::try_encode_truncated(const TextPair& texts,
                                                                    const TruncateOptions& options) const {
  return attempt([&] { return encode_truncated(texts, options); });
}

EIGENFORMER_INLINE Result<std::vector<Encoding>> Tokenizer::try_encode_windows(const TextPair& texts,
                                                                               const TruncateOptions& options) const {
  return attempt([&] { return encode_windows(texts, options); });
}

EIGENFORMER_INLINE std::string Tokenizer::decode(std::span<const TokenId> ids, const DecodeOptions& options) const {
  StreamDecoder decoder = stream(options);
  std::string text;
  for (const TokenId id : ids) text += decoder.push(id);
  return text += decoder.finish();
}

EIGENFORMER_INLINE std::string Tokenizer::join(std::span<const std::string> tokens) const {
  const std::unique_ptr<tokenize::DecoderRun> run = pipeline_->decoder->start(tokenize::TokenFlow::tokens);
  std::vector<std::string> parts;
  for (const std::string& token : tokens) run->push(std::string(tokenize::SourceText(token).text()), parts);
  run->finish(parts);
  return tokenizer_detail::joined(parts);
}

EIGENFORMER_INLINE std::string Tokenizer::continuing_prefix() const {
  return std::string(pipeline_->model->continuing_prefix());
}

EIGENFORMER_INLINE StreamDecoder Tokenizer::stream(const DecodeOptions& options) const {
  return StreamDecoder(pipeline_, options);
}

EIGENFORMER_INLINE std::vector<CharacterSpan> character_spans(std::string_view text, std::span<const ByteSpan> spans) {
  std::vector<std::size_t> borders;
  borders.reserve(2 * spans.size());
  for (const ByteSpan& span : spans) borders.insert(borders.end(), {span.begin, span.end});
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
  std::vector<std::size_t> counts;  // of the characters before each border
  std::size_t position = 0, count = 0, next = 0;
  for (const std::size_t border : borders) {
    while (position < text.size() && (next = position + tokenize::utf8_sequence_at(text, position).bytes) <= border) {
      position = next;
      ++count;
    }
    counts.push_back(count);
  }
  const auto count_at = [&](std::size_t border) {
    return counts[static_cast<std::size_t>(std::lower_bound(borders.begin(), borders.end(), border) - borders.begin())];
  };
  std::vector<CharacterSpan> result;
  result.reserve(spans.size());
  for (const ByteSpan& span : spans) result.push_back({count_at(span.begin), count_at(span.end)});
  return result;
}

EIGENFORMER_INLINE std::size_t Tokenizer::vocabulary_size() const noexcept { return pipeline_->vocabulary_size(); }

EIGENFORMER_INLINE std::optional<TokenId> Tokenizer::token_id(std::string_view token) const {
  return pipeline_->find(token);
}

EIGENFORMER_INLINE std::string Tokenizer::token(TokenId id) const {
  if (const auto token = pipeline_->token(id)) return std::string(*token);
  throw TokenizerError({.id = "tokenizer.unknown_id",
                        .expected = "an id from 0 to " + std::to_string(vocabulary_size() - 1),
                        .found = std::to_string(id),
                        .where = "Tokenizer::token",
                        .remedy = "use ids that this tokenizer gave"});
}

EIGENFORMER_INLINE Result<std::string> Tokenizer::try_token(TokenId id) const {
  return attempt([&] { return token(id); });
}

EIGENFORMER_INLINE std::string Tokenizer::token_bytes(TokenId id) const {
  std::string token(pipeline_->decoded_form(id).value_or(std::string_view()));
  if (!token.empty()) pipeline_->decoder->spell(token);
  return token;
}

EIGENFORMER_INLINE bool Tokenizer::is_special(TokenId id) const noexcept {
  const auto form = pipeline_->decoded_form(id);
  return form && pipeline_->added.is_special(*form);
}

EIGENFORMER_INLINE std::string Tokenizer::without_special_tokens(std::string_view text) const {
  return pipeline_->added.without_special(text);
}

EIGENFORMER_INLINE std::vector<std::string> Tokenizer::languages() const { return pipeline_->languages.codes(); }

EIGENFORMER_INLINE LanguageMarks Tokenizer::language_marks() const noexcept { return pipeline_->languages.marks(); }

EIGENFORMER_INLINE TokenId Tokenizer::language_token(std::string_view language) const {
  return pipeline_->languages.token(language, "Tokenizer::language_token");
}

EIGENFORMER_INLINE Result<TokenId> Tokenizer::try_language_token(std::string_view language) const {
  return attempt([&] { return language_token(language); });
}

EIGENFORMER_INLINE std::optional<TokenId> Tokenizer::beginning_of_sequence() const noexcept {
  return pipeline_->named.beginning;
}
EIGENFORMER_INLINE std::optional<TokenId> Tokenizer::end_of_sequence() const noexcept { return pipeline_->named.end; }
EIGENFORMER_INLINE std::optional<TokenId> Tokenizer::unknown() const noexcept { return pipeline_->named.unknown; }
EIGENFORMER_INLINE std::optional<TokenId> Tokenizer::padding() const noexcept { return pipeline_->named.padding; }
EIGENFORMER_INLINE std::optional<TokenId> Tokenizer::separator() const noexcept { return pipeline_->named.separator; }
EIGENFORMER_INLINE std::optional<TokenId> Tokenizer::classifier() const noexcept { return pipeline_->named.classifier; }
EIGENFORMER_INLINE std::optional<TokenId> Tokenizer::mask() const noexcept { return pipeline_->named.mask; }

}  // namespace eigenformer::inline EIGENFORMER_ABI
