#pragma once

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "eigenformer/tokenize/decoders/byte_fallback.hpp"
#include "eigenformer/tokenize/decoders/byte_level.hpp"
#include "eigenformer/tokenize/decoders/fuse.hpp"
#include "eigenformer/tokenize/decoders/metaspace.hpp"
#include "eigenformer/tokenize/decoders/read_decoder.hpp"
#include "eigenformer/tokenize/decoders/replace.hpp"
#include "eigenformer/tokenize/decoders/sequence.hpp"
#include "eigenformer/tokenize/decoders/spaced.hpp"
#include "eigenformer/tokenize/decoders/strip.hpp"
#include "eigenformer/tokenize/files/component_table.hpp"
#include "eigenformer/tokenize/files/metaspace_reader.hpp"
#include "eigenformer/tokenize/files/pattern_reader.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace read_decoder_detail {

using Found = std::unique_ptr<const Decoder>;

inline Found sequence(ComponentReader& object) {
  const nlohmann::json& list = object.array("decoders");
  std::vector<Found> steps;
  for (std::size_t k = 0; k < list.size(); ++k) {
    const std::string where = item_of(object.where(), "decoders", k);
    ComponentReader check(list[k], where);  // null is no step
    steps.push_back(read_decoder(list[k], where));
  }
  return std::make_unique<DecoderSequence>(std::move(steps));
}

inline Found byte_level(ComponentReader& object) {
  for (const char* key : {"add_prefix_space", "trim_offsets", "use_regex"}) object.ignore(key);
  return std::make_unique<ByteLevelDecoder>();
}

inline Found fuse(ComponentReader&) { return std::make_unique<FuseDecoder>(); }

inline Found byte_fallback(ComponentReader&) { return std::make_unique<ByteFallbackDecoder>(); }

inline Found metaspace(ComponentReader& object) { return std::make_unique<MetaspaceDecoder>(read_metaspace(object)); }

inline Found replace(ComponentReader& object) {
  std::unique_ptr<const Pattern> sought = pattern_of(read_pattern_text(object), object.where());
  return std::make_unique<ReplaceDecoder>(std::move(sought), object.text("content"));
}

inline Found strip(ComponentReader& object) {
  StripDecoder::Options options{.content = object.text("content")};
  if (options.content.empty() || character_at(options.content, 0).bytes != options.content.size()) {
    object.refuse("content", "one character");
  }
  const std::int64_t start = object.integer("start"), stop = object.integer("stop");
  if (start < 0) object.refuse("start", "a count");
  if (stop < 0) object.refuse("stop", "a count");
  options.start = static_cast<std::size_t>(start);
  options.stop = static_cast<std::size_t>(stop);
  return std::make_unique<StripDecoder>(std::move(options));
}

/// To add a decoder: its class in a file of this folder, a reader of its keys, and a line here.
inline constexpr ComponentType<Decoder> k_types[] = {
    {"ByteFallback", byte_fallback},
    {"ByteLevel", byte_level},
    {"Fuse", fuse},
    {"Metaspace", metaspace},
    {"Replace", replace},
    {"Sequence", sequence},
    {"Strip", strip},
};

}  // namespace read_decoder_detail

EIGENFORMER_INLINE std::unique_ptr<const Decoder> read_decoder(const nlohmann::json& value, const std::string& where) {
  if (value.is_null()) return std::make_unique<SpacedDecoder>();
  ComponentReader object(value, where);
  return read_component(read_decoder_detail::k_types, object, "a decoder");
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
