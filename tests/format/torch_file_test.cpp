// What torch.save writes, as recorded by tests/golden/torch/recipe.py: every form, type and view.
#include "eigenformer/format/torch_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/format/weight_files.hpp"
#include "tests/format/builders.hpp"
#include "tests/format/torch_builders.hpp"
#include "tests/support/errors.hpp"

namespace {

using eigenformer::DataType;
using eigenformer::Shape;
using eigenformer_tests::error_of;
using eigenformer_tests::source_of;
namespace format = eigenformer::format;
namespace fs = std::filesystem;

const fs::path k_golden = fs::path(EIGENFORMER_SOURCE_DIR) / "tests/golden/torch";

nlohmann::json listing() { return nlohmann::json::parse(std::ifstream(k_golden / "files.json")); }

std::shared_ptr<const format::TensorFile> open(const std::string& name) {
  return format::open_torch(format::file_source(k_golden / "files" / (name + ".bin")));
}

std::map<std::string, format::RawTensor> everything_in(const format::TensorFile& file) {
  std::map<std::string, format::RawTensor> tensors;
  for (const auto& entry : file.entries()) tensors[entry.name] = file.read(entry);
  return tensors;
}

std::map<std::string, format::RawTensor> expected() {
  return everything_in(*format::open_safetensors(format::file_source(k_golden / "expected.safetensors")));
}

void expect_same(const format::RawTensor& found, const format::RawTensor& wanted, const std::string& name) {
  EXPECT_EQ(found.type, wanted.type) << name;
  EXPECT_EQ(found.shape, wanted.shape) << name;
  EXPECT_EQ(found.bytes, wanted.bytes) << name;
}

void expect_everything(const format::TensorFile& file) {
  const nlohmann::json files = listing();
  std::vector<std::string> names;
  for (const auto& entry : file.entries()) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  auto wanted_names = files.at("names").get<std::vector<std::string>>();
  std::sort(wanted_names.begin(), wanted_names.end());
  ASSERT_EQ(names, wanted_names);
  const auto found = everything_in(file);
  const auto wanted = expected();
  for (const std::string& name : names) {
    if (files.at("empty").contains(name)) {
      EXPECT_EQ(found.at(name).shape, files.at("empty").at(name).get<Shape>()) << name;
      EXPECT_TRUE(found.at(name).bytes.empty()) << name;
      EXPECT_TRUE(format::decode_f32(found.at(name)).empty()) << name;
    } else {
      expect_same(found.at(name), wanted.at(name), name);
    }
  }
}

class GoodFile : public testing::TestWithParam<std::string> {};

TEST_P(GoodFile, HoldsWhatTorchLoadGives) { expect_everything(*open(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Torch, GoodFile, testing::ValuesIn(listing().at("good").get<std::vector<std::string>>()),
                         [](const auto& name) { return name.param; });

TEST(Torch, NamesComeInTheFilesOrder) {
  std::vector<std::string> names;
  const auto file = open("zip");
  for (const auto& entry : file->entries()) names.push_back(entry.name);
  EXPECT_EQ(names, listing().at("names").get<std::vector<std::string>>());
  EXPECT_EQ(file->where(), (k_golden / "files/zip.bin").generic_string());
  EXPECT_EQ(file->read(file->entries()[0]).where,
            (k_golden / "files/zip.bin").generic_string() + ", tensor type.float32");
}

TEST(Torch, Python2Streams) {
  const auto found = everything_in(*open("stream_python_2"));
  const auto names = listing().at("some").get<std::vector<std::string>>();
  const auto wanted = expected();
  ASSERT_EQ(found.size(), names.size());
  for (const std::string& name : names) expect_same(found.at(name), wanted.at(name), name);
}

TEST(Torch, PartsOfStorages) {
  const auto found = everything_in(*open("stream_parts"));
  const auto wanted = expected();
  ASSERT_EQ(found.size(), 2U);
  for (const auto& [name, tensor] : found) expect_same(tensor, wanted.at("parts." + name), name);
}

TEST(Torch, ShardsAreOneDirectory) {
  const format::WeightFiles weights = format::open_weight_folder(k_golden / "files/sharded");
  EXPECT_EQ(weights.format, "PyTorch");
  expect_everything(*weights.tensors);
}

TEST(Torch, DoublesAndWholeNumbersBecomeFloats) {
  const auto tensors = everything_in(*open("zip"));
  const auto wanted = expected();
  for (const char* const name : {"type.float64", "type.int64", "type.bool", "type.bfloat16", "shape.scalar"}) {
    EXPECT_EQ(format::decode_f32(tensors.at(name)), format::decode_f32(wanted.at(name))) << name;
  }
  EXPECT_EQ(format::decode_f32(tensors.at("type.bool")), (std::vector<float>{1, 0, 0, 0, 1, 1}));
  EXPECT_EQ(format::decode_f32(tensors.at("shape.scalar")), std::vector<float>{-10000.0F});
}

/// What each of the files that are no dictionary of plain tensors gets, after the path.
const std::map<std::string, std::string> k_refusals = {
    {"zip_big_endian",
     "format.torch_byte_order: {}, member m/byteorder: expected numbers in little-endian order, found the order "
     "\"big\"; save the file again on a little-endian machine"},
    {"zip_compressed",
     "format.zip_compressed: {}, member m/byteorder: expected members that are stored as they are, as torch.save "
     "writes them, found a compressed one; load the file in PyTorch and save it again with torch.save, or repack it "
     "with zip -0"},
    {"zip_module",
     "format.pickle_global: {}, data.pkl, byte 36: expected tensors, their storages, dictionaries, lists, tuples, "
     "texts and numbers, found the global \"torch.nn.modules.linear.Identity\"; save the model's state_dict() alone; "
     "nothing that a file names is ever called"},
    {"zip_nested",
     "format.torch_state_dict: {}: expected a dictionary from names to tensors, as state_dict() gives it, found a "
     "dictionary without tensors, whose entry \"state_dict\" is another dictionary; save the model's state_dict() "
     "with torch.save, and nothing around it"},
    {"zip_float8",
     "format.pickle_global: {}, data.pkl, byte 46: expected tensors, their storages, dictionaries, lists, tuples, "
     "texts and numbers, found the global \"torch._utils._rebuild_tensor_v3\"; save the model's state_dict() alone; "
     "nothing that a file names is ever called"},
    {"zip_sparse",
     "format.pickle_global: {}, data.pkl, byte 50: expected tensors, their storages, dictionaries, lists, tuples, "
     "texts and numbers, found the global \"torch._utils._rebuild_sparse_tensor\"; save the model's state_dict() "
     "alone; nothing that a file names is ever called"},
    {"zip_complex",
     "format.pickle_global: {}, data.pkl, byte 91: expected tensors, their storages, dictionaries, lists, tuples, "
     "texts and numbers, found the global \"torch.ComplexFloatStorage\"; save the model's state_dict() alone; "
     "nothing that a file names is ever called"},
    {"zip_negated",
     "format.pickle_rebuild: {}, data.pkl, byte 173: expected a tensor or dictionary with the arguments that "
     "torch.save "
     "writes, found other values; download the file again, or save dense tensors of plain types"},
    {"zip_meta",
     "format.pickle_global: {}, data.pkl, byte 59: expected tensors, their storages, dictionaries, lists, tuples, "
     "texts and numbers, found the global \"torch._utils._rebuild_meta_tensor_no_storage\"; save the model's "
     "state_dict() alone; nothing that a file names is ever called"},
    {"stream_list",
     "format.torch_state_dict: {}: expected a dictionary from names to tensors, as state_dict() gives it, found a "
     "list; save the model's state_dict() with torch.save, and nothing around it"},
};

TEST(Torch, WhatIsNoDictionaryOfPlainTensorsIsRefused) {
  const auto names = listing().at("bad").get<std::vector<std::string>>();
  ASSERT_EQ(names.size(), k_refusals.size());
  for (const std::string& name : names) {
    std::string wanted = k_refusals.at(name);
    wanted.replace(wanted.find("{}"), 2, (k_golden / "files" / (name + ".bin")).generic_string());
    EXPECT_EQ(error_of([&] { open(name); }), wanted) << name;
  }
}

/// Counts what is read of it.
class Watched final : public format::ByteSource {
 public:
  explicit Watched(std::shared_ptr<const format::ByteSource> source) : source_(std::move(source)) {}
  std::uint64_t size() const override { return source_->size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    bytes += out.size();
    source_->read(offset, out);
  }
  std::string name() const override { return source_->name(); }

  mutable std::atomic<std::size_t> bytes = 0;

 private:
  std::shared_ptr<const format::ByteSource> source_;
};

TEST(Torch, OpeningReadsTheDirectoryAlone) {
  const std::size_t storage_bytes = std::size_t{8} << 20U;
  const auto elements = static_cast<std::int64_t>(storage_bytes / 4);
  for (const bool stream : {false, true}) {
    eigenformer_tests::PickleBuilder pickle;
    pickle.ops("}").text("a").tensor({.elements = elements, .stream = stream}, {.size = {elements}, .stride = {1}});
    pickle.ops("s").text("b").tensor({.elements = elements, .stream = stream},
                                     {.offset = 7, .size = {3}, .stride = {elements / 4}});
    pickle.ops("s.");
    eigenformer_tests::Bytes bytes;
    if (stream) {
      bytes = eigenformer_tests::torch_stream_of(pickle.bytes());
      bytes.resize(bytes.size() - 6 * 4 - 8);
      eigenformer_tests::append(bytes, static_cast<std::uint64_t>(elements));
      bytes.resize(bytes.size() + storage_bytes);
    } else {
      eigenformer_tests::ZipBuilder zip;
      zip.member({.name = "m/data.pkl", .bytes = pickle.bytes()});
      zip.member({.name = "m/data/0", .bytes = eigenformer_tests::Bytes(storage_bytes)});
      bytes = zip.build();
    }
    const auto watched = std::make_shared<Watched>(source_of(bytes));
    const auto file = format::open_torch(watched);
    EXPECT_LE(watched->bytes.load(), std::size_t{1} << 20U) << stream;
    watched->bytes = 0;
    file->read(file->entries()[1]);
    EXPECT_LE(watched->bytes.load(), std::size_t{1} << 17U) << stream;
    watched->bytes = 0;
    file->read(file->entries()[0]);
    EXPECT_EQ(watched->bytes.load(), storage_bytes) << stream;
  }
}

TEST(Torch, ReadsFromSeveralThreads) {
  const auto file = open("zip");
  const auto wanted = everything_in(*file);
  std::vector<std::thread> threads;
  std::atomic<int> different = 0;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        for (const auto& [name, tensor] : everything_in(*file)) different += tensor.bytes != wanted.at(name).bytes;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(different.load(), 0);
}

}  // namespace
