#pragma once

#include <optional>

#include "eigenformer/format/tensor_naming.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace tensor_naming_detail {

inline constexpr std::string_view k_number = "{i}";

/// The digits that stand where the pattern has {i}, one after another; nothing where the name does not match.
inline std::optional<std::vector<std::string_view>> numbers_in(std::string_view name, std::string_view pattern) {
  std::vector<std::string_view> numbers;
  while (!pattern.empty()) {
    if (pattern.starts_with(k_number)) {
      std::size_t digits = 0;
      while (digits < name.size() && name[digits] >= '0' && name[digits] <= '9') ++digits;
      if (digits == 0) return std::nullopt;
      numbers.push_back(name.substr(0, digits));
      name.remove_prefix(digits);
      pattern.remove_prefix(k_number.size());
    } else {
      if (name.empty() || name.front() != pattern.front()) return std::nullopt;
      name.remove_prefix(1);
      pattern.remove_prefix(1);
    }
  }
  if (!name.empty()) return std::nullopt;
  return numbers;
}

inline std::string filled(std::string_view pattern, const std::vector<std::string_view>& numbers) {
  std::string name;
  for (const std::string_view number : numbers) {
    const std::size_t at = pattern.find(k_number);
    if (at == std::string_view::npos) break;
    name.append(pattern.substr(0, at)).append(number);
    pattern.remove_prefix(at + k_number.size());
  }
  return name.append(pattern);
}

}  // namespace tensor_naming_detail

EIGENFORMER_INLINE std::string mapped_name(const TensorNaming& naming, std::string_view name) {
  for (const auto& [from, to] : naming.to_file) {
    if (const auto numbers = tensor_naming_detail::numbers_in(name, from))
      return tensor_naming_detail::filled(to, *numbers);
  }
  return std::string(name);
}

EIGENFORMER_INLINE std::vector<std::string> candidate_names(const TensorNaming& naming, std::string_view name) {
  std::vector<std::string> names{mapped_name(naming, name)};
  for (const std::string& prefix : naming.optional_prefixes) {
    const std::string& mapped = names.front();
    names.push_back(mapped.starts_with(prefix) ? mapped.substr(prefix.size()) : prefix + mapped);
  }
  const std::size_t newer = names.size();
  for (const auto& [ending, older] : naming.older_endings) {
    for (std::size_t index = 0; index < newer; ++index) {
      const std::string& candidate = names[index];
      if (!candidate.ends_with(ending)) continue;
      names.push_back(candidate.substr(0, candidate.size() - ending.size()) + older);
    }
  }
  return names;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
