// What works on rows: quantization, norms, activations, softmax, rotation, the cache.
#include <limits>

#include "tests/kernels/support.hpp"

namespace {

using namespace kernel_tests;
using kernels::Activation;

class Rows : public EachInstructionSet {};
INSTANTIATE_TEST_SUITE_P(, Rows, ::testing::ValuesIn(kernels::available_instruction_sets()), set_name);

constexpr Draw k_draws[] = {Draw::plain, Draw::tiny, Draw::large, Draw::wild};

struct Codes {
  explicit Codes(std::size_t row_count, std::size_t size)
      : inner((size + 31) / 32 * 32),
        codes(row_count * inner, 99),
        scales(row_count * inner / 32, 99),
        scaled_sums(scales),
        sums(scales.size(), 99) {}
  kernels::QuantizedRows rows() { return {codes.data(), scales.data(), scaled_sums.data(), sums.data(), inner}; }
  std::size_t inner;
  std::vector<std::int8_t> codes;
  std::vector<float> scales, scaled_sums;
  std::vector<std::int32_t> sums;
};

TEST_P(Rows, QuantizedEqualTheScalarTruth) {
  Random random(1);
  for (std::size_t size = 1; size <= 131; ++size) {
    for (const Draw draw : k_draws) {
      const std::size_t stride = size + 3;
      MisalignedFloats input(random.values(3 * stride, draw));
      Codes expected(3, size);
      Codes result(3, size);
      truth().quantize_rows(input.data(), stride, size, 3, expected.rows());
      table().quantize_rows(input.data(), stride, size, 3, result.rows());
      ASSERT_EQ(result.codes, expected.codes) << size;
      ASSERT_EQ(result.sums, expected.sums);
      ASSERT_TRUE(same_bits(result.scales.data(), expected.scales.data(), expected.scales.size()));
      ASSERT_TRUE(same_bits(result.scaled_sums.data(), expected.scaled_sums.data(), expected.scales.size()));
    }
  }
}

TEST_P(Rows, QuantizationByHand) {
  std::vector<float> input(40, 0.0F);
  input[0] = 127.0F;      // scale 1: codes are the rounded values
  input[1] = 2.5F;        // half to even: 2
  input[2] = 3.5F;        // half to even: 4
  input[3] = -2.5F;       // -2
  input[4] = -127.0F;     // the other end
  input[32] = 0x1p-101F;  // below 2^-100: zeros
  Codes result(1, 40);
  table().quantize_rows(input.data(), 40, 40, 1, result.rows());
  EXPECT_EQ(result.inner, 64U);
  EXPECT_EQ(std::vector<int>(result.codes.begin(), result.codes.begin() + 6),
            (std::vector<int>{127, 2, 4, -2, -127, 0}));
  EXPECT_EQ(result.scales[0], 1.0F);
  EXPECT_EQ(result.sums[0], 4);
  EXPECT_EQ(result.scaled_sums[0], 4.0F);
  for (std::size_t i = 32; i < 64; ++i) EXPECT_EQ(result.codes[i], 0);
  EXPECT_EQ(result.scales[1], 0.0F);
  EXPECT_EQ(result.sums[1], 0);
}

// A block that holds an infinity or NaN gets a scale of NaN, so that it cannot go unnoticed.
TEST_P(Rows, QuantizationKeepsWhatIsNotFiniteVisible) {
  for (const float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::quiet_NaN()}) {
    std::vector<float> input(64, 1.0F);
    input[45] = bad;
    Codes result(1, 64);
    table().quantize_rows(input.data(), 64, 64, 1, result.rows());
    EXPECT_EQ(result.codes[0], 127);
    EXPECT_EQ(result.codes[32], 0);
    EXPECT_TRUE(std::isnan(result.scales[1]));
    EXPECT_TRUE(std::isnan(result.scaled_sums[1]));
    EXPECT_EQ(result.sums[1], 0);
  }
}

TEST_P(Rows, NormsEqualTheScalarTruth) {
  Random random(2);
  for (std::size_t size = 1; size <= 99; ++size) {
    for (const Draw draw : k_draws) {
      MisalignedFloats input(random.values(size, draw));
      MisalignedFloats weight(random.values(size));
      MisalignedFloats bias(random.values(size));
      MisalignedFloats expected(size);
      MisalignedFloats result(size);
      truth().rms_norm({input.data(), weight.data(), expected.data(), size, 1e-5F});
      table().rms_norm({input.data(), weight.data(), result.data(), size, 1e-5F});
      ASSERT_TRUE(same_bits(result.data(), expected.data(), size)) << size;
      truth().layer_norm({input.data(), weight.data(), bias.data(), expected.data(), size, 1e-5F});
      table().layer_norm({input.data(), weight.data(), bias.data(), result.data(), size, 1e-5F});
      ASSERT_TRUE(same_bits(result.data(), expected.data(), size)) << size;
      table().layer_norm({input.data(), weight.data(), bias.data(), input.data(), size, 1e-5F});
      ASSERT_TRUE(same_bits(input.data(), expected.data(), size)) << "in place";
    }
  }
}

