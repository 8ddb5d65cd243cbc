#include <utility>
#include <variant>

#include "c_api/handle.hpp"
#include "c_api/load_options.hpp"
#include "c_api/source.hpp"
#include "c_api/structure.hpp"
#include "eigenformer/estimate.hpp"
#include "eigenformer/load_async.hpp"
#include "eigenformer/model.hpp"

namespace eigenformer::c_api {

namespace {

Model load_source(Source source, const LoadOptions& options) {
  if (const auto* path = std::get_if<std::filesystem::path>(&source)) return load(*path, options);
  if (auto* gguf = std::get_if<std::shared_ptr<const AssetReader>>(&source)) {
    return load_from_reader(std::move(*gguf), options);
  }
  return load_from_reader(std::get<std::shared_ptr<const AssetFolder>>(std::move(source)), options);
}

eigenformer_memory_estimate estimate_of(Source source, const LoadOptions& options) {
  const MemoryEstimate found = std::visit([&](auto& given) { return estimate(std::move(given), options); }, source);
  return {.size = 0,
          .parameters = found.parameters,
          .weight_bytes = found.weight_bytes,
          .largest_tensor_bytes = found.largest_tensor_bytes,
          .context_length = found.context_length,
          .page_tokens = found.page_tokens,
          .page_bytes = found.page_bytes};
}

LoadingModel begin_source(Source source, LoadOptions options) {
  return std::visit([&](auto& given) { return load_async(std::move(given), std::move(options)); }, source);
}

bool is_loading(const eigenformer_loading* loading) noexcept { return loading != nullptr && has_tag(loading); }

}  // namespace

}  // namespace eigenformer::c_api

using namespace eigenformer::c_api;

eigenformer_status eigenformer_load_from_source(const eigenformer_source* source,
                                                const eigenformer_load_options* options, eigenformer_model** model,
                                                eigenformer_error* error) {
  return attempt_call(error, [&] {
    Source taken = source_of(source);  // first: it is closed, whatever follows
    eigenformer_model*& place = require_place(model, "model");
    place = new eigenformer_model{.model = load_source(std::move(taken), load_options(options))};
  });
}

eigenformer_status eigenformer_estimate(const eigenformer_source* source, const eigenformer_load_options* options,
                                        eigenformer_memory_estimate* estimate, uint64_t size,
                                        eigenformer_error* error) {
  return attempt_call(error, [&] {
    Source taken = source_of(source);
    require_place(estimate, "estimate");
    require_size<eigenformer_memory_estimate>(size, "the size of the structure");
    write_structure(estimate, size, estimate_of(std::move(taken), load_options(options)));
  });
}

eigenformer_status eigenformer_load_begin(const eigenformer_source* source, const eigenformer_load_options* options,
                                          eigenformer_loading** loading, eigenformer_error* error) {
  return attempt_call(error, [&] {
    Source taken = source_of(source);
    eigenformer_loading*& place = require_place(loading, "loading");
    place = new eigenformer_loading{.loading = begin_source(std::move(taken), load_options(options))};
  });
}

int32_t eigenformer_loading_ready(const eigenformer_loading* loading) {
  return is_loading(loading) && loading->loading.ready() ? 1 : 0;
}

double eigenformer_loading_progress(const eigenformer_loading* loading) {
  return is_loading(loading) ? loading->loading.progress() : 0;
}

void eigenformer_loading_cancel(const eigenformer_loading* loading) {
  if (is_loading(loading)) loading->loading.cancel();
}

eigenformer_status eigenformer_loading_wait(eigenformer_loading* loading, eigenformer_model** model,
                                            eigenformer_error* error) {
  return attempt_call(error, [&] {
    eigenformer_model*& place = require_place(model, "model");
    eigenformer_loading& waited = require(loading, "loading");
    const Use use(waited.in_use, "loading");
    place = new eigenformer_model{.model = waited.loading.get().value()};
  });
}

void eigenformer_loading_free(eigenformer_loading* loading) { release(loading); }
