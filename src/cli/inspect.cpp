// eigenformer inspect MODEL: what it is, what it costs, and what will run where.
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "eigenformer/chat/template/template.hpp"
#include "eigenformer/core/attempt.hpp"

namespace cli {

using nlohmann::ordered_json;

namespace {

const char* kind_name(ef::ModelKind kind) {
  switch (kind) {
    case ef::ModelKind::decoder: return "decoder";
    case ef::ModelKind::encoder: return "encoder";
    case ef::ModelKind::encoder_decoder: return "encoder-decoder";
  }
  return "";
}

const char* problem_name(ef::ProblemType type) {
  switch (type) {
    case ef::ProblemType::unspecified: return "not said";
    case ef::ProblemType::regression: return "regression";
    case ef::ProblemType::single_label: return "single label";
    case ef::ProblemType::multi_label: return "multi label";
  }
  return "";
}

/// "understood", or the sentence that says why not; null where there is none.
ordered_json template_state(const ef::Model& model) {
  if (!model.chat_template()) return nullptr;
  const auto compiled =
      ef::attempt([&] { return ef::chat::Template::compile(*model.chat_template(), "chat template"); });
  return compiled.ok() ? "understood" : compiled.error().line();
}

const char* cache_name(ef::CacheElement cache) {
  switch (cache) {
    case ef::CacheElement::f32: return "f32";
    case ef::CacheElement::int8: return "int8";
    default: return "f16";
  }
}

ordered_json tokenizer_json(const ef::Model& model) {
  if (!model.has_tokenizer()) return nullptr;
  const ef::Tokenizer& tokenizer = model.tokenizer();
  const auto token = [&](std::optional<ef::TokenId> id) -> ordered_json {
    if (!id) return nullptr;
    return {{"id", *id}, {"token", tokenizer.token(*id)}};
  };
  return {{"vocabulary_size", tokenizer.vocabulary_size()},
          {"beginning_of_sequence", token(tokenizer.beginning_of_sequence())},
          {"end_of_sequence", token(tokenizer.end_of_sequence())}};
}

ordered_json description(const ef::Model& model) {
  const ef::ModelInfo& info = model.info();
  ordered_json facts = {{"model", info.source},
                        {"architecture", info.architecture},
                        {"kind", kind_name(info.kind)},
                        {"head", ef::model_head_name(info.head)},
                        {"format", info.format},
                        {"weight_types", info.weight_types},
                        {"parameters", info.parameters},
                        {"layers", info.layers},
                        {"hidden_size", info.hidden_size},
                        {"embedding_size", info.embedding_size},
                        {"heads", info.heads},
                        {"vocabulary_size", info.vocabulary_size},
                        {"context_length", info.context_length},
                        {"weight_bytes", info.weight_bytes},
                        {"cache_bytes_per_1024_tokens", model.cache_bytes(1024)},
                        {"cache", cache_name(info.cache)},
                        {"tokenizer", tokenizer_json(model)},
                        {"chat_template", template_state(model)},
                        {"end_tokens", model.end_tokens()},
                        {"compute", info.compute == ef::Compute::exact ? "exact" : "auto"},
                        {"isa", info.instruction_set},
                        {"threads", info.threads},
                        {"reports", info.reports}};
  if (info.kind == ef::ModelKind::encoder_decoder) {
    facts["encoder_layers"] = info.encoder_layers;
    facts["encoder_heads"] = info.encoder_heads;
    facts["source_vocabulary_size"] = info.source_vocabulary_size;
    facts["source_bytes_per_1024_tokens"] = model.source_bytes(1024);
  }
  if (model.has_tokenizer() && !model.tokenizer().languages().empty())
    facts["languages"] = model.tokenizer().languages();
  if (!info.labels.empty()) facts["labels"] = info.labels;
  if (info.head == ef::ModelHead::sequence_classification) facts["problem_type"] = problem_name(info.problem_type);
  return facts;
}

/// One line of the table: words as they are, byte counts for people, the rest as JSON.
std::string shown(const std::string& key, const ordered_json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "none";
  if (key == "weight_bytes" || key.starts_with("cache_bytes") || key.starts_with("source_bytes"))
    return bytes_text(value.get<double>());
  if (key == "context_length" && value.get<std::size_t>() == ef::k_unlimited_context) return "no limit";
  if (key == "languages") return std::to_string(value.size()) + " (--json lists them)";
  if (key == "parameters") return fixed(value.get<double>() / 1e6, 1) + " million";
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

void inspect(const CommonOptions& options) {
  const ordered_json facts = description(open_model(options));
  if (options.json) return write_json(facts);
  for (const auto& [key, value] : facts.items()) {
    std::string name = key;
    std::replace(name.begin(), name.end(), '_', ' ');
    name.resize(std::max<std::size_t>(name.size(), 28), ' ');
    write_line(name + " " + shown(key, value));
  }
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  const auto options = std::make_shared<CommonOptions>();
  CLI::App* command = app.add_subcommand("inspect", "architecture, shapes, memory, tokenizer, what runs where");
  add_model_argument(*command, *options)->required();
  add_common_options(*command, *options);
  command->callback([options, &action] { action = [options] { inspect(*options); }; });
}

}  // namespace cli
