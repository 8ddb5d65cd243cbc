#pragma once

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "eigenformer/arch/registry.hpp"
#include "eigenformer/core/attempt.hpp"
#include "eigenformer/core/decimal_point.hpp"
#include "eigenformer/format/gguf.hpp"
#include "eigenformer/format/weight_files.hpp"
#include "eigenformer/kernels/floating_point_guard.hpp"
#include "eigenformer/kernels/known_answer.hpp"
#include "eigenformer/kernels/select.hpp"
#include "eigenformer/loading.hpp"
#include "eigenformer/nn/labels.hpp"
#include "eigenformer/sentence_modules.hpp"
#include "eigenformer/tokenize/load.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::loading {

namespace detail {

/// Texts beside the weights (configs, templates): far more than any real one has.
inline constexpr std::uint64_t k_text_limit_bytes = 16U << 20U;

/// What a load has gathered before the network is made.
struct Parts {
  arch::Architecture architecture;
  std::shared_ptr<const format::TensorFile> tensors;
  std::string file_format;  ///< its name: "GGUF"
  format::ConfigReader config;
  arch::FileKind kind;
  std::optional<std::int64_t> vocabulary_size;
};

inline std::string weight_types(const nn::WeightTally& tally) {
  std::vector<std::pair<std::uint64_t, std::string>> types;
  types.reserve(tally.bytes_by_type.size());
  for (const auto& [type, bytes] : tally.bytes_by_type) types.emplace_back(bytes, data_type_name(type));
  std::sort(types.rbegin(), types.rend());
  std::string text;
  for (const auto& [bytes, name] : types) text += (text.empty() ? "" : " + ") + name;
  return text;
}

inline CacheElement cache_element(const LoadOptions& options, nn::NetworkKind kind) {
  if (options.cache != CacheElement::automatic) return options.cache;
  const bool is_exact = options.compute == Compute::exact || kind == nn::NetworkKind::encoder;
  return is_exact ? CacheElement::f32 : CacheElement::f16;
}

/// Of what `cache_element` gives.
inline nn::CacheType cache_type(CacheElement element) {
  switch (element) {
    case CacheElement::f32: return nn::CacheType::f32;
    case CacheElement::int8: return nn::CacheType::int8;
    default: return nn::CacheType::f16;
  }
}

/// Embedding tables keep 8 bits under q4: they may be heads as well, and one of 4 bits costs perplexity
/// (docs/performance.md).
inline nn::PackingOptions packing_options(Weights weights, Executor* executor) {
  nn::PackingOptions options{.executor = executor};
  if (weights != Weights::as_is) options.quantized_table_type = DataType::q8_0;
  if (weights == Weights::q8) options.quantized_type = DataType::q8_0;
  if (weights == Weights::q4) options.quantized_type = DataType::q4_1;
  return options;
}

inline ModelKind kind_of(nn::NetworkKind kind) {
  switch (kind) {
    case nn::NetworkKind::encoder: return ModelKind::encoder;
    case nn::NetworkKind::encoder_decoder: return ModelKind::encoder_decoder;
    case nn::NetworkKind::decoder: break;
  }
  return ModelKind::decoder;
}

/// What the library sentence-transformers writes into the config of a cross-encoder: whether its scores are the logits
/// themselves, and not their sigmoid.
/// https://github.com/UKPLab/sentence-transformers/blob/v5.1.0/sentence_transformers/cross_encoder/CrossEncoder.py
inline bool read_scores_are_logits(const format::ConfigReader& config) {
  const char* older_key = "sbert_ce_default_activation_function";
  config.must_be_one_of(older_key, {"torch.nn.modules.linear.Identity", "torch.nn.modules.activation.Sigmoid"},
                        "scores are logits or their sigmoid here");
  const std::string older = config.text_or(older_key, "torch.nn.modules.activation.Sigmoid");
  const format::ConfigReader newer = config.object("sentence_transformers");
  newer.must_be_one_of("activation_fn", {"torch.nn.modules.linear.Identity", "torch.nn.modules.activation.Sigmoid"},
                       "scores are logits or their sigmoid here");
  newer.ignore({"version"});
  return newer.text_or("activation_fn", older) == "torch.nn.modules.linear.Identity";
}

/// What the host is told of this load.
inline format::LoadProgress progress_of(const Parts& parts, const LoadOptions& options) {
  std::uint64_t bytes = 0;
  for (const format::TensorEntry& tensor : parts.tensors->entries()) bytes += tensor.bytes;
  return {options.progress, bytes, parts.tensors->where()};
}

struct NetworkParts {
  std::unique_ptr<const nn::Network> network;
  nn::WeightTally tally;
};

/// Claims every weight, then sees to it that nothing of the file was left unread.
inline NetworkParts make_network(const Parts& parts, const LoadOptions& options, const nn::PackingOptions& packing) {
  const format::LoadProgress progress = progress_of(parts, options);
  const bool is_gguf = parts.kind == arch::FileKind::gguf;
  const format::TensorNaming& names = is_gguf ? parts.architecture.gguf_names : parts.architecture.hugging_face_names;
  const nn::WeightScope weights(format::make_weight_source(parts.tensors, names, &progress), packing);
  auto network = parts.architecture.make({.config = parts.config,
                                          .weights = weights,
                                          .kind = parts.kind,
                                          .class_name = arch::class_of(parts.architecture, parts.config),
                                          .vocabulary_size = parts.vocabulary_size});
  parts.config.finish(options.unknown_keys == UnknownConfigKeys::refuse ? format::UnknownKeys::refuse
                                                                        : format::UnknownKeys::report);
  weights.source().finish(parts.architecture.ignorable_tensors);
  return {std::move(network), weights.tally()};
}

/// The labels of a classifier.
inline void describe_labels(ModelInfo& info, const format::ConfigReader& config) {
  const bool is_about_texts = info.head == ModelHead::sequence_classification;
  if (is_about_texts || info.head == ModelHead::token_classification) info.labels = nn::read_labels(config);
  if (is_about_texts) info.problem_type = nn::read_problem_type(config);
}

inline void describe(ModelState& state, const Parts& parts, const LoadOptions& options) {
  const nn::NetworkInfo& network = state.network->info();
  ModelInfo& info = state.info;
  info.source = parts.tensors->where();
  info.architecture = parts.architecture.name;
  info.format = parts.file_format;
  info.instruction_set = state.kernels->name;
  info.kind = kind_of(network.kind);
  info.head = network.head;
  info.compute = options.compute;
  info.cache = cache_element(options, network.kind);
  info.vocabulary_size = network.vocabulary_size;
  info.source_vocabulary_size = network.source_vocabulary_size;
  if (network.kind == nn::NetworkKind::encoder_decoder && info.source_vocabulary_size == 0) {
    info.source_vocabulary_size = network.vocabulary_size;
  }
  info.hidden_size = info.embedding_size = network.hidden_size;
  info.layers = network.layers;
  info.heads = network.heads;
  info.encoder_layers = network.encoder_layers;
  info.encoder_heads = network.encoder_heads;
  info.context_length = network.context_length;
  info.token_types = network.token_types;
  describe_labels(info, parts.config);
  info.parameters = network.parameters;
  info.weight_bytes = network.weight_bytes;
  info.threads = state.executor->concurrency();
  info.reports = parts.config.reports();
  state.is_told_task_by_prefix = parts.architecture.is_told_task_by_prefix;
  state.joins_turns_by_end_token = parts.architecture.joins_turns_by_end_token;
}

/// The ids of a vocabulary must all have a row in the embedding table.
inline void check_vocabulary(std::size_t tokens, std::size_t rows, const std::string& where) {
  if (tokens <= rows) return;
  throw TokenizerError({.id = "tokenizer.vocabulary_beyond_model",
                        .expected = "a vocabulary of at most " + std::to_string(rows) + " tokens, as the model has",
                        .found = std::to_string(tokens) + " tokens",
                        .where = where,
                        .remedy = "use the tokenizer that belongs to these weights"});
}

/// The encoder and what leads from it to the decoder.
inline SourcePrograms source_programs(const ModelState& state) {
  SourcePrograms programs{.encoder = state.record(nn::ProgramRole::encoder),
                          .source_keys = state.record(nn::ProgramRole::source_keys),
                          .encoder_layout = state.network->encoder_cache_layout(),
                          .source_layout = state.network->source_cache_layout()};
  programs.encoder_layout.type = nn::CacheType::f32;
  programs.source_layout.type = state.cache_layout.type;
  return programs;
}

/// Everything that is the same for all files: kernels, threads, network, programs.
inline void finish(ModelState& state, const Parts& parts, const LoadOptions& options) {
  state.kernels = &kernels::choose_kernels(options.instruction_set);
  kernels::check_known_answers(*state.kernels);
  state.executor = options.executor ? options.executor : make_thread_pool(options.threads);
  NetworkParts made = make_network(parts, options, packing_options(options.weights, state.executor.get()));
  state.network = std::move(made.network);
  state.info.weight_types = weight_types(made.tally);
  describe(state, parts, options);
  state.cache_layout = state.network->cache_layout();
  state.cache_layout.type = cache_type(state.info.cache);
  if (state.tokenizer) {
    check_vocabulary(state.tokenizer->vocabulary_size(),
                     std::max(state.info.vocabulary_size, state.info.source_vocabulary_size), state.info.source);
  }
  state.program = state.record(nn::ProgramRole::main);
  if (state.info.kind == ModelKind::encoder_decoder) state.source = source_programs(state);
}

inline MemoryEstimate estimate(const Parts& parts, LoadOptions options) {
  options.progress = {};  // nothing is loaded
  nn::PackingOptions packing = packing_options(options.weights, nullptr);
  packing.matrices = nn::Matrices::measured;
  const NetworkParts made = make_network(parts, options, packing);
  const nn::NetworkInfo& network = made.network->info();
  nn::CacheLayout layout = made.network->cache_layout();
  layout.type = cache_type(cache_element(options, network.kind));
  MemoryEstimate estimate{.architecture = std::string(parts.architecture.name),
                          .parameters = network.parameters,
                          .weight_bytes = network.weight_bytes,
                          .context_length = network.context_length,
                          .page_tokens = kernels::k_tile_slots,
                          .page_bytes = layout.page_bytes()};
  for (const format::TensorEntry& tensor : parts.tensors->entries()) {
    estimate.largest_tensor_bytes = std::max(estimate.largest_tensor_bytes, tensor.bytes);
  }
  return estimate;
}

inline void add_end_token(ModelState& state, std::int64_t token) {
  const bool has_row = token >= 0 && static_cast<std::uint64_t>(token) < state.info.vocabulary_size;
  const auto id = static_cast<TokenId>(token);
  if (has_row && std::find(state.end_tokens.begin(), state.end_tokens.end(), id) == state.end_tokens.end()) {
    state.end_tokens.push_back(id);
  }
}

/// "eos_token_id" of a JSON object: a number or a list of them.
inline void add_end_tokens(ModelState& state, const std::string& json_text) {
  const format::Json json = format::parse_json_or_null(json_text);
  const format::Json* const ids = json.find("eos_token_id");
  if (ids == nullptr) return;
  if (ids->is_integer()) add_end_token(state, ids->integer());
  for (const format::Json& id : ids->elements()) {
    if (id.is_integer()) add_end_token(state, id.integer());
  }
}

inline std::optional<std::string> text_if_there(const format::Folder& folder, const std::string& name) {
  if (!folder.has(name)) return std::nullopt;
  return folder.text(name, k_text_limit_bytes);
}

/// What the files say about every text: of an encoder-decoder all of it, of others what fills texts up. What the
/// decoder begins with, its network may know, too.
inline void read_defaults(ModelState& state, const std::string& config_text) {
  const std::size_t vocabulary_size = state.info.vocabulary_size;
  const GenerationDefaults of_config = read_generation_defaults(config_text, vocabulary_size);
  const GenerationDefaults of_files =
      state.generation_config ? read_generation_defaults(*state.generation_config, vocabulary_size) : of_config;
  if (state.info.kind != ModelKind::encoder_decoder) {
    state.generation_defaults.padding_token = of_files.padding_token;
    return;
  }
  state.generation_defaults = of_files;
  state.generation_defaults.prefix = of_config.prefix;
  state.generation_defaults.task_prefixes = of_config.task_prefixes;
  GenerationDefaults& defaults = state.generation_defaults;
  for (const std::optional<TokenId>& start : {of_config.decoder_start_token, state.network->info().decoder_start_token,
                                              defaults.begin_token, of_config.begin_token}) {
    if (!defaults.decoder_start_token) defaults.decoder_start_token = start;
  }
  state.info.decoder_start_token = defaults.decoder_start_token;
}

/// chat_template.jinja, else "chat_template" of tokenizer_config.json or chat_template.json: a text, or a list of named
/// ones of which the one called "default" is taken. https://huggingface.co/docs/transformers/chat_templating
inline std::optional<std::string> folder_chat_template(const format::Folder& folder) {
  if (auto text = text_if_there(folder, "chat_template.jinja")) return text;
  for (const char* file : {"tokenizer_config.json", "chat_template.json"}) {
    const std::optional<std::string> text = text_if_there(folder, file);
    if (!text) continue;
    const format::Json json = format::parse_json_or_null(*text, {.bytes = k_text_limit_bytes});
    const format::Json* const found = json.find("chat_template");
    if (found == nullptr) continue;
    if (found->is_text()) return found->text();
    for (const format::Json& named : found->elements()) {
      const format::Json* const name = named.find("name");
      const format::Json* const text_of_it = named.find("template");
      if (name == nullptr || !name->is_text() || name->text() != "default") continue;
      if (text_of_it != nullptr && text_of_it->is_text()) return text_of_it->text();
    }
  }
  return std::nullopt;
}

inline std::optional<TokenId> token_of(const format::GgufFile& file, std::string_view key) {
  if (!file.has(key)) return std::nullopt;
  const std::int64_t id = file.integer(key);
  if (id < 0 || id > std::numeric_limits<TokenId>::max()) return std::nullopt;  // -1 means none
  return static_cast<TokenId>(id);
}

inline std::optional<bool> flag_of(const format::GgufFile& file, std::string_view key) {
  return file.has(key) ? std::optional<bool>(file.flag(key)) : std::nullopt;
}

/// An array of bytes; empty where there is none.
inline std::string bytes_of(const format::GgufFile& file, std::string_view key) {
  std::string bytes;
  if (!file.has(key)) return bytes;
  for (const std::int32_t byte : file.integers(key)) bytes.push_back(static_cast<char>(byte));
  return bytes;
}

inline tokenize::GgufVocabulary read_vocabulary(const format::GgufFile& file, format::LoadWatch watch) {
  const auto text = [&](std::string_view key) { return file.has(key) ? file.text(key) : std::string(); };
  return {.model = text("tokenizer.ggml.model"),
          .pre = text("tokenizer.ggml.pre"),
          .tokens = file.texts("tokenizer.ggml.tokens"),
          .merges = file.has("tokenizer.ggml.merges") ? file.texts("tokenizer.ggml.merges") : TextList(),
          .token_types = file.has("tokenizer.ggml.token_type") ? file.integers("tokenizer.ggml.token_type")
                                                               : std::vector<std::int32_t>{},
          .scores = file.has("tokenizer.ggml.scores") ? file.numbers("tokenizer.ggml.scores") : std::vector<float>{},
          .precompiled_charsmap = bytes_of(file, "tokenizer.ggml.precompiled_charsmap"),
          .bos = token_of(file, "tokenizer.ggml.bos_token_id"),
          .eos = token_of(file, "tokenizer.ggml.eos_token_id"),
          .unknown = token_of(file, "tokenizer.ggml.unknown_token_id"),
          .padding = token_of(file, "tokenizer.ggml.padding_token_id"),
          .separator = token_of(file, "tokenizer.ggml.seperator_token_id"),  // the format spells it so
          .classifier = token_of(file, "tokenizer.ggml.cls_token_id"),
          .mask = token_of(file, "tokenizer.ggml.mask_token_id"),
          .add_bos = flag_of(file, "tokenizer.ggml.add_bos_token"),
          .add_eos = flag_of(file, "tokenizer.ggml.add_eos_token"),
          .add_space_prefix = flag_of(file, "tokenizer.ggml.add_space_prefix"),
          .remove_extra_whitespaces = flag_of(file, "tokenizer.ggml.remove_extra_whitespaces"),
          .where = file.where(),
          .watch = watch};
}

/// What the folder says about embeddings. Other uses of the model do without it: what is not understood is an error of
/// theirs alone.
inline void set_sentence_modules(ModelState& state, const format::Folder& folder) {
  auto modules = attempt_given_memory([&] { return read_sentence_modules(folder, state.info.hidden_size); });
  if (!modules.ok()) {
    state.sentence_error = modules.error();
    return;
  }
  state.sentence_modules = std::move(modules).value();
  if (state.sentence_modules) state.info.embedding_size = state.sentence_modules->outputs;
}

/// Makes the tokenizer, or keeps the reason why there is none.
template <class Make>
void set_tokenizer(TextParts& text, Make&& make) {
  Result<Tokenizer> tokenizer = attempt_given_memory(std::forward<Make>(make));
  if (tokenizer.ok()) {
    text.tokenizer = std::move(tokenizer).value();
  } else {
    text.tokenizer_error = tokenizer.error();
  }
}

/// A model may come without a tokenizer (`logits` and `generate` need none), but not with one that is not understood.
inline TextParts usable(TextParts text) {
  if (text.tokenizer_error && text.tokenizer_error->id != "tokenizer.missing") raise(*text.tokenizer_error);
  return text;
}

inline TextParts folder_text(const format::Folder& folder, format::LoadWatch watch) {
  TextParts text;
  set_tokenizer(text, [&] { return tokenize::load_tokenizer_folder(folder, watch); });
  text.chat_template = folder_chat_template(folder);
  return text;
}

/// The number of tokens of a GGUF file's vocabulary, where it has one.
inline std::optional<std::int64_t> vocabulary_size_of(const format::GgufFile& file) {
  const format::GgufValue* tokens = file.find("tokenizer.ggml.tokens");
  if (tokens == nullptr || !std::holds_alternative<format::GgufArray>(tokens->value)) return std::nullopt;
  return static_cast<std::int64_t>(std::get<format::GgufArray>(tokens->value).count);
}

/// Tables of a vocabulary take many times what its tokens take in the file, so they are made only where a tensor has
/// rows for them.
inline void check_vocabulary_before_it_is_read(const format::GgufFile& file) {
  std::size_t most_rows = 0;
  for (const format::TensorEntry& tensor : file.entries()) {
    if (!tensor.shape.empty()) most_rows = std::max(most_rows, static_cast<std::size_t>(tensor.shape[0]));
  }
  check_vocabulary(static_cast<std::size_t>(vocabulary_size_of(file).value_or(0)), most_rows, file.where());
}

inline TextParts gguf_text(const format::GgufFile& file, format::LoadWatch watch) {
  watch.ask();
  TextParts text;
  if (file.has("tokenizer.ggml.tokens")) {
    set_tokenizer(text, [&] { return tokenize::load_tokenizer_gguf(read_vocabulary(file, watch)); });
  } else {
    text.tokenizer_error = {ErrorKind::tokenizer,
                            "tokenizer.missing",
                            "a vocabulary (tokenizer.ggml.tokens)",
                            "none",
                            file.where(),
                            "use a GGUF file that has its tokenizer"};
  }
  if (file.has("tokenizer.chat_template")) text.chat_template = file.text("tokenizer.chat_template");
  return text;
}

inline Parts open_folder(const format::Folder& folder, const LoadOptions& options) {
  const format::ConfigReader config = format::config_from_json_file(folder, "config.json");
  const arch::Architecture architecture =
      arch::find_hugging_face_architecture(config, arch::architectures_with(options.architectures));
  const format::WeightFiles weights = format::open_weight_folder(folder);
  return {.architecture = architecture,
          .tensors = weights.tensors,
          .file_format = weights.format,
          .config = config,
          .kind = arch::FileKind::hugging_face,
          .vocabulary_size = std::nullopt};
}

inline Parts open_gguf(const std::shared_ptr<const format::GgufFile>& file, const LoadOptions& options) {
  const arch::Architecture architecture = arch::find_gguf_architecture(
      file->text("general.architecture"), file->where(), arch::architectures_with(options.architectures));
  return {.architecture = architecture,
          .tensors = file,
          .file_format = "GGUF",
          .config = format::config_from_gguf(*file, architecture.gguf_keys),
          .kind = arch::FileKind::gguf,
          .vocabulary_size = vocabulary_size_of(*file)};
}

inline bool is_folder(const std::filesystem::path& path) {
  std::error_code unreadable;
  return std::filesystem::is_directory(path, unreadable);
}

}  // namespace detail

