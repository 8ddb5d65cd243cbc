#pragma once

#include <utility>
#include <vector>

#include "eigenformer/tokenize/decoders/bpe.hpp"
#include "eigenformer/tokenize/decoders/byte_fallback.hpp"
#include "eigenformer/tokenize/decoders/byte_level.hpp"
#include "eigenformer/tokenize/decoders/ctc.hpp"
#include "eigenformer/tokenize/decoders/fuse.hpp"
#include "eigenformer/tokenize/decoders/metaspace.hpp"
#include "eigenformer/tokenize/decoders/read_decoder.hpp"
#include "eigenformer/tokenize/decoders/replace.hpp"
#include "eigenformer/tokenize/decoders/sequence.hpp"
#include "eigenformer/tokenize/decoders/spaced.hpp"
#include "eigenformer/tokenize/decoders/strip.hpp"
#include "eigenformer/tokenize/decoders/word_piece.hpp"
#include "eigenformer/tokenize/files/component_table.hpp"
#include "eigenformer/tokenize/files/metaspace_reader.hpp"
#include "eigenformer/tokenize/files/pattern_reader.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace read_decoder_detail {

using Found = std::unique_ptr<const Decoder>;

inline Found sequence(ComponentReader& object) {
  std::vector<Found> steps;
  object.each_object("decoders", [&](const format::Json& item, const std::string& where) {
    steps.push_back(read_decoder(item, where));
  });
  return std::make_unique<DecoderSequence>(std::move(steps));
}

inline Found byte_level(ComponentReader& object) {
  for (const char* key : {"add_prefix_space", "trim_offsets", "use_regex"}) object.ignore(key);
  return std::make_unique<ByteLevelDecoder>();
}

inline Found fuse(ComponentReader&) { return std::make_unique<FuseDecoder>(); }

inline Found byte_fallback(ComponentReader&) { return std::make_unique<ByteFallbackDecoder>(); }

inline Found metaspace(ComponentReader& object) { return std::make_unique<MetaspaceDecoder>(read_metaspace(object)); }

inline Found word_piece(ComponentReader& object) {
  return std::make_unique<WordPieceDecoder>(
      WordPieceDecoder::Options{.prefix = object.text("prefix"), .cleanup = object.flag("cleanup")});
}

inline Found replace(ComponentReader& object) {
  Replacement replacement = read_replacement(object);
  return std::make_unique<ReplaceDecoder>(std::move(replacement.sought), std::move(replacement.content));
}

inline std::size_t count(ComponentReader& object, const char* key) {
  const std::int64_t value = object.integer(key);
  constexpr std::int64_t k_most = 0xFFFF;
  if (value < 0 || value > k_most) object.refuse(key, "a count from 0 to " + std::to_string(k_most));
  return static_cast<std::size_t>(value);
}

inline Found strip(ComponentReader& object) {
  return std::make_unique<StripDecoder>(StripDecoder::Options{
      .content = object.character("content"), .start = count(object, "start"), .stop = count(object, "stop")});
}

inline Found bpe(ComponentReader& object) {
  std::string suffix = object.text("suffix");
  if (suffix.empty()) object.refuse("suffix", "a suffix that is not empty");
  return std::make_unique<BpeDecoder>(std::move(suffix));
}

inline Found ctc(ComponentReader& object) {
  return std::make_unique<CtcDecoder>(CtcDecoder::Options{.pad_token = object.text("pad_token"),
                                                          .word_delimiter_token = object.text("word_delimiter_token"),
                                                          .cleanup = object.flag("cleanup")});
}

/// To add a decoder: its class in a file of this folder, a reader of its keys, and a line here.
inline constexpr ComponentType<Decoder> k_types[] = {
    {"ByteLevel", byte_level},
    {"ByteFallback", byte_fallback},
    {"Metaspace", metaspace},
    {"WordPiece", word_piece},
    {"Replace", replace},
    {"Fuse", fuse},
    {"Strip", strip},
    {"BPEDecoder", bpe},
    {"CTC", ctc},
    {"Sequence", sequence},
};

}  // namespace read_decoder_detail

EIGENFORMER_INLINE std::unique_ptr<const Decoder> read_decoder(const format::Json& value, const std::string& where) {
  if (value.is_null()) return std::make_unique<SpacedDecoder>();
  ComponentReader object(value, where);
  return read_component(read_decoder_detail::k_types, object, "a decoder");
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
