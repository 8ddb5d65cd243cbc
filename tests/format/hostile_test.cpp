// Damaged files of each format: a value or one Error, and never more memory than the file justifies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <new>
#include <ostream>
#include <random>
#include <string>

#include "eigenformer/format/config_reader.hpp"
#include "eigenformer/format/gguf.hpp"
#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/format/torch_file.hpp"
#include "tests/format/builders.hpp"
#include "tests/format/torch_builders.hpp"
#include "tests/support/errors.hpp"

namespace {

// What is allocated now and was at most, in this whole program: operator new below counts it in a header before each
// block.
std::atomic<std::size_t> allocated_bytes{0};
std::atomic<std::size_t> peak_bytes{0};
constexpr std::size_t k_header_bytes = 64;

void* counted_allocation_or_null(std::size_t size) noexcept {
  void* const memory = size > PTRDIFF_MAX / 2 ? nullptr : std::malloc(size + k_header_bytes);
  if (memory == nullptr) return nullptr;
  *static_cast<std::size_t*>(memory) = size;
  const std::size_t now = allocated_bytes.fetch_add(size) + size;
  std::size_t peak = peak_bytes.load();
  while (now > peak && !peak_bytes.compare_exchange_weak(peak, now)) {
  }
  return static_cast<char*>(memory) + k_header_bytes;
}

void* counted_allocation(std::size_t size) {
  void* const memory = counted_allocation_or_null(size);
  return memory == nullptr ? throw std::bad_alloc() : memory;
}

void counted_release(void* memory) noexcept {
  if (memory == nullptr) return;
  char* const begin = static_cast<char*>(memory) - k_header_bytes;
  allocated_bytes -= *reinterpret_cast<std::size_t*>(begin);
  std::free(begin);
}

}  // namespace

// Every form that does not align, also those that the sanitizers would otherwise answer themselves.
void* operator new(std::size_t size) { return counted_allocation(size); }
void* operator new[](std::size_t size) { return counted_allocation(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted_allocation_or_null(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted_allocation_or_null(size); }
void operator delete(void* memory) noexcept { counted_release(memory); }
void operator delete[](void* memory) noexcept { counted_release(memory); }
void operator delete(void* memory, std::size_t) noexcept { counted_release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { counted_release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { counted_release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { counted_release(memory); }

namespace {

using eigenformer_tests::Bytes;
using eigenformer_tests::error_of;
using eigenformer_tests::source_of;
namespace format = eigenformer::format;

/// Most bytes that were allocated at one time while `work` ran.
template <class Work>
std::size_t peak_of(Work&& work) {
  const std::size_t before = allocated_bytes.load();
  peak_bytes = before;
  work();
  return peak_bytes.load() - before;
}

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

/// One to four changes: a bit, a byte, a word at one of its borders, a piece cut out or doubled.
Bytes mutated(Bytes bytes, std::mt19937& random) {
  const auto below = [&](std::size_t limit) {
    return static_cast<std::size_t>(random()) % std::max<std::size_t>(limit, 1);
  };
  for (std::size_t change = 0; change <= below(4) && !bytes.empty(); ++change) {
    const std::size_t at = below(bytes.size());
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const auto piece_end = bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), at + 1 + below(16)));
    switch (below(5)) {
      case 0: bytes[at] ^= static_cast<std::byte>(1U << below(8)); break;
      case 1: bytes[at] = static_cast<std::byte>(below(256)); break;
      case 2: {
        const std::uint64_t words[] = {0,
                                       1,
                                       0x7F,
                                       0xFF,
                                       0x7FFFFFFF,
                                       0xFFFFFFFF,
                                       std::uint64_t{1} << 32U,
                                       std::uint64_t{1} << 62U,
                                       std::uint64_t{1} << 63U,
                                       ~std::uint64_t{0}};
        const std::uint64_t word = words[below(std::size(words))];
        std::memcpy(bytes.data() + at, &word, std::min<std::size_t>(bytes.size() - at, below(2) == 0 ? 4 : 8));
        break;
      }
      case 3: bytes.erase(place, piece_end); break;
      default: {
        const Bytes piece(place, piece_end);
        bytes.insert(place, piece.begin(), piece.end());
      }
    }
  }
  return bytes;
}

TEST_P(Hostile, MutationsGiveAValueOrAnError) {
  std::mt19937 random(20240229);
  std::map<std::string, int> outcomes;
  for (int round = 0; round < 3000; ++round) {
    const Bytes bytes = mutated(GetParam().valid, random);
    std::string error;
    const std::size_t peak = peak_of([&] { error = error_of([&] { GetParam().use(bytes); }); });
    ASSERT_THAT(error, testing::Not(testing::StartsWith("another exception"))) << round;
    ASSERT_LE(peak, bytes.size() + (std::size_t{64} << 20U)) << round << ": " << error;
    ++outcomes[error.substr(0, error.find(": "))];
  }
  for (const auto& [id, times] : outcomes) RecordProperty(id, times);
  EXPECT_GE(outcomes.size(), 3U) << "the mutations reach too little";
}

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
  EXPECT_LE(peak_of([&] { file->read(file->entries().back()); }), data_bytes);
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
