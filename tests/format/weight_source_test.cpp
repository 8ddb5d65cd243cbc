#include "eigenformer/format/weight_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eigenformer/format/pattern.hpp"
#include "eigenformer/format/safetensors.hpp"
#include "tests/format/builders.hpp"
#include "tests/support/errors.hpp"

namespace {

using eigenformer_tests::error_id_of;
using eigenformer_tests::error_of;
namespace format = eigenformer::format;

/// A file of U8 tensors of two bytes each, by these names.
std::shared_ptr<const format::TensorFile> file_of(const std::vector<std::string>& names) {
  std::string header = "{";
  for (std::size_t i = 0; i < names.size(); ++i) {
    header += (i == 0 ? "\"" : ",\"") + names[i] + R"(":{"dtype":"U8","shape":[2,1],"data_offsets":[)" +
              std::to_string(2 * i) + "," + std::to_string(2 * i + 2) + "]}";
  }
  return format::open_safetensors(
      eigenformer_tests::source_of(eigenformer_tests::safetensors_of(header + "}", 2 * names.size()), "m.safetensors"));
}

std::byte first_byte(const format::RawTensor& tensor) { return tensor.bytes.front(); }

TEST(WeightSource, ClaimsByScopeNameAndShape) {
  const auto w = format::make_weight_source(file_of({"embed", "layers.0.q.weight", "layers.1.q.weight"}), {}, nullptr);
  EXPECT_EQ(first_byte(w.claim("embed", {2, 1})), std::byte{0});
  for (int layer = 0; layer < 2; ++layer) {
    const auto q = w / "layers" / std::to_string(layer) / "q";
    EXPECT_EQ(q.full_name("weight"), "layers." + std::to_string(layer) + ".q.weight");
    EXPECT_TRUE(q.has("weight"));
    EXPECT_FALSE(q.has("bias"));
    EXPECT_EQ(first_byte(q.claim("weight", {2, 1})), static_cast<std::byte>(2 + 2 * layer));
  }
  EXPECT_EQ((w / "layers").full_name(""), "layers");
  EXPECT_EQ(w.where(), "m.safetensors");
  EXPECT_EQ(first_byte((w / "embed").claim("", {2, 1})), std::byte{0});
  w.finish();
}

TEST(WeightSource, MissingAndMisShapedAreErrors) {
  const auto w = format::make_weight_source(file_of({"model.layers.3.q.weight"}), {}, nullptr);
  const auto layer = w / "model.layers" / "3";
  EXPECT_EQ(error_of([&] {
              (layer / "k").claim("weight", {64, 64});
            }),
            "weight.missing: m.safetensors: expected tensor model.layers.3.k.weight of shape [64, 64], found no such "
            "tensor; use "
            "weights and config of the same model");
  EXPECT_EQ(
      error_of([&] {
        (layer / "q").claim("weight", {64, 64});
      }),
      "weight.shape: m.safetensors: expected tensor model.layers.3.q.weight of shape [64, 64], found shape [2, 1]; use "
      "weights and config of the same model");
  EXPECT_EQ(error_id_of([&] { (layer / "q").claim("weight", {2}); }), "weight.shape");
  EXPECT_EQ(error_id_of([&] { w.finish(); }), "weight.extra") << "a claim that failed is none";
}

TEST(WeightSource, LeftoversAreOneError) {
  const auto w = format::make_weight_source(file_of({"a", "b", "c", "d", "e", "f", "g"}), {}, nullptr);
  w.claim("b", {2, 1});
  EXPECT_EQ(error_of([&] { w.finish(); }),
            "weight.extra: m.safetensors: expected no tensors but those that the config asks for, found a, c, d, e, f "
            "and 1 more; "
            "use weights and config of the same model");
  const std::string_view some[] = {"c", "d", "e", "f", "g*"};
  EXPECT_EQ(error_of([&] { w.finish(some); }),
            "weight.extra: m.safetensors: expected no tensors but those that the config asks for, found a; use weights "
            "and config "
            "of the same model");
  const std::string_view all[] = {"*"};
  w.finish(all);
}

TEST(WeightSource, PrefixesMayBeThereOrNot) {
  const format::TensorNaming naming{.optional_prefixes = {"transformer."}};
  for (const std::string prefix : {"", "transformer."}) {
    const auto file = file_of({prefix + "wte.weight", prefix + "h.0.attn.bias", "lm_head.weight"});
    for (const std::string written : {"wte", "transformer.wte"}) {
      const auto w = format::make_weight_source(file, naming, nullptr);
      EXPECT_EQ(first_byte((w / written).claim("weight", {2, 1})), std::byte{0});
      EXPECT_EQ(first_byte(w.claim("lm_head.weight", {2, 1})), std::byte{4});
      const std::string_view ignorable[] = {"h.*.attn.bias"};
      w.finish(ignorable);
    }
  }
}

TEST(WeightSource, OlderEndingsServeWhereTheNewAreNotThere) {
  const format::TensorNaming naming{.optional_prefixes = {"m."},
                                    .older_endings = {{"Norm.weight", "Norm.gamma"}, {"Norm.bias", "Norm.beta"}}};
  for (const std::string prefix : {"", "m."}) {
    const auto file = file_of({prefix + "0.Norm.gamma", prefix + "0.Norm.beta", prefix + "1.Norm.weight"});
    const auto w = format::make_weight_source(file, naming, nullptr) / "m";
    EXPECT_EQ(first_byte((w / "0.Norm").claim("weight", {2, 1})), std::byte{0});
    EXPECT_EQ(first_byte((w / "0.Norm").claim("bias", {2, 1})), std::byte{2});
    EXPECT_EQ(first_byte((w / "1.Norm").claim("weight", {2, 1})), std::byte{4});
    EXPECT_FALSE((w / "1.Norm").has("bias"));
    w.finish();
  }
  const auto both = format::make_weight_source(file_of({"0.Norm.gamma", "0.Norm.weight"}), naming, nullptr);
  EXPECT_EQ(first_byte((both / "0.Norm").claim("weight", {2, 1})), std::byte{2}) << "the newer name goes first";
  EXPECT_EQ(error_id_of([&] { both.finish(); }), "weight.extra");
}

TEST(WeightSource, NamesMapToTheFiles) {
  const format::TensorNaming naming{.to_file = {{"model.layers.{i}.self_attn.q_proj.weight", "blk.{i}.attn_q.weight"},
                                                {"model.norm.weight", "output_norm.weight"}}};
  const auto w = format::make_weight_source(
      file_of({"blk.0.attn_q.weight", "blk.12.attn_q.weight", "output_norm.weight", "same"}), naming, nullptr);
  EXPECT_EQ(first_byte((w / "model.layers" / "12" / "self_attn" / "q_proj").claim("weight", {2, 1})), std::byte{2});
  EXPECT_EQ(first_byte(w.claim("model.norm.weight", {2, 1})), std::byte{4});
  EXPECT_EQ(first_byte(w.claim("same", {2, 1})), std::byte{6});
  EXPECT_EQ(error_of([&] {
              (w / "model.layers" / "1").claim("self_attn.q_proj.weight", {2, 1});
            }),
            "weight.missing: m.safetensors: expected tensor blk.1.attn_q.weight "
            "(model.layers.1.self_attn.q_proj.weight) of shape "
            "[2, 1], found no such tensor; use weights and config of the same model");
  EXPECT_FALSE(w.has("model.layers.x.self_attn.q_proj.weight"));
  EXPECT_EQ(error_of([&] { w.finish(); }),
            "weight.extra: m.safetensors: expected no tensors but those that the config asks for, found "
            "blk.0.attn_q.weight; use "
            "weights and config of the same model");
}

TEST(WeightSource, ProgressIsReportedAndCancels) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> calls;
  std::uint64_t stop_at = 100;
  const auto on_progress = [&](std::uint64_t done, std::uint64_t total) {
    calls.emplace_back(done, total);
    return done < stop_at;
  };
  const format::LoadProgress progress(on_progress, 6, "m.safetensors");
  const auto w = format::make_weight_source(file_of({"a", "b", "c"}), {}, &progress);
  w.claim("a", {2, 1});
  w.claim("b", {2, 1});
  w.claim("a", {2, 1});  // a tied matrix: counted once
  EXPECT_THAT(calls, testing::ElementsAre(std::pair(2, 6), std::pair(4, 6), std::pair(4, 6)));
  stop_at = 5;
  EXPECT_EQ(error_of([&] {
              w.claim("c", {2, 1});
            }),
            "cancelled.load: m.safetensors: expected to load the whole model, found a request to stop after 6 of 6 "
            "bytes; load "
            "again when the model is wanted");
}

TEST(Pattern, StarsStandForAnything) {
  using format::matches;
  EXPECT_TRUE(matches("h.0.attn.bias", "h.*.attn.bias"));
  EXPECT_TRUE(matches("h.0.attn.bias.attn.bias", "h.*.attn.bias"));
  EXPECT_FALSE(matches("h.0.attn.bias2", "h.*.attn.bias"));
  EXPECT_TRUE(matches("", "*"));
  EXPECT_TRUE(matches("abc", "a*b*c*"));
  EXPECT_FALSE(matches("abc", "ab"));
  EXPECT_FALSE(matches("ab", "abc"));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_FALSE(matches(std::string(30'000, 'a'), "*a*a*a*a*b"));
}

}  // namespace
