// Where configs come from: JSON text and GGUF metadata.
#pragma once

#include "eigenformer/format/config_reader-inl.hpp"
#include "eigenformer/format/gguf.hpp"
#include "eigenformer/format/gguf_array.hpp"
#include "eigenformer/format/json.hpp"
#include "eigenformer/format/pattern.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace config_sources_detail {

/// A reader over a state whose root and names are filled in.
inline ConfigReader reader_of(std::shared_ptr<ConfigReader::State> state) {
  state->objects.emplace("", &state->root);
  return ConfigReader(std::move(state));
}

/// Longest list that a config may hold; a value in memory takes more room than an element in the file.
inline constexpr std::uint64_t k_longest_list = 65536;

inline Json element_as_json(const GgufArray& array, std::size_t index) {
  if (is_whole_number(array.element)) return Json(array_integer(array, index));
  if (array.element == GgufType::boolean) return Json(array.bytes[index] != std::byte{0});
  return Json(array_number(array, index));
}

inline std::string shown_array(const GgufArray& array) {
  return "an array of " + std::to_string(array.count) + " " + std::string(gguf_type_name(array.element));
}

inline Json array_as_json(const GgufArray& array, const std::string& where) {
  if (array.element == GgufType::array || array.count > k_longest_list) {
    throw_config_type(where, "a number, a text, a flag or a list of at most " + std::to_string(k_longest_list),
                      shown_array(array));
  }
  Json list = Json::array();
  if (array.element == GgufType::text) {
    const TextList texts = array_texts(array);
    for (std::size_t i = 0; i < texts.size(); ++i) list.append(Json(std::string(texts[i])));
    return list;
  }
  for (std::size_t i = 0; i < array.count; ++i) list.append(element_as_json(array, i));
  return list;
}

inline Json as_json(const GgufValue& value, const std::string& where) {
  return std::visit(
      [&](const auto& held) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, GgufArray>) {
          return array_as_json(held, where);
        } else {
          return Json(held);
        }
      },
      value.value);
}

/// A value that nobody can ask for, as far as messages need it.
inline Json unmapped_as_json(const GgufValue& value) {
  const auto* const array = std::get_if<GgufArray>(&value.value);
  if (array == nullptr) return as_json(value, {});
  return array->count == 0 ? Json::array() : Json(shown_array(*array));
}

/// Puts a value at "rope_scaling.factor": into the object of the first part.
inline void put(Json& root, const std::string& path, Json value) {
  if (!root.is_object()) root = Json::object();
  const std::size_t dot = path.find('.');
  if (dot == std::string::npos) {
    root.member(path) = std::move(value);
  } else {
    put(root.member(path.substr(0, dot)), path.substr(dot + 1), std::move(value));
  }
}

}  // namespace config_sources_detail

EIGENFORMER_INLINE ConfigReader config_from_json(std::string_view text, std::string where) {
  Json root = parse_json(text, where);
  if (!root.is_object()) {
    throw FormatError({.id = "format.config_object",
                       .expected = "a JSON object of config keys",
                       .found = config_reader_detail::shown(root),
                       .where = where,
                       .remedy = "give the config.json that was published with these weights"});
  }
  auto state = std::make_shared<ConfigReader::State>();
  state->root = std::move(root);
  state->where = std::move(where);
  return config_sources_detail::reader_of(std::move(state));
}

EIGENFORMER_INLINE ConfigReader config_from_json_file(const Folder& folder, const std::string& name) {
  return config_from_json(folder.text(name, JsonLimits{}.bytes), folder.where(name));
}

EIGENFORMER_INLINE ConfigReader config_from_gguf(const GgufFile& file, const GgufKeyMap& map) {
  auto state = std::make_shared<ConfigReader::State>();
  state->where = file.where();
  for (const auto& [from, to] : map.keys) state->file_keys.emplace(to, from);
  for (const auto& [key, value] : file.metadata()) {
    const auto mapped =
        std::find_if(map.keys.begin(), map.keys.end(), [&](const auto& pair) { return pair.first == key; });
    const bool ignorable = std::any_of(map.ignorable_patterns.begin(), map.ignorable_patterns.end(),
                                       [&](const std::string& pattern) { return matches(key, pattern); });
    if (mapped != map.keys.end()) {
      state->file_keys[mapped->second] = key;
      const std::string where = state->where_of(mapped->second);
      config_sources_detail::put(state->root, mapped->second, config_sources_detail::as_json(value, where));
    } else if (!ignorable) {
      state->unmapped.member(key) = config_sources_detail::unmapped_as_json(value);
    }
  }
  return config_sources_detail::reader_of(std::move(state));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
