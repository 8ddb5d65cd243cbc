#include "eigenformer/format/safetensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/format/builders.hpp"
#include "tests/support/errors.hpp"

namespace {

using eigenformer::DataType;
using eigenformer::Shape;
using eigenformer_tests::Bytes;
using eigenformer_tests::error_id_of;
using eigenformer_tests::error_of;
using eigenformer_tests::safetensors_of;
using eigenformer_tests::source_of;
namespace format = eigenformer::format;
namespace fs = std::filesystem;

std::string open_error(std::string_view header, std::size_t data_bytes) {
  return error_of([&] { format::open_safetensors(source_of(safetensors_of(header, data_bytes), "m.safetensors")); });
}
std::string open_error_id(std::string_view header, std::size_t data_bytes) {
  const std::string text = open_error(header, data_bytes);
  return text.substr(0, text.find(": "));
}

TEST(Safetensors, ListsAndReads) {
  const auto file = format::open_safetensors(source_of(eigenformer_tests::valid_safetensors(), "m.safetensors"));
  ASSERT_EQ(file->entries().size(), 3U);
  EXPECT_EQ(file->where(), "m.safetensors");
  const format::RawTensor a = file->read(file->entries()[0]);
  EXPECT_EQ(a.type, DataType::f32);
  EXPECT_EQ(a.shape, (Shape{2, 3}));
  EXPECT_EQ(a.bytes.size(), 24U);
  EXPECT_EQ(a.bytes[23], std::byte{23});
  EXPECT_EQ(a.where, "m.safetensors, tensor a");
  EXPECT_EQ(file->read(file->entries()[1]).bytes.front(), std::byte{24});
  EXPECT_EQ(file->entries()[2].shape, Shape{});
  EXPECT_EQ(file->entries()[2].type, DataType::i64);
}

TEST(Safetensors, EveryTypeHasItsSize) {
  for (const auto& [name, type, bytes] : {std::tuple{"F64", DataType::f64, 8},
                                          {"F32", DataType::f32, 4},
                                          {"F16", DataType::f16, 2},
                                          {"BF16", DataType::bf16, 2},
                                          {"I64", DataType::i64, 8},
                                          {"I32", DataType::i32, 4},
                                          {"I16", DataType::i16, 2},
                                          {"I8", DataType::i8, 1},
                                          {"U8", DataType::u8, 1},
                                          {"BOOL", DataType::boolean, 1}}) {
    const std::string header = std::string(R"({"a":{"data_offsets":[0,)") + std::to_string(3 * bytes) +
                               R"(],"shape":[3],"dtype":")" + name + R"("}})";
    const auto file = format::open_safetensors(
        source_of(safetensors_of(header, static_cast<std::size_t>(3 * bytes)), "m.safetensors"));
    EXPECT_EQ(file->entries()[0].type, type);
  }
  EXPECT_EQ(open_error(R"({"layer.w":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1),
            "format.safetensors_type: m.safetensors, header, tensor layer.w: expected a tensor of type F64, F32, F16, "
            "BF16, I64, "
            "I32, I16, I8, U8 or BOOL, found F8_E4M3; use a checkpoint in one of these types");
}

TEST(SafetensorsHostile, HeaderSize) {
  for (const std::uint64_t size :
       {std::uint64_t{3}, std::uint64_t{100'000'001}, std::uint64_t{1} << 63U, ~std::uint64_t{0}}) {
    Bytes bytes;
    eigenformer_tests::append(bytes, size);
    eigenformer_tests::append_text(bytes, "{}");
    EXPECT_EQ(error_of([&] { format::open_safetensors(source_of(bytes, "m.safetensors")); }),
              "format.safetensors_header_size: m.safetensors: expected a header of at most 2 bytes, found " +
                  std::to_string(size) + "; download the file again: it is cut short or no safetensors file");
  }
}

TEST(SafetensorsHostile, RangesOfTensors) {
  EXPECT_EQ(open_error(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}})", 12),
            "format.tensor_range: m.safetensors, tensor a: expected 8 bytes of data inside the file for shape [2], "
            "found 12 bytes "
            "from 0 on, of 12; download the file again: it is cut short or damaged");
  EXPECT_EQ(open_error_id(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", 8), "format.tensor_range");
  EXPECT_EQ(open_error_id(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[18446744073709551612,4]}})", 8),
            "format.safetensors_header");
  EXPECT_EQ(open_error_id(
                R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[18446744073709551600,18446744073709551608]}})", 8),
            "format.tensor_range");
  EXPECT_EQ(
      open_error(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8),
      "format.safetensors_header: m.safetensors, header, tensor a: expected tensors with dtype, shape of at most 8 "
      "dimensions and data_offsets of two numbers, and strings under __metadata__, found data_offsets that run "
      "backwards; "
      "download the file again: it is damaged or no safetensors file");
  EXPECT_EQ(
      open_error(
          R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}})",
          7),
      "format.tensor_overlap: m.safetensors: expected tensors that share no bytes, found \"a\" and \"b\" overlapping "
      "at "
      "byte 116; download the file again: it is damaged or was made to do harm");
  EXPECT_EQ(
      open_error(
          R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}})",
          9),
      "format.safetensors_gap: m.safetensors: expected tensors that fill the file, found 1 bytes that belong to none; "
      "download the file again: it is damaged");
  EXPECT_EQ(open_error_id(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 5), "format.safetensors_gap");
  EXPECT_EQ(
      open_error(
          R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})",
          8),
      "format.tensor_twice: m.safetensors: expected each tensor once, found two of the name \"a\"; download the file "
      "again: "
      "it is damaged or was made to do harm");
}

