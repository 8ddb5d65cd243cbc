#pragma once

#include <utility>
#include <vector>

#include "eigenformer/tokenize/files/component_table.hpp"
#include "eigenformer/tokenize/post_processors/byte_level_offsets.hpp"
#include "eigenformer/tokenize/post_processors/read_post_processor.hpp"
#include "eigenformer/tokenize/post_processors/sequence.hpp"
#include "eigenformer/tokenize/post_processors/template_reader.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace read_post_processor_detail {

using Found = std::unique_ptr<const PostProcessor>;
using Steps = std::vector<Found>;

inline Found sequence(ComponentReader& object, std::size_t vocabulary_size) {
  Steps steps;
  object.each_object("processors", [&](const format::Json& item, const std::string& where) {
    steps.push_back(read_post_processor(item, vocabulary_size, where));
  });
  auto all = std::make_unique<PostProcessorSequence>(std::move(steps));
  if (all->arranges() > 1) object.refuse("processors", "one post-processor that adds tokens");
  return all;
}

/// Where offsets are not trimmed there is nothing to do.
inline Steps offsets(ComponentReader& object) {
  Steps steps;
  const bool add_prefix_space = object.flag("add_prefix_space");
  if (object.flag("trim_offsets")) {
    steps.push_back(std::make_unique<ByteLevelOffsets>(ByteLevelOffsets::Options{add_prefix_space}));
  }
  return steps;
}

inline Found byte_level(ComponentReader& object, std::size_t) {
  object.ignore("use_regex");
  return std::make_unique<PostProcessorSequence>(offsets(object));
}

/// Command R's file still has the keys of the ByteLevel that stood here before; tokenizers passes over them.
inline Found templates(ComponentReader& object, std::size_t vocabulary_size) {
  for (const char* key : {"add_prefix_space", "trim_offsets", "use_regex"}) object.ignore(key);
  return std::make_unique<TemplateProcessing>(read_templates(object, vocabulary_size));
}

/// A token as ["text", id].
inline std::vector<TokenId> token(ComponentReader& object, const char* key, std::size_t vocabulary_size) {
  const std::span<const format::Json> pair = object.array(key).elements();
  const bool sound = pair.size() == 2 && pair[0].is_text() && is_id_below(vocabulary_size, pair[1]);
  if (!sound) object.refuse(key, "a token and its id below " + std::to_string(vocabulary_size));
  return {static_cast<TokenId>(pair[1].integer())};
}

inline Found bert(ComponentReader& object, std::size_t vocabulary_size) {
  return std::make_unique<TemplateProcessing>(
      bert_templates({token(object, "cls", vocabulary_size), token(object, "sep", vocabulary_size)}));
}

inline Found roberta(ComponentReader& object, std::size_t vocabulary_size) {
  Steps steps = offsets(object);
  steps.push_back(std::make_unique<TemplateProcessing>(
      roberta_templates({token(object, "cls", vocabulary_size), token(object, "sep", vocabulary_size)})));
  return std::make_unique<PostProcessorSequence>(std::move(steps));
}

/// To add a post-processor: its class in a file of this folder, a reader of its keys, and a line here.
inline constexpr ComponentType<PostProcessor, std::size_t> k_types[] = {
    {"ByteLevel", byte_level}, {"TemplateProcessing", templates},
    {"BertProcessing", bert},  {"RobertaProcessing", roberta},
    {"Sequence", sequence},
};

}  // namespace read_post_processor_detail

EIGENFORMER_INLINE std::unique_ptr<const PostProcessor> read_post_processor(const format::Json& value,
                                                                            std::size_t vocabulary_size,
                                                                            const std::string& where) {
  if (value.is_null()) return nullptr;
  ComponentReader object(value, where);
  return read_component(read_post_processor_detail::k_types, object, "a post-processor", vocabulary_size);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
