// Rotary embeddings: equal to what Hugging Face transformers computes (recipe.py), rounding for rounding.
#include "eigenformer/ops/rotary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "eigenformer/error.hpp"
#include "tests/ops/rotary_data.hpp"
#include "tests/support/errors.hpp"

namespace eigenformer {
namespace {

using ops::RotaryOptions;

std::vector<float> ramp(float first, float step) {
  std::vector<float> values;
  for (int i = 0; i < 10; ++i) values.push_back(first + step * static_cast<float>(i));
  return values;
}

/// The cases of recipe.py.
const std::map<std::string, RotaryOptions>& cases() {
  static const ops::YarnRotary yarn{.factor = 4, .original_max_position_embeddings = 2048};
  static const ops::LongRotary longrope{.short_factor = ramp(1, 0.125F),
                                        .long_factor = ramp(2, 1.75F),
                                        .original_max_position_embeddings = 128,
                                        .factor = 4};
  static const auto with = [](auto scaling, auto change) {
    change(scaling);
    return scaling;
  };
  static const std::map<std::string, RotaryOptions> options = {
      {"default", {.rotary_dim = 64}},
      {"default_odd_dim", {.theta = 500000, .rotary_dim = 20}},
      {"partial", {.rotary_dim = 20, .scaling = ops::LinearRotary{.factor = 1.5}}},
      {"linear", {.rotary_dim = 48, .scaling = ops::LinearRotary{.factor = 2.5}}},
      {"dynamic", {.rotary_dim = 48, .scaling = ops::DynamicRotary{.factor = 3, .max_position_embeddings = 256}}},
      {"llama3",
       {.theta = 500000,
        .rotary_dim = 128,
        .scaling =
            ops::Llama3Rotary{
                .factor = 32, .low_freq_factor = 1, .high_freq_factor = 4, .original_max_position_embeddings = 8192}}},
      {"yarn", {.theta = 1000000, .rotary_dim = 128, .scaling = yarn}},
      {"yarn_not_truncated",
       {.rotary_dim = 64,
        .scaling = with(yarn,
                        [](auto& scaling) {
                          scaling.truncate = false;
                          scaling.beta_fast = 24;
                          scaling.beta_slow = 2;
                        })}},
      {"yarn_mscale",
       {.rotary_dim = 64,
        .scaling = with(yarn,
                        [](auto& scaling) {
                          scaling.mscale = 0.707;
                          scaling.mscale_all_dim = 1.3;
                        })}},
      {"yarn_given_factor",
       {.rotary_dim = 64, .scaling = with(yarn, [](auto& scaling) { scaling.attention_factor = 0.75; })}},
      {"longrope", {.rotary_dim = 20, .scaling = longrope}},
      {"longrope_given_factor",
       {.rotary_dim = 20,
        .scaling = with(longrope,
                        [](auto& scaling) {
                          scaling.factor = 8;
                          scaling.attention_factor = 1.5;
                        })}},
  };
  return options;
}

double largest_relative_difference(const std::vector<float>& got, const std::vector<float>& wanted) {
  EXPECT_EQ(got.size(), wanted.size());
  double largest = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(got[i]) - wanted[i]) / std::abs(wanted[i]));
  }
  return largest;
}

TEST(Rotary, FrequenciesAreThoseOfTransformers) {
  for (const RecordedRotary& recorded : k_recorded_rotary) {
    const RotaryOptions& options = cases().at(recorded.name);
    const auto frequencies = ops::rotary_inverse_frequencies(options, static_cast<std::uint32_t>(recorded.length));
    // torch's powf is off by up to an ulp of f32 in the power, which two or three further roundings keep at that size
    EXPECT_LE(largest_relative_difference(frequencies, recorded.frequencies), 4 * 0x1p-24) << recorded.name;
  }
}

TEST(Rotary, AnglesAreThoseOfTransformers) {
  for (const RecordedRotary& recorded : k_recorded_rotary) {
    const RotaryOptions& options = cases().at(recorded.name);
    const float factor = ops::rotary_attention_factor(options);
    std::vector<float> cosines(recorded.frequencies.size());
    std::vector<float> sines(cosines.size());
    ops::rotary_angles(recorded.frequencies, factor, recorded.length - 1, cosines.data(), sines.data());
    for (std::size_t pair = 0; pair < cosines.size(); ++pair) {
      EXPECT_NEAR(cosines[pair], recorded.cosines[pair], 2.4e-7) << recorded.name << " " << pair;
      EXPECT_NEAR(sines[pair], recorded.sines[pair], 2.4e-7) << recorded.name << " " << pair;
    }
  }
}