TEST(SafetensorsHostile, Shapes) {
  EXPECT_EQ(open_error(R"({"a":{"dtype":"F32","shape":[2,0],"data_offsets":[0,0]}})", 0),
            "format.tensor_shape: m.safetensors, tensor a: expected dimensions of at least 1, found [2, 0] of type "
            "F32; download "
            "the file again, or use another conversion of this model");
  EXPECT_EQ(open_error(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0),
            "format.size_overflow: m.safetensors, tensor a: expected sizes whose product and sum fit 64 bits, found "
            "larger ones; "
            "download the file again: it is damaged or was made to do harm");
  EXPECT_EQ(open_error_id(R"({"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}})", 0),
            "format.size_overflow");
  EXPECT_EQ(open_error_id(R"({"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,4]}})", 4),
            "format.tensor_range");
  for (const char* const shape : {"[9223372036854775808]", "[-1]", "[1.0]", "[1,1,1,1,1,1,1,1,4]", "[[4]]", "[null]",
                                  "[\"4\"]", "4", "{}", "null", "\"4\"", "true"}) {
    EXPECT_EQ(open_error_id(std::string(R"({"a":{"dtype":"U8","shape":)") + shape + R"(,"data_offsets":[0,4]}})", 4),
              "format.safetensors_header")
        << shape;
  }
}

