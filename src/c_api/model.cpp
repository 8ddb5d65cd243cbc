#include "eigenformer/model.hpp"

#include <filesystem>
#include <string>

#include "c_api/handle.hpp"
#include "c_api/load_options.hpp"
#include "c_api/structure.hpp"
#include "c_api/value.hpp"
#include "eigenformer/find_model.hpp"

namespace eigenformer::c_api {

namespace {

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
