// The names under which folders of encoders hold the same tensors: with and without the model's prefix, with the first
// checkpoints' names of LayerNorm, with buffers and with the tied decoder stored. Each renamed folder gives the golden
// model's own bits; tests/golden holds those against transformers.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"
#include "eigenformer/model.hpp"
#include "tests/support/copy_into.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/golden.hpp"

namespace ef = eigenformer;
using eigenformer_tests::error_of;
using eigenformer_tests::GoldenCase;

namespace {

/// What a folder holds besides buffers, by name.
using Tensors = std::map<std::string, ef::Tensor>;

/// One architecture: a golden model of its base class and one with the head for masked tokens.
struct Family {
  std::string name, base, masked;
  std::string prefix;   ///< of the base model's tensors inside those of a head
  std::string decoder;  ///< the tied layer of the head
  std::string bias;     ///< the decoder's bias under its older name; empty: it has one name only
};

void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }

std::string replaced(std::string name, const std::string& from, const std::string& to) {
  const std::size_t place = name.find(from);
  return place == std::string::npos ? name : name.replace(place, from.size(), to);
}

Tensors renamed(const Tensors& tensors, const std::function<std::string(const std::string&)>& name_of) {
  Tensors found;
  for (const auto& [name, tensor] : tensors) found[name_of(name)] = tensor;
  return found;
}

Tensors with_older_norms(const Tensors& tensors) {
  return renamed(tensors, [](const std::string& name) {
    return replaced(replaced(name, "LayerNorm.weight", "LayerNorm.gamma"), "LayerNorm.bias", "LayerNorm.beta");
  });
}

Tensors with_newer_norms(const Tensors& tensors) {
  return renamed(tensors, [](const std::string& name) {
    return replaced(replaced(name, "LayerNorm.gamma", "LayerNorm.weight"), "LayerNorm.beta", "LayerNorm.bias");
  });
}

bool is_of_base(const std::string& name) {
  return name.starts_with("embeddings") || name.starts_with("encoder") || name.starts_with("transformer") ||
         name.starts_with("pooler");
}

Tensors without_prefix(const Tensors& tensors, const std::string& prefix) {
  return renamed(tensors,
                 [&](const std::string& name) { return name.starts_with(prefix) ? name.substr(prefix.size()) : name; });
}

Tensors with_prefix(const Tensors& tensors, const std::string& prefix) {
  return renamed(tensors, [&](const std::string& name) { return is_of_base(name) ? prefix + name : name; });
}

class EncoderNames : public testing::TestWithParam<Family> {
 protected:
  ~EncoderNames() override { std::filesystem::remove_all(folder_); }

  static GoldenCase golden(const std::string& name) {
    for (const GoldenCase& one : eigenformer_tests::all_golden_cases()) {
      if (one.name == GetParam().name + "_" + name) return one;
    }
    ADD_FAILURE() << "no golden model " << name;
    return {};
  }

  /// The tensors of a golden model in their newest and shortest naming: no buffers, no stored twin of a tied tensor.
  static Tensors plain_tensors(const GoldenCase& golden) {
    const auto file = ef::format::open_safetensors(ef::format::file_source(golden.folder / "model.safetensors"));
    Tensors tensors;
    for (const auto& entry : file->entries()) {
      if (entry.type != ef::DataType::f32) continue;
      tensors[entry.name] = {entry.shape, ef::format::decode_f32(file->read(entry))};
    }
    const Family& family = GetParam();
    tensors.erase(family.decoder + ".weight");
    if (!family.bias.empty()) tensors.erase(family.decoder + ".bias");
    return with_newer_norms(tensors);
  }

  /// A folder with the golden model's config and these tensors; `buffers` are position_ids.
  const std::filesystem::path& write(const GoldenCase& golden, const Tensors& tensors,
                                     const std::string& buffers = "") {
    std::filesystem::create_directories(folder_);
    eigenformer_tests::copy_into(golden.folder / "config.json", folder_);
    std::vector<std::int64_t> ids(48);
    std::iota(ids.begin(), ids.end(), 0);
    std::vector<ef::format::NamedTensor> named;
    for (const auto& [name, tensor] : tensors) named.push_back({name, tensor.shape, std::span(tensor.values)});
    if (!buffers.empty()) named.push_back({buffers, {1, 48}, std::span<const std::int64_t>(ids)});
    ef::format::write_safetensors(folder_ / "model.safetensors", named);
    return folder_;
  }