TEST(SafetensorsHostile, HeadersOfOtherShapes) {
  for (const char* const header : {"[]",
                                   "3",
                                   "null",
                                   "\"a\"",
                                   "true",
                                   "1.5",
                                   "-1",
                                   R"({"a":1})",
                                   R"({"a":[]})",
                                   R"({"a":"x"})",
                                   R"({"a":{}})",
                                   R"({"a":{"dtype":"U8","shape":[4]}})",
                                   R"({"a":{"dtype":"U8","data_offsets":[0,4]}})",
                                   R"({"a":{"shape":[4],"data_offsets":[0,4]}})",
                                   R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}})",
                                   R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,4]}})",
                                   R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"x":1}})",
                                   R"({"a":{"dtype":3,"shape":[4],"data_offsets":[0,4]}})",
                                   R"({"a":{"dtype":["U8"],"shape":[4],"data_offsets":[0,4]}})",
                                   R"({"a":{"dtype":"U8","shape":[4],"data_offsets":{"b":1}}})",
                                   R"({"__metadata__":"x"})",
                                   R"({"__metadata__":{"a":1}})",
                                   R"({"__metadata__":{"a":{"b":"c"}}})",
                                   R"({"__metadata__":[]})"}) {
    EXPECT_EQ(open_error_id(header, 4), "format.safetensors_header") << header;
  }
  EXPECT_EQ(open_error_id(R"({"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 4),
            "format.json_key_twice");
  EXPECT_EQ(open_error_id(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[],"data_offsets":[0,4]}})", 4),
            "format.json_key_twice");
  EXPECT_EQ(open_error_id(R"({"__metadata__":{"a":"b","a":"c"}})", 0), "format.json_key_twice");
  EXPECT_EQ(open_error_id(R"({"__metadata__":{},"__metadata__":{}})", 0), "format.json_key_twice");
  EXPECT_EQ(open_error_id(R"({"a":)", 0), "format.json_syntax");
  EXPECT_EQ(open_error_id("{}", 0), "no error");
  EXPECT_EQ(open_error_id("{}   ", 0), "no error");
}

TEST(SafetensorsHostile, EveryPrefixIsAnError) {
  const Bytes whole = eigenformer_tests::valid_safetensors();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Bytes prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const std::string id = error_id_of([&] { format::open_safetensors(source_of(prefix)); });
    const bool directory_is_whole = length >= whole.size() - 40;
    ASSERT_EQ(id, length < 8           ? "format.truncated"
                  : directory_is_whole ? "format.tensor_range"
                                       : "format.safetensors_header_size")
        << length;
  }
}

TEST(Safetensors, WhatIsWrittenIsReadBack) {
  const std::vector<float> logits = {0.5F, -1.0F, 2.0F};
  const std::vector<std::int64_t> ids = {7, -8};
  const fs::path path = fs::path(testing::TempDir()) / "eigenformer_written.safetensors";
  format::write_safetensors(path, {{"logits", {1, 3}, std::span(logits)}, {"ids", {2}, std::span(ids)}});
  const auto file = format::open_safetensors(format::file_source(path));
  ASSERT_EQ(file->entries().size(), 2U);
  for (const auto& entry : file->entries()) {
    EXPECT_EQ(entry.offset % 8, 0U);
    const auto values = format::decode_f32(file->read(entry));
    if (entry.name == "logits") {
      EXPECT_EQ(values, logits);
      EXPECT_EQ(entry.shape, (Shape{1, 3}));
    } else {
      EXPECT_EQ(values, (std::vector<float>{7, -8}));
      EXPECT_EQ(entry.type, DataType::i64);
    }
  }
  EXPECT_EQ(error_of([&] {
              format::write_safetensors(path, {{"logits", {2, 3}, std::span(logits)}});
            }),
            "usage.tensor_size: tensor logits: expected 6 values for shape [2, 3], found 3; give shape and values that "
            "agree");
  EXPECT_EQ(error_id_of([&] {
              format::write_safetensors(path, {{"a", {2}, std::span(ids)}, {"a", {2}, std::span(ids)}});
            }),
            "usage.tensor_twice");
  fs::remove(path);
}

TEST(DecodeF32, RefusesWhatIsNotFinite) {
  format::RawTensor tensor{
      DataType::f16, {2}, {std::byte{0}, std::byte{0x3C}, std::byte{0}, std::byte{0x7C}}, "f, tensor norm"};
  EXPECT_EQ(error_of([&] { format::decode_f32(tensor); }),
            "numeric.tensor_not_finite: f, tensor norm: expected values that are finite numbers, found one that is "
            "infinite or "
            "not a number; download the file again, or use another conversion of this model");
}

}  // namespace