TEST(Rotary, AnglesAreTheRoundedCosineAndSineOfTheRoundedAngle) {
  const auto frequencies = ops::rotary_inverse_frequencies({.theta = 500000, .rotary_dim = 96}, 1);
  std::vector<float> cosines(frequencies.size());
  std::vector<float> sines(frequencies.size());
  for (const std::int32_t position : {0, 1, 2, 31, 4095, 131071, 1 << 20, -5}) {
    ops::rotary_angles(frequencies, 1, position, cosines.data(), sines.data());
    for (std::size_t pair = 0; pair < frequencies.size(); ++pair) {
      const float angle = static_cast<float>(position) * frequencies[pair];
      EXPECT_FLOAT_EQ(cosines[pair], static_cast<float>(std::cos(static_cast<double>(angle)))) << position;
      EXPECT_FLOAT_EQ(sines[pair], static_cast<float>(std::sin(static_cast<double>(angle)))) << position;
    }
  }
}

TEST(Rotary, OnlyTwoScalingsDependOnTheLength) {
  for (const auto& [name, options] : cases()) {
    const bool depends =
        ops::rotary_inverse_frequencies(options, 100) != ops::rotary_inverse_frequencies(options, 5000);
    EXPECT_EQ(depends, ops::rotary_depends_on_length(options)) << name;
  }
}

TEST(Rotary, OptionsThatMeanNothingAreRefused) {
  const auto error = [](const RotaryOptions& options) {
    return eigenformer_tests::error_of([&] { (void)ops::rotary_inverse_frequencies(options, 10); });
  };
  for (const std::uint32_t odd : {0U, 7U}) {
    EXPECT_EQ(error({.rotary_dim = odd}),
              "shape.rotary_dim: the rotary position embedding: expected an even number of rotated values above zero, "
              "found " +
                  std::to_string(odd) + "; correct head_dim or partial_rotary_factor in the model's config");
  }
  EXPECT_EQ(error({.theta = 1, .rotary_dim = 8}),
            "config.rotary_theta: the rotary position embedding: expected rope_theta above one, within f32, found "
            "1.000000; correct the model's config");
  EXPECT_EQ(error({.rotary_dim = 8, .scaling = ops::LinearRotary{.factor = 0}}),
            "config.rotary_scaling: the rotary position embedding: expected factor above zero, found 0.000000; correct "
            "the model's config");
  RotaryOptions longrope = cases().at("longrope");
  longrope.rotary_dim = 24;
  EXPECT_EQ(error(longrope),
            "shape.rotary_factors: the rotary position embedding: expected 12 numbers in short_factor, one for each "
            "pair, found 10; correct the model's config");
}

TEST(Rotary, NoOptionGivesAFrequencyThatIsNotFinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {0.0, -1.0, infinity, -infinity, std::nan("")}) {
    const std::vector<ops::RotaryScaling> scalings = {
        ops::LinearRotary{bad},
        ops::DynamicRotary{bad, 128},
        ops::Llama3Rotary{bad, 1, 4, 8192},
        ops::Llama3Rotary{8, bad, 4, 8192},
        ops::YarnRotary{.factor = bad, .original_max_position_embeddings = 128},
        ops::YarnRotary{.factor = 2, .original_max_position_embeddings = 0},
        ops::YarnRotary{.factor = 2, .original_max_position_embeddings = 128, .beta_fast = bad},
        ops::YarnRotary{.factor = 2, .original_max_position_embeddings = 128, .attention_factor = bad},
        ops::LongRotary{{1, 2}, {1, static_cast<float>(bad)}, 128, 2},
    };
    for (const ops::RotaryScaling& scaling : scalings) {
      EXPECT_THROW((void)ops::rotary_inverse_frequencies({.rotary_dim = 4, .scaling = scaling}, 500), ConfigError)
          << bad << " " << scaling.index();
    }
  }
  EXPECT_THROW((void)ops::rotary_inverse_frequencies({.rotary_dim = 2, .scaling = ops::DynamicRotary{2, 128}}, 500),
               ConfigError);
  EXPECT_THROW(
      (void)ops::rotary_inverse_frequencies({.theta = 1e38, .rotary_dim = 4, .scaling = ops::LinearRotary{1e-300}}, 1),
      ConfigError);
}

}  // namespace
}  // namespace eigenformer
