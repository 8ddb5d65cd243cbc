// Every format's decoding, bit for bit against the recordings of tests/golden/quant (the `gguf` package's
// dequantization).
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/quant/block_formats.hpp"
#include "eigenformer/quant/plain.hpp"

namespace {

using eigenformer::DataType;
namespace format = eigenformer::format;
namespace quant = eigenformer::quant;

format::RawTensor recorded(const std::string& name) {
  const auto file = format::open_safetensors(
      format::file_source(std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/quant/blocks.safetensors"));
  for (const auto& entry : file->entries()) {
    if (entry.name == name) return file->read(entry);
  }
  ADD_FAILURE() << "no tensor " << name;
  return {};
}

class DecodeRecorded : public testing::TestWithParam<DataType> {};

TEST_P(DecodeRecorded, GivesTheReferencesBits) {
  const std::string type(eigenformer::data_type_name(GetParam()));
  const format::RawTensor blocks = recorded(type + ".blocks");
  const format::RawTensor values = recorded(type + ".values");
  const std::size_t count = values.bytes.size() / sizeof(float);
  ASSERT_GT(count, 0U);
  ASSERT_EQ(count / eigenformer::block_elements(GetParam()) * eigenformer::block_bytes(GetParam()),
            blocks.bytes.size());
  std::vector<float> decoded(count);
  quant::decode_values(GetParam(), blocks.bytes.data(), count, decoded.data());
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(decoded[i]), quant::load<std::uint32_t>(values.bytes.data() + 4 * i))
        << "value " << i << ": " << decoded[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, DecodeRecorded,
                         testing::Values(DataType::f16, DataType::bf16, DataType::q4_0, DataType::q4_1, DataType::q5_0,
                                         DataType::q5_1, DataType::q8_0, DataType::q2_k, DataType::q3_k, DataType::q4_k,
                                         DataType::q5_k, DataType::q6_k, DataType::iq4_nl, DataType::iq4_xs,
                                         DataType::mxfp4),
                         [](const auto& instance) { return std::string(eigenformer::data_type_name(instance.param)); });

TEST(Decode, WholeNumbersAndFlags) {
  const auto decode = [](DataType type, std::vector<std::uint8_t> bytes, std::size_t count) {
    std::vector<float> values(count);
    quant::decode_values(type, reinterpret_cast<const std::byte*>(bytes.data()), count, values.data());
    return values;
  };
  EXPECT_EQ(decode(DataType::i8, {0xFF, 0x7F}, 2), (std::vector<float>{-1, 127}));
  EXPECT_EQ(decode(DataType::u8, {0xFF, 0x7F}, 2), (std::vector<float>{255, 127}));
  EXPECT_EQ(decode(DataType::i16, {0xFE, 0xFF}, 1), (std::vector<float>{-2}));
  EXPECT_EQ(decode(DataType::i32, {0x00, 0x00, 0x01, 0x00}, 1), (std::vector<float>{65536}));
  EXPECT_EQ(decode(DataType::i64, {0xFD, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, 1), (std::vector<float>{-3}));
  EXPECT_EQ(decode(DataType::f64, {0, 0, 0, 0, 0, 0, 0xF8, 0x3F}, 1), (std::vector<float>{1.5}));
  EXPECT_EQ(decode(DataType::boolean, {0, 1, 2}, 3), (std::vector<float>{0, 1, 1}));
}

}  // namespace