EIGENFORMER_INLINE std::shared_ptr<const ModelState> load_path(const std::filesystem::path& path,
                                                               const LoadOptions& options) {
  if (detail::is_folder(path)) return load_folder(path, options);
  return load_gguf(format::file_source(path), options);
}

EIGENFORMER_INLINE MemoryEstimate estimate_path(const std::filesystem::path& path, const LoadOptions& options) {
  if (detail::is_folder(path)) return estimate_folder(path, options);
  return estimate_gguf(format::file_source(path), options);
}

EIGENFORMER_INLINE MemoryEstimate estimate_folder(const format::Folder& root, const LoadOptions& options) {
  const kernels::FloatingPointGuard guard;
  const detail::Parts parts = detail::open_folder(transformer_folder(root), options);
  detail::read_scores_are_logits(parts.config);
  return detail::estimate(parts, options);
}

EIGENFORMER_INLINE MemoryEstimate estimate_gguf(std::shared_ptr<const format::ByteSource> source,
                                                const LoadOptions& options) {
  const kernels::FloatingPointGuard guard;
  return detail::estimate(detail::open_gguf(format::open_gguf(std::move(source)), options), options);
}

EIGENFORMER_INLINE TextParts load_text_parts(const std::filesystem::path& path) {
  if (detail::is_folder(path)) return detail::folder_text(transformer_folder(path), {});
  return detail::gguf_text(*format::open_gguf(format::file_source(path)), {});
}

