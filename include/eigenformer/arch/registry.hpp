// Every architecture, one line each. Nothing registers itself: what is not listed here does not exist.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/arch/architecture.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch {

/// The architectures of the library, in the order of the support table.
std::vector<Architecture> architectures();

/// A host's own (LoadOptions::architectures), then those of the library. UsageError "usage.architecture" where one is
/// null.
std::vector<Architecture> architectures_with(std::span<const std::shared_ptr<const Architecture>> own);

/// The class of an architecture that a config names in "architectures"; where it names none, the first.
std::string class_of(const Architecture& architecture, const format::ConfigReader& config);

/// The first of `known` that a Hugging Face config (its "architectures", else its model_type) or a GGUF file names.
/// ConfigError "config.architecture" lists what there is.
Architecture find_hugging_face_architecture(const format::ConfigReader& config, std::span<const Architecture> known);
Architecture find_gguf_architecture(std::string_view name, std::string_view where, std::span<const Architecture> known);

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/arch/registry-inl.hpp"
#endif
