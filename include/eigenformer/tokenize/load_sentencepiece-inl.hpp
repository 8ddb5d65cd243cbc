#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/decoders/byte_fallback.hpp"
#include "eigenformer/tokenize/decoders/fuse.hpp"
#include "eigenformer/tokenize/decoders/metaspace.hpp"
#include "eigenformer/tokenize/decoders/replace.hpp"
#include "eigenformer/tokenize/decoders/sentencepiece.hpp"
#include "eigenformer/tokenize/decoders/sequence.hpp"
#include "eigenformer/tokenize/decoders/strip.hpp"
#include "eigenformer/tokenize/files/component_reader.hpp"
#include "eigenformer/tokenize/files/sentencepiece_class.hpp"
#include "eigenformer/tokenize/files/sentencepiece_file.hpp"
#include "eigenformer/tokenize/files/special_tokens.hpp"
#include "eigenformer/tokenize/files/vocabulary_file.hpp"
#include "eigenformer/tokenize/language_lists.hpp"
#include "eigenformer/tokenize/load_sentencepiece.hpp"
#include "eigenformer/tokenize/models/renumbered.hpp"
#include "eigenformer/tokenize/models/sentencepiece_bpe.hpp"
#include "eigenformer/tokenize/models/unigram.hpp"
#include "eigenformer/tokenize/normalizers/lowercase.hpp"
#include "eigenformer/tokenize/normalizers/replace.hpp"
#include "eigenformer/tokenize/normalizers/sequence.hpp"
#include "eigenformer/tokenize/normalizers/strip.hpp"
#include "eigenformer/tokenize/normalizers/unicode_form.hpp"
#include "eigenformer/tokenize/patterns/literal_pattern.hpp"
#include "eigenformer/tokenize/post_processors/template_processing.hpp"
#include "eigenformer/tokenize/pre_tokenizers/language_code.hpp"
#include "eigenformer/tokenize/pre_tokenizers/metaspace.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace load_sentencepiece_detail {

using format::Json;

