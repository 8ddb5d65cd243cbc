// One text through the stages of a tokenizer, up to the post-processor.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/pipeline.hpp"
#include "eigenformer/tokenize/plain_spans.hpp"
#include "eigenformer/tokenize/source_text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// What is wanted of each token: its id alone, or everything that Encoding holds.
enum class Details : std::uint8_t { ids, all };

/// What the model made of a text. The lists beside `ids` are filled only if details are wanted.
struct EncodedText {
  std::vector<TokenId> ids;
  std::vector<ByteSpan> spans;      ///< of each id in the well-formed text
  std::vector<EdgeSpaces> edges;    ///< only where the post-processor trims
  std::vector<std::int32_t> words;  ///< the word that each id comes from
};

class TextRun {
 public:
  /// UsageError "usage.plain_span" or "usage.text_too_long".
  TextRun(const Pipeline& pipeline, std::string_view text, const std::vector<ByteSpan>& plain_spans, Details details);
  /// Runs the stages. Throws as Tokenizer::encode does.
  void encode();

  const EncodedText& tokens() const { return tokens_; }
  /// The offsets of some of the tokens in the bytes that were given, trimmed as the post-processor does.
  std::vector<ByteSpan> offsets(ByteSpan tokens) const;

 private:
  void encode_section(ByteSpan span);
  void encode_pieces(AlignedText text);
  PieceEncoder& encoder_for(PreTokenizedText& text);
  void spell_special_tokens(const PreTokenizedText& pieces, const Piece& piece, PieceEncoder& encoder);
  void put(TokenId id, ByteSpan origin, std::string_view matched);

  const Pipeline& pipeline_;
  SourceText source_;
  PlainSpans plain_;
  Details details_;
  bool trims_;
  Places places_;
  EncodedText tokens_;
  std::optional<EncoderPool::Lease> encoder_, byte_encoder_;
  std::vector<PieceToken> piece_tokens_;
  std::int32_t word_ = 0;  ///< of the next piece
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/text_run-inl.hpp"
#endif
