// Strict reading of model configs: every key is asked for, must equal something, is known to be harmless, or is an
// error. config.json and GGUF metadata go through the same reader.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/folder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

class GgufFile;

/// What `finish` does with a key that nobody asked for.
enum class UnknownKeys : std::uint8_t { refuse, report };

/// Both ends are allowed.
struct IntegerRange {
  std::int64_t minimum = 0;
  std::int64_t maximum = std::numeric_limits<std::int32_t>::max();
};
struct NumberRange {
  double minimum = -std::numeric_limits<double>::max();
  double maximum = std::numeric_limits<double>::max();
};

/// Sizes, counts of heads and the like: 1 to 2^24. Layers have a range of their own, 1 to 4096.
inline constexpr IntegerRange k_size_range{1, 1 << 24};
inline constexpr IntegerRange k_layer_count_range{1, 4096};
/// Greater than zero.
inline constexpr NumberRange k_positive{std::numeric_limits<double>::min(), std::numeric_limits<double>::max()};

/// A config, or one object inside it. Copies share what has been read. A key whose value is null counts as absent.
/// Errors are ConfigError: "config.missing", "config.type", "config.range", "config.value", "config.unknown_key".
class ConfigReader {
 public:
  struct State;
  explicit ConfigReader(std::shared_ptr<State> state, std::string path = "");

  /// Required.
  std::int64_t integer(std::string_view key, IntegerRange range) const;
  double number(std::string_view key, NumberRange range = {}) const;
  bool flag(std::string_view key) const;
  std::string text(std::string_view key) const;
  std::vector<std::int64_t> integers(std::string_view key, IntegerRange range) const;
  std::vector<double> numbers(std::string_view key, NumberRange range = {}) const;
  std::vector<std::string> texts(std::string_view key) const;

  /// Optional, with the documented default.
  std::int64_t integer_or(std::string_view key, std::int64_t otherwise, IntegerRange range) const;
  double number_or(std::string_view key, double otherwise, NumberRange range = {}) const;
  bool flag_or(std::string_view key, bool otherwise) const;
  std::string text_or(std::string_view key, std::string_view otherwise) const;
  std::vector<std::int64_t> integers_or(std::string_view key, std::vector<std::int64_t> otherwise,
                                        IntegerRange range) const;
  std::vector<double> numbers_or(std::string_view key, std::vector<double> otherwise, NumberRange range = {}) const;
  std::vector<std::string> texts_or(std::string_view key, std::vector<std::string> otherwise) const;
  std::optional<std::int64_t> optional_integer(std::string_view key, IntegerRange range) const;
  std::optional<double> optional_number(std::string_view key, NumberRange range = {}) const;

  /// Whether the key is there and not null. Does not count as reading it.
  bool has(std::string_view key) const;
  /// Whether the key is there and null, where that says something else than its absence. Counts as reading it.
  bool is_null(std::string_view key) const;
  /// How many entries the object under a key has; absent: nothing. Its entries count as read.
  std::optional<std::size_t> entry_count(std::string_view key) const;
  /// The object under a key, read by the same rules; absent: an object without keys. What is not read of it is reported
  /// by `finish` as "rope_scaling.factor".
  ConfigReader object(std::string_view key) const;
  /// The keys of this object that are there and not null, as they stand in the file.
  std::vector<std::string> keys() const;

  /// An absent key passes; another value is "config.value". `why` ends the sentence: "this architecture has no biases".
  void must_equal(std::string_view key, bool value, std::string_view why) const;
  void must_equal(std::string_view key, std::int64_t value, std::string_view why) const;
  void must_equal(std::string_view key, std::string_view value, std::string_view why) const;
  void must_equal(std::string_view key, const char* value, std::string_view why) const;
  void must_equal(std::string_view key, int value, std::string_view why) const;
  void must_equal_number(std::string_view key, double value, std::string_view why) const;
  void must_be_one_of(std::string_view key, std::initializer_list<std::string_view> values, std::string_view why) const;
  /// Known to change nothing for this architecture.
  void ignore(std::initializer_list<std::string_view> keys) const;

  /// Refuses a value by the architecture's own rule ("config.value"): found is filled in with the key's value.
  [[noreturn]] void refuse(std::string_view key, std::string_view expected, std::string_view remedy) const;

  /// Call on the whole config when everything is read: a key left over is "config.unknown_key", unless it is one of the
  /// base config's harmless keys or its value is null, false or empty.
  void finish(UnknownKeys policy) const;
  /// What was passed over: unknown keys under UnknownKeys::report, and references to code, which is never run.
  std::vector<std::string> reports() const;
  /// The file, for messages.
  std::string where() const;

 private:
  std::shared_ptr<State> state_;
  std::string path_;  ///< "" or "rope_scaling"
};

/// A Hugging Face config.json, or another file of its kind. FormatError where it is not JSON or not an object.
ConfigReader config_from_json_file(const Folder& folder, const std::string& name);
ConfigReader config_from_json(std::string_view text, std::string where);

/// GGUF metadata under the keys of config.json: {"llama.block_count", "num_hidden_layers"},
/// {"llama.rope.scaling.factor", "rope_scaling.factor"}. A metadata key that is not in the map and matches none of the
/// patterns
/// ('*' stands for anything) is an unknown key.
struct GgufKeyMap {
  std::vector<std::pair<std::string, std::string>> keys = {};
  std::vector<std::string> ignorable_patterns = {};  ///< "general.*", "tokenizer.*"
};
ConfigReader config_from_gguf(const GgufFile& file, const GgufKeyMap& map);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/config_reader-inl.hpp"
#endif
