// Damaged files of each format by themselves: a value or one Error, and never more memory than the file justifies.
// tests/hostile damages whole models.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "eigenformer/format/config_reader.hpp"
#include "eigenformer/format/gguf.hpp"
#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/format/torch_file.hpp"
#include "tests/format/builders.hpp"
#include "tests/format/torch_builders.hpp"
#include "tests/support/counted_memory.hpp"
#include "tests/support/errors.hpp"

namespace {

using eigenformer_tests::Bytes;
using eigenformer_tests::error_of;
using eigenformer_tests::peak_of;
using eigenformer_tests::source_of;
namespace format = eigenformer::format;

void read_everything(const format::TensorFile& file) {
  for (const auto& entry : file.entries()) {
    const format::RawTensor tensor = file.read(entry);
    error_of([&] { format::decode_f32(tensor); });
  }
}

struct Format {
  std::string name;
  Bytes valid;
  /// Opens the bytes and does with them all that a load does.
  void (*use)(const Bytes& bytes);
};

void use_safetensors(const Bytes& bytes) { read_everything(*format::open_safetensors(source_of(bytes))); }

void use_torch(const Bytes& bytes) { read_everything(*format::open_torch(source_of(bytes))); }

void use_gguf(const Bytes& bytes) {
  const auto file = format::open_gguf(source_of(bytes));
  read_everything(*file);
  for (const auto& [key, value] : file->metadata()) {
    error_of([&] { file->texts(key); });
    error_of([&] { file->integers(key); });
    error_of([&] { file->numbers(key); });
    error_of([&] { file->number(key); });
  }
  const auto config = format::config_from_gguf(*file, {.keys = {{"tiny.block_count", "n"}, {"types", "rope.types"}}});
  error_of([&] { config.integer("n", {1, 99}); });
  error_of([&] { config.object("rope").integers("types", {0, 9}); });
  config.finish(format::UnknownKeys::report);
}

void use_config(const Bytes& bytes) {
  const auto config =
      format::config_from_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "config.json");
  config.integer_or("hidden_size", 1, format::k_size_range);
  config.object("rope_scaling").numbers_or("factor", {});
  config.flag_or("bias", false);
  config.finish(format::UnknownKeys::refuse);
}

void PrintTo(const Format& format, std::ostream* out) { *out << format.name; }

std::vector<Format> formats() {
  Bytes config;
  eigenformer_tests::append_text(
      config,
      R"({"hidden_size": 64, "rope_scaling": {"factor": [1.5e0, 2]}, "bias": true, "act": "s\u00e9", "x": null})");
  return {{"safetensors", eigenformer_tests::valid_safetensors(), use_safetensors},
          {"gguf", eigenformer_tests::valid_gguf().build(), use_gguf},
          {"torch_zip", eigenformer_tests::valid_torch_zip(), use_torch},
          {"torch_zip_without_checksums", eigenformer_tests::valid_torch_zip({.checksums = false}), use_torch},
          {"torch_stream", eigenformer_tests::valid_torch_stream(), use_torch},
          {"config", config, use_config}};
}

class Hostile : public testing::TestWithParam<Format> {};

