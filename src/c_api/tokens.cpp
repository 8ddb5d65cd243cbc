#include "c_api/handle.hpp"
#include "c_api/structure.hpp"
#include "c_api/value.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::c_api {

namespace {

eigenformer_tokenize_options default_tokenize_options() {
  return {.size = sizeof(eigenformer_tokenize_options), .add_special_tokens = 1, .plain_text = 0};
}

EncodeOptions encode_options(const eigenformer_tokenize_options* given, std::string_view text) {
  const eigenformer_tokenize_options options = read_structure(given, default_tokenize_options());
  EncodeOptions result{.add_special_tokens = flag_of(options.add_special_tokens, "add_special_tokens")};
  if (flag_of(options.plain_text, "plain_text")) result.plain_spans = {{0, text.size()}};
  return result;
}

eigenformer_detokenize_options default_detokenize_options() {
  return {.size = sizeof(eigenformer_detokenize_options), .skip_special_tokens = 0, .reserved = 0};
}

DecodeOptions decode_options(const eigenformer_detokenize_options* given) {
  const eigenformer_detokenize_options options = read_structure(given, default_detokenize_options());
  require_choice({options.reserved, 1, "reserved"});
  return {.skip_special_tokens = flag_of(options.skip_special_tokens, "skip_special_tokens")};
}

}  // namespace

}  // namespace eigenformer::c_api

namespace ef = eigenformer;
using namespace eigenformer::c_api;

eigenformer_status eigenformer_tokenize_options_init(eigenformer_tokenize_options* options, uint64_t size,
                                                     eigenformer_error* error) {
  return attempt_call(error, [&] { write_structure(options, size, default_tokenize_options()); });
}

eigenformer_status eigenformer_tokenize(const eigenformer_model* model, eigenformer_text text,
                                        const eigenformer_tokenize_options* options, eigenformer_owned_tokens* tokens,
                                        eigenformer_error* error) {
  return attempt_call(error, [&] {
    const ef::Model& loaded = require(model, "model").model;
    eigenformer_owned_tokens& place = require_place(tokens, "tokens");
    const std::string_view read = view(text, "text");
    place = hand_out(loaded.tokenizer().encode(read, encode_options(options, read)));
  });
}

eigenformer_status eigenformer_detokenize_options_init(eigenformer_detokenize_options* options, uint64_t size,
                                                       eigenformer_error* error) {
  return attempt_call(error, [&] { write_structure(options, size, default_detokenize_options()); });
}

eigenformer_status eigenformer_detokenize(const eigenformer_model* model, eigenformer_tokens tokens,
                                          const eigenformer_detokenize_options* options, eigenformer_owned_text* text,
                                          eigenformer_error* error) {
  return attempt_call(error, [&] {
    const ef::Model& loaded = require(model, "model").model;
    eigenformer_owned_text& place = require_place(text, "text");
    place = hand_out(loaded.tokenizer().decode(view(tokens, "tokens"), decode_options(options)));
  });
}
