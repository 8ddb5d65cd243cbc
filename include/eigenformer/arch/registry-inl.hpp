#pragma once

#include <algorithm>
#include <string>

#include "eigenformer/arch/gpt2.hpp"
#include "eigenformer/arch/llama.hpp"
#include "eigenformer/arch/registry.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch {

EIGENFORMER_INLINE std::vector<Architecture> architectures() { return {llama::architecture(), gpt2::architecture()}; }

namespace registry_detail {

inline std::string listed(std::string text, std::string_view name) {
  if (!text.empty()) text += ", ";
  return text.append(name);
}

}  // namespace registry_detail

EIGENFORMER_INLINE Architecture find_hugging_face_architecture(const format::ConfigReader& config) {
  const std::vector<std::string> classes = config.texts_or("architectures", {});
  const std::string type = config.text_or("model_type", "");
  std::string known;
  for (const Architecture& candidate : architectures()) {
    const auto& names = candidate.hugging_face_classes;
    const bool has_class = std::any_of(classes.begin(), classes.end(), [&](const std::string& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    });
    if (has_class || (classes.empty() && type == candidate.name)) return candidate;
    for (const std::string_view name : names) known = registry_detail::listed(known, name);
  }
  std::string found;
  for (const std::string& name : classes) found = registry_detail::listed(found, name);
  throw ConfigError({.id = "config.architecture",
                     .expected = "one of " + known,
                     .found = found.empty() ? "model_type \"" + type + "\"" : found,
                     .where = config.where() + ", key \"architectures\"",
                     .remedy = "use a model of a supported architecture (docs/models.md)"});
}

EIGENFORMER_INLINE Architecture find_gguf_architecture(std::string_view name, std::string_view where) {
  std::string known;
  for (const Architecture& candidate : architectures()) {
    if (candidate.gguf_name.empty()) continue;
    if (candidate.gguf_name == name) return candidate;
    known = registry_detail::listed(known, candidate.gguf_name);
  }
  throw ConfigError({.id = "config.architecture",
                     .expected = "one of " + known,
                     .found = "\"" + std::string(name) + "\"",
                     .where = std::string(where) + ", key \"general.architecture\"",
                     .remedy = "use a model of a supported architecture (docs/models.md)"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch
