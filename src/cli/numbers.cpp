#include "cli/numbers.hpp"

#include <charconv>

#include "eigenformer/error.hpp"

namespace cli {

namespace {

std::string shown(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

[[noreturn]] void refuse(const std::string& option, std::string_view text, const std::string& expected) {
  throw ef::UsageError({.id = "usage.option_value",
                        .expected = expected,
                        .found = "'" + std::string(text) + "'",
                        .where = option,
                        .remedy = "pass such a number"});
}

std::string range_text(const WholeRange& range) {
  const std::string least = std::to_string(range.least);
  if (range.most == std::numeric_limits<std::uint64_t>::max()) return "a whole number of " + least + " or more";
  return "a whole number from " + least + " to " + std::to_string(range.most);
}

/// Calls `take` with each part of "a,b,c", without the spaces around it.
template <class Take>
void for_each_part(std::string_view text, Take&& take) {
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    take(part);
    if (comma == std::string_view::npos) return;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::uint64_t parse_whole(const std::string& option, std::string_view text, const WholeRange& range) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (!is_number || value < range.least || value > range.most) refuse(option, text, range_text(range));
  return value;
}

double parse_real(const std::string& option, std::string_view text, const RealRange& range) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  // Written so that NaN, which compares false with everything, is refused.
  if (!is_number || !(value >= range.least && value <= range.most)) {
    refuse(option, text, "a number from " + shown(range.least) + " to " + shown(range.most));
  }
  return value;
}

std::vector<ef::TokenId> parse_ids(const std::string& option, std::string_view text) {
  std::vector<ef::TokenId> ids;
  if (text.find_first_not_of(' ') == std::string_view::npos) return ids;
  constexpr WholeRange range{0, std::numeric_limits<ef::TokenId>::max()};
  for_each_part(
      text, [&](std::string_view part) { ids.push_back(static_cast<ef::TokenId>(parse_whole(option, part, range))); });
  return ids;
}

std::vector<std::uint64_t> parse_whole_list(const std::string& option, std::string_view text, const WholeRange& range) {
  std::vector<std::uint64_t> values;
  for_each_part(text, [&](std::string_view part) { values.push_back(parse_whole(option, part, range)); });
  return values;
}

std::string long_name(const std::string& names) { return names.substr(names.rfind(',') + 1); }

}  // namespace cli
