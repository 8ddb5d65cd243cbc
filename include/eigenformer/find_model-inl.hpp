#pragma once

#include <algorithm>
#include <string>
#include <system_error>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/core/environment.hpp"
#include "eigenformer/find_model.hpp"
#include "eigenformer/format/file.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace find_model_detail {

/// Whether it can be a name of models/manifest.json: letters, digits and -_. with no dot in front.
inline bool is_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !text.empty() && text.size() <= 128 && text.front() != '.' && std::all_of(text.begin(), text.end(), allowed);
}

/// A model is one .gguf file, or else the whole folder (models/fetch says so at its head).
inline std::filesystem::path model_in(const std::filesystem::path& folder) {
  std::error_code unreadable;
  if (std::filesystem::exists(folder / "config.json", unreadable)) return folder;
  for (auto entry = std::filesystem::directory_iterator(folder, unreadable);
       !unreadable && entry != std::filesystem::directory_iterator(); entry.increment(unreadable)) {
    if (entry->path().extension() == ".gguf") return entry->path();
  }
  return folder;
}

}  // namespace find_model_detail

EIGENFORMER_INLINE std::filesystem::path model_cache() {
  if (const auto own = path_from_environment("EIGENFORMER_CACHE"); !own.empty()) return own / "models";
  if (const auto all = path_from_environment("XDG_CACHE_HOME"); !all.empty()) return all / "eigenformer" / "models";
  return home_folder() / ".cache" / "eigenformer" / "models";
}

EIGENFORMER_INLINE std::filesystem::path find_model(std::string_view model) {
  std::filesystem::path path = format::path_of_text(model);
  std::error_code unreadable;
  if (std::filesystem::exists(path, unreadable)) return path;
  const bool is_name = find_model_detail::is_name(model) && path.extension() != ".gguf";
  if (is_name && std::filesystem::is_directory(model_cache() / path, unreadable)) {
    return find_model_detail::model_in(model_cache() / path);
  }
  const std::string name(model);
  throw SystemError(
      {.id = "system.model_absent",
       .expected = is_name ? "a folder, a .gguf file or a fetched model of this name" : "a folder or a .gguf file",
       .found = is_name ? "none here and none in " + format::path_text(model_cache()) : "none",
       .where = name.empty() ? "the empty name" : name,
       .remedy = is_name ? "run: models/fetch " + name + " (models/fetch --list shows the names)"
                         : "check the path, or give a name that models/fetch --list shows"});
}

EIGENFORMER_INLINE Result<std::filesystem::path> try_find_model(std::string_view model) {
  return attempt([&] { return find_model(model); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
