#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/tokenize/decoders/byte_fallback.hpp"
#include "eigenformer/tokenize/decoders/fuse.hpp"
#include "eigenformer/tokenize/decoders/metaspace.hpp"
#include "eigenformer/tokenize/decoders/replace.hpp"
#include "eigenformer/tokenize/decoders/sequence.hpp"
#include "eigenformer/tokenize/decoders/strip.hpp"
#include "eigenformer/tokenize/gguf_tokens.hpp"
#include "eigenformer/tokenize/load_gguf_pieces.hpp"
#include "eigenformer/tokenize/models/sentencepiece_bpe.hpp"
#include "eigenformer/tokenize/models/unigram.hpp"
#include "eigenformer/tokenize/normalizers/sentencepiece_normalizer.hpp"
#include "eigenformer/tokenize/patterns/literal_pattern.hpp"
#include "eigenformer/tokenize/post_processors/template_processing.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace load_gguf_pieces_detail {

inline PieceList pieces_of(const GgufVocabulary& vocabulary) {
  PieceList pieces(vocabulary.watch);
  pieces.reserve(vocabulary.tokens.size());
  std::string spaces;
  for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id) {
    std::string_view text = vocabulary.tokens[id];
    const PieceType type = gguf_token_type(vocabulary, id);
    if (type == PieceType::user_defined && is_gguf_space_run(text)) {
      spaces.clear();
      for (std::size_t k = 0; k < text.size(); ++k) spaces += k_gguf_space;
      text = spaces;
    }
    pieces.add(text, static_cast<double>(vocabulary.scores[id]), type);
  }
  return pieces;
}

inline bool has_bytes(const GgufVocabulary& vocabulary) {
  return std::count(vocabulary.token_types.begin(), vocabulary.token_types.end(),
                    static_cast<std::int32_t>(PieceType::byte)) == 256;
}

inline std::unique_ptr<const Decoder> decoder(bool drops_prefix) {
  std::vector<std::unique_ptr<const Decoder>> steps;
  steps.push_back(std::make_unique<ReplaceDecoder>(std::make_unique<LiteralPattern>(std::string(k_gguf_space)), " "));
  steps.push_back(std::make_unique<ByteFallbackDecoder>());
  steps.push_back(std::make_unique<FuseDecoder>());
  if (drops_prefix) {
    steps.push_back(std::make_unique<StripDecoder>(StripDecoder::Options{.content = " ", .start = 1}));
  }
  return std::make_unique<DecoderSequence>(std::move(steps));
}

/// What a file says nothing of is as llama.cpp has it:
/// https://github.com/ggml-org/llama.cpp/blob/b4600/src/llama-vocab.cpp (llama_vocab::impl::load)
inline std::unique_ptr<const PostProcessor> ends_of(const GgufVocabulary& vocabulary) {
  const bool unigram = vocabulary.model == "t5";
  std::vector<TokenId> before, after;
  if (vocabulary.add_bos.value_or(!unigram) && vocabulary.bos) before.push_back(*vocabulary.bos);
  if (vocabulary.add_eos.value_or(unigram) && vocabulary.eos) after.push_back(*vocabulary.eos);
  return std::make_unique<TemplateProcessing>(around_each_text(before, after));
}

}  // namespace load_gguf_pieces_detail

EIGENFORMER_INLINE void read_gguf_pieces(const GgufVocabulary& vocabulary, Pipeline& pipeline) {
  using namespace load_gguf_pieces_detail;
  check_gguf_scores(vocabulary);
  const bool unigram = vocabulary.model == "t5";
  const std::string where = vocabulary.where + ", tokenizer.ggml.tokens";
  const TokenId unknown = gguf_unknown(vocabulary);
  SentencepieceNormalization normalization{.add_dummy_prefix = vocabulary.add_space_prefix.value_or(true),
                                           .remove_extra_whitespaces = false};
  Charsmap map;
  if (unigram) {
    normalization.remove_extra_whitespaces = vocabulary.remove_extra_whitespaces.value_or(true);
    normalization.mark_place = MarkPlace::following;
    pipeline.word_mark = k_gguf_space;
    if (!vocabulary.precompiled_charsmap.empty()) {
      map = Charsmap(vocabulary.precompiled_charsmap, vocabulary.where + ", tokenizer.ggml.precompiled_charsmap");
    }
    pipeline.model = std::make_unique<Unigram>(
        pieces_of(vocabulary),
        UnigramOptions{
            .unknown = unknown, .byte_fallback = has_bytes(vocabulary), .arithmetic = UnigramArithmetic::sentencepiece},
        where);
    pipeline.decoder = std::make_unique<MetaspaceDecoder>(Metaspace::Options{});
  } else {
    pipeline.model = std::make_unique<SentencepieceBpe>(
        pieces_of(vocabulary), SentencepieceBpeOptions{.unknown = unknown, .byte_fallback = has_bytes(vocabulary)},
        where);
    pipeline.decoder = decoder(normalization.add_dummy_prefix);
  }
  pipeline.normalizer = std::make_unique<SentencepieceNormalizer>(std::move(map), PieceTrie(), normalization);
  add_gguf_tokens(vocabulary, {.spaces_in_model = true}, pipeline);
  pipeline.post_processor = ends_of(vocabulary);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
