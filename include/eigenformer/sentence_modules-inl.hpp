#pragma once

#include <algorithm>
#include <string_view>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/config_reader.hpp"
#include "eigenformer/format/json.hpp"
#include "eigenformer/format/weight_files.hpp"
#include "eigenformer/nn/feed_forward.hpp"
#include "eigenformer/nn/input_vectors.hpp"
#include "eigenformer/nn/recorder.hpp"
#include "eigenformer/nn/weight_scope.hpp"
#include "eigenformer/sentence_modules.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace sentence_modules_detail {

/// An entry of modules.json.
struct Module {
  std::string kind;       ///< the last word of its type: "Pooling"
  format::Folder folder;  ///< where its config lies
  std::string where;      ///< for messages
};

[[noreturn]] inline void refuse(const std::string& where, std::string expected, std::string found) {
  throw ConfigError(
      {.id = "config.sentence_module",
       .expected = std::move(expected),
       .found = std::move(found),
       .where = where,
       .remedy = "use a model of these modules, or take modules.json away and choose the pooling yourself"});
}

inline std::string text_of(const format::Json& entry, const char* key, const std::string& where) {
  const format::Json* const found = entry.find(key);
  if (found == nullptr || !found->is_text()) {
    refuse(where, "an object with the texts \"type\" and \"path\"", entry.escaped().substr(0, 80));
  }
  return found->text();
}

/// A folder below the model's own, or that itself: nothing outside is ever read.
inline format::Folder folder_below(const format::Folder& folder, std::string_view path, const std::string& where) {
  format::Folder below = folder;
  for (std::string_view rest = path; !rest.empty();) {
    const std::string part(rest.substr(0, rest.find('/')));
    if (part != "." && !format::is_plain_file_name(part)) {
      refuse(where, "a folder below the model's own", "'" + std::string(path) + "'");
    }
    if (part != ".") below = below.below(part);
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  }
  return below;
}

inline std::vector<Module> read_modules(const format::Folder& folder) {
  constexpr std::uint64_t limit_bytes = 1U << 20U;
  const std::string where = folder.where("modules.json");
  const format::Json list = format::parse_json(folder.text("modules.json", limit_bytes), where);
  if (list.elements().empty() || list.elements().size() > 16)
    refuse(where, "a list of 1 to 16 modules", "something else");
  std::vector<Module> modules;
  for (const format::Json& entry : list.elements()) {
    const std::string type = text_of(entry, "type", where);
    if (!type.starts_with("sentence_transformers.")) refuse(where, "modules of sentence_transformers", type);
    modules.push_back({.kind = type.substr(type.rfind('.') + 1),
                       .folder = folder_below(folder, text_of(entry, "path", where), where),
                       .where = where});
  }
  if (modules[0].kind != "Transformer") refuse(where, "the module Transformer first", modules[0].kind);
  return modules;
}

/// The modes by the keys of versions before 6, in the order in which their vectors are joined, and by their later
/// names.
struct PoolingName {
  std::string_view key, name;
  Pooling pooling;
};
inline constexpr PoolingName k_pooling_names[] = {
    {"pooling_mode_cls_token", "cls", Pooling::cls},
    {"pooling_mode_max_tokens", "max", Pooling::max},
    {"pooling_mode_mean_tokens", "mean", Pooling::mean},
    {"pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", Pooling::mean_sqrt_length},
    {"pooling_mode_weightedmean_tokens", "weightedmean", Pooling::weighted_mean},
    {"pooling_mode_lasttoken", "lasttoken", Pooling::last},
};

inline Pooling pooling_named(const format::ConfigReader& config, const std::string& name) {
  for (const PoolingName& known : k_pooling_names) {
    if (known.name == name) return known.pooling;
  }
  config.refuse("pooling_mode", "cls, max, mean, mean_sqrt_len_tokens, weightedmean or lasttoken",
                "use a model of one of these");
}

inline std::vector<Pooling> read_pooling_modes(const format::ConfigReader& config) {
  std::vector<Pooling> modes;
  for (const PoolingName& known : k_pooling_names) {
    if (config.flag_or(known.key, false)) modes.push_back(known.pooling);
  }
  if (config.has("pooling_mode")) modes = {pooling_named(config, config.text("pooling_mode"))};
  return modes.empty() ? std::vector<Pooling>{Pooling::mean} : modes;
}

inline void read_pooling(SentenceModules& modules, const Module& module, std::size_t hidden_size) {
  const format::ConfigReader config = format::config_from_json_file(module.folder, "config.json");
  for (const char* key : {"word_embedding_dimension", "embedding_dimension"}) {
    config.must_equal(key, static_cast<std::int64_t>(hidden_size), "it is the width of the transformer");
  }
  modules.pooling = read_pooling_modes(config);
  modules.include_prompt = config.flag_or("include_prompt", true);
  config.finish(format::UnknownKeys::refuse);
  modules.inputs = modules.outputs = modules.pooling.size() * hidden_size;
}

/// "torch.nn.modules.activation.Tanh"; none: the identity.
inline std::optional<kernels::Activation> read_dense_activation(const format::ConfigReader& config) {
  const std::string path = config.text_or("activation_function", "torch.nn.modules.activation.Tanh");
  if (path == "torch.nn.modules.linear.Identity") return std::nullopt;
  const std::pair<std::string_view, kernels::Activation> known[] = {{"Tanh", kernels::Activation::tanh},
                                                                    {"ReLU", kernels::Activation::relu},
                                                                    {"GELU", kernels::Activation::gelu},
                                                                    {"SiLU", kernels::Activation::silu},
                                                                    {"Sigmoid", kernels::Activation::sigmoid}};
  for (const auto& [name, activation] : known) {
    if (path == "torch.nn.modules.activation." + std::string(name)) return activation;
  }
  config.refuse("activation_function", "Identity, Tanh, ReLU, GELU, SiLU or Sigmoid of torch.nn",
                "use a model with one of these activations");
}

