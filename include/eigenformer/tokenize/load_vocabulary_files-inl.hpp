#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/decoders/byte_level.hpp"
#include "eigenformer/tokenize/decoders/word_piece.hpp"
#include "eigenformer/tokenize/files/special_tokens.hpp"
#include "eigenformer/tokenize/files/vocabulary_file.hpp"
#include "eigenformer/tokenize/load_vocabulary_files.hpp"
#include "eigenformer/tokenize/models/bpe.hpp"
#include "eigenformer/tokenize/models/word_piece.hpp"
#include "eigenformer/tokenize/normalizers/bert.hpp"
#include "eigenformer/tokenize/normalizers/unicode_form.hpp"
#include "eigenformer/tokenize/patterns/word_pattern.hpp"
#include "eigenformer/tokenize/post_processors/byte_level_offsets.hpp"
#include "eigenformer/tokenize/post_processors/sequence.hpp"
#include "eigenformer/tokenize/post_processors/template_processing.hpp"
#include "eigenformer/tokenize/pre_tokenizers/bert.hpp"
#include "eigenformer/tokenize/pre_tokenizers/byte_level.hpp"
#include "eigenformer/tokenize/pre_tokenizers/sequence.hpp"
#include "eigenformer/tokenize/pre_tokenizers/split.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace load_vocabulary_files_detail {

inline std::unique_ptr<const PreTokenizer> qwen2_pre_tokenizer(bool add_prefix_space) {
  std::vector<std::unique_ptr<const PreTokenizer>> steps;
  steps.push_back(std::make_unique<Split>(std::make_unique<WordPattern>(1), Split::Options{}));
  steps.push_back(
      std::make_unique<ByteLevel>(ByteLevel::Options{.add_prefix_space = add_prefix_space, .use_regex = false}));
  return std::make_unique<PreTokenizerSequence>(std::move(steps));
}

/// Everything but special tokens and what stands around a text.
inline void set_byte_level_stages(const format::Folder& folder, const TokenizerConfig& config, format::LoadWatch watch,
                                  Pipeline& pipeline) {
  if (config.family == ClassFamily::qwen2) {
    pipeline.normalizer = std::make_unique<UnicodeNormalizer>(UnicodeForm::nfc);
    pipeline.pre_tokenizer = qwen2_pre_tokenizer(config.add_prefix_space);
  } else {
    pipeline.pre_tokenizer =
        std::make_unique<ByteLevel>(ByteLevel::Options{.add_prefix_space = config.add_prefix_space});
  }
  const std::string vocabulary_path = folder.where("vocab.json"), merges_path = folder.where("merges.txt");
  Vocabulary vocabulary(
      read_vocabulary_json(folder.text("vocab.json", k_vocabulary_file_bytes), vocabulary_path, watch),
      vocabulary_path);
  const MergeList merges = read_merges_text(folder.text("merges.txt", k_vocabulary_file_bytes), merges_path, watch);
  pipeline.model = std::make_unique<Bpe>(std::move(vocabulary), merges, BpeOptions{}, merges_path);
  pipeline.decoder = std::make_unique<ByteLevelDecoder>();
}

inline void set_word_piece_stages(const format::Folder& folder, const TokenizerConfig& config, format::LoadWatch watch,
                                  Pipeline& pipeline) {
  pipeline.normalizer =
      std::make_unique<BertNormalizer>(BertNormalizer::Options{.handle_chinese_chars = config.tokenize_chinese_chars,
                                                               .strip_accents = config.strip_accents,
                                                               .lowercase = config.do_lower_case});
  pipeline.pre_tokenizer = std::make_unique<BertPreTokenizer>();
  const std::string path = folder.where("vocab.txt");
  WordPieceOptions options;
  const auto unknown = config.named.find("unk_token");
  if (unknown != config.named.end() && unknown->second) options.unknown_token = unknown->second->content;
  pipeline.model = std::make_unique<WordPiece>(
      Vocabulary(read_vocabulary_text(folder.text("vocab.txt", k_vocabulary_file_bytes), path, watch), path),
      std::move(options), path);
  pipeline.decoder = std::make_unique<WordPieceDecoder>(WordPieceDecoder::Options{});
}

/// The tokens that some classes cannot do without: [CLS] and [SEP].
inline EndTokens end_tokens(const Pipeline& pipeline, const format::Folder& folder) {
  const std::optional<TokenId>&begin = pipeline.named.classifier, &separator = pipeline.named.separator;
  if (begin && separator) return {{*begin}, {*separator}};
  throw TokenizerError({.id = "tokenizer.class",
                        .expected = "a cls_token and a sep_token",
                        .found = "null",
                        .where = folder.where("tokenizer_config.json"),
                        .remedy = "add the model's tokenizer.json, which describes the tokenizer in full"});
}

inline std::unique_ptr<const PostProcessor> post_processor(const format::Folder& folder, const TokenizerConfig& config,
                                                           const Pipeline& pipeline) {
  if (config.family == ClassFamily::bert) {
    return std::make_unique<TemplateProcessing>(bert_templates(end_tokens(pipeline, folder)));
  }
  if (config.family == ClassFamily::roberta || config.family == ClassFamily::mpnet) {
    std::vector<std::unique_ptr<const PostProcessor>> steps;
    if (config.trim_offsets) {
      steps.push_back(
          std::make_unique<ByteLevelOffsets>(ByteLevelOffsets::Options{.add_prefix_space = config.add_prefix_space}));
    }
    steps.push_back(std::make_unique<TemplateProcessing>(roberta_templates(end_tokens(pipeline, folder))));
    return std::make_unique<PostProcessorSequence>(std::move(steps));
  }
  std::vector<TokenId> before, after;
  if (config.add_bos_token && pipeline.named.beginning) before.push_back(*pipeline.named.beginning);
  if (config.add_eos_token && pipeline.named.end) after.push_back(*pipeline.named.end);
  return std::make_unique<TemplateProcessing>(around_each_text(before, after));
}

}  // namespace load_vocabulary_files_detail

EIGENFORMER_INLINE void read_vocabulary_files(const format::Folder& folder, VocabularyReading reading,
                                              Pipeline& pipeline) {
  using namespace load_vocabulary_files_detail;
  const TokenizerConfig config = read_tokenizer_config(folder, {});
  const bool text = reading.files == VocabularyFiles::text;
  if (!reads(config.family, reading.files)) {
    throw TokenizerError({.id = "tokenizer.class",
                          .expected = "one of the tokenizer_class " + classes_for(reading.files) + " for " +
                                      (text ? "vocab.txt" : "vocab.json and merges.txt"),
                          .found = config.tokenizer_class.empty() ? "none" : format::in_quotes(config.tokenizer_class),
                          .where = folder.where("tokenizer_config.json"),
                          .remedy = "add the model's tokenizer.json, which describes the tokenizer in full"});
  }
  if (text) {
    set_word_piece_stages(folder, config, reading.watch, pipeline);
  } else {
    set_byte_level_stages(folder, config, reading.watch, pipeline);
  }
  add_config_tokens(pipeline, config, folder.where());
  pipeline.post_processor = post_processor(folder, config, pipeline);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
