#pragma once

#include <algorithm>

#include "eigenformer/format/safetensors_header.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace safetensors_header_detail {

struct TypeName {
  std::string_view name;
  DataType type;
};

inline constexpr TypeName k_types[] = {
    {"F64", DataType::f64}, {"F32", DataType::f32},      {"F16", DataType::f16}, {"BF16", DataType::bf16},
    {"I64", DataType::i64}, {"I32", DataType::i32},      {"I16", DataType::i16}, {"I8", DataType::i8},
    {"U8", DataType::u8},   {"BOOL", DataType::boolean},
};

inline constexpr std::size_t k_most_dimensions = 8;

template <class Field>
Field field_of(std::string_view key) {
  if (key == "dtype") return Field::type;
  if (key == "shape") return Field::shape;
  return key == "data_offsets" ? Field::offsets : Field::none;
}

}  // namespace safetensors_header_detail

EIGENFORMER_INLINE bool SafetensorsHeader::unexpected(const std::string& found) const {
  throw FormatError(
      {.id = "format.safetensors_header",
       .expected = "tensors with dtype, shape of at most 8 dimensions and data_offsets of two numbers, and strings "
                   "under __metadata__",
       .found = found,
       .where = entry_.name.empty() ? where_ : entry_where(),
       .remedy = "download the file again: it is damaged or no safetensors file"});
}

EIGENFORMER_INLINE bool SafetensorsHeader::number_unsigned(number_unsigned_t value) {
  if (field_ == Field::shape && depth_ == 3) {
    if (entry_.shape.size() == safetensors_header_detail::k_most_dimensions) unexpected("more dimensions");
    if (value > static_cast<std::uint64_t>(INT64_MAX)) unexpected("the dimension " + std::to_string(value));
    entry_.shape.push_back(static_cast<std::int64_t>(value));
  } else if (field_ == Field::offsets && depth_ == 3 && offsets_.size() < 2) {
    offsets_.push_back(value);
  } else {
    unexpected("the number " + std::to_string(value));
  }
  return true;
}

EIGENFORMER_INLINE bool SafetensorsHeader::string(string_t& value) {
  if (in_metadata_ && depth_ == 2) return true;
  if (field_ != Field::type || depth_ != 2) unexpected("the text " + in_quotes(value));
  for (const auto& known : safetensors_header_detail::k_types) {
    if (known.name == value) type_ = known.type;
  }
  if (type_) return true;
  throw FormatError({.id = "format.safetensors_type",
                     .expected = "a tensor of type F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL",
                     .found = printable(value),
                     .where = entry_where(),
                     .remedy = "use a checkpoint in one of these types"});
}

EIGENFORMER_INLINE bool SafetensorsHeader::start_object(std::size_t) {
  if (depth_ >= 2) unexpected("an object");
  enter();
  return true;
}

EIGENFORMER_INLINE bool SafetensorsHeader::end_object() {
  leave();
  if (depth_ != 1) return true;
  if (!in_metadata_) {
    if (seen_fields_.size() != 3 || offsets_.size() != 2) unexpected("an entry without one of these");
    if (offsets_[1] < offsets_[0]) unexpected("data_offsets that run backwards");
    entry_.type = *type_;
    entry_.offset = offsets_[0];
    entry_.bytes = offsets_[1] - offsets_[0];
    entries_.push_back(std::move(entry_));
  }
  entry_ = {};
  type_.reset();
  offsets_.clear();
  seen_fields_.clear();
  in_metadata_ = false;
  field_ = Field::none;
  return true;
}

EIGENFORMER_INLINE bool SafetensorsHeader::start_array(std::size_t) {
  if (depth_ != 2 || (field_ != Field::shape && field_ != Field::offsets)) unexpected("a list");
  enter();
  return true;
}

EIGENFORMER_INLINE bool SafetensorsHeader::end_array() {
  leave();
  field_ = Field::none;
  return true;
}

EIGENFORMER_INLINE bool SafetensorsHeader::key(string_t& key) {
  if (depth_ == 1) {  // tensors of one name are found by check_directory
    in_metadata_ = key == "__metadata__";
    if (in_metadata_ && std::exchange(seen_metadata_, true)) key_twice(key);
    entry_.name = std::move(key);
    return true;
  }
  if (in_metadata_) {
    if (!metadata_keys_.insert(key).second) key_twice(key);
    return true;
  }
  field_ = safetensors_header_detail::field_of<Field>(key);
  if (field_ == Field::none) unexpected("the key " + in_quotes(key));
  if (std::find(seen_fields_.begin(), seen_fields_.end(), field_) != seen_fields_.end()) key_twice(key);
  seen_fields_.push_back(field_);
  return true;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
