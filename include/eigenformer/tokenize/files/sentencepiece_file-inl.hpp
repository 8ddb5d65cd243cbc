#pragma once

#include <algorithm>
#include <bitset>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/files/protobuf.hpp"
#include "eigenformer/tokenize/files/sentencepiece_file.hpp"
#include "eigenformer/tokenize/models/byte_tokens.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace sentencepiece_file_detail {

inline constexpr std::size_t k_longest_piece = std::size_t{64} << 10U;

/// One file after the numbers of its fields.
class Reader {
 public:
  Reader(std::string_view bytes, const std::string& where, format::LoadWatch watch) : bytes_(bytes), where_(where) {
    file_.pieces = PieceList(watch);
  }

  SentencepieceFile read() {
    bool has_trainer = false, has_normalizer = false;
    for (ProtobufMessage model(bytes_, where_); model.next();) {
      if (model.field() == 1) read_piece(model.message());
      if (model.field() == 2) read_trainer(model.message());
      if (model.field() == 3) read_normalizer(model.message());
      if (model.field() == 5) read_denormalizer(model.message());
      has_trainer = has_trainer || model.field() == 2;
      has_normalizer = has_normalizer || model.field() == 3;
    }
    if (!has_trainer) refuse("a trainer_spec", "none");
    if (!has_normalizer) refuse("a normalizer_spec", "none");
    if (!charsmap_.empty()) file_.charsmap = Charsmap(charsmap_, where_ + ", precompiled_charsmap");
    check();
    return std::move(file_);
  }

 private:
  [[noreturn]] void refuse(const std::string& expected, const std::string& found) const {
    throw TokenizerError({.id = "tokenizer.sentencepiece_model",
                          .expected = expected,
                          .found = found,
                          .where = where_,
                          .remedy = "use a model that was trained as \"unigram\" or \"bpe\", or its tokenizer.json"});
  }
  [[noreturn]] void refuse_piece(std::size_t piece, const std::string& expected, const std::string& found) const {
    throw TokenizerError({.id = "tokenizer.sentencepiece_piece",
                          .expected = expected,
                          .found = found,
                          .where = where_ + ", piece " + std::to_string(piece),
                          .remedy = "download the file again"});
  }

  void read_piece(ProtobufMessage piece) {
    std::string_view text;
    double score = 0;
    std::uint64_t type = static_cast<std::uint64_t>(PieceType::normal);
    while (piece.next()) {
      if (piece.field() == 1) text = piece.bytes();
      if (piece.field() == 2) score = static_cast<double>(piece.number());
      if (piece.field() == 3) type = piece.integer();
    }
    const std::size_t number = file_.pieces.size();
    if (type < 1 || type > 6) refuse_piece(number, "a type from 1 to 6", std::to_string(type));
    if (text.empty()) refuse_piece(number, "a text", "none");
    if (text.find('\0') != std::string_view::npos) {
      refuse_piece(number, "a text without zero bytes", format::in_quotes(text));
    }
    if (number == k_most_pieces) refuse_piece(number, "at most " + std::to_string(k_most_pieces) + " pieces", "more");
    file_.pieces.add(text, score, static_cast<PieceType>(type));
  }

  void read_trainer(ProtobufMessage trainer) {
    while (trainer.next()) {
      switch (trainer.field()) {
        case 3: read_model_type(trainer.integer()); break;
        case 24: file_.normalization.treat_whitespace_as_suffix = trainer.flag(); break;
        case 35: file_.byte_fallback = trainer.flag(); break;
        case 44: file_.unknown_surface = std::string(trainer.bytes()); break;
        case 46: file_.bos_piece = std::string(trainer.bytes()); break;
        case 47: file_.eos_piece = std::string(trainer.bytes()); break;
        case 48: file_.pad_piece = std::string(trainer.bytes()); break;
        default: break;  // how it was trained
      }
    }
  }
  void read_model_type(std::uint64_t type) {
    if (type == 3) refuse("a model_type unigram or bpe", "\"word\"");
    if (type == 4) refuse("a model_type unigram or bpe", "\"char\"");
    if (type != 1 && type != 2) refuse("a model_type unigram or bpe", std::to_string(type));
    file_.model_type = static_cast<SentencepieceFile::ModelType>(type);
  }

