// The errors that config.json and GGUF metadata have in common.
#pragma once

#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// `where` names file and key; `wanted` is the type: "a whole number".
[[noreturn]] inline void throw_config_missing(const std::string& where, std::string_view wanted) {
  throw ConfigError({.id = "config.missing",
                     .expected = std::string(wanted),
                     .found = "no such key",
                     .where = where,
                     .remedy = "use the config that was published with these weights"});
}

[[noreturn]] inline void throw_config_type(const std::string& where, std::string_view wanted,
                                           const std::string& found) {
  throw ConfigError({.id = "config.type",
                     .expected = std::string(wanted),
                     .found = found,
                     .where = where,
                     .remedy = "correct the value, or use the config that was published with these weights"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
