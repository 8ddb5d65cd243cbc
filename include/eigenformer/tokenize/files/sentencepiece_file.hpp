// A model of the sentencepiece library as its file has it ("spiece.model", "source.spm"): read and checked in full, so
// that what is built from it need not ask again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/load_progress.hpp"
#include "eigenformer/tokenize/models/piece_list.hpp"
#include "eigenformer/tokenize/normalizers/charsmap.hpp"
#include "eigenformer/tokenize/normalizers/sentencepiece_normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The members follow https://github.com/google/sentencepiece/blob/v0.2.0/src/sentencepiece_model.proto
struct SentencepieceFile {
  enum class ModelType : std::uint8_t { unigram = 1, bpe = 2 };

  PieceList pieces;     ///< each text once, none empty, none with a zero byte
  TokenId unknown = 0;  ///< the one piece of type unknown
  ModelType model_type = ModelType::unigram;
  bool byte_fallback = false;  ///< then there are 256 pieces of type byte
  std::string bos_piece = "<s>", eos_piece = "</s>", pad_piece = "<pad>";
  std::string unknown_surface = " \xE2\x81\x87 ";
  SentencepieceNormalization normalization;
  Charsmap charsmap;
};

/// TokenizerError "tokenizer.protobuf_syntax", "tokenizer.sentencepiece_model" (a part that is missing, or that this
/// library does not know), "tokenizer.sentencepiece_piece", "tokenizer.duplicate_token", "tokenizer.charsmap", and
/// those of `check_pieces`.
SentencepieceFile read_sentencepiece_file(std::string_view bytes, const std::string& where,
                                          format::LoadWatch watch = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/files/sentencepiece_file-inl.hpp"
#endif