  void read_normalizer(ProtobufMessage normalizer) {
    while (normalizer.next()) {
      switch (normalizer.field()) {
        case 2: charsmap_ = normalizer.bytes(); break;
        case 3: file_.normalization.add_dummy_prefix = normalizer.flag(); break;
        case 4: file_.normalization.remove_extra_whitespaces = normalizer.flag(); break;
        case 5: file_.normalization.escape_whitespaces = normalizer.flag(); break;
        default: break;  // its name, and the rules that the table was made from
      }
    }
  }
  void read_denormalizer(ProtobufMessage denormalizer) {
    while (denormalizer.next()) {
      if (denormalizer.field() == 2 && !denormalizer.bytes().empty()) {
        refuse("no denormalizer_spec with replacements", "one");
      }
    }
  }

  void check() {
    check_pieces(file_.pieces, k_longest_piece, where_);
    check_texts_differ();
    std::optional<TokenId> unknown;
    std::bitset<256> bytes;
    for (std::size_t k = 0; k < file_.pieces.size(); ++k) {
      const auto id = static_cast<TokenId>(k);
      const std::string_view text = file_.pieces.text(id);
      if (file_.pieces.type(id) == PieceType::unknown) {
        if (unknown) refuse_piece(k, "one piece of type unknown", "another beside " + std::to_string(*unknown));
        unknown = id;
      }
      if (file_.pieces.type(id) == PieceType::byte) bytes.set(byte_of(text, k));
    }
    if (!unknown) refuse("a piece of type unknown", "none");
    file_.unknown = *unknown;
    if (file_.byte_fallback && !bytes.all()) {
      refuse("256 pieces of type byte for its byte_fallback", std::to_string(bytes.count()));
    }
  }
  std::size_t byte_of(std::string_view text, std::size_t piece) const {
    if (!file_.byte_fallback)
      refuse_piece(piece, "no piece of type byte without byte_fallback", format::in_quotes(text));
    const auto byte = byte_of_token(text);
    if (!byte || byte_token(*byte) != text) {
      refuse_piece(piece, "a byte as \"<0x0A>\"", format::in_quotes(text));
    }
    return *byte;
  }
  /// By sorting: hashes of texts from a file could be made to collide.
  void check_texts_differ() const {
    std::vector<TokenId> ids(file_.pieces.size());
    std::iota(ids.begin(), ids.end(), 0);
    const auto text = [this](TokenId id) { return file_.pieces.text(id); };
    std::sort(ids.begin(), ids.end(),
              [&](TokenId a, TokenId b) { return std::pair(text(a), a) < std::pair(text(b), b); });
    const auto twice =
        std::adjacent_find(ids.begin(), ids.end(), [&](TokenId a, TokenId b) { return text(a) == text(b); });
    if (twice == ids.end()) return;
    throw TokenizerError({.id = "tokenizer.duplicate_token",
                          .expected = "each token once",
                          .found = format::in_quotes(text(*twice)) + " for the ids " + std::to_string(*twice) +
                                   " and " + std::to_string(*(twice + 1)),
                          .where = where_,
                          .remedy = "download the file again, or rebuild the vocabulary"});
  }

  static constexpr std::size_t k_most_pieces = std::size_t{1} << 24U;
  std::string_view bytes_;
  const std::string& where_;
  std::string_view charsmap_;
  SentencepieceFile file_;
};

}  // namespace sentencepiece_file_detail

EIGENFORMER_INLINE SentencepieceFile read_sentencepiece_file(std::string_view bytes, const std::string& where,
                                                             format::LoadWatch watch) {
  return sentencepiece_file_detail::Reader(bytes, where, watch).read();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
