#include "eigenformer/format/weight_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/format/file.hpp"
#include "tests/format/builders.hpp"
#include "tests/format/torch_builders.hpp"
#include "tests/support/errors.hpp"

namespace {

using eigenformer_tests::Bytes;
using eigenformer_tests::error_id_of;
using eigenformer_tests::error_of;
namespace format = eigenformer::format;
namespace fs = std::filesystem;

/// A format of weights in a folder.
struct Kind {
  std::string name, single, index, ending, index_error;
  Bytes (*file)(const std::string& tensor);
};

/// A file with one tensor of four bytes.
Bytes safetensors_with(const std::string& tensor) {
  return eigenformer_tests::safetensors_of("{\"" + tensor + R"(":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 4);
}
Bytes torch_with(const std::string& tensor) {
  eigenformer_tests::PickleBuilder pickle;
  pickle.ops("}").text(tensor).tensor({}, {.size = {1}, .stride = {1}}).ops("s.");
  return eigenformer_tests::torch_zip_of(pickle.bytes()).build();
}

const Kind k_safetensors = {"safetensors",  "model.safetensors",        "model.safetensors.index.json",
                            ".safetensors", "format.safetensors_index", safetensors_with};
const Kind k_torch = {"PyTorch", "pytorch_model.bin",  "pytorch_model.bin.index.json",
                      ".bin",    "format.torch_index", torch_with};

class Folder : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    for (char& character : name) character = character == '/' ? '_' : character;
    folder_ = fs::path(testing::TempDir()) / ("eigenformer_weights_" + name);
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  void write(const std::string& name, const Bytes& bytes) const {
    write(name, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  std::string open_error() const {
    return error_of([&] { format::open_weight_folder(folder_); });
  }
  std::string index_error(const std::string& found) const {
    return GetParam().index_error + ": " + (folder_ / GetParam().index).generic_string() +
           ": expected a weight_map from tensors to plain file names in this folder, each holding its tensors, found " +
           found + "; download the folder again";
  }
  fs::path folder_;
};

TEST_P(Folder, WithOneFile) {
  write(GetParam().single, GetParam().file("a"));
  const format::WeightFiles weights = format::open_weight_folder(folder_);
  EXPECT_EQ(weights.format, GetParam().name);
  ASSERT_EQ(weights.tensors->entries().size(), 1U);
  EXPECT_EQ(weights.tensors->where(), (folder_ / GetParam().single).generic_string());
}

TEST_P(Folder, WithShardsIsOneDirectory) {
  const std::string first = "part-00001-of-00002" + GetParam().ending;
  const std::string second = "part-00002-of-00002" + GetParam().ending;
  write(first, GetParam().file("a"));
  write(second, GetParam().file("b"));
  write(GetParam().index,
        R"({"metadata":{"total_size":8},"weight_map":{"a":")" + first + R"(","b":")" + second + "\"}}");
  const format::WeightFiles weights = format::open_weight_folder(folder_);
  EXPECT_EQ(weights.format, GetParam().name);
  ASSERT_EQ(weights.tensors->entries().size(), 2U);
  EXPECT_EQ(weights.tensors->where(), folder_.generic_string());
  EXPECT_EQ(weights.tensors->read(weights.tensors->entries()[1]).where,
            (folder_ / second).generic_string() + ", tensor b");
}

TEST_P(Folder, NamesInAnIndexStayInTheFolder) {
  write("x.any", GetParam().file("a"));
  for (const std::string name : {"../x.any", "/etc/passwd", "sub/x.any", "..", ".", "", ".hidden", "c:x", "a\\\\b",
                                 "NUL", "com1.bin", "x.any.", "x\\u0000y", "x\\n"}) {
    write(GetParam().index, R"({"weight_map":{"a":")" + name + "\"}}");
    EXPECT_EQ(open_error(), index_error("another value for tensor \"a\"")) << name;
  }
  for (const char* const value : {"3", "null", "[\"x.any\"]"}) {
    write(GetParam().index, std::string(R"({"weight_map":{"a":)") + value + "}}");
    EXPECT_EQ(open_error(), index_error("another value for tensor \"a\"")) << value;
  }
  for (const char* const text : {"{}", "[]", R"({"weight_map":[]})", R"({"weight_map":{}})"}) {
    write(GetParam().index, text);
    EXPECT_EQ(open_error(), index_error("no weight_map")) << text;
  }
}

TEST_P(Folder, AnIndexMustAgreeWithItsFiles) {
  write("1.any", GetParam().file("a"));
  write("2.any", GetParam().file("a"));
  write(GetParam().index, R"({"weight_map":{"a":"1.any","b":"1.any"}})");
  EXPECT_EQ(open_error(), index_error("no tensor \"b\" in \"1.any\""));
  write(GetParam().index, R"({"weight_map":{"a":"1.any","b":"2.any"}})");
  EXPECT_EQ(open_error(),
            "format.tensor_in_two_files: " + folder_.generic_string() +
                ": expected each tensor in one of the files, found \"a\" in two; download the folder again");
  write(GetParam().index, R"({"weight_map":{"a":"3.any"}})");
  EXPECT_EQ(error_id_of([&] { format::open_weight_folder(folder_); }), "system.file_open");
}

INSTANTIATE_TEST_SUITE_P(Weights, Folder, testing::Values(k_safetensors, k_torch),
                         [](const auto& kind) { return kind.param.name; });

class AnyFolder : public Folder {};
INSTANTIATE_TEST_SUITE_P(Weights, AnyFolder, testing::Values(k_safetensors),
                         [](const auto&) { return std::string("any"); });

TEST_P(AnyFolder, WithSeveralTakesTheFirstAsTransformersDoes) {
  write("part.safetensors", safetensors_with("from_safetensors_index"));
  write("part.bin", torch_with("from_torch_index"));
  write(k_safetensors.single, safetensors_with("from_safetensors"));
  write(k_safetensors.index, R"({"weight_map":{"from_safetensors_index":"part.safetensors"}})");
  write(k_torch.single, torch_with("from_torch"));
  write(k_torch.index, R"({"weight_map":{"from_torch_index":"part.bin"}})");
  for (const auto& [file, tensor] : {std::pair{k_safetensors.single, "from_safetensors"},
                                     {k_safetensors.index, "from_safetensors_index"},
                                     {k_torch.single, "from_torch"},
                                     {k_torch.index, "from_torch_index"}}) {
    EXPECT_EQ(format::open_weight_folder(folder_).tensors->entries()[0].name, tensor);
    fs::remove(folder_ / file);
  }
  EXPECT_EQ(open_error(),
            "system.no_weights: " + folder_.generic_string() +
                ": expected model.safetensors, model.safetensors.index.json, pytorch_model.bin or "
                "pytorch_model.bin.index.json, found none of them; give the folder of a Hugging Face model with its "
                "weights, or a .gguf file");
}

}  // namespace