inline DenseLayer read_dense(SentenceModules& modules, const Module& module) {
  const format::ConfigReader config = format::config_from_json_file(module.folder, "config.json");
  config.must_equal("in_features", static_cast<std::int64_t>(modules.outputs),
                    "it is the size of the vector before it");
  const auto outputs = static_cast<std::size_t>(config.integer("out_features", format::k_size_range));
  const nn::Bias bias = config.flag_or("bias", true) ? nn::Bias::yes : nn::Bias::no;
  const std::optional<kernels::Activation> activation = read_dense_activation(config);
  for (const char* key : {"module_input_name", "module_output_name"}) {
    config.must_equal(key, "sentence_embedding", "a layer follows the pooling here");
  }
  config.must_equal("use_residual", false, "there is no sum around the layer here");
  config.finish(format::UnknownKeys::refuse);
  const nn::WeightScope weights(
      format::make_weight_source(format::open_weight_folder(module.folder).tensors, {}, nullptr));
  DenseLayer layer{nn::Linear(weights / "linear", {outputs, modules.outputs}, bias), activation};
  weights.source().finish({});
  modules.outputs = outputs;
  return layer;
}

/// The program refers to the weights: the layers must stay where they are.
inline nn::Program record_dense(const std::vector<DenseLayer>& layers, std::size_t inputs) {
  nn::Recorder r({.exact = true});
  nn::Value x = nn::input_vectors(r, inputs);  // [texts, inputs]
  for (const DenseLayer& layer : layers) {
    x = layer.linear(r, x);  // [texts, outputs of the layer]
    if (layer.activation) x = nn::activate(r, *layer.activation, x);
  }
  r.output("sentence_embedding", x);
  return std::move(r).finish();
}

/// sentence_bert_config.json, beside the transformer's config.
inline void read_length(SentenceModules& modules, const format::Folder& transformer) {
  const char* const name = "sentence_bert_config.json";
  if (!transformer.has(name)) return;
  const format::ConfigReader config = format::config_from_json_file(transformer, name);
  modules.max_length = static_cast<std::size_t>(config.integer_or("max_seq_length", 0, format::k_size_range));
  config.must_equal("do_lower_case", false, "the tokenizer alone changes letters here");
  config.must_equal("transformer_task", "feature-extraction", "embeddings are made of hidden states");
  config.finish(format::UnknownKeys::refuse);
}

/// config_sentence_transformers.json: prompts by name. Which similarity a model was made for changes no embedding.
inline void read_prompts(SentenceModules& modules, const format::Folder& folder) {
  const char* const file = "config_sentence_transformers.json";
  if (!folder.has(file)) return;
  const format::ConfigReader config = format::config_from_json_file(folder, file);
  config.must_be_one_of("model_type", {"SentenceTransformer"}, "other models of that library give no embeddings");
  config.ignore({"similarity_fn_name"});
  config.entry_count("__version__");
  const format::ConfigReader prompts = config.object("prompts");
  for (const std::string& name : prompts.keys()) modules.prompts[name] = prompts.text(name);
  modules.default_prompt = config.text_or("default_prompt_name", "");
  if (!modules.default_prompt.empty() && !modules.prompts.contains(modules.default_prompt)) {
    config.refuse("default_prompt_name", "the name of one of the prompts", "correct the name");
  }
  config.finish(format::UnknownKeys::refuse);
}

}  // namespace sentence_modules_detail

EIGENFORMER_INLINE format::Folder transformer_folder(const format::Folder& folder) {
  using namespace sentence_modules_detail;
  if (folder.has("config.json") || !folder.has("modules.json")) return folder;
  return read_modules(folder)[0].folder;
}

EIGENFORMER_INLINE std::shared_ptr<const SentenceModules> read_sentence_modules(const format::Folder& folder,
                                                                                std::size_t hidden_size) {
  using namespace sentence_modules_detail;
  if (!folder.has("modules.json")) return nullptr;
  const std::vector<Module> list = read_modules(folder);
  const auto modules = std::make_shared<SentenceModules>();
  for (std::size_t index = 1; index < list.size(); ++index) {
    const Module& module = list[index];
    const bool is_pooled = !modules->pooling.empty();
    if (module.kind == "Pooling" && !is_pooled) {
      read_pooling(*modules, module, hidden_size);
    } else if (module.kind == "Dense" && is_pooled && !modules->normalize) {
      modules->layers.push_back(read_dense(*modules, module));
    } else if (module.kind == "Normalize" && is_pooled) {
      modules->normalize = true;
    } else if (module.kind != "Dropout") {
      refuse(module.where, "Transformer, Pooling, any number of Dense, and Normalize, in this order",
             module.kind + " as module " + std::to_string(index));
    }
  }
  if (modules->pooling.empty()) refuse(list[0].where, "a module Pooling", "none");
  if (!modules->layers.empty()) modules->dense = record_dense(modules->layers, modules->inputs);
  read_length(*modules, list[0].folder);
  read_prompts(*modules, folder);
  return modules;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
