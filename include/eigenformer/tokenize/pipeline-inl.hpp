#pragma once

#include <algorithm>
#include <limits>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/pipeline.hpp"
#include "eigenformer/tokenize/plain_spans.hpp"
#include "eigenformer/tokenize/source_text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace pipeline_detail {

inline constexpr std::size_t k_longest_text = std::size_t{1} << 28U;  // places in a text are kept in 32 bits
inline constexpr char32_t k_space_character = 0x120;                  // U+0120 stands for a space in byte-level tokens

inline bool is_edge_space(char32_t code_point) { return code_point == k_space_character || is_space(code_point); }

inline EdgeSpaces edge_spaces(std::string_view token) {
  EdgeSpaces edges;
  for (std::size_t k = 0; k < token.size() && is_edge_space(character_at(token, k).code_point); ++edges.leading) {
    k += character_at(token, k).bytes;
  }
  for (std::size_t k = token.size(); k > 0; ++edges.trailing) {
    k = previous_character(token, k);
    if (!is_edge_space(character_at(token, k).code_point)) break;
  }
  return edges;
}

/// One run over one text.
class Run {
 public:
  Run(const Pipeline& pipeline, std::string_view text, const EncodeOptions& options, Offsets offsets)
      : pipeline_(pipeline), source_(text), plain_(options.plain_spans, text.size(), source_) {
    encoded_.text = source_.text();
    encoded_.wants_offsets = offsets == Offsets::bytes;
  }

  EncodedText encode() {
    std::vector<Section> sections;
    AddedTokens::SplitOptions options{.match_special = pipeline_.match_special, .blocked = {}};
    if (!plain_.empty()) options.blocked = [this](ByteSpan span) { return plain_.overlap(span); };
    pipeline_.added.split(source_.text(), options, sections);
    for (const Section& section : sections) {
      if (section.id) {
        put(*section.id, section.span, part(source_.text(), section.span));
      } else {
        encode_section(section.span);
      }
    }
    return std::move(encoded_);
  }
  const SourceText& source() const { return source_; }

 private:
  static std::string_view part(std::string_view text, ByteSpan span) { return text.substr(span.begin, span.size()); }

  /// What lies between added tokens: normalized, searched for the tokens of normalized text, and encoded.
  void encode_section(ByteSpan span) {
    AlignedText text(part(source_.text(), span), span.begin);
    if (pipeline_.normalizer) pipeline_.normalizer->normalize(text);
    std::vector<Section> sections;
    AddedTokens::SplitOptions options{
        .stage = AddedTokens::Stage::normalized, .match_special = pipeline_.match_special, .blocked = {}};
    if (!plain_.empty()) {
      options.blocked = [&](ByteSpan match) { return plain_.overlap(text.origin_of(match)); };
    }
    pipeline_.added.split(text.text(), options, sections);
    for (const Section& section : sections) {
      if (section.id) {
        put(*section.id, text.origin_of(section.span), part(text.text(), section.span));
      } else {
        encode_pieces(text.slice(section.span));
      }
    }
  }

  void encode_pieces(AlignedText text) {
    PreTokenizedText pieces(std::move(text));
    if (pipeline_.pre_tokenizer) pipeline_.pre_tokenizer->split(pieces);
    if (!encoder_) encoder_ = pipeline_.model->encoder();
    for (const Piece& piece : pieces.pieces) {
      tokens_.clear();
      encoder_->encode(pieces.piece(piece), tokens_);
      for (const PieceToken& token : tokens_) {
        encoded_.ids.push_back(token.id);
        if (!encoded_.wants_offsets) continue;
        encoded_.spans.push_back(pieces.text.origin_of({piece.begin + token.begin, piece.begin + token.end}));
        encoded_.edges.push_back(edge_spaces(pipeline_.model->token(token.id)));
      }
    }
  }

  void put(TokenId id, ByteSpan origin, std::string_view matched) {
    encoded_.ids.push_back(id);
    if (!encoded_.wants_offsets) return;
    encoded_.spans.push_back(origin);
    encoded_.edges.push_back(edge_spaces(matched));
  }

  const Pipeline& pipeline_;
  SourceText source_;
  PlainSpans plain_;
  EncodedText encoded_;
  std::unique_ptr<PieceEncoder> encoder_;
  std::vector<PieceToken> tokens_;
};

}  // namespace pipeline_detail

EIGENFORMER_INLINE std::size_t Pipeline::vocabulary_size() const {
  return std::max(model->vocabulary_size(), added.end_id());
}

EIGENFORMER_INLINE std::optional<std::string_view> Pipeline::token(TokenId id) const {
  if (const AddedToken* token = added.token(id)) return token->content;
  if (id < 0 || static_cast<std::size_t>(id) >= model->vocabulary_size()) return std::nullopt;
  return model->token(id);
}

EIGENFORMER_INLINE std::optional<TokenId> Pipeline::find(std::string_view token) const {
  const std::optional<TokenId> id = added.find(token);
  return id ? id : model->find(token);
}

EIGENFORMER_INLINE std::optional<std::string_view> Pipeline::decoded_form(TokenId id) const {
  return added.token(id) != nullptr ? added.decoded_form(id) : token(id);
}

EIGENFORMER_INLINE Encoding run_pipeline(const Pipeline& pipeline, std::string_view text, const EncodeOptions& options,
                                         Offsets offsets) {
  if (text.size() > pipeline_detail::k_longest_text) {
    throw UsageError({.id = "usage.text_too_long",
                      .expected = "a text of at most " + std::to_string(pipeline_detail::k_longest_text) + " bytes",
                      .found = std::to_string(text.size()),
                      .where = "Tokenizer::encode",
                      .remedy = "encode it in parts"});
  }
  pipeline_detail::Run run(pipeline, text, options, offsets);
  EncodedText encoded = run.encode();
  for (const auto& processor : pipeline.post_processors) processor->process(encoded, options);
  Encoding result;
  result.ids = std::move(encoded.before);
  if (offsets == Offsets::bytes) {
    result.offsets.assign(result.ids.size(), ByteSpan{});
    for (const ByteSpan& span : encoded.spans) result.offsets.push_back(run.source().to_given(span));
    result.offsets.resize(result.offsets.size() + encoded.after.size());
  }
  result.ids.insert(result.ids.end(), encoded.ids.begin(), encoded.ids.end());
  result.ids.insert(result.ids.end(), encoded.after.begin(), encoded.after.end());
  return result;
}

EIGENFORMER_INLINE void append_decoded(const Pipeline& pipeline, TokenId id, const DecodeOptions& options,
                                       std::string& bytes) {
  const std::optional<std::string_view> form = pipeline.decoded_form(id);
  if (!form || (options.skip_special_tokens && pipeline.added.is_special(*form))) return;
  pipeline.decoder->append(*form, bytes);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
