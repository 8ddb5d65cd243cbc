#include "eigenformer/format/gguf.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "tests/format/builders.hpp"
#include "tests/support/errors.hpp"

namespace {

using eigenformer::DataType;
using eigenformer::Shape;
using eigenformer_tests::append;
using eigenformer_tests::Bytes;
using eigenformer_tests::error_id_of;
using eigenformer_tests::error_of;
using eigenformer_tests::GgufBuilder;
using eigenformer_tests::source_of;
using eigenformer_tests::valid_gguf;
namespace format = eigenformer::format;

std::string open_error(const Bytes& bytes) {
  return error_of([&] { format::open_gguf(source_of(bytes, "m.gguf")); });
}
std::string open_error(const GgufBuilder& builder) { return open_error(builder.build()); }
template <class File>
std::string open_error_id(const File& file) {
  const std::string text = open_error(file);
  return text.substr(0, text.find(": "));
}

constexpr const char* k_damaged = "; download the file again: it is damaged or was made to do harm";

TEST(Gguf, ReadsMetadataOfEveryType) {
  for (const std::uint32_t version : {2U, 3U}) {
    GgufBuilder builder = valid_gguf();
    builder.version = version;
    const auto file = format::open_gguf(source_of(builder.build(), "m.gguf"));
    EXPECT_EQ(file->where(), "m.gguf");
    EXPECT_EQ(file->metadata().size(), 15U);
    EXPECT_EQ(file->metadata().front().first, "general.architecture");
    EXPECT_EQ(file->text("general.architecture"), "tiny");
    EXPECT_EQ(file->integer("u8"), 200);
    EXPECT_EQ(file->integer("i8"), -3);
    EXPECT_EQ(file->integer("u16"), 60000);
    EXPECT_EQ(file->integer("i16"), -300);
    EXPECT_EQ(file->integer("tiny.block_count"), 2);
    EXPECT_EQ(file->integer("i32"), -70000);
    EXPECT_EQ(file->integer("i64"), -5);
    EXPECT_EQ(file->number("tiny.epsilon"), 0.5);
    EXPECT_EQ(file->number("f64"), 0.25);
    EXPECT_EQ(file->number("i8"), -3.0);
    EXPECT_TRUE(file->flag("flag"));
    EXPECT_EQ(std::get<std::uint64_t>(file->find("u64")->value), ~std::uint64_t{0});
    EXPECT_EQ(file->integers("types"), (std::vector<std::int32_t>{1, -2, 3}));
    EXPECT_EQ(file->numbers("scores"), (std::vector<float>{0.5F, -1.0F}));
    EXPECT_EQ(file->texts("tokens"), (eigenformer::TextList{"a", "", "\xE4\xBD\xA0"}));
    EXPECT_FALSE(file->has("absent"));
  }
}

TEST(Gguf, TensorsComeInPyTorchsOrder) {
  const auto file = format::open_gguf(source_of(valid_gguf().build(), "m.gguf"));
  ASSERT_EQ(file->entries().size(), 3U);
  const auto& b = file->entries()[1];
  EXPECT_EQ(file->entries()[0].shape, (Shape{2, 3}));
  EXPECT_EQ(b.shape, (Shape{2, 32}));
  EXPECT_EQ(b.type, DataType::q8_0);
  EXPECT_EQ(b.bytes, 68U);
  const format::RawTensor read = file->read(b);
  EXPECT_EQ(read.where, "m.gguf, tensor b");
  EXPECT_EQ(read.bytes.front(), std::byte{32});
  EXPECT_EQ(read.bytes.back(), std::byte{99});
  EXPECT_EQ(file->read(file->entries()[2]).bytes.size(), 10U);
}

TEST(Gguf, GettersNameTheKey) {
  const auto file = format::open_gguf(source_of(valid_gguf().build(), "m.gguf"));
  const std::string end = "; correct the value, or use the config that was published with these weights";
  EXPECT_EQ(
      error_of([&] { file->text("tokenizer.ggml.model"); }),
      "config.missing: m.gguf, key tokenizer.ggml.model: expected a text, found no such key; use the config that was "
      "published with these weights");
  EXPECT_EQ(error_of([&] { file->text("tokens"); }),
            "config.type: m.gguf, key tokens: expected a text, found array of text" + end);
  EXPECT_EQ(error_of([&] { file->texts("types"); }),
            "config.type: m.gguf, key types: expected an array of texts, found array of i32" + end);
  EXPECT_EQ(error_of([&] { file->texts("u8"); }),
            "config.type: m.gguf, key u8: expected an array of texts, found u8" + end);
  EXPECT_EQ(error_of([&] { file->integer("u64"); }),
            "config.type: m.gguf, key u64: expected a whole number, found u64" + end);
  EXPECT_EQ(error_id_of([&] { file->integer("f64"); }), "config.type");
  EXPECT_EQ(error_id_of([&] { file->number("flag"); }), "config.type");
  EXPECT_EQ(error_id_of([&] { file->flag("u8"); }), "config.type");
  EXPECT_EQ(error_id_of([&] { file->integers("scores"); }), "config.type");
  EXPECT_EQ(error_id_of([&] { file->numbers("types"); }), "config.type");
}

TEST(Gguf, WholeNumbersOfArraysMustFit) {
  const auto file = format::open_gguf(source_of(GgufBuilder()
                                                    .array<std::int64_t>("fits", 11, {-5, 2147483647})
                                                    .array<std::int64_t>("does not", 11, {2147483648})
                                                    .array<std::uint64_t>("u64", 10, {~std::uint64_t{0}})
                                                    .array<std::uint8_t>("u8", 0, {255})
                                                    .build()));
  EXPECT_EQ(file->integers("fits"), (std::vector<std::int32_t>{-5, 2147483647}));
  EXPECT_EQ(file->integers("u8"), (std::vector<std::int32_t>{255}));
  EXPECT_EQ(error_id_of([&] { file->integers("does not"); }), "config.type");
  EXPECT_EQ(error_id_of([&] { file->integers("u64"); }), "config.type");
}

TEST(GgufHostile, MagicAndVersion) {
  GgufBuilder builder = valid_gguf();
  builder.magic = "<htm";
  EXPECT_EQ(open_error(builder),
            "format.gguf_magic: m.gguf: expected a GGUF file, which begins with \"GGUF\", found \"<htm\"; check that "
            "the download "
            "is the model and not a web page");
  builder.magic = "GGUF";
  for (const std::uint32_t version : {0U, 1U, 4U, ~0U}) {
    builder.version = version;
    EXPECT_EQ(open_error(builder),
              "format.gguf_version: m.gguf: expected a little-endian GGUF file of version 2 or 3, found "
              "version " +
                  std::to_string(version) + "; use another conversion of this model");
  }
  builder.version = 0x03000000;
  EXPECT_EQ(open_error(builder),
            "format.gguf_version: m.gguf: expected a little-endian GGUF file of version 2 or 3, found a "
            "big-endian one; use another conversion of this model");
}

TEST(GgufHostile, Counts) {
  for (const std::size_t field : {8U, 16U}) {
    for (const std::uint64_t count : {std::uint64_t{1} << 32U, std::uint64_t{1} << 62U, ~std::uint64_t{0}}) {
      Bytes bytes = valid_gguf().build();
      std::memcpy(bytes.data() + field, &count, 8);
      const std::string what = field == 8 ? "tensors" : "metadata pairs";
      EXPECT_EQ(open_error(bytes), "format.count: m.gguf, byte " + std::to_string(field + 8) +
                                       ": expected at most as many " + what + " as fit the file's remaining " +
                                       std::to_string(bytes.size() - field - 8) + " bytes, found " +
                                       std::to_string(count) + k_damaged);
    }
  }
}

TEST(GgufHostile, MorePairsThanAnyFileHas) {
  GgufBuilder builder;
  for (int i = 0; i < 65'537; ++i) builder.value(std::to_string(i), 0, std::uint8_t{1});
  EXPECT_EQ(open_error(builder),
            std::string("format.gguf_pairs: m.gguf: expected at most 65536 metadata pairs, found 65537") + k_damaged);
}

TEST(GgufHostile, Strings) {
  for (const std::uint64_t length : {std::uint64_t{1} << 30U, ~std::uint64_t{0}}) {
    Bytes text;
    append(text, length);
    EXPECT_EQ(open_error(GgufBuilder().raw("k", 8, text)),
              "format.string_too_long: m.gguf, byte 45: expected a string of at most 16777216 bytes, found " +
                  std::to_string(length) + k_damaged);
  }
  Bytes short_text;
  append(short_text, std::uint64_t{1000});
  EXPECT_EQ(open_error_id(GgufBuilder().raw("k", 8, short_text)), "format.truncated");
  EXPECT_EQ(open_error_id(GgufBuilder().text(std::string(65536, 'k'), "v")), "format.string_too_long");
  EXPECT_EQ(open_error_id(GgufBuilder().text(std::string(65535, 'k'), "v")), "no error");
}

TEST(GgufHostile, Arrays) {
  const auto array = [](std::uint32_t element, std::uint64_t count, const Bytes& rest = {}) {
    Bytes bytes;
    append(bytes, element);
    append(bytes, count);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
  };
  for (std::uint32_t element = 0; element <= 12; ++element) {
    for (const std::uint64_t count : {std::uint64_t{1000}, std::uint64_t{1} << 61U, ~std::uint64_t{0}}) {
      EXPECT_EQ(open_error_id(GgufBuilder().raw("k", 9, array(element, count))), "format.count")
          << element << " " << count;
    }
  }
  EXPECT_EQ(open_error(GgufBuilder().raw("k", 9, array(13, 0))),
            "format.gguf_value_type: m.gguf, byte 41: expected a metadata type of 0 to 12, found 13" +
                std::string(k_damaged));
  EXPECT_EQ(open_error_id(GgufBuilder().raw("k", 13, {})), "format.gguf_value_type");
  const auto nested = [&](int depth) {
    Bytes bytes = array(0, 1, {std::byte{7}});
    for (int i = 1; i < depth; ++i) bytes = array(9, 1, bytes);
    return GgufBuilder().raw("k", 9, bytes);
  };
  EXPECT_EQ(open_error_id(nested(4)), "no error");
  EXPECT_EQ(open_error(nested(5)),
            "format.gguf_array_depth: m.gguf, byte 85: expected arrays nested at most 4 deep, found deeper "
            "nesting" +
                std::string(k_damaged));
  EXPECT_EQ(open_error_id(nested(10'000)), "format.gguf_array_depth");
}

TEST(GgufHostile, FlagsAndKeysTwice) {
  EXPECT_EQ(open_error(GgufBuilder().value("k", 7, std::uint8_t{2})),
            "format.gguf_flag: m.gguf, byte 38: expected a flag of 0 or 1, found 2" + std::string(k_damaged));
  EXPECT_EQ(open_error(valid_gguf().value("u8", 0, std::uint8_t{1})).substr(0, 22), "format.gguf_key_twice:");
}

TEST(GgufHostile, Alignment) {
  const auto with = [](std::uint32_t type, auto value) {
    GgufBuilder builder;
    builder.alignment = static_cast<std::uint64_t>(value);
    builder.data_bytes = 4;
    return builder.value("general.alignment", type, value).tensor({"a", {1}, 0, 0});
  };
  for (const std::uint32_t alignment : {1U, 2U, 64U, 65536U})
    EXPECT_EQ(open_error(with(4, alignment)), "no error") << alignment;
  for (const std::uint32_t alignment : {0U, 3U, 48U}) {
    EXPECT_EQ(open_error(with(4, alignment)),
              "format.gguf_alignment: m.gguf: expected general.alignment as a u32 that is a power of two from 1 to "
              "65536, found "
              "u32 " +
                  std::to_string(alignment) + k_damaged);
  }
  for (const std::uint32_t alignment : {131072U, 1U << 31U, ~0U}) {
    GgufBuilder builder;
    builder.value("general.alignment", 4, alignment);
    EXPECT_EQ(open_error_id(builder), "format.gguf_alignment");
  }
  EXPECT_EQ(open_error_id(GgufBuilder().value("general.alignment", 10, std::uint64_t{32})), "format.gguf_alignment");
  EXPECT_EQ(open_error_id(GgufBuilder().text("general.alignment", "32")), "format.gguf_alignment");
}

GgufBuilder one_tensor(eigenformer_tests::GgufTensor tensor) {
  GgufBuilder builder;
  builder.data_bytes = 64;
  return builder.tensor(std::move(tensor));
}

TEST(GgufHostile, Dimensions) {
  EXPECT_EQ(open_error(one_tensor({"a", {}, 0, 0})),
            "format.gguf_dimensions: m.gguf, tensor a: expected a tensor of 1 to 4 dimensions, found 0" +
                std::string(k_damaged));
  EXPECT_EQ(open_error_id(one_tensor({"a", {1, 1, 1, 1}, 0, 0})), "no error");
  EXPECT_EQ(open_error_id(one_tensor({"a", {1, 1, 1, 1, 1}, 0, 0})), "format.gguf_dimensions");
  EXPECT_EQ(open_error(one_tensor({"a", {4, 0}, 0, 0})),
            "format.tensor_shape: m.gguf, tensor a: expected dimensions of at least 1, found [0, 4] of type F32; "
            "download the file "
            "again, or use another conversion of this model");
  EXPECT_EQ(open_error(one_tensor({"a", {33}, 3, 0})),
            "format.tensor_shape: m.gguf, tensor a: expected dimensions of at least 1, the last a multiple of 32, "
            "found [33] of "
            "type Q4_1; download the file again, or use another conversion of this model");
  const std::uint64_t half = std::uint64_t{1} << 32U;
  for (const auto& sizes : {std::vector<std::uint64_t>{half, half},
                            {half / 2, half / 2, 4},
                            {~std::uint64_t{0}},
                            {std::uint64_t{1} << 63U},
                            {std::uint64_t{1} << 62U}}) {
    EXPECT_EQ(open_error_id(one_tensor({"a", sizes, 0, 0})), "format.size_overflow");
  }
  EXPECT_EQ(open_error_id(one_tensor({"a", {(std::uint64_t{1} << 61U) - 1}, 0, 0})), "format.gguf_tensor_range");
}

TEST(GgufHostile, TypesOfTensors) {
  EXPECT_EQ(open_error(one_tensor({"blk.0.ffn_up.weight", {256}, 18, 0})),
            "format.tensor_type: m.gguf, tensor blk.0.ffn_up.weight: expected a tensor of type F32, F16, BF16, Q4_0, "
            "Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS or MXFP4, found IQ3_XXS; use a file "
            "of this model in one of these types");
  EXPECT_EQ(open_error(one_tensor({"a", {256}, 4, 0})),
            "format.tensor_type: m.gguf, tensor a: expected a tensor of type F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, "
            "Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS or MXFP4, found type number 4; use a file of this "
            "model in one of these types");
  EXPECT_EQ(open_error_id(one_tensor({"a", {256}, ~0U, 0})), "format.tensor_type");
}

TEST(GgufHostile, PlacesOfTensors) {
  const auto range_error = [](std::uint64_t bytes, std::uint64_t offset) {
    return "format.gguf_tensor_range: m.gguf, tensor a: expected " + std::to_string(bytes) +
           " bytes of data inside the file, from a multiple of 32 on, found offset " + std::to_string(offset) +
           " in 64 bytes of data; download the file again: it is cut short or damaged";
  };
  EXPECT_EQ(open_error(one_tensor({"a", {16}, 0, 0})), "no error");
  EXPECT_EQ(open_error(one_tensor({"a", {17}, 0, 0})), range_error(68, 0));
  EXPECT_EQ(open_error(one_tensor({"a", {8}, 0, 32})), "no error");
  EXPECT_EQ(open_error(one_tensor({"a", {9}, 0, 32})), range_error(36, 32));
  EXPECT_EQ(open_error(one_tensor({"a", {1}, 0, 4})), range_error(4, 4));
  for (const std::uint64_t offset : {std::uint64_t{96}, std::uint64_t{1} << 63U, ~std::uint64_t{0} - 31}) {
    EXPECT_EQ(open_error(one_tensor({"a", {1}, 0, offset})), range_error(4, offset));
  }
  EXPECT_EQ(open_error(one_tensor({"a", {9}, 0, 0}).tensor({"b", {1}, 0, 32})).substr(0, 22), "format.tensor_overlap:");
  EXPECT_EQ(open_error(one_tensor({"a", {1}, 0, 0}).tensor({"a", {1}, 0, 32})).substr(0, 20), "format.tensor_twice:");
}

TEST(GgufHostile, EveryPrefixIsAnError) {
  const Bytes whole = valid_gguf().build();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Bytes prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const std::string id = open_error_id(prefix);
    ASSERT_TRUE(id == "format.truncated" || id == "format.count" || id == "format.gguf_tensor_range")
        << length << ": " << id;
    ASSERT_TRUE(length >= 24 || id == "format.truncated" || (length >= 16 && id == "format.count"))
        << length << ": " << id;
  }
}

TEST(Gguf, OpensTheRecordedFiles) {
  const std::string folder = std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/gguf/";
  for (const auto& [name, type] : {std::pair{"f32", DataType::f32},
                                   {"f16", DataType::f16},
                                   {"bf16", DataType::bf16},
                                   {"q4_0", DataType::q4_0},
                                   {"q4_1", DataType::q4_1},
                                   {"q8_0", DataType::q8_0}}) {
    const auto file = format::open_gguf(format::file_source(folder + name + "/model.gguf"));
    bool found = false;
    for (const auto& entry : file->entries()) {
      found = found || entry.type == type;
      EXPECT_EQ(format::decode_f32(file->read(entry)).size(), format::element_count(entry.shape));
    }
    EXPECT_TRUE(found) << name;
    EXPECT_EQ(file->texts("tokenizer.ggml.tokens").size(), 291U);
  }
}

}  // namespace