inline constexpr const char* k_files[] = {"spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "source.spm"};
inline auto is_in(const format::Folder& folder) {
  return [&folder](const char* name) { return folder.has(name); };
}
inline constexpr std::string_view k_mark = "\xE2\x96\x81";

/// By the name that tokenizer_config.json gives, else by config.json's model_type; null where it is none of these.
inline const SentencepieceClass* class_of(const format::Folder& folder, const TokenizerConfig& config) {
  if (const SentencepieceClass* named = find_sentencepiece_class(config.tokenizer_class)) return named;
  const Json json = special_tokens_detail::read_object(folder, "config.json");
  ComponentReader reader(json, folder.where("config.json"));
  return find_sentencepiece_class(sentencepiece_class_of(reader.optional_text("model_type").value_or("")));
}

/// One folder, from its files to the pipeline.
class Loader {
 public:
  Loader(const format::Folder& folder, TokenizerConfig config, Pipeline& pipeline)
      : folder_(folder),
        pipeline_(pipeline),
        config_(std::move(config)),
        class_(class_of(folder, config_)),
        json_(special_tokens_detail::read_object(folder, "tokenizer_config.json")),
        keys_(json_, folder.where("tokenizer_config.json")) {}

  void load(format::LoadWatch watch) {
    if (class_ == nullptr) refuse_class();
    watch_ = watch;
    const std::string name = *std::find_if(std::begin(k_files), std::end(k_files), is_in(folder_));
    file_where_ = folder_.where(name);
    file_ = read_sentencepiece_file(folder_.text(name, k_vocabulary_file_bytes), file_where_, watch);
    pipeline_.model = class_->numbers == PieceNumbers::vocabulary ? vocabulary_model() : pieces_model();
    pipeline_.normalizer = normalizer();
    pipeline_.pre_tokenizer = pre_tokenizer();
    if (class_->words != PieceWords::whole) pipeline_.word_mark = k_mark;
    name_tokens();
    add_config_tokens(pipeline_, config_, folder_.where());
    if (marks_languages(*class_)) add_language_tokens();
    pipeline_.decoder = decoder();
    pipeline_.post_processor = post_processor();
  }

  /// For a class that marks languages.
  void add_language_tokens() {
    if (class_->name == k_marian) {
      add_marian_languages();
    } else {
      add_listed_languages();
    }
  }
  static bool marks_languages(const SentencepieceClass& named) {
    return named.name == k_marian || !named.languages.empty();
  }

 private:
  [[noreturn]] void refuse_class() const {
    const std::string& name = config_.tokenizer_class;
    throw TokenizerError(
        {.id = "tokenizer.class",
         .expected = "one of the tokenizer classes " + sentencepiece_classes() + " for a sentencepiece model",
         .found = name.empty() ? "none" : format::in_quotes(name),
         .where = keys_.where(),
         .remedy = "add the model's tokenizer.json, which describes the tokenizer in full"});
  }

  /// A count of tokens that the class adds.
  std::size_t count(std::string_view key, std::size_t otherwise) {
    if (keys_.value(key).is_null()) return otherwise;
    const std::int64_t value = keys_.integer(key);
    if (value < 0 || value > k_most_added) keys_.refuse(key, "a count from 0 to " + std::to_string(k_most_added));
    return static_cast<std::size_t>(value);
  }

  static void control(PieceList& pieces, std::string_view text) { pieces.add(text, 0, PieceType::control); }
  void copy_from(std::size_t first, PieceList& pieces) {
    for (std::size_t k = first; k < file_.pieces.size(); ++k) {
      const auto id = static_cast<TokenId>(k);
      if (id == file_.unknown) unknown_ = static_cast<TokenId>(pieces.size());
      pieces.add(file_.pieces.text(id), file_.pieces.score(id), file_.pieces.type(id));
    }
  }
  std::string token_text(const char* name, const char* otherwise) const {
    const auto found = config_.named.find(name);
    return found != config_.named.end() && found->second ? found->second->content : otherwise;
  }

  PieceList number_pieces() {
    PieceList pieces(watch_);
    pieces.reserve(file_.pieces.size() + k_most_added);
    switch (class_->numbers) {
      case PieceNumbers::of_file:
      case PieceNumbers::vocabulary: copy_from(0, pieces); break;
      case PieceNumbers::t5: number_t5(pieces); break;
      case PieceNumbers::pegasus: number_pegasus(pieces); break;
      case PieceNumbers::camembert: number_camembert(pieces); break;
      case PieceNumbers::fairseq: number_fairseq(pieces); break;
    }
    return pieces;
  }
  void number_t5(PieceList& pieces) {
    copy_from(0, pieces);
    for (std::size_t k = count("extra_ids", 100); k-- > 0;) {
      const std::string text = "<extra_id_" + std::to_string(k) + ">";
      control(pieces, text);
      extra_.push_back(text);
    }
  }
  void number_pegasus(PieceList& pieces) {
    control(pieces, token_text("pad_token", "<pad>"));
    control(pieces, token_text("eos_token", "</s>"));
    const std::string sentence_mask = keys_.optional_text("mask_token_sent").value_or("<mask_1>");
    control(pieces, sentence_mask);
    control(pieces, token_text("mask_token", "<mask_2>"));
    extra_.push_back(sentence_mask);
    const std::size_t offset = count("offset", 103);
    for (std::size_t k = 2; k < offset; ++k) {
      extra_.push_back("<unk_" + std::to_string(k) + ">");
      control(pieces, extra_.back());
    }
    copy_from(2, pieces);
  }
  void number_camembert(PieceList& pieces) {
    control(pieces, "<s>NOTUSED");
    control(pieces, token_text("pad_token", "<pad>"));
    control(pieces, "</s>NOTUSED");
    pieces.add(token_text("unk_token", "<unk>"), 0, PieceType::unknown);
    control(pieces, "<unk>NOTUSED");
    unknown_ = 3;
    copy_from(1, pieces);
    control(pieces, token_text("mask_token", "<mask>"));
    extra_ = {"<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"};
  }
  void number_fairseq(PieceList& pieces) {
    control(pieces, token_text("bos_token", "<s>"));
    control(pieces, token_text("pad_token", "<pad>"));
    control(pieces, token_text("eos_token", "</s>"));
    pieces.add(token_text("unk_token", "<unk>"), 0, PieceType::unknown);
    copy_from(3, pieces);
    unknown_ = 3;
    for (const std::string_view language : class_->languages) {
      control(pieces, language);
      extra_.emplace_back(language);
    }
    control(pieces, token_text("mask_token", "<mask>"));
  }

  std::unique_ptr<const Model> pieces_model() {
    PieceList pieces = number_pieces();
    for (std::size_t k = 0; k < pieces.size(); ++k) {
      const auto id = static_cast<TokenId>(k);
      if (pieces.type(id) == PieceType::control) controls_.emplace_back(pieces.text(id));
    }
    return model_of(std::move(pieces));
  }
  std::unique_ptr<const Model> model_of(PieceList pieces) const {
    if (file_.model_type == SentencepieceFile::ModelType::bpe) {
      const SentencepieceBpeOptions options{.unknown = unknown_, .byte_fallback = file_.byte_fallback};
      return std::make_unique<SentencepieceBpe>(std::move(pieces), options, file_where_);
    }
    const UnigramOptions options{
        .unknown = unknown_, .byte_fallback = file_.byte_fallback, .arithmetic = UnigramArithmetic::sentencepiece};
    return std::make_unique<Unigram>(std::move(pieces), options, file_where_);
  }

  /// vocab.json has the ids of the pieces, and M2M100's languages follow them.
  std::unique_ptr<const Model> vocabulary_model() {
    if (!keys_.value("separate_vocabs").is_null() && keys_.flag("separate_vocabs")) {
      keys_.refuse("separate_vocabs", "one vocabulary for both languages");
    }
    const std::string where = folder_.where("vocab.json");
    TokenList tokens = read_vocabulary_json(folder_.text("vocab.json", k_vocabulary_file_bytes), where, watch_);
    if (class_->name == "M2M100Tokenizer") {
      for (const std::string_view language : m2m100_languages()) {
        extra_.push_back("__" + std::string(language) + "__");
        tokens.add(extra_.back(), static_cast<std::int64_t>(tokens.size()));
      }
      for (std::size_t k = 0; k < count("num_madeup_words", 8); ++k) {
        tokens.add("madeupword" + std::to_string(k), static_cast<std::int64_t>(tokens.size()));
      }
    }
    Vocabulary vocabulary(std::move(tokens), where);
    const std::string unknown = token_text("unk_token", "<unk>");
    const std::optional<TokenId> token = vocabulary.find(unknown);
    if (!token) {
      throw TokenizerError({.id = "tokenizer.unknown_token",
                            .expected = "an unknown token that is in the vocabulary",
                            .found = format::in_quotes(unknown),
                            .where = where,
                            .remedy = "download the file again"});
    }
    std::unique_ptr<const Model> pieces = model_of(number_pieces());
    return std::make_unique<Renumbered>(std::move(pieces), std::move(vocabulary),
                                        Renumbered::Unknown{unknown_, *token});
  }
  std::span<const std::string_view> m2m100_languages() {
    const std::string codes = keys_.optional_text("language_codes").value_or("m2m100");
    if (codes == "wmt21") return language_lists::k_wmt21;
    if (codes != "m2m100") keys_.refuse("language_codes", "m2m100 or wmt21");
    return language_lists::k_m2m100;
  }

  /// Albert and XLNet take accents and quotation marks away first.
  std::unique_ptr<const Normalizer> normalizer() {
    std::vector<std::unique_ptr<const Normalizer>> list;
    if (class_->name == "AlbertTokenizer" || class_->name == "XLNetTokenizer") {
      const bool albert = class_->name == "AlbertTokenizer";
      for (const char* quotes : {"``", "''"}) {
        list.push_back(std::make_unique<Replace>(std::make_unique<LiteralPattern>(quotes), "\""));
      }
      if (!albert || !keys_.flag_or("keep_accents", false)) {
        list.push_back(std::make_unique<UnicodeNormalizer>(UnicodeForm::nfkd));
        list.push_back(std::make_unique<StripAccents>());
      }
      if (keys_.flag_or("do_lower_case", albert)) list.push_back(std::make_unique<Lowercase>());
    }
    list.push_back(
        std::make_unique<SentencepieceNormalizer>(std::move(file_.charsmap), user_defined(), normalization()));
    return std::make_unique<NormalizerSequence>(std::move(list));
  }
  SentencepieceNormalization normalization() {
    SentencepieceNormalization options = file_.normalization;
    options.keeps_language_code = class_->name == k_marian;
    if (class_->words == PieceWords::between_spaces) options.mark_place = MarkPlace::following;
    if (prefixes_first_text()) options.add_dummy_prefix = false;
    return options;
  }
  /// Pieces that a user defined are found before the text is normalized.
  PieceTrie user_defined() const {
    std::vector<PieceTrie::Piece> pieces;
    for (std::size_t k = 0; k < file_.pieces.size(); ++k) {
      const auto id = static_cast<TokenId>(k);
      if (file_.pieces.type(id) == PieceType::user_defined) pieces.push_back({file_.pieces.text(id), id});
    }
    return PieceTrie(std::move(pieces), file_where_);
  }
  /// Llama's tokenizer that is not "legacy" puts a space before the input, and none after special tokens.
  bool prefixes_first_text() {
    return class_->spelling == PieceSpelling::llama &&
           (!keys_.flag_or("legacy", false) || !keys_.flag_or("add_prefix_space", true));
  }
  std::unique_ptr<const PreTokenizer> pre_tokenizer() {
    if (class_->name == k_marian) return std::make_unique<LanguageCodeSplit>();
    if (!prefixes_first_text() || !keys_.flag_or("add_prefix_space", true)) return nullptr;
    return std::make_unique<Metaspace>(Metaspace::Options{.prepend = PrependScheme::first, .split = false});
  }

  /// Tokens that no file names are the class's; the pieces that control something are special too.
  void name_tokens() {
    for (const ClassToken& token : class_->tokens) {
      config_.named.try_emplace(token.name,
                                AddedToken{.content = token.content, .lstrip = token.lstrip, .special = true});
    }
    if (class_->name == "XLNetTokenizer") extra_ = {"<eop>", "<eod>"};
    if (class_->name == "GemmaTokenizer") mark_turns();
    extra_.insert(extra_.end(), controls_.begin(), controls_.end());
    for (const std::string& text : extra_) {
      const auto same = [&](const AddedToken& token) { return token.content == text; };
      const bool named = std::any_of(config_.named.begin(), config_.named.end(),
                                     [&](const auto& entry) { return entry.second && same(*entry.second); });
      if (!named && std::none_of(config_.extra.begin(), config_.extra.end(), same)) {
        config_.extra.push_back({.content = text, .special = true});
      }
    }
  }

  /// Of the pieces that a user defined, Gemma's converter makes those around a turn special.
  void mark_turns() {
    for (const char* turn : {"<start_of_turn>", "<end_of_turn>"}) {
      if (pipeline_.find(turn)) extra_.emplace_back(turn);
    }
  }

  void add_listed_languages() {
    const bool m2m100 = class_->name == "M2M100Tokenizer";
    Languages languages(LanguageMarks::source);
    const auto token_of = [&](std::string_view code) {
      return m2m100 ? "__" + std::string(code) + "__" : std::string(code);
    };
    for (const std::string_view code : m2m100 ? m2m100_languages() : class_->languages) {
      if (const auto id = pipeline_.find(token_of(code))) languages.add(code, *id);
    }
    std::optional<std::string> source = keys_.optional_text("src_lang");
    if (!source && !m2m100) source = class_->name == "NllbTokenizer" ? "eng_Latn" : "en_XX";
    const std::optional<TokenId> id = pipeline_.find(token_of(source.value_or("en")));
    if (id && languages.has(*id)) languages.set_source(*id);
    pipeline_.languages = std::move(languages);
  }
  /// ">>fra<<" in the vocabulary is the language "fra".
  void add_marian_languages() {
    Languages languages(LanguageMarks::target);
    for (std::size_t k = 0; k < pipeline_.model->vocabulary_size(); ++k) {
      const auto id = static_cast<TokenId>(k);
      const std::string_view token = pipeline_.model->token(id);
      if (token.size() > 4 && language_code_end(token) == token.size())
        languages.add(token.substr(2, token.size() - 4), id);
    }
    if (!languages.empty()) pipeline_.languages = std::move(languages);
  }

  std::unique_ptr<const Decoder> decoder() {
    if (class_->spelling == PieceSpelling::metaspace) return std::make_unique<MetaspaceDecoder>(Metaspace::Options{});
    if (class_->spelling == PieceSpelling::sentencepiece) return std::make_unique<SentencepieceDecoder>(run_options());
    std::vector<std::unique_ptr<const Decoder>> steps;
    steps.push_back(std::make_unique<ReplaceDecoder>(std::make_unique<LiteralPattern>(std::string(k_mark)), " "));
    steps.push_back(std::make_unique<ByteFallbackDecoder>());
    steps.push_back(std::make_unique<FuseDecoder>());
    if (class_->spelling == PieceSpelling::llama && keys_.flag_or("add_prefix_space", true)) {
      steps.push_back(std::make_unique<StripDecoder>(StripDecoder::Options{.content = " ", .start = 1}));
    }
    return std::make_unique<DecoderSequence>(std::move(steps));
  }
  SentencepieceDecoder::Options run_options() const {
    SentencepieceDecoder::Options options;
    options.after_special = class_->name == k_marian ? " " : "";
    options.drops_prefix = file_.normalization.add_dummy_prefix || file_.normalization.remove_extra_whitespaces;
    for (const auto& [name, token] : config_.named) {
      if (token) options.special.push_back(token->content);
    }
    for (const AddedToken& token : config_.extra) options.special.push_back(token.content);
    std::sort(options.special.begin(), options.special.end());
    return options;
  }

  std::unique_ptr<const PostProcessor> post_processor() {
    if (class_->single.empty()) {
      std::vector<TokenId> before, after;
      if (keys_.flag_or("add_bos_token", true) && pipeline_.named.beginning)
        before.push_back(*pipeline_.named.beginning);
      if (keys_.flag_or("add_eos_token", false) && pipeline_.named.end) after.push_back(*pipeline_.named.end);
      return std::make_unique<TemplateProcessing>(around_each_text(before, after));
    }
    const bool suffix = class_->name == "NllbTokenizer" && keys_.flag_or("legacy_behaviour", false);
    return std::make_unique<TemplateProcessing>(TemplateProcessing::Templates{
        parts(suffix ? "A eos_token lang" : class_->single), parts(suffix ? "A B eos_token lang" : class_->pair)});
  }
  std::vector<LayoutPart> parts(std::string_view words) const {
    std::vector<LayoutPart> parts;
    while (!words.empty()) {
      const std::size_t end = std::min(words.find(' '), words.size());
      std::string_view word = words.substr(0, end);
      words.remove_prefix(std::min(end + 1, words.size()));
      LayoutPart part;
      if (const std::size_t colon = word.find(':'); colon != std::string_view::npos) {
        part.type_id = word[colon + 1] - '0';
        word = word.substr(0, colon);
      }
      if (word == "A" || word == "B") {
        part.text = word == "A" ? 0 : 1;
      } else if (const auto id = token_of(word)) {
        part.ids.push_back(*id);
      }
      if (part.text >= 0 || !part.ids.empty()) parts.push_back(std::move(part));
    }
    return parts;
  }
  std::optional<TokenId> token_of(std::string_view name) const {
    if (name == "lang") return pipeline_.languages.source();
    const auto found = config_.named.find(std::string(name));
    return found == config_.named.end() || !found->second ? std::nullopt : pipeline_.find(found->second->content);
  }

  static constexpr std::int64_t k_most_added = 10000;
  static constexpr std::string_view k_marian = "MarianTokenizer";
  const format::Folder& folder_;
  Pipeline& pipeline_;
  TokenizerConfig config_;
  const SentencepieceClass* class_;
  Json json_;
  ComponentReader keys_;
  std::string file_where_;
  format::LoadWatch watch_;
  SentencepieceFile file_;
  TokenId unknown_ = 0;  ///< as the class numbers it
  std::vector<std::string> extra_, controls_;
};

}  // namespace load_sentencepiece_detail

