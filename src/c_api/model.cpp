#include "eigenformer/model.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>

#include "c_api/handle.hpp"
#include "c_api/structure.hpp"
#include "c_api/value.hpp"
#include "eigenformer/find_model.hpp"

namespace eigenformer::c_api {

namespace {

/// More threads than any machine has cores: what is above is a mistake.
constexpr std::uint64_t k_most_threads = 65536;

eigenformer_load_options default_load_options() {
  eigenformer_load_options options{};
  options.size = sizeof options;
  options.threads = std::max(1U, std::thread::hardware_concurrency());
  return options;
}

unsigned threads_of(std::uint64_t threads) {
  if (threads >= 1 && threads <= k_most_threads) return static_cast<unsigned>(threads);
  throw UsageError({.id = "usage.option_range",
                    .expected = "1 to " + std::to_string(k_most_threads),
                    .found = std::to_string(threads),
                    .where = "threads",
                    .remedy = "use a value in that range"});
}

LoadOptions load_options(const eigenformer_load_options* given) {
  const eigenformer_load_options options = read_structure(given, default_load_options());
  LoadOptions result{.compute = constant_of<Compute>({options.compute, 2, "compute"}),
                     .weights = constant_of<Weights>({options.weights, 3, "weights"}),
                     .cache = constant_of<CacheElement>({options.cache, 4, "cache"}),
                     .unknown_keys = constant_of<UnknownConfigKeys>({options.unknown_keys, 2, "unknown_keys"}),
                     .threads = threads_of(options.threads),
                     .instruction_set = options.instruction_set == nullptr ? "" : options.instruction_set};
  if (options.progress != nullptr) {
    result.progress = [callback = options.progress, context = options.progress_context](std::uint64_t done,
                                                                                        std::uint64_t total) {
      return callback(context, done, total) != EIGENFORMER_STOP;
    };
  }
  return result;
}

eigenformer_model_info info_of(const Model& model) {
  const ModelInfo& info = model.info();
  const auto& chat_template = model.chat_template();
  return {.size = 0,
          .source = lend(info.source),
          .architecture = lend(info.architecture),
          .format = lend(info.format),
          .weight_types = lend(info.weight_types),
          .instruction_set = lend(info.instruction_set),
          .chat_template = chat_template ? lend(*chat_template) : eigenformer_text{nullptr, 0},
          .kind = static_cast<std::int32_t>(info.kind),
          .has_tokenizer = model.has_tokenizer() ? 1 : 0,
          .vocabulary_size = info.vocabulary_size,
          .hidden_size = info.hidden_size,
          .layers = info.layers,
          .heads = info.heads,
          .context_length = info.context_length,
          .embedding_size = info.embedding_size,
          .parameters = info.parameters,
          .weight_bytes = info.weight_bytes,
          .threads = info.threads,
          .reports = info.reports.size()};
}

}  // namespace

}  // namespace eigenformer::c_api

namespace ef = eigenformer;
using namespace eigenformer::c_api;

eigenformer_status eigenformer_load_options_init(eigenformer_load_options* options, uint64_t size,
                                                 eigenformer_error* error) {
  return attempt_call(error, [&] { write_structure(options, size, default_load_options()); });
}

eigenformer_status eigenformer_find_model(const char* name, eigenformer_owned_text* path, eigenformer_error* error) {
  return attempt_call(error, [&] {
    eigenformer_owned_text& place = require_place(path, "path");
    if (name == nullptr) refuse_null("name");
    const std::u8string found = ef::find_model(name).u8string();
    place = hand_out({reinterpret_cast<const char*>(found.data()), found.size()});
  });
}

eigenformer_status eigenformer_load(const char* path, const eigenformer_load_options* options,
                                    eigenformer_model** model, eigenformer_error* error) {
  return attempt_call(error, [&] {
    eigenformer_model*& place = require_place(model, "model");
    place = new eigenformer_model{.model = ef::load(path_of(path, "path"), load_options(options))};
  });
}

eigenformer_status eigenformer_load_from_memory(const void* gguf, uint64_t size,
                                                const eigenformer_load_options* options, eigenformer_model** model,
                                                eigenformer_error* error) {
  return attempt_call(error, [&] {
    eigenformer_model*& place = require_place(model, "model");
    const std::string_view bytes = view({static_cast<const char*>(gguf), size}, "gguf");
    place = new eigenformer_model{
        .model = ef::load_from_memory(std::as_bytes(std::span<const char>(bytes)), load_options(options))};
  });
}

void eigenformer_model_free(eigenformer_model* model) { release(model); }

eigenformer_status eigenformer_model_get_info(const eigenformer_model* model, eigenformer_model_info* info,
                                              uint64_t size, eigenformer_error* error) {
  return attempt_call(error, [&] { write_structure(info, size, info_of(require(model, "model").model)); });
}

eigenformer_status eigenformer_model_report(const eigenformer_model* model, uint64_t index, eigenformer_text* report,
                                            eigenformer_error* error) {
  return attempt_call(error, [&] {
    const std::vector<std::string>& reports = require(model, "model").model.info().reports;
    eigenformer_text& place = require_place(report, "report");
    place = lend(reports[index_of(index, reports.size())]);
  });
}
