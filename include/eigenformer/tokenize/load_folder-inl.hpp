#pragma once

#include <memory>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/decoders/read_decoder.hpp"
#include "eigenformer/tokenize/files/component_reader.hpp"
#include "eigenformer/tokenize/files/special_tokens.hpp"
#include "eigenformer/tokenize/files/vocabulary_file.hpp"
#include "eigenformer/tokenize/load.hpp"
#include "eigenformer/tokenize/load_sentencepiece.hpp"
#include "eigenformer/tokenize/load_vocabulary_files.hpp"
#include "eigenformer/tokenize/models/read_model.hpp"
#include "eigenformer/tokenize/normalizers/read_normalizer.hpp"
#include "eigenformer/tokenize/pipeline.hpp"
#include "eigenformer/tokenize/post_processors/read_post_processor.hpp"
#include "eigenformer/tokenize/pre_tokenizers/read_pre_tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace load_folder_detail {

using format::Json;

/// tokenizer.json describes every stage.
inline void read_tokenizer_file(const format::Folder& folder, format::LoadWatch watch, Pipeline& pipeline) {
  const std::string where = folder.where("tokenizer.json");
  TokenizerFile file(watch);
  const Json json = read_tokenizer_json(folder.text("tokenizer.json", k_vocabulary_file_bytes), where, file);
  ComponentReader root(json, where);
  if (const auto version = root.optional_text("version"); version && *version != "1.0") {
    root.refuse("version", "the version 1.0");
  }
  for (const char* key : {"truncation", "padding"}) root.ignore(key);  // the caller's business
  pipeline.model = read_model(root.object("model"), std::move(file), where + ", model");
  pipeline.normalizer = read_normalizer(root.value("normalizer"), where + ", normalizer");
  pipeline.pre_tokenizer = read_pre_tokenizer(root.value("pre_tokenizer"), where + ", pre_tokenizer");
  pipeline.decoder = read_decoder(root.value("decoder"), where + ", decoder");
  std::vector<NumberedToken> added;
  if (!root.value("added_tokens").is_null()) {
    added = read_added_tokens(root.array("added_tokens"), where + ", added_tokens");
  }
  add_numbered_tokens(pipeline, added, where + ", added_tokens");
  TokenizerConfig config = read_tokenizer_config(folder, added);
  for (const std::string& name : config.assumed) {
    if (!pipeline.find(config.named[name]->content)) config.named.erase(name);  // a full description has no gaps
  }
  name_tokens_of_class(folder, added, config);
  add_config_tokens(pipeline, config, folder.where());
  pipeline.post_processor =
      read_post_processor(root.value("post_processor"), pipeline.vocabulary_size(), where + ", post_processor");
  root.finish();
  add_languages(folder, config, pipeline);
}

}  // namespace load_folder_detail

EIGENFORMER_INLINE Tokenizer load_tokenizer_folder(const format::Folder& folder, format::LoadWatch watch) {
  watch.ask();
  auto pipeline = std::make_shared<Pipeline>();
  if (folder.has("tokenizer.json")) {
    load_folder_detail::read_tokenizer_file(folder, watch, *pipeline);
  } else if (folder.has("vocab.json") && folder.has("merges.txt")) {
    read_vocabulary_files(folder, {VocabularyFiles::json_and_merges, watch}, *pipeline);
  } else if (has_sentencepiece_model(folder)) {
    read_sentencepiece_folder(folder, watch, *pipeline);
  } else if (folder.has("vocab.txt")) {
    read_vocabulary_files(folder, {VocabularyFiles::text, watch}, *pipeline);
  } else {
    throw TokenizerError({.id = "tokenizer.missing",
                          .expected = "tokenizer.json, vocab.txt, vocab.json and merges.txt, or a sentencepiece model",
                          .found = "none of them",
                          .where = folder.where(),
                          .remedy = "download the model's tokenizer files into the folder"});
  }
  pipeline->added.finish(folder.where());
  return Tokenizer(std::move(pipeline));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