EIGENFORMER_INLINE bool has_sentencepiece_model(const format::Folder& folder) {
  const auto& files = load_sentencepiece_detail::k_files;
  return std::any_of(std::begin(files), std::end(files), load_sentencepiece_detail::is_in(folder));
}

EIGENFORMER_INLINE void read_sentencepiece_folder(const format::Folder& folder, format::LoadWatch watch,
                                                  Pipeline& pipeline) {
  load_sentencepiece_detail::Loader(folder, read_tokenizer_config(folder, {}), pipeline).load(watch);
}

EIGENFORMER_INLINE void name_tokens_of_class(const format::Folder& folder, const std::vector<NumberedToken>& added,
                                             TokenizerConfig& config) {
  const bool names_another = !config.tokenizer_class.empty() && !find_sentencepiece_class(config.tokenizer_class);
  const SentencepieceClass* const named = names_another ? nullptr : load_sentencepiece_detail::class_of(folder, config);
  if (named == nullptr) return;
  for (const ClassToken& token : named->tokens) {
    const auto found = std::find_if(added.begin(), added.end(),
                                    [&](const NumberedToken& one) { return one.token.content == token.content; });
    if (found != added.end()) config.named.try_emplace(token.name, found->token);
  }
}

EIGENFORMER_INLINE void add_languages(const format::Folder& folder, const TokenizerConfig& config, Pipeline& pipeline) {
  using namespace load_sentencepiece_detail;
  const SentencepieceClass* const named = class_of(folder, config);
  if (named != nullptr && Loader::marks_languages(*named)) Loader(folder, config, pipeline).add_language_tokens();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
