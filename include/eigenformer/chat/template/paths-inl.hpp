#pragma once

#include <algorithm>
#include <charconv>
#include <system_error>

#include "eigenformer/chat/template/access.hpp"
#include "eigenformer/chat/template/paths.hpp"
#include "eigenformer/chat/template/text_operations.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace paths_detail {

inline std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace paths_detail

EIGENFORMER_INLINE Path Path::parse(Runtime& runtime, const Value& attribute) {
  Path path;
  if (attribute.is(Kind::none)) return path;
  if (!attribute.is(Kind::text)) {
    path.keys_.push_back(attribute);
    return path;
  }
  runtime.bytes(text_of(attribute).bytes.size());
  for (const std::string& part : paths_detail::parts_of(text_of(attribute).bytes, '.')) {
    std::int64_t index = 0;
    const bool digits = !part.empty() && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    const bool is_index = digits && std::from_chars(part.data(), part.data() + part.size(), index).ec == std::errc();
    path.keys_.push_back(is_index ? Value::integer(index) : plain(runtime, part));
  }
  return path;
}

EIGENFORMER_INLINE std::vector<Path> Path::parse_many(Runtime& runtime, const Value& attribute) {
  if (!attribute.is(Kind::text)) return {parse(runtime, attribute)};
  std::vector<Path> paths;
  for (const std::string& part : paths_detail::parts_of(text_of(attribute).bytes, ',')) {
    paths.push_back(parse(runtime, plain(runtime, part)));
  }
  return paths;
}

EIGENFORMER_INLINE Value Path::get(Runtime& runtime, const Value& item, const Value& fallback) const {
  Value found = item;
  for (const Value& key : keys_) {
    runtime.step();
    found = get_item(runtime, found, key);
    if (found.is(Kind::undefined) && !fallback.is(Kind::none)) found = fallback;
  }
  return found;
}

EIGENFORMER_INLINE Value ignoring_case(Runtime& runtime, const Value& value, bool case_counts) {
  if (case_counts || !value.is(Kind::text)) return value;
  return change_case(runtime, text_of(value), Case::lower);
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
