#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/text_run.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace text_run_detail {

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

inline std::string_view checked(std::string_view text) {
  if (text.size() <= k_longest_text) return text;
  throw UsageError({.id = "usage.text_too_long",
                    .expected = "a text of at most " + std::to_string(k_longest_text) + " bytes",
                    .found = std::to_string(text.size()),
                    .where = "Tokenizer::encode",
                    .remedy = "encode it in parts"});
}

/// How many of the marks that stand in a piece behind its first byte begin at a byte or before it: asked from left to
/// right.
class MarkCounter {
 public:
  MarkCounter(std::string_view piece, std::string_view mark) : piece_(piece), mark_(mark), next_(after(0)) {}
  std::int32_t until(std::size_t byte) {
    for (; next_ <= byte; next_ = after(next_)) ++count_;
    return count_;
  }

 private:
  std::size_t after(std::size_t byte) const {
    return mark_.empty() ? std::string_view::npos : piece_.find(mark_, byte + 1);
  }

  std::string_view piece_, mark_;
  std::size_t next_;  ///< where the next one begins
  std::int32_t count_ = 0;
};

inline std::string_view part(std::string_view text, ByteSpan span) { return text.substr(span.begin, span.size()); }

}  // namespace text_run_detail

EIGENFORMER_INLINE TextRun::TextRun(const Pipeline& pipeline, std::string_view text,
                                    const std::vector<ByteSpan>& plain_spans, Details details)
    : pipeline_(pipeline),
      source_(text_run_detail::checked(text)),
      plain_(plain_spans, text.size(), source_),
      details_(details),
      trims_(details == Details::all && pipeline.post_processor && pipeline.post_processor->trims()),
      places_(details == Details::all || !plain_.empty() ? Places::every : Places::first) {}

EIGENFORMER_INLINE void TextRun::encode() {
  std::vector<Section> sections;
  AddedTokens::SplitOptions options{.match_special = pipeline_.match_special, .blocked = {}};
  if (!plain_.empty()) options.blocked = [this](ByteSpan span) { return plain_.overlap(span); };
  pipeline_.added.split(source_.text(), options, sections);
  for (const Section& section : sections) {
    if (section.id) {
      put(*section.id, section.span, text_run_detail::part(source_.text(), section.span));
    } else {
      encode_section(section.span);
    }
  }
}

/// What lies between added tokens: normalized, searched for the tokens of normalized text, and encoded.
EIGENFORMER_INLINE void TextRun::encode_section(ByteSpan span) {
  AlignedText text(text_run_detail::part(source_.text(), span), span.begin, places_);
  if (pipeline_.normalizer) pipeline_.normalizer->normalize(text);
  std::vector<Section> sections;
  AddedTokens::SplitOptions options{
      .stage = AddedTokens::Stage::normalized, .match_special = pipeline_.match_special, .blocked = {}};
  if (!plain_.empty()) {
    options.blocked = [&](ByteSpan match) { return plain_.overlap(text.origin_of(match)); };
  }
  pipeline_.added.split(text.text(), options, sections);
  if (sections.size() == 1 && !sections[0].id) return encode_pieces(std::move(text));
  for (const Section& section : sections) {
    if (section.id) {
      const ByteSpan origin = places_ == Places::every ? text.origin_of(section.span) : ByteSpan{};
      put(*section.id, origin, text_run_detail::part(text.text(), section.span));
    } else {
      encode_pieces(text.slice(section.span));
    }
  }
}

EIGENFORMER_INLINE PieceEncoder& TextRun::encoder_for(PreTokenizedText& text) {
  if (text.byte_level) {
    if (!byte_encoder_) {
      byte_encoder_.emplace(pipeline_.byte_encoders.take([this] { return pipeline_.model->byte_encoder(); }));
    }
    if (*byte_encoder_) return **byte_encoder_;
    text.spell_bytes();
  }
  if (!encoder_) encoder_.emplace(pipeline_.encoders.take([this] { return pipeline_.model->encoder(); }));
  return **encoder_;
}

