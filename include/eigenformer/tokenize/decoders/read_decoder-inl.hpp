#pragma once

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "eigenformer/tokenize/decoders/byte_level.hpp"
#include "eigenformer/tokenize/decoders/fuse.hpp"
#include "eigenformer/tokenize/decoders/read_decoder.hpp"
#include "eigenformer/tokenize/decoders/sequence.hpp"
#include "eigenformer/tokenize/decoders/spaced.hpp"
#include "eigenformer/tokenize/files/component_table.hpp"

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

/// To add a decoder: its class in a file of this folder, a reader of its keys, and a line here.
inline constexpr ComponentType<Decoder> k_types[] = {
    {"ByteLevel", byte_level},
    {"Fuse", fuse},
    {"Sequence", sequence},
};

}  // namespace read_decoder_detail

EIGENFORMER_INLINE std::unique_ptr<const Decoder> read_decoder(const nlohmann::json& value, const std::string& where) {
  if (value.is_null()) return std::make_unique<SpacedDecoder>();
  ComponentReader object(value, where);
  return read_component(read_decoder_detail::k_types, object, "a decoder");
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
