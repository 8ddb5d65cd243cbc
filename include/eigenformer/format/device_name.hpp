// Names by which Windows opens something else than a file of that name.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// Whether the name is a device's on Windows, in any case and with any extension (NUL, com1.bin), or ends with a dot or
/// a space, which Windows drops. https://learn.microsoft.com/windows/win32/fileio/naming-a-file
inline bool is_device_name(std::string_view name) {
  if (name.ends_with('.') || name.ends_with(' ')) return true;
  std::string stem(name.substr(0, name.find('.')));
  stem.erase(stem.find_last_not_of(' ') + 1);
  std::transform(stem.begin(), stem.end(), stem.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  constexpr std::array<std::string_view, 6> whole = {"con", "prn", "aux", "nul", "conin$", "conout$"};
  if (std::find(whole.begin(), whole.end(), stem) != whole.end()) return true;
  if (!stem.starts_with("com") && !stem.starts_with("lpt")) return false;
  constexpr std::array<std::string_view, 13> numbers = {"0", "1", "2", "3",        "4",        "5",       "6",
                                                        "7", "8", "9", "\xC2\xB9", "\xC2\xB2", "\xC2\xB3"};
  return std::find(numbers.begin(), numbers.end(), std::string_view(stem).substr(3)) != numbers.end();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