/// A special token that was not searched for in a plain span may still be a piece of the model's vocabulary, as "</s>"
/// is in those of Unigram models. There it is encoded character by character.
EIGENFORMER_INLINE void TextRun::spell_special_tokens(const PreTokenizedText& pieces, const Piece& piece,
                                                      PieceEncoder& encoder) {
  const std::string_view text = pieces.piece(piece);
  const auto is_spelled = [&](const PieceToken& token) {
    const std::string_view written = text.substr(token.begin, token.end - token.begin);
    if (!pipeline_.added.is_special(written) || pipeline_.model->token(token.id) != written) return false;
    return plain_.overlap(pieces.text.origin_of({piece.begin + token.begin, piece.begin + token.end}));
  };
  if (std::ranges::none_of(piece_tokens_, is_spelled)) return;
  std::vector<PieceToken> spelled, of_character;
  for (const PieceToken& token : piece_tokens_) {
    if (!is_spelled(token)) {
      spelled.push_back(token);
      continue;
    }
    for (std::uint32_t at = token.begin; at < token.end;) {
      const std::uint32_t bytes = pieces.byte_level ? 1 : character_at(text, at).bytes;
      of_character.clear();
      encoder.encode(text.substr(at, bytes), of_character);
      for (const PieceToken& part : of_character) spelled.push_back({part.id, at + part.begin, at + part.end});
      at += bytes;
    }
  }
  piece_tokens_ = std::move(spelled);
}

EIGENFORMER_INLINE void TextRun::encode_pieces(AlignedText text) {
  PreTokenizedText pieces(std::move(text));
  if (pipeline_.pre_tokenizer) pipeline_.pre_tokenizer->split(pieces);
  PieceEncoder& encoder = encoder_for(pieces);
  for (const Piece& piece : pieces.pieces) {
    piece_tokens_.clear();
    encoder.encode(pieces.piece(piece), piece_tokens_);
    if (!plain_.empty()) spell_special_tokens(pieces, piece, encoder);
    for (const PieceToken& token : piece_tokens_) tokens_.ids.push_back(token.id);
    if (details_ == Details::ids) continue;
    text_run_detail::MarkCounter marks(pieces.piece(piece), pipeline_.word_mark);
    std::int32_t inner = 0;  // words that begin inside the piece
    for (const PieceToken& token : piece_tokens_) {
      inner = marks.until(token.begin);
      tokens_.spans.push_back(pieces.text.origin_of({piece.begin + token.begin, piece.begin + token.end}));
      tokens_.words.push_back(word_ + inner);
      if (trims_) tokens_.edges.push_back(text_run_detail::edge_spaces(pipeline_.model->token(token.id)));
    }
    word_ += inner + 1;
  }
}

EIGENFORMER_INLINE void TextRun::put(TokenId id, ByteSpan origin, std::string_view matched) {
  tokens_.ids.push_back(id);
  if (details_ == Details::ids) return;
  tokens_.spans.push_back(origin);
  tokens_.words.push_back(word_++);
  if (trims_) tokens_.edges.push_back(text_run_detail::edge_spaces(matched));
}

EIGENFORMER_INLINE std::vector<ByteSpan> TextRun::offsets(ByteSpan tokens) const {
  const auto begin = static_cast<std::ptrdiff_t>(tokens.begin), end = static_cast<std::ptrdiff_t>(tokens.end);
  std::vector<ByteSpan> spans(tokens_.spans.begin() + begin, tokens_.spans.begin() + end);
  if (trims_) {
    pipeline_.post_processor->trim(
        {source_.text(), spans, std::span(tokens_.edges).subspan(tokens.begin, tokens.size())});
  }
  for (ByteSpan& span : spans) span = source_.to_given(span);
  return spans;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
