#include "eigenformer/tasks/embed.hpp"

#include <cstring>

#include "c_api/handle.hpp"
#include "c_api/structure.hpp"
#include "c_api/value.hpp"

namespace eigenformer::c_api {

namespace {

eigenformer_embed_options default_embed_options() {
  eigenformer_embed_options options{};
  options.size = sizeof options;
  options.max_length = EIGENFORMER_MODEL_LIMIT;
  return options;
}

EmbedOptions embed_options(const eigenformer_embed_options* given) {
  const eigenformer_embed_options options = read_structure(given, default_embed_options());
  require_choice({options.normalize, 3, "normalize"});
  require_choice({options.reserved, 1, "reserved"});
  EmbedOptions result{.pooling = constant_of<Pooling>({options.pooling, 7, "pooling"}),
                      .max_length = length_of(options.max_length, "max_length"),
                      .long_text = constant_of<LongText>({options.long_text, 3, "long_text"}),
                      .prompt_name = options.prompt_name == nullptr ? "" : options.prompt_name};
  if (options.normalize != EIGENFORMER_NORMALIZE_AUTOMATIC) {
    result.normalize = options.normalize == EIGENFORMER_NORMALIZE_YES;
  }
  if (options.prompt.data != nullptr) result.prompt = view(options.prompt, "prompt");
  if (options.cancel != nullptr) result.cancel = require(options.cancel, "cancel").token.flag();
  return result;
}

/// Row after row.
eigenformer_vectors hand_out(const std::vector<std::vector<float>>& rows) {
  const std::size_t columns = rows.empty() ? 0 : rows[0].size();
  auto* values = static_cast<float*>(memory_to_hand_out(rows.size() * columns * sizeof(float)));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::memcpy(values + row * columns, rows[row].data(), columns * sizeof(float));
  }
  return {values, rows.size(), columns};
}

}  // namespace

}  // namespace eigenformer::c_api

namespace ef = eigenformer;
using namespace eigenformer::c_api;

eigenformer_status eigenformer_embed_options_init(eigenformer_embed_options* options, uint64_t size,
                                                  eigenformer_error* error) {
  return attempt_call(error, [&] { write_structure(options, size, default_embed_options()); });
}

eigenformer_status eigenformer_embed(const eigenformer_model* model, eigenformer_texts texts,
                                     const eigenformer_embed_options* options, eigenformer_vectors* vectors,
                                     eigenformer_error* error) {
  return attempt_call(error, [&] {
    const ef::Model& loaded = require(model, "model").model;
    eigenformer_vectors& place = require_place(vectors, "vectors");
    place = hand_out(ef::embed(loaded, copy(texts, "texts"), embed_options(options)));
  });
}

eigenformer_status eigenformer_cosine_similarity(const float* a, const float* b, uint64_t count, double* similarity,
                                                 eigenformer_error* error) {
  return attempt_call(error, [&] {
    double& place = require_place(similarity, "similarity");
    place = ef::cosine_similarity(list(a, count, "a"), list(b, count, "b"));
  });
}
