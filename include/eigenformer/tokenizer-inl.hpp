#pragma once

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/tokenize/pipeline.hpp"
#include "eigenformer/tokenize/utf8_stream.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

EIGENFORMER_INLINE StreamDecoder::StreamDecoder(std::shared_ptr<const tokenize::Pipeline> pipeline,
                                                const DecodeOptions& options)
    : pipeline_(std::move(pipeline)), pending_(std::make_unique<tokenize::Utf8Stream>()), options_(options) {}

EIGENFORMER_INLINE StreamDecoder::StreamDecoder(const StreamDecoder& other)
    : pipeline_(other.pipeline_),
      pending_(std::make_unique<tokenize::Utf8Stream>(*other.pending_)),
      options_(other.options_) {}

EIGENFORMER_INLINE StreamDecoder& StreamDecoder::operator=(const StreamDecoder& other) {
  if (this != &other) *this = StreamDecoder(other);
  return *this;
}

EIGENFORMER_INLINE StreamDecoder::StreamDecoder(StreamDecoder&& other) noexcept = default;
EIGENFORMER_INLINE StreamDecoder& StreamDecoder::operator=(StreamDecoder&& other) noexcept = default;
EIGENFORMER_INLINE StreamDecoder::~StreamDecoder() = default;

EIGENFORMER_INLINE std::string StreamDecoder::push(TokenId id) {
  std::string bytes;
  tokenize::append_decoded(*pipeline_, id, options_, bytes);
  return pending_->push(bytes);
}

EIGENFORMER_INLINE std::string StreamDecoder::finish() { return pending_->finish(); }

EIGENFORMER_INLINE std::vector<TokenId> Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  return tokenize::run_pipeline(*pipeline_, text, options, tokenize::Offsets::none).ids;
}

EIGENFORMER_INLINE Encoding Tokenizer::encode_with_offsets(std::string_view text, const EncodeOptions& options) const {
  return tokenize::run_pipeline(*pipeline_, text, options, tokenize::Offsets::bytes);
}

EIGENFORMER_INLINE Result<std::vector<TokenId>> Tokenizer::try_encode(std::string_view text,
                                                                      const EncodeOptions& options) const {
  return attempt([&] { return encode(text, options); });
}

EIGENFORMER_INLINE Result<Encoding> Tokenizer::try_encode_with_offsets(std::string_view text,
                                                                       const EncodeOptions& options) const {
  return attempt([&] { return encode_with_offsets(text, options); });
}

EIGENFORMER_INLINE std::string Tokenizer::decode(std::span<const TokenId> ids, const DecodeOptions& options) const {
  std::string bytes;
  for (const TokenId id : ids) tokenize::append_decoded(*pipeline_, id, options, bytes);
  tokenize::Utf8Stream stream;
  std::string text = stream.push(bytes);
  return text += stream.finish();
}

EIGENFORMER_INLINE StreamDecoder Tokenizer::stream(const DecodeOptions& options) const {
  return StreamDecoder(pipeline_, options);
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
  std::string bytes;
  tokenize::append_decoded(*pipeline_, id, {}, bytes);
  return bytes;
}

EIGENFORMER_INLINE bool Tokenizer::is_special(TokenId id) const noexcept {
  const auto form = pipeline_->decoded_form(id);
  return form && pipeline_->added.is_special(*form);
}

EIGENFORMER_INLINE std::optional<TokenId> Tokenizer::beginning_of_sequence() const noexcept {
  return pipeline_->named.beginning;
}
EIGENFORMER_INLINE std::optional<TokenId> Tokenizer::end_of_sequence() const noexcept { return pipeline_->named.end; }
EIGENFORMER_INLINE std::optional<TokenId> Tokenizer::unknown() const noexcept { return pipeline_->named.unknown; }
EIGENFORMER_INLINE std::optional<TokenId> Tokenizer::padding() const noexcept { return pipeline_->named.padding; }

}  // namespace eigenformer::inline EIGENFORMER_ABI
