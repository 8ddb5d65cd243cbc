// Models by name: where models/fetch keeps them. A light header.
#pragma once

#include <filesystem>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// The model that `make chat` fetches and talks to.
inline constexpr std::string_view k_default_model = "smollm2-135m-instruct";

/// The folder in which models/fetch keeps models: $EIGENFORMER_CACHE/models, else $XDG_CACHE_HOME/eigenformer/models,
/// else ~/.cache/eigenformer/models.
std::filesystem::path model_cache();

/// What `load` takes for `model`: the path itself where there is such a folder or file, else the model that
/// models/fetch keeps under that name, a .gguf file or a folder. Throws SystemError "system.model_absent", which says
/// how to fetch it.
std::filesystem::path find_model(std::string_view model);
Result<std::filesystem::path> try_find_model(std::string_view model);

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/find_model-inl.hpp"
#endif
