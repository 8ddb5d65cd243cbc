#include "c_api/generate_options.hpp"

#include "c_api/handle.hpp"
#include "c_api/structure.hpp"
#include "c_api/value.hpp"
#include "eigenformer/chat.hpp"

namespace eigenformer::c_api {

namespace {

/// The numbers of C++ options, no lists.
eigenformer_generate_options numbers_of(const GenerateOptions& options) {
  eigenformer_generate_options result{};
  result.size = sizeof result;
  result.max_new_tokens = options.max_new_tokens.value_or(k_default_new_tokens);
  result.temperature = options.temperature;
  result.top_p = options.top_p;
  result.min_p = options.min_p;
  result.top_k = options.top_k;
  result.repetition_penalty = options.repetition_penalty;
  result.seed = options.seed;
  result.ignore_end_tokens = options.ignore_end_tokens ? 1 : 0;
  result.banned_strings_case = static_cast<std::int32_t>(options.banned_strings_case);
  return result;
}

GenerateOptions members_of(const eigenformer_generate_options& options) {
  GenerateOptions result;
  // Left open at its default, as all of them are, so that a generation_config may say another one.
  if (options.max_new_tokens != k_default_new_tokens) result.max_new_tokens = options.max_new_tokens;
  result.temperature = options.temperature;
  result.top_k = options.top_k;
  result.top_p = options.top_p;
  result.min_p = options.min_p;
  result.repetition_penalty = options.repetition_penalty;
  result.seed = options.seed;
  result.stop = copy(options.stop, "stop");
  result.stop_tokens = copy(options.stop_tokens, "stop_tokens");
  result.ignore_end_tokens = flag_of(options.ignore_end_tokens, "ignore_end_tokens");
  if (options.cancel != nullptr) result.cancel = require(options.cancel, "cancel").token;
  result.banned_strings = copy(options.banned_strings, "banned_strings");
  result.banned_strings_case = constant_of<CaseSensitivity>({options.banned_strings_case, 2, "banned_strings_case"});
  return result;
}

}  // namespace

eigenformer_generate_options default_generate_options() { return numbers_of({}); }
eigenformer_generate_options default_chat_generate_options() { return numbers_of(default_chat_generation()); }

GenerateOptions generate_options(const Model& model, const eigenformer_generate_options* given,
                                 const eigenformer_generate_options& defaults) {
  const eigenformer_generate_options options = read_structure(given, defaults);
  GenerateOptions result = members_of(options);
  if (options.generation_config.data == nullptr) return result;
  const std::string json(view(options.generation_config, "generation_config"));
  return generation_options(model, {.json = json, .where = "generation_config"}, result);
}

}  // namespace eigenformer::c_api

using namespace eigenformer::c_api;

eigenformer_status eigenformer_generate_options_init(eigenformer_generate_options* options, uint64_t size,
                                                     eigenformer_error* error) {
  return attempt_call(error, [&] { write_structure(options, size, default_generate_options()); });
}

eigenformer_status eigenformer_chat_generate_options_init(eigenformer_generate_options* options, uint64_t size,
                                                          eigenformer_error* error) {
  return attempt_call(error, [&] { write_structure(options, size, default_chat_generate_options()); });
}