TEST(Norms, AgreeWithDoublePrecision) {
  Random random(3);
  for (const std::size_t size : {5U, 64U, 577U}) {
    const std::vector<float> input = random.values(size);
    const std::vector<float> weight = random.values(size);
    const std::vector<float> bias = random.values(size);
    std::vector<float> rms(size);
    std::vector<float> layer(size);
    kernels::k_scalar_table.rms_norm({input.data(), weight.data(), rms.data(), size, 1e-5F});
    kernels::k_scalar_table.layer_norm({input.data(), weight.data(), bias.data(), layer.data(), size, 1e-5F});
    double sum = 0;
    double squares = 0;
    for (const float x : input) sum += x, squares += static_cast<double>(x) * x;
    const double mean = sum / static_cast<double>(size);
    double variance = 0;
    for (const float x : input) variance += (x - mean) * (x - mean);
    const double root = std::sqrt(squares / static_cast<double>(size) + 1e-5);
    const double deviation = std::sqrt(variance / static_cast<double>(size) + 1e-5);
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_NEAR(rms[i], input[i] / root * weight[i], 2e-6);
      EXPECT_NEAR(layer[i], (input[i] - mean) / deviation * weight[i] + bias[i], 4e-6);
    }
  }
}

TEST_P(Rows, ActivationsEqualTheScalarTruth) {
  Random random(4);
  for (const Activation kind : {Activation::identity, Activation::relu, Activation::silu, Activation::gelu,
                                Activation::gelu_tanh, Activation::tanh, Activation::sigmoid}) {
    for (std::size_t size = 0; size <= 41; ++size) {
      for (const Draw draw : k_draws) {
        std::vector<float> values = random.values(size, draw);
        for (float& value : values) value *= random.between(0, 1) == 0 ? 1.0F : 20.0F;
        const std::vector<float> up = random.values(size, draw);
        MisalignedFloats expected(values);
        MisalignedFloats result(values);
        truth().activate(kind, expected.data(), size);
        table().activate(kind, result.data(), size);
        ASSERT_TRUE(same_bits(result.data(), expected.data(), size)) << static_cast<int>(kind);
        MisalignedFloats gated(values);
        MisalignedFloats gated_result(values);
        truth().activate_gated(kind, gated.data(), up.data(), size);
        table().activate_gated(kind, gated_result.data(), up.data(), size);
        ASSERT_TRUE(same_bits(gated_result.data(), gated.data(), size)) << static_cast<int>(kind);
      }
    }
  }
}

// Sixty thousand arguments over all magnitudes of both signs.
TEST_P(Rows, ActivationsOverAllMagnitudes) {
  for (const Activation kind : {Activation::relu, Activation::silu, Activation::gelu, Activation::gelu_tanh,
                                Activation::tanh, Activation::sigmoid}) {
    std::vector<float> values;
    for (std::uint64_t bits = 0; bits <= 0xFFFFFFFFU; bits += 4099 * 16) {
      const float value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
      if (!std::isnan(value)) values.push_back(value);
    }
    std::vector<float> expected = values;
    truth().activate(kind, expected.data(), expected.size());
    table().activate(kind, values.data(), values.size());
    ASSERT_TRUE(same_bits(values.data(), expected.data(), values.size())) << static_cast<int>(kind);
  }
}

TEST_P(Rows, NotANumberGoesThroughActivations) {
  for (const Activation kind : {Activation::identity, Activation::relu, Activation::silu, Activation::gelu,
                                Activation::gelu_tanh, Activation::tanh, Activation::sigmoid}) {
    std::vector<float> values(9, std::numeric_limits<float>::quiet_NaN());
    table().activate(kind, values.data(), values.size());
    for (const float value : values) EXPECT_TRUE(std::isnan(value)) << static_cast<int>(kind);
  }
}

TEST_P(Rows, SumsEqualTheScalarTruth) {
  Random random(5);
  for (std::size_t size = 0; size <= 33; ++size) {
    const std::vector<float> left = random.values(size, Draw::wild);
    const std::vector<float> right = random.values(size, Draw::wild);
    std::vector<float> expected(size);
    MisalignedFloats result(left);
    truth().add(left.data(), right.data(), expected.data(), size);
    table().add(result.data(), right.data(), result.data(), size);
    ASSERT_TRUE(same_bits(result.data(), expected.data(), size));
  }
}

TEST_P(Rows, SoftmaxEqualsTheScalarTruth) {
  Random random(6);
  for (std::size_t size = 0; size <= 99; ++size) {
    for (const float range : {1.0F, 60.0F, 1e4F}) {
      std::vector<float> values = random.values(size);
      for (float& value : values) value *= range;
      MisalignedFloats expected(values);
      MisalignedFloats result(values);
      truth().softmax(expected.data(), size);
      table().softmax(result.data(), size);
      ASSERT_TRUE(same_bits(result.data(), expected.data(), size)) << size;
    }
  }
}