TEST_P(Hostile, EveryByteAtItsBordersGivesAValueOrAnError) {
  for (std::size_t at = 0; at < GetParam().valid.size(); ++at) {
    for (const std::uint64_t word :
         {std::uint64_t{0}, std::uint64_t{0x7F}, std::uint64_t{0xFF}, std::uint64_t{0xFFFFFFFF},
          std::uint64_t{1} << 31U, std::uint64_t{1} << 63U, ~std::uint64_t{0}}) {
      for (const std::size_t width : {1U, 4U, 8U}) {
        Bytes bytes = GetParam().valid;
        std::memcpy(bytes.data() + at, &word, std::min(width, bytes.size() - at));
        std::string error;
        const std::size_t peak = peak_of([&] { error = error_of([&] { GetParam().use(bytes); }); });
        ASSERT_THAT(error, testing::Not(testing::StartsWith("another exception"))) << at;
        ASSERT_LE(peak, bytes.size() + (std::size_t{64} << 20U)) << at << ": " << error;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, Hostile, testing::ValuesIn(formats()),
                         [](const auto& instance) { return instance.param.name; });

TEST(Memory, OpeningTakesNoMoreThanTheDirectory) {
  // a small directory in front of 32 MiB of tensors: opening reads none of them, reading one takes its size
  const std::size_t data_bytes = std::size_t{32} << 20U;
  eigenformer_tests::GgufBuilder builder = eigenformer_tests::valid_gguf();
  builder.tensor({"big", {data_bytes / 4 - 1024}, 0, 256});
  builder.data_bytes = data_bytes;
  const Bytes bytes = builder.build();
  std::shared_ptr<const format::GgufFile> file;
  EXPECT_LE(peak_of([&] { file = format::open_gguf(format::memory_source(bytes, "m.gguf")); }), std::size_t{1} << 20U);
  EXPECT_LE(peak_of([&] { file->read(file->entries().back()); }), data_bytes + 1024);
}

TEST(Memory, ManySmallThingsCostAFewTimesTheirSize) {
  // the worst that a file can do: as many metadata pairs, texts or directory entries as fit a megabyte
  eigenformer_tests::GgufBuilder pairs;
  for (int i = 0; i < 50'000; ++i) pairs.value(std::to_string(i), 0, std::uint8_t{1});
  eigenformer_tests::GgufBuilder texts;
  texts.texts("tokens", std::vector<std::string>(100'000));
  std::string header = "{";
  for (int i = 0; i < 15'000; ++i) {
    header += (i == 0 ? "\"" : ",\"") + std::to_string(i) + R"(":{"dtype":"U8","shape":[1],"data_offsets":[)" +
              std::to_string(i) + "," + std::to_string(i + 1) + "]}";
  }
  const Bytes files[] = {pairs.build(), texts.build()};
  for (const Bytes& bytes : files) {
    EXPECT_LE(peak_of([&] { format::open_gguf(format::memory_source(bytes, "m.gguf")); }),
              16 * bytes.size() + (1U << 20U));
  }
  const Bytes bytes = eigenformer_tests::safetensors_of(header + "}", 15'000);
  EXPECT_LE(peak_of([&] { format::open_safetensors(format::memory_source(bytes, "m.safetensors")); }),
            8 * bytes.size());
}

/// A stream whose dictionary holds one tensor, number 0 of the memo, and then what `add` adds.
template <class Add>
Bytes stream_with(Add&& add) {
  eigenformer_tests::PickleBuilder pickle;
  pickle.ops("}").text("t").tensor({.stream = true}, {.size = {1}, .stride = {1}}).put(0).ops("s");
  add(pickle);
  return eigenformer_tests::torch_stream_of(pickle.ops(".").bytes());
}

TEST(Memory, ManySmallOpcodesCostAFewTimesTheirSize) {
  // the worst that a pickle can do in a megabyte: values, dictionaries, remembered values, storages, tensors
  using eigenformer_tests::PickleBuilder;
  const auto list_of = [](const std::string& opcode) {
    return stream_with([&](PickleBuilder& pickle) {
      std::string many;
      for (int i = 0; i < 50'000; ++i) many += opcode;
      pickle.text("x").ops("]");
      for (std::size_t i = 0; i < 1'000'000; i += many.size()) pickle.ops("(").ops(many).ops("e");
      pickle.ops("s");
    });
  };
  const Bytes memo = stream_with([](PickleBuilder& pickle) {
    pickle.text("x").ops("N");
    for (int i = 0; i < 1'000'000; ++i) pickle.op(0x94);
    pickle.ops("s");
  });
  const Bytes tensors = stream_with([](PickleBuilder& pickle) {
    for (int i = 10'000; i < 100'000; ++i) pickle.op(0x8C).byte(5).ops(std::to_string(i)).get(0).ops("s");
  });
  for (const Bytes& bytes : {list_of("N"), list_of("}"), list_of(std::string("h\0", 2)), memo, tensors}) {
    std::string error;
    const std::size_t peak =
        peak_of([&] { error = error_of([&] { format::open_torch(format::memory_source(bytes, "m.bin")); }); });
    EXPECT_EQ(error, "no error");
    EXPECT_LE(peak, 64 * bytes.size() + (1U << 20U));
  }
}

}  // namespace
