// Options of generation: what C gives as what C++ takes.
#pragma once

#include "eigenformer/c_api.h"
#include "eigenformer/generate.hpp"

namespace eigenformer::c_api {

/// A host's options as those of C.
eigenformer_generate_options default_generate_options();
eigenformer_generate_options default_chat_generate_options();

/// `given` may be null: `defaults`.
GenerateOptions generate_options(const Model& model, const eigenformer_generate_options* given,
                                 const eigenformer_generate_options& defaults);

}  // namespace eigenformer::c_api