EIGENFORMER_INLINE std::shared_ptr<const ModelState> load_folder(const format::Folder& root,
                                                                 const LoadOptions& options) {
  const kernels::FloatingPointGuard guard;
  const format::Folder folder = transformer_folder(root);
  const auto state = std::make_shared<ModelState>();
  const detail::Parts parts = detail::open_folder(folder, options);
  const format::LoadProgress progress = detail::progress_of(parts, options);
  static_cast<TextParts&>(*state) = detail::usable(detail::folder_text(folder, format::LoadWatch(&progress)));
  state->scores_are_logits = detail::read_scores_are_logits(parts.config);
  detail::finish(*state, parts, options);
  state->generation_config = detail::text_if_there(folder, "generation_config.json");
  if (state->generation_config) detail::add_end_tokens(*state, *state->generation_config);
  const std::string config_text = folder.text("config.json", detail::k_text_limit_bytes);
  if (!state->generation_config) state->older_generation_config = config_text;
  if (state->end_tokens.empty()) detail::add_end_tokens(*state, config_text);
  if (state->tokenizer && state->tokenizer->end_of_sequence()) {
    detail::add_end_token(*state, *state->tokenizer->end_of_sequence());
  }
  detail::read_defaults(*state, config_text);
  detail::set_sentence_modules(*state, root);
  return state;
}

EIGENFORMER_INLINE std::shared_ptr<const ModelState> load_gguf(std::shared_ptr<const format::ByteSource> source,
                                                               const LoadOptions& options) {
  const kernels::FloatingPointGuard guard;
  const auto state = std::make_shared<ModelState>();
  const std::shared_ptr<const format::GgufFile> file = format::open_gguf(std::move(source));
  const detail::Parts parts = detail::open_gguf(file, options);
  detail::check_vocabulary_before_it_is_read(*file);
  const format::LoadProgress progress = detail::progress_of(parts, options);
  static_cast<TextParts&>(*state) = detail::usable(detail::gguf_text(*file, format::LoadWatch(&progress)));
  detail::finish(*state, parts, options);
  for (const char* key :
       {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"}) {
    if (const std::optional<TokenId> token = detail::token_of(*file, key)) detail::add_end_token(*state, *token);
  }
  return state;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::loading
