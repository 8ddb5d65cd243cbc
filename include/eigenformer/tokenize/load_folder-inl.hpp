#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/tokenize/decoders/byte_level.hpp"
#include "eigenformer/tokenize/decoders/read_decoder.hpp"
#include "eigenformer/tokenize/files/component_reader.hpp"
#include "eigenformer/tokenize/files/special_tokens.hpp"
#include "eigenformer/tokenize/files/vocabulary_file.hpp"
#include "eigenformer/tokenize/load.hpp"
#include "eigenformer/tokenize/models/bpe.hpp"
#include "eigenformer/tokenize/models/read_model.hpp"
#include "eigenformer/tokenize/normalizers/read_normalizer.hpp"
#include "eigenformer/tokenize/normalizers/unicode_form.hpp"
#include "eigenformer/tokenize/patterns/word_pattern.hpp"
#include "eigenformer/tokenize/pipeline.hpp"
#include "eigenformer/tokenize/post_processors/read_post_processor.hpp"
#include "eigenformer/tokenize/post_processors/template_processing.hpp"
#include "eigenformer/tokenize/pre_tokenizers/byte_level.hpp"
#include "eigenformer/tokenize/pre_tokenizers/read_pre_tokenizer.hpp"
#include "eigenformer/tokenize/pre_tokenizers/sequence.hpp"
#include "eigenformer/tokenize/pre_tokenizers/split.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace load_folder_detail {

using Json = nlohmann::json;

inline std::string read_file(const std::filesystem::path& path) {
  return format::read_text(*format::file_source(path), k_vocabulary_file_bytes);
}

/// tokenizer.json describes every stage.
inline void read_tokenizer_file(const std::filesystem::path& folder, Pipeline& pipeline) {
  const std::string where = (folder / "tokenizer.json").string();
  TokenizerFile file;
  const Json json = read_tokenizer_json(read_file(folder / "tokenizer.json"), where, file);
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
  add_config_tokens(pipeline, read_tokenizer_config(folder, added), folder.string());
  pipeline.post_processor =
      read_post_processor(root.value("post_processor"), pipeline.vocabulary_size(), where + ", post_processor");
  root.finish();
}

inline std::unique_ptr<const PreTokenizer> qwen2_pre_tokenizer(bool add_prefix_space) {
  std::vector<std::unique_ptr<const PreTokenizer>> steps;
  steps.push_back(std::make_unique<Split>(std::make_unique<WordPattern>(1), Split::Options{}));
  steps.push_back(
      std::make_unique<ByteLevel>(ByteLevel::Options{.add_prefix_space = add_prefix_space, .use_regex = false}));
  return std::make_unique<PreTokenizerSequence>(std::move(steps));
}

/// vocab.json and merges.txt: the other stages are those of the tokenizer's class.
inline void read_vocabulary_and_merges(const std::filesystem::path& folder, Pipeline& pipeline) {
  const std::string vocabulary_path = (folder / "vocab.json").string(), merges_path = (folder / "merges.txt").string();
  const TokenizerConfig config = read_tokenizer_config(folder, {});
  if (config.tokenizer_class == "GPT2Tokenizer") {
    pipeline.pre_tokenizer =
        std::make_unique<ByteLevel>(ByteLevel::Options{.add_prefix_space = config.add_prefix_space});
  } else if (config.tokenizer_class == "Qwen2Tokenizer") {
    pipeline.normalizer = std::make_unique<UnicodeNormalizer>(UnicodeForm::nfc);
    pipeline.pre_tokenizer = qwen2_pre_tokenizer(config.add_prefix_space);
  } else {
    throw TokenizerError({.id = "tokenizer.class",
                          .expected = "a tokenizer_class GPT2Tokenizer or Qwen2Tokenizer for vocab.json and merges.txt",
                          .found = config.tokenizer_class.empty() ? "none" : format::in_quotes(config.tokenizer_class),
                          .where = (folder / "tokenizer_config.json").string(),
                          .remedy = "add the model's tokenizer.json, which describes the tokenizer in full"});
  }
  Vocabulary vocabulary(read_vocabulary_json(read_file(vocabulary_path), vocabulary_path), vocabulary_path);
  const MergeList merges = read_merges_text(read_file(merges_path), merges_path);
  pipeline.model = std::make_unique<Bpe>(std::move(vocabulary), merges, BpeOptions{}, merges_path);
  pipeline.decoder = std::make_unique<ByteLevelDecoder>();
  add_config_tokens(pipeline, config, folder.string());
  std::vector<TokenId> before, after;
  if (config.add_bos_token && pipeline.named.beginning) before.push_back(*pipeline.named.beginning);
  if (config.add_eos_token && pipeline.named.end) after.push_back(*pipeline.named.end);
  pipeline.post_processor = std::make_unique<TemplateProcessing>(around_each_text(before, after));
}

}  // namespace load_folder_detail

EIGENFORMER_INLINE Tokenizer load_tokenizer_folder(const std::filesystem::path& folder) {
  const auto has = [&](const char* name) { return special_tokens_detail::is_there(folder / name); };
  auto pipeline = std::make_shared<Pipeline>();
  if (has("tokenizer.json")) {
    load_folder_detail::read_tokenizer_file(folder, *pipeline);
  } else if (has("vocab.json") && has("merges.txt")) {
    load_folder_detail::read_vocabulary_and_merges(folder, *pipeline);
  } else {
    throw TokenizerError({.id = "tokenizer.missing",
                          .expected = "tokenizer.json, or vocab.json and merges.txt",
                          .found = "neither",
                          .where = folder.string(),
                          .remedy = "download the model's tokenizer files into the folder"});
  }
  pipeline->added.finish();
  return Tokenizer(std::move(pipeline));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