  /// The results of a folder are those of the golden model, bit for bit.
  static void expect_same(const GoldenCase& golden, const std::filesystem::path& folder, const std::string& what) {
    const ef::LoadOptions exact{.compute = ef::Compute::exact, .threads = 1};
    const auto expected = ef::forward(ef::load(golden.folder, exact), golden.input_ids(), golden.inputs());
    const auto found = ef::forward(ef::load(folder, exact), golden.input_ids(), golden.inputs());
    ASSERT_EQ(found.size(), expected.size()) << what;
    for (const auto& [name, tensor] : expected) EXPECT_EQ(found.at(name).values, tensor.values) << what << ": " << name;
  }

 private:
  const std::filesystem::path folder_ = std::filesystem::path(EIGENFORMER_BINARY_DIR) / "encoder_names_test" /
                                        testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_P(EncoderNames, TheBaseClassWithAndWithoutItsPrefix) {
  const GoldenCase base = golden(GetParam().base);
  const std::string& prefix = GetParam().prefix;
  const Tensors plain = plain_tensors(base), prefixed = with_prefix(plain, prefix);
  ASSERT_NE(plain.begin()->first, prefixed.begin()->first);
  expect_same(base, write(base, plain), "without prefix");
  expect_same(base, write(base, prefixed), "with prefix");
  expect_same(base, write(base, plain, "embeddings.position_ids"), "with a buffer");
  expect_same(base, write(base, prefixed, prefix + "embeddings.position_ids"), "with prefix and a buffer");
  expect_same(base, write(base, with_older_norms(plain)), "gamma and beta");
  expect_same(base, write(base, with_older_norms(prefixed)), "gamma and beta with prefix");
}

TEST_P(EncoderNames, AHeadWithAndWithoutThePrefixOfItsModel) {
  const GoldenCase masked = golden(GetParam().masked);
  const std::string& prefix = GetParam().prefix;
  const Tensors plain = plain_tensors(masked), bare = without_prefix(plain, prefix);
  expect_same(masked, write(masked, plain), "with prefix");
  expect_same(masked, write(masked, bare), "without prefix");
  expect_same(masked, write(masked, plain, prefix + "embeddings.position_ids"), "with a buffer");
  expect_same(masked, write(masked, bare, "embeddings.position_ids"), "without prefix, with a buffer");
  expect_same(masked, write(masked, with_older_norms(plain)), "gamma and beta");
}

TEST_P(EncoderNames, TheTiedDecoderStoredOrNot) {
  const GoldenCase masked = golden(GetParam().masked);
  const Family& family = GetParam();
  Tensors tensors = plain_tensors(masked);
  tensors[family.decoder + ".weight"] = tensors.at(family.prefix + "embeddings.word_embeddings.weight");
  expect_same(masked, write(masked, tensors), "its matrix stored");
  if (family.bias.empty()) return;
  tensors[family.decoder + ".bias"] = tensors.at(family.bias);
  expect_same(masked, write(masked, tensors), "its matrix and its bias stored");
  tensors.erase(family.bias);
  expect_same(masked, write(masked, tensors), "its bias under the decoder's name alone");
  tensors.erase(family.decoder + ".weight");
  expect_same(masked, write(masked, tensors), "its bias alone, under the decoder's name");
}

TEST_P(EncoderNames, WhatIsMissingOrOfNoUseIsNamed) {
  const GoldenCase base = golden(GetParam().base);
  const std::string& prefix = GetParam().prefix;
  Tensors tensors = with_prefix(plain_tensors(base), prefix);
  const std::string words = prefix + "embeddings.word_embeddings.weight";
  tensors["embeddings.other.weight"] = tensors.at(words);
  std::string text = error_of([&] { ef::load(write(base, tensors)); });
  EXPECT_NE(text.find("weight.extra"), std::string::npos) << text;
  EXPECT_NE(text.find("embeddings.other.weight"), std::string::npos) << text;
  tensors.erase("embeddings.other.weight");
  tensors.erase(words);
  text = error_of([&] { ef::load(write(base, tensors)); });
  EXPECT_NE(text.find("weight.missing"), std::string::npos) << text;
  EXPECT_NE(text.find(words), std::string::npos) << text;
}

const std::vector<Family> k_families{
    {"bert", "sentences", "hub", "bert.", "cls.predictions.decoder", "cls.predictions.bias"},
    {"roberta", "sentences", "hub", "roberta.", "lm_head.decoder", "lm_head.bias"},
    {"xlm_roberta", "sentences", "hub", "roberta.", "lm_head.decoder", "lm_head.bias"},
    {"distilbert", "sentences", "hub", "distilbert.", "vocab_projector", ""},
    {"electra", "sentences", "generator", "electra.", "generator_lm_head", ""},
    {"albert", "sentences", "hub", "albert.", "predictions.decoder", "predictions.bias"},
};

INSTANTIATE_TEST_SUITE_P(Families, EncoderNames, testing::ValuesIn(k_families),
                         [](const auto& test) { return test.param.name; });

}  // namespace
