#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "eigenformer/arch/albert.hpp"
#include "eigenformer/arch/bart.hpp"
#include "eigenformer/arch/bert.hpp"
#include "eigenformer/arch/distilbert.hpp"
#include "eigenformer/arch/electra.hpp"
#include "eigenformer/arch/gemma3.hpp"
#include "eigenformer/arch/gpt2.hpp"
#include "eigenformer/arch/llama.hpp"
#include "eigenformer/arch/m2m_100.hpp"
#include "eigenformer/arch/marian.hpp"
#include "eigenformer/arch/mbart.hpp"
#include "eigenformer/arch/mistral.hpp"
#include "eigenformer/arch/pegasus.hpp"
#include "eigenformer/arch/qwen2.hpp"
#include "eigenformer/arch/qwen3.hpp"
#include "eigenformer/arch/registry.hpp"
#include "eigenformer/arch/roberta.hpp"
#include "eigenformer/arch/t5.hpp"
#include "eigenformer/arch/xlm_roberta.hpp"
#include "eigenformer/arch/xlnet.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch {

EIGENFORMER_INLINE std::vector<Architecture> architectures() {
  return {llama::architecture(),       mistral::architecture(),    qwen2::architecture(),   qwen3::architecture(),
          gemma3::architecture(),      gpt2::architecture(),       bert::architecture(),    roberta::architecture(),
          xlm_roberta::architecture(), distilbert::architecture(), electra::architecture(), albert::architecture(),
          t5::architecture(),          t5::mt5_architecture(),     t5::umt5_architecture(), bart::architecture(),
          mbart::architecture(),       marian::architecture(),     pegasus::architecture(), m2m_100::architecture(),
          xlnet::architecture()};
}

namespace registry_detail {

inline std::string with(std::string text, std::string_view name) {
  if (!text.empty()) text += ", ";
  return text.append(name);
}

}  // namespace registry_detail

EIGENFORMER_INLINE std::vector<Architecture> architectures_with(
    std::span<const std::shared_ptr<const Architecture>> own) {
  std::vector<Architecture> known;
  for (const std::shared_ptr<const Architecture>& architecture : own) {
    if (architecture == nullptr) {
      throw UsageError({.id = "usage.architecture",
                        .expected = "architectures",
                        .found = "a null pointer",
                        .where = "LoadOptions::architectures",
                        .remedy = "leave the list empty, or fill every place"});
    }
    known.push_back(*architecture);
  }
  for (Architecture& architecture : architectures()) known.push_back(std::move(architecture));
  return known;
}

EIGENFORMER_INLINE std::string class_of(const Architecture& architecture, const format::ConfigReader& config) {
  const std::vector<std::string_view>& known = architecture.hugging_face_classes;
  for (const std::string& name : config.texts_or("architectures", {})) {
    if (std::find(known.begin(), known.end(), name) != known.end()) return name;
  }
  return known.empty() ? std::string() : std::string(known.front());
}

EIGENFORMER_INLINE Architecture find_hugging_face_architecture(const format::ConfigReader& config,
                                                               std::span<const Architecture> known) {
  const std::vector<std::string> classes = config.texts_or("architectures", {});
  const std::string type = config.text_or("model_type", "");
  std::string listed;
  for (const Architecture& candidate : known) {
    const auto& names = candidate.hugging_face_classes;
    const bool has_class = std::any_of(classes.begin(), classes.end(), [&](const std::string& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    });
    if (has_class || (classes.empty() && type == candidate.name)) return candidate;
    for (const std::string_view name : names) listed = registry_detail::with(listed, name);
  }
  std::string found;
  for (const std::string& name : classes) found = registry_detail::with(found, name);
  throw ConfigError({.id = "config.architecture",
                     .expected = "one of " + listed,
                     .found = found.empty() ? "model_type \"" + type + "\"" : found,
                     .where = config.where() + ", key \"architectures\"",
                     .remedy = "use a model of a supported architecture (docs/models.md)"});
}

EIGENFORMER_INLINE Architecture find_gguf_architecture(std::string_view name, std::string_view where,
                                                       std::span<const Architecture> known) {
  std::string listed;
  for (const Architecture& candidate : known) {
    if (candidate.gguf_name.empty()) continue;
    if (candidate.gguf_name == name) return candidate;
    listed = registry_detail::with(listed, candidate.gguf_name);
  }
  throw ConfigError({.id = "config.architecture",
                     .expected = "one of " + listed,
                     .found = std::string("\"").append(name).append("\""),
                     .where = std::string(where) + ", key \"general.architecture\"",
                     .remedy = "use a model of a supported architecture (docs/models.md)"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch
