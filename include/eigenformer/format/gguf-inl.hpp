#pragma once

#include <cstring>
#include <limits>
#include <span>

#include "eigenformer/format/config_errors.hpp"
#include "eigenformer/format/gguf.hpp"
#include "eigenformer/format/gguf_array-inl.hpp"
#include "eigenformer/format/gguf_parser-inl.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

EIGENFORMER_INLINE GgufFile::GgufFile(std::shared_ptr<const ByteSource> source) : source_(std::move(source)) {
  GgufParser(*source_).parse(metadata_, entries_);
  for (std::size_t i = 0; i < metadata_.size(); ++i) keys_.emplace(metadata_[i].first, i);
}

EIGENFORMER_INLINE RawTensor GgufFile::read(const TensorEntry& entry) const { return read_tensor(*source_, entry); }

EIGENFORMER_INLINE std::string GgufFile::where() const { return source_->name(); }

EIGENFORMER_INLINE const GgufValue* GgufFile::find(std::string_view key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : &metadata_[found->second].second;
}

EIGENFORMER_INLINE const GgufValue& GgufFile::require(std::string_view key, std::string_view wanted) const {
  if (const GgufValue* const value = find(key)) return *value;
  throw_config_missing(where() + ", key " + std::string(key), wanted);
}

EIGENFORMER_INLINE void GgufFile::wrong_type(std::string_view key, std::string_view wanted,
                                             const GgufValue& value) const {
  std::string found(gguf_type_name(value.type));
  if (const auto* const array = std::get_if<GgufArray>(&value.value))
    found += " of " + std::string(gguf_type_name(array->element));
  throw_config_type(where() + ", key " + std::string(key), wanted, found);
}

EIGENFORMER_INLINE std::string GgufFile::text(std::string_view key) const {
  const GgufValue& value = require(key, "a text");
  if (const auto* const text = std::get_if<std::string>(&value.value)) return *text;
  wrong_type(key, "a text", value);
}

EIGENFORMER_INLINE std::int64_t GgufFile::integer(std::string_view key) const {
  const GgufValue& value = require(key, "a whole number");
  if (const auto* const number = std::get_if<std::int64_t>(&value.value)) return *number;
  wrong_type(key, "a whole number", value);
}

EIGENFORMER_INLINE double GgufFile::number(std::string_view key) const {
  const GgufValue& value = require(key, "a number");
  if (const auto* const number = std::get_if<double>(&value.value)) return *number;
  if (const auto* const number = std::get_if<std::int64_t>(&value.value)) return static_cast<double>(*number);
  wrong_type(key, "a number", value);
}

EIGENFORMER_INLINE bool GgufFile::flag(std::string_view key) const {
  const GgufValue& value = require(key, "a flag");
  if (const auto* const flag = std::get_if<bool>(&value.value)) return *flag;
  wrong_type(key, "a flag", value);
}

EIGENFORMER_INLINE TextList GgufFile::texts(std::string_view key) const {
  const GgufValue& value = require(key, "an array of texts");
  const auto* const array = std::get_if<GgufArray>(&value.value);
  if (array == nullptr || array->element != GgufType::text) wrong_type(key, "an array of texts", value);
  return array_texts(*array);
}

EIGENFORMER_INLINE std::vector<std::int32_t> GgufFile::integers(std::string_view key) const {
  constexpr std::string_view wanted = "an array of whole numbers of 32 bits";
  const GgufValue& value = require(key, wanted);
  const auto* const array = std::get_if<GgufArray>(&value.value);
  if (array == nullptr || !is_whole_number(array->element)) wrong_type(key, wanted, value);
  std::vector<std::int32_t> numbers(static_cast<std::size_t>(array->count));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::int64_t number = array_integer(*array, i);
    numbers[i] = static_cast<std::int32_t>(number);
    if (numbers[i] != number) wrong_type(key, wanted, value);
  }
  return numbers;
}

EIGENFORMER_INLINE std::vector<float> GgufFile::numbers(std::string_view key) const {
  const GgufValue& value = require(key, "an array of f32");
  const auto* const array = std::get_if<GgufArray>(&value.value);
  if (array == nullptr || array->element != GgufType::f32) wrong_type(key, "an array of f32", value);
  std::vector<float> numbers(static_cast<std::size_t>(array->count));
  if (!numbers.empty()) std::memcpy(numbers.data(), array->bytes.data(), numbers.size() * sizeof(float));
  return numbers;
}

EIGENFORMER_INLINE std::shared_ptr<const GgufFile> open_gguf(std::shared_ptr<const ByteSource> source) {
  return std::make_shared<GgufFile>(std::move(source));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