TEST_P(Rows, SumsOfExponentialsEqualTheScalarTruth) {
  Random random(17);
  for (std::size_t size = 0; size <= 99; ++size) {
    for (const float range : {1.0F, 60.0F, 1e4F}) {
      std::vector<float> values = random.values(size);
      for (float& value : values) value *= range;
      if (size > 40) values[size - 3] = -std::numeric_limits<float>::infinity();
      MisalignedFloats input(values);
      const kernels::ExponentialSum expected = truth().sum_exponentials(input.data(), size);
      const kernels::ExponentialSum result = table().sum_exponentials(input.data(), size);
      ASSERT_EQ(result.largest, expected.largest) << size;
      ASSERT_TRUE(same_bits(&result.sum, &expected.sum, 1)) << size;
    }
  }
}

TEST_P(Rows, SumOfExponentialsOfNothingIsNothing) {
  constexpr float k_nothing = -std::numeric_limits<float>::infinity();
  const std::vector<float> values(33, k_nothing);
  for (const std::size_t size : {0U, 1U, 16U, 33U}) {
    EXPECT_EQ(table().sum_exponentials(values.data(), size).largest, k_nothing);
    EXPECT_EQ(table().sum_exponentials(values.data(), size).sum, 0.0F);
  }
}

TEST(Softmax, SumsToOneAndAgreesWithDoublePrecision) {
  Random random(7);
  for (const float range : {0.0F, 1.0F, 30.0F, 1e4F, 1e30F}) {
    std::vector<float> values = random.values(301);
    for (float& value : values) value *= range;
    std::vector<float> result = values;
    kernels::k_scalar_table.softmax(result.data(), result.size());
    double maximum = -1e300;
    for (const float value : values) maximum = std::max<double>(maximum, value);
    double total = 0;
    for (const float value : values) total += std::exp(value - maximum);
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      // x - maximum is rounded once, which exp turns into a relative error of that size; 1e-37 where it gives 0.
      const double rounding = std::fabs(values[i] - maximum) * 0x1p-24;
      const double expected = std::exp(values[i] - maximum) / total;
      EXPECT_NEAR(result[i], expected, expected * (rounding * 1.1 + 40 * 0x1p-24) + 1e-37);
      sum += result[i];
    }
    EXPECT_NEAR(sum, 1.0, 3e-6);
  }
}

TEST_P(Rows, RotationEqualsTheScalarTruth) {
  Random random(8);
  for (std::size_t size = 0; size <= 70; size += 2) {
    const std::vector<float> cosines = random.values(size / 2, Draw::wild);
    const std::vector<float> sines = random.values(size / 2, Draw::wild);
    const std::vector<float> head = random.values(size + 5, Draw::wild);
    MisalignedFloats expected(head);
    MisalignedFloats result(head);
    truth().rotate({expected.data(), cosines.data(), sines.data(), size});
    table().rotate({result.data(), cosines.data(), sines.data(), size});
    ASSERT_TRUE(same_bits(result.data(), expected.data(), head.size())) << size;
  }
}

TEST_P(Rows, RotationByHand) {
  std::vector<float> head = {1, 2, 3, 4, 9};  // pairs (1, 3) and (2, 4); 9 is not touched
  const std::vector<float> cosines = {0, 1};
  const std::vector<float> sines = {1, 0};
  table().rotate({head.data(), cosines.data(), sines.data(), 4});
  EXPECT_EQ(head, (std::vector<float>{-3, 2, 1, 4, 9}));
}

TEST_P(Rows, CacheStoreEqualsTheScalarTruth) {
  Random random(9);
  for (const auto type : {kernels::CacheType::f32, kernels::CacheType::f16, kernels::CacheType::int8}) {
    for (const std::size_t head_dim : {1U, 7U, 8U, 24U, 33U, 64U, 80U}) {
      const std::size_t bytes = kernels::cache_tile_bytes(type, head_dim);
      std::vector<std::byte> keys(bytes, std::byte{7}), values(keys), true_keys(keys), true_values(keys);
      for (std::size_t slot = 0; slot < 32; slot += 3) {
        std::vector<float> key = random.values(head_dim, slot % 2 == 0 ? Draw::plain : Draw::wild);
        std::vector<float> value = random.values(head_dim, Draw::plain);
        value[head_dim / 2] = std::numeric_limits<float>::infinity();  // saturates
        key[0] = 0x1.8p-25F;                                           // rounds to the smallest half
        truth().store_in_cache({type, key.data(), value.data(), true_keys.data(), true_values.data(), slot, head_dim});
        table().store_in_cache({type, key.data(), value.data(), keys.data(), values.data(), slot, head_dim});
      }
      ASSERT_EQ(keys, true_keys) << head_dim;
      ASSERT_EQ(values, true_values) << head_dim;
    }
  }
}

}  // namespace
