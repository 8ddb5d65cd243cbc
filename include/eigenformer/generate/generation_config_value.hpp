// One key of a generation_config.json and its value, read as the type that is expected.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/json_value.hpp"
#include "eigenformer/generate.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Each reader throws ConfigError "config.generation_key" for a value of another type.
struct GenerationConfigValue {
  const std::string& where;
  const std::string& key;
  const format::Json& value;

  [[noreturn]] void refuse(const std::string& expected) const;

  std::size_t count() const;
  double number() const;
  bool flag() const;
  /// true, false or "never"
  EarlyStopping early_stopping() const;
  /// An id or a list of them; the list may be empty.
  std::vector<TokenId> tokens() const;
  TokenId token() const;
  std::vector<std::vector<TokenId>> sequences() const;
  std::vector<std::string> texts() const;
  /// [[[ids], bias], ...]
  std::vector<TokenBias> biases() const;
  /// [start, factor]
  DecayingLength decay() const;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/generation_config_value-inl.hpp"
#endif
