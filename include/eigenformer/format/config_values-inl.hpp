// The getters of ConfigReader.
#pragma once

#include "eigenformer/format/config_reader-inl.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace config_reader_detail {

/// The value of a key, read by `read(value, where)`; absent: nothing.
template <class Read>
auto optional_value(ConfigReader::State& state, const std::string& object, std::string_view key, Read read)
    -> std::optional<decltype(read(std::declval<const Json&>(), object))> {
  const Json* const value = state.take(object, key);
  if (value == nullptr) return std::nullopt;
  return read(*value, state.where_of(ConfigReader::State::path_of(object, key)));
}

/// The same for a key that must be there.
template <class Read>
auto required_value(ConfigReader::State& state, const std::string& object, std::string_view key,
                    const std::string& wanted, Read read) {
  auto value = optional_value(state, object, key, read);
  if (!value) throw_config_missing(state.where_of(ConfigReader::State::path_of(object, key)), wanted);
  return std::move(*value);
}

inline auto integer_in(IntegerRange range) {
  return [range](const Json& value, const std::string& where) { return as_integer(value, range, where); };
}
inline auto number_in(NumberRange range) {
  return [range](const Json& value, const std::string& where) { return as_number(value, range, where); };
}
inline auto integers_in(IntegerRange range) {
  return [range](const Json& value, const std::string& where) {
    return as_list(value, "a list of whole numbers", where,
                   [&](const Json& one) { return as_integer(one, range, where); });
  };
}
inline auto numbers_in(NumberRange range) {
  return [range](const Json& value, const std::string& where) {
    return as_list(value, "a list of numbers", where, [&](const Json& one) { return as_number(one, range, where); });
  };
}
inline std::vector<std::string> as_texts(const Json& value, const std::string& where) {
  return as_list(value, "a list of texts", where, [&](const Json& one) { return as_text(one, where); });
}

}  // namespace config_reader_detail

EIGENFORMER_INLINE std::int64_t ConfigReader::integer(std::string_view key, IntegerRange range) const {
  using namespace config_reader_detail;
  return required_value(*state_, path_, key, wanted_integer(range), integer_in(range));
}
EIGENFORMER_INLINE double ConfigReader::number(std::string_view key, NumberRange range) const {
  using namespace config_reader_detail;
  return required_value(*state_, path_, key, wanted_number(range), number_in(range));
}
EIGENFORMER_INLINE bool ConfigReader::flag(std::string_view key) const {
  return config_reader_detail::required_value(*state_, path_, key, "true or false", config_reader_detail::as_flag);
}
EIGENFORMER_INLINE std::string ConfigReader::text(std::string_view key) const {
  return config_reader_detail::required_value(*state_, path_, key, "a text", config_reader_detail::as_text);
}
EIGENFORMER_INLINE std::vector<std::int64_t> ConfigReader::integers(std::string_view key, IntegerRange range) const {
  using namespace config_reader_detail;
  return required_value(*state_, path_, key, "a list of whole numbers", integers_in(range));
}
EIGENFORMER_INLINE std::vector<double> ConfigReader::numbers(std::string_view key, NumberRange range) const {
  using namespace config_reader_detail;
  return required_value(*state_, path_, key, "a list of numbers", numbers_in(range));
}
EIGENFORMER_INLINE std::vector<std::string> ConfigReader::texts(std::string_view key) const {
  return config_reader_detail::required_value(*state_, path_, key, "a list of texts", config_reader_detail::as_texts);
}

