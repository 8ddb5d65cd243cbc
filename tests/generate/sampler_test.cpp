#include "eigenformer/generate/sampler.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <memory>
#include <set>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/generate/processors/entropy_filters.hpp"
#include "eigenformer/generate/processors/filters.hpp"
#include "eigenformer/generate/processors/penalties.hpp"
#include "eigenformer/generate/processors/score_filters.hpp"
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace {

namespace ef = eigenformer;
using ef::generation::Sampler;
using ef::generation::SamplerOptions;
using ef::generation::SamplingBuffers;

constexpr float k_infinity = std::numeric_limits<float>::infinity();

/// A text of that many tokens, for choosing the one that follows.
ef::ProcessedText text_of(std::size_t size) {
  static const std::vector<ef::TokenId> text(100000, 0);
  return {.ids = std::span(text).first(size)};
}

std::vector<float> some_logits(std::size_t size) {
  std::vector<float> logits(size);
  for (std::size_t index = 0; index < size; ++index) logits[index] = static_cast<float>(index * 37 % 101) / 16;
  return logits;
}

TEST(Sampler, WithoutTemperatureTakesTheLargest) {
  const Sampler sampler{SamplerOptions{}};
  SamplingBuffers buffers;
  EXPECT_EQ(sampler.choose(std::vector<float>{0, 3, 1, 3, 2}, text_of(0), buffers).id, 1);
  EXPECT_TRUE(buffers.scores.empty());  // nothing was copied for it
}

TEST(Sampler, WithoutTemperatureRunsProcessorsToo) {
  const Sampler sampler({.processors = {std::make_shared<ef::generation::RepetitionPenalty>(4.0F)}});
  SamplingBuffers buffers;
  const std::vector<float> logits{0, 3, 1, 3, 2};
  EXPECT_EQ(sampler.choose(logits, {.ids = std::vector<ef::TokenId>{1}}, buffers).id, 3);
  EXPECT_EQ(sampler.choose(logits, {.ids = std::vector<ef::TokenId>{1, 3}}, buffers).id, 4);
}

TEST(Sampler, SaysHowLikelyItsChoiceWas) {
  const std::vector<float> logits{std::log(1.0F), std::log(2.0F), std::log(5.0F)};
  SamplingBuffers buffers;
  const Sampler greedy({.wants_probability = true});
  EXPECT_NEAR(greedy.choose(logits, text_of(0), buffers).log_probability, std::log(5.0 / 8), 1e-7);
  const Sampler top_2({.temperature = 1, .top_k = 2, .wants_probability = true});
  for (std::size_t position = 0; position < 20; ++position) {
    const auto choice = top_2.choose(logits, text_of(position), buffers);
    EXPECT_NEAR(choice.log_probability, std::log(choice.id == 1 ? 2.0 / 7 : 5.0 / 7), 1e-7);
  }
}

// So many draws against the probabilities that the options leave.
void expect_distribution(const SamplerOptions& options, const std::vector<float>& logits, std::size_t draws = 100'000) {
  const Sampler sampler(options);
  SamplingBuffers buffers;
  const auto candidates = sampler.candidates(logits, text_of(0), buffers);
  const double total = ef::generation::total_weight(candidates);
  std::vector<double> expected(logits.size(), 0.0);
  for (const auto& candidate : candidates) {
    expected[static_cast<std::size_t>(candidate.id)] = static_cast<double>(draws) * candidate.weight / total;
  }
  std::vector<int> counts(logits.size(), 0);
  for (std::size_t position = 0; position < draws; ++position) {
    ++counts[static_cast<std::size_t>(sampler.choose(logits, text_of(position), buffers).id)];
  }
  double chi_squared = 0;
  int degrees = -1;
  for (std::size_t id = 0; id < logits.size(); ++id) {
    if (expected[id] == 0) {
      ASSERT_EQ(counts[id], 0) << "token " << id << " was filtered";
      continue;
    }
    ASSERT_GT(expected[id], 5) << "the test wants frequent tokens";
    chi_squared += (counts[id] - expected[id]) * (counts[id] - expected[id]) / expected[id];
    ++degrees;
  }
  // Wilson and Hilferty: the cube root of chi^2 / n is nearly normal; 3.29 sigmas are p = 0.001.
  const double spread = std::sqrt(2.0 / (9 * degrees));
  EXPECT_LT(std::cbrt(chi_squared / degrees), 1 - spread * spread + 3.29 * spread) << chi_squared << " of " << degrees;
}

TEST(Sampler, DrawsTokensAsOftenAsTheyAreLikely) {
  const std::vector<float> logits = some_logits(50);
  expect_distribution({.temperature = 1}, logits);
  expect_distribution({.temperature = 2, .seed = 9}, logits);
  expect_distribution({.temperature = 1, .top_k = 10, .seed = 3}, logits);
  expect_distribution({.temperature = 1, .top_p = 0.8, .seed = 4, .sequence = 5}, logits);
  expect_distribution({.temperature = 1, .min_p = 0.1, .seed = 1}, logits);
}

TEST(Sampler, DrawsWhatProcessorsLeaveAsOftenAsItIsLikely) {
  using namespace ef::generation;
  const std::vector<float> logits = some_logits(50);
  const auto drawn_by = [&](const std::shared_ptr<const ef::LogitsProcessor>& processor) {
    expect_distribution({.processors = {processor}, .temperature = 1, .seed = 7}, logits, 25'000);
  };
  drawn_by(std::make_shared<RepetitionPenalty>(1.3F));
  drawn_by(std::make_shared<Temperature>(1.5F));
  drawn_by(std::make_shared<TopK>(9U));
  drawn_by(std::make_shared<TopP>(FilterOptions{.threshold = 0.9}));
  drawn_by(std::make_shared<MinP>(FilterOptions{.threshold = 0.05}));
  drawn_by(std::make_shared<TopH>(0.7));
  drawn_by(std::make_shared<TypicalP>(FilterOptions{.threshold = 0.8}));
  drawn_by(std::make_shared<EpsilonCutoff>(FilterOptions{.threshold = 0.01}));
  drawn_by(std::make_shared<EtaCutoff>(FilterOptions{.threshold = 0.01}));
  drawn_by(std::make_shared<TopNSigma>(1.5));
  drawn_by(std::make_shared<ExcludeTopChoices>(ef::XtcOptions{.probability = 1, .threshold = 0.02}, 0U));
}

TEST(Mirostat, BringsTheSurpriseToWhatIsAskedFor) {
  const std::vector<float> logits = some_logits(500);
  for (const double surprise : {1.5, 3.0, 4.5}) {
    Sampler sampler({.temperature = 1, .seed = 3, .mirostat = ef::MirostatOptions{surprise, 0.1}});
    SamplingBuffers buffers;
    double sum = 0;
    for (std::size_t position = 0; position < 3000; ++position) {
      const auto choice = sampler.choose(logits, text_of(position), buffers);
      sampler.learn(choice);
      if (position >= 1000) sum -= choice.log_probability / std::log(2.0);
    }
    EXPECT_NEAR(sum / 2000, surprise, 0.1);
  }
}

/// The border begins at twice the surprise; what is beyond it is never drawn, and the likeliest always may be.
TEST(Mirostat, DropsWhatIsTooSurprising) {
  const std::vector<float> logits{std::log(0.6F), std::log(0.25F), std::log(0.1F), std::log(0.05F)};
  SamplingBuffers buffers;
  const auto count = [&](double surprise) {
    const Sampler sampler({.temperature = 1, .mirostat = ef::MirostatOptions{surprise, 0.1}});
    return sampler.candidates(logits, text_of(0), buffers).size();
  };
  EXPECT_EQ(count(0), 1U);
  EXPECT_EQ(count(1.1), 2U);  // 0.25 has 2 bits, 0.1 has 3.3
  EXPECT_EQ(count(1.7), 3U);
  EXPECT_EQ(count(100), 4U);
}

std::vector<ef::TokenId> draws(const SamplerOptions& options) {
  const Sampler sampler(options);
  SamplingBuffers buffers;
  std::vector<ef::TokenId> ids;
  for (std::size_t position = 0; position < 64; ++position) {
    ids.push_back(sampler.choose(some_logits(50), text_of(position), buffers).id);
  }
  return ids;
}

TEST(Sampler, RepeatsItselfForTheSameSeedOnly) {
  const auto ids = draws({.temperature = 1, .seed = 1});
  EXPECT_EQ(draws({.temperature = 1, .seed = 1}), ids);
  EXPECT_NE(draws({.temperature = 1, .seed = 2}), ids);
  EXPECT_NE(draws({.temperature = 1, .seed = std::uint64_t{1} << 40U}), ids);
  EXPECT_NE(draws({.temperature = 1, .seed = 1, .sequence = 1}), ids);
  EXPECT_GT(std::set<ef::TokenId>(ids.begin(), ids.end()).size(), 5U);
}

TEST(Sampler, DrawsDoNotDependOnWhatWasDrawnBefore) {
  const Sampler sampler({.temperature = 1});
  SamplingBuffers buffers;
  const ef::TokenId alone = sampler.choose(some_logits(50), text_of(17), buffers).id;
  for (std::size_t position = 0; position < 17; ++position) sampler.choose(some_logits(50), text_of(position), buffers);
  EXPECT_EQ(sampler.choose(some_logits(50), text_of(17), buffers).id, alone);
}

#if defined(__x86_64__)
TEST(Sampler, DoesNotNoticeWhatTheHostDidToTheFloatingPointUnit) {
  std::vector<float> logits(50, -1e-39F);  // subnormal: flushed to zero, every token is the largest
  logits[31] = 1e-39F;
  const Sampler greedy{SamplerOptions{}};
  SamplingBuffers buffers;
  const auto ids = draws({.temperature = 0.7, .top_p = 0.9});
  const unsigned before = _mm_getcsr();
  const unsigned strange = before | 0x8040U | 0x6000U;  // flush to zero, subnormals are zero, round toward zero
  _mm_setcsr(strange);
  const ef::TokenId largest = greedy.choose(logits, text_of(0), buffers).id;
  const auto strange_ids = draws({.temperature = 0.7, .top_p = 0.9});
  const unsigned after = _mm_getcsr();
  _mm_setcsr(before);
  EXPECT_EQ(largest, 31);
  EXPECT_EQ(strange_ids, ids);
  EXPECT_EQ(after & 0xE040U, strange & 0xE040U);
}
#endif

std::string message_of(const std::vector<float>& logits) {
  const Sampler sampler{SamplerOptions{}};
  SamplingBuffers buffers;
  try {
    sampler.choose(logits, text_of(9), buffers);
  } catch (const ef::NumericError& error) {
    EXPECT_EQ(error.id(), "numeric.logits_not_finite");
    return error.what();
  }
  return "no error";
}

TEST(Sampler, RefusesLogitsThatAreNotFinite) {
  const std::string remedy =
      "; the weights may be damaged, or too large for the cache's f16: fetch the model again, or load it with an f32 "
      "cache";
  EXPECT_EQ(message_of({0, 1, std::nanf("")}),
            "position 9: expected finite logits, found not a number for token 2" + remedy);
  EXPECT_EQ(message_of({0, k_infinity, 1}), "position 9: expected finite logits, found infinity for token 1" + remedy);
  EXPECT_EQ(message_of({-k_infinity, 0, 1}),
            "position 9: expected finite logits, found minus infinity for token 0" + remedy);
  EXPECT_EQ(message_of({std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()}), "no error");
}

}  // namespace
