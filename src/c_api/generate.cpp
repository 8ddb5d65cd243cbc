#include "eigenformer/generate.hpp"

#include "c_api/generate_options.hpp"
#include "c_api/handle.hpp"
#include "c_api/reply.hpp"
#include "c_api/value.hpp"

namespace ef = eigenformer;
using namespace eigenformer::c_api;

eigenformer_status eigenformer_generate(const eigenformer_model* model, eigenformer_text prompt,
                                        const eigenformer_generate_options* options,
                                        eigenformer_piece_callback on_piece, void* context, eigenformer_error* error) {
  return attempt_call(error, [&] {
    const ef::Model& loaded = require(model, "model").model;
    require_listener({on_piece, context});
    ef::Reply reply =
        ef::begin(loaded, view(prompt, "prompt"), generate_options(loaded, options, default_generate_options()));
    run(reply, {on_piece, context});
  });
}

eigenformer_status eigenformer_generate_tokens(const eigenformer_model* model, eigenformer_tokens prompt,
                                               const eigenformer_generate_options* options,
                                               eigenformer_owned_tokens* tokens, eigenformer_error* error) {
  return attempt_call(error, [&] {
    const ef::Model& loaded = require(model, "model").model;
    eigenformer_owned_tokens& place = require_place(tokens, "tokens");
    const ef::GenerateOptions chosen = generate_options(loaded, options, default_generate_options());
    place = hand_out(ef::generate(loaded, view(prompt, "prompt"), chosen).at(0).ids);
  });
}

eigenformer_status eigenformer_generate_begin(const eigenformer_model* model, eigenformer_text prompt,
                                              const eigenformer_generate_options* options, eigenformer_reply** reply,
                                              eigenformer_error* error) {
  return attempt_call(error, [&] {
    const ef::Model& loaded = require(model, "model").model;
    eigenformer_reply*& place = require_place(reply, "reply");
    const ef::GenerateOptions chosen = generate_options(loaded, options, default_generate_options());
    place = new eigenformer_reply{.reply = ef::begin(loaded, view(prompt, "prompt"), chosen),
                                  .in_use = std::make_shared<std::atomic_flag>()};
  });
}