EIGENFORMER_INLINE std::int64_t ConfigReader::integer_or(std::string_view key, std::int64_t otherwise,
                                                         IntegerRange range) const {
  return optional_integer(key, range).value_or(otherwise);
}
EIGENFORMER_INLINE double ConfigReader::number_or(std::string_view key, double otherwise, NumberRange range) const {
  return optional_number(key, range).value_or(otherwise);
}
EIGENFORMER_INLINE bool ConfigReader::flag_or(std::string_view key, bool otherwise) const {
  return config_reader_detail::optional_value(*state_, path_, key, config_reader_detail::as_flag).value_or(otherwise);
}
EIGENFORMER_INLINE std::string ConfigReader::text_or(std::string_view key, std::string_view otherwise) const {
  return config_reader_detail::optional_value(*state_, path_, key, config_reader_detail::as_text)
      .value_or(std::string(otherwise));
}
EIGENFORMER_INLINE std::vector<std::int64_t> ConfigReader::integers_or(std::string_view key,
                                                                       std::vector<std::int64_t> otherwise,
                                                                       IntegerRange range) const {
  using namespace config_reader_detail;
  return optional_value(*state_, path_, key, integers_in(range)).value_or(std::move(otherwise));
}
EIGENFORMER_INLINE std::vector<double> ConfigReader::numbers_or(std::string_view key, std::vector<double> otherwise,
                                                                NumberRange range) const {
  using namespace config_reader_detail;
  return optional_value(*state_, path_, key, numbers_in(range)).value_or(std::move(otherwise));
}
EIGENFORMER_INLINE std::vector<std::string> ConfigReader::texts_or(std::string_view key,
                                                                   std::vector<std::string> otherwise) const {
  return config_reader_detail::optional_value(*state_, path_, key, config_reader_detail::as_texts)
      .value_or(std::move(otherwise));
}
EIGENFORMER_INLINE std::optional<std::int64_t> ConfigReader::optional_integer(std::string_view key,
                                                                              IntegerRange range) const {
  return config_reader_detail::optional_value(*state_, path_, key, config_reader_detail::integer_in(range));
}
EIGENFORMER_INLINE std::optional<double> ConfigReader::optional_number(std::string_view key, NumberRange range) const {
  return config_reader_detail::optional_value(*state_, path_, key, config_reader_detail::number_in(range));
}

EIGENFORMER_INLINE void ConfigReader::must_equal(std::string_view key, bool value, std::string_view why) const {
  const Json* const found = state_->take(path_, key);
  if (found == nullptr || (found->is_boolean() && found->boolean() == value)) return;
  config_reader_detail::wrong_value(state_->where_of(State::path_of(path_, key)), value ? "true" : "false", *found,
                                    why);
}
EIGENFORMER_INLINE void ConfigReader::must_equal(std::string_view key, std::int64_t value, std::string_view why) const {
  const Json* const found = state_->take(path_, key);
  if (found == nullptr || (found->is_integer() && !found->exceeds_int64() && found->integer() == value)) return;
  config_reader_detail::wrong_value(state_->where_of(State::path_of(path_, key)), std::to_string(value), *found, why);
}
EIGENFORMER_INLINE void ConfigReader::must_equal(std::string_view key, int value, std::string_view why) const {
  must_equal(key, std::int64_t{value}, why);
}
EIGENFORMER_INLINE void ConfigReader::must_equal(std::string_view key, std::string_view value,
                                                 std::string_view why) const {
  must_be_one_of(key, {value}, why);
}
EIGENFORMER_INLINE void ConfigReader::must_equal(std::string_view key, const char* value, std::string_view why) const {
  must_be_one_of(key, {value}, why);
}
EIGENFORMER_INLINE void ConfigReader::must_equal_number(std::string_view key, double value,
                                                        std::string_view why) const {
  const Json* const found = state_->take(path_, key);
  if (found == nullptr || (found->is_number() && found->number() == value)) return;
  config_reader_detail::wrong_value(state_->where_of(State::path_of(path_, key)),
                                    config_reader_detail::number_text(value), *found, why);
}
EIGENFORMER_INLINE void ConfigReader::must_be_one_of(std::string_view key,
                                                     std::initializer_list<std::string_view> values,
                                                     std::string_view why) const {
  const Json* const found = state_->take(path_, key);
  if (found == nullptr) return;
  std::string wanted;
  for (const std::string_view value : values) {
    if (found->is_text() && found->text() == value) return;
    wanted += (wanted.empty() ? "" : " or ") + in_quotes(value);
  }
  config_reader_detail::wrong_value(state_->where_of(State::path_of(path_, key)), std::move(wanted), *found, why);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
