#include "eigenformer/generate/candidates.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <vector>

#include "eigenformer/generate/processors/penalties.hpp"
#include "eigenformer/generate/sampler.hpp"

namespace {

namespace ef = eigenformer;
using ef::generation::Candidate;
using ef::generation::RepetitionPenalty;
using ef::generation::Sampler;
using ef::generation::SamplerOptions;
using ef::generation::SamplingBuffers;
using testing::ElementsAre;

struct Kept {
  std::vector<ef::TokenId> ids;  // ascending
  std::vector<double> scores, probabilities;
};

Kept kept_by_us(const SamplerOptions& options, const std::vector<ef::TokenId>& past, const std::vector<float>& logits) {
  const Sampler sampler(options);
  SamplingBuffers buffers;
  const auto candidates = sampler.candidates(logits, {.ids = past}, buffers);
  std::vector<Candidate> sorted(candidates.begin(), candidates.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  const double total = ef::generation::total_weight(sorted);
  Kept kept;
  for (const Candidate& candidate : sorted) {
    kept.ids.push_back(candidate.id);
    kept.scores.push_back(candidate.score);
    kept.probabilities.push_back(candidate.weight / total);
  }
  return kept;
}

SamplerOptions sampler_options(const nlohmann::json& given) {
  const float penalty = given.at("repetition_penalty");
  return {.processors = {std::make_shared<RepetitionPenalty>(penalty)},
          .temperature = given.at("temperature"),
          .top_k = given.at("top_k"),
          .top_p = given.at("top_p"),
          .min_p = given.at("min_p")};
}

TEST(LogitsProcessors, KeepWhatTransformersKeeps) {
  std::ifstream file(std::string(EIGENFORMER_SOURCE_DIR) + "/tests/generate/processors.json");
  const nlohmann::json record = nlohmann::json::parse(file);
  ASSERT_EQ(record.at("cases").size(), 60U);
  for (const nlohmann::json& entry : record.at("cases")) {
    SCOPED_TRACE(entry.at("options").dump());
    const std::vector<float> logits = entry.at("logits");
    const Kept kept = kept_by_us(sampler_options(entry.at("options")), entry.at("ids"), logits);
    EXPECT_EQ(kept.ids, entry.at("kept").get<std::vector<ef::TokenId>>());
    EXPECT_EQ(kept.scores, entry.at("scores").get<std::vector<double>>());  // the same f32, bit for bit
    EXPECT_THAT(kept.probabilities,
                testing::Pointwise(testing::DoubleNear(1e-14), entry.at("probabilities").get<std::vector<double>>()));
  }
}

// The definitions of transformers' logits_process.py, read literally, in double precision.
struct Reference {
  std::vector<double> scores;

  std::vector<double> probabilities() const {
    const double largest = *std::max_element(scores.begin(), scores.end());
    std::vector<double> result;
    for (const double score : scores) result.push_back(std::exp(score - largest));
    const double total = std::accumulate(result.begin(), result.end(), 0.0);
    for (double& probability : result) probability /= total;
    return result;
  }
  void remove(std::size_t index) { scores[index] = -std::numeric_limits<double>::infinity(); }

  void top_k(std::size_t k) {
    std::vector<double> sorted = scores;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    const double kth = sorted[std::min(k, sorted.size()) - 1];
    for (std::size_t index = 0; index < scores.size(); ++index) {
      if (scores[index] < kth) remove(index);
    }
  }
  /// Returns how near a sum comes to the border.
  double top_p(double p) {
    std::vector<std::size_t> ascending(scores.size());
    std::iota(ascending.begin(), ascending.end(), 0U);
    std::sort(ascending.begin(), ascending.end(),
              [&](std::size_t a, std::size_t b) { return scores[a] != scores[b] ? scores[a] < scores[b] : a > b; });
    const std::vector<double> probability = probabilities();
    double sum = 0;
    double nearest = 1;
    for (std::size_t place = 0; place + 1 < ascending.size(); ++place) {
      sum += probability[ascending[place]];
      nearest = std::min(nearest, std::abs(sum - (1 - p)));
      if (sum <= 1 - p) remove(ascending[place]);
    }
    return nearest;
  }
  double min_p(double p) {
    const std::vector<double> probability = probabilities();
    const double largest = *std::max_element(probability.begin(), probability.end());
    double nearest = 1;
    for (std::size_t index = 0; index < scores.size(); ++index) {
      nearest = std::min(nearest, std::abs(probability[index] - p * largest));
      if (probability[index] < p * largest) remove(index);
    }
    return nearest;
  }
  std::vector<ef::TokenId> kept() const {
    std::vector<ef::TokenId> ids;
    for (std::size_t index = 0; index < scores.size(); ++index) {
      if (std::isfinite(scores[index])) ids.push_back(static_cast<ef::TokenId>(index));
    }
    return ids;
  }
};

TEST(LogitsProcessors, KeepWhatTheDefinitionsSayForAThousandRandomCases) {
  std::mt19937 random(5);
  const auto pick = [&](std::initializer_list<double> values) { return values.begin()[random() % values.size()]; };
  int compared = 0;
  for (int round = 0; round < 1000; ++round) {
    const std::size_t size = 1 + random() % 700;  // top-p puts 64, then 512 in order first
    const double spread = pick({0.01, 1, 6, 40});
    std::vector<float> logits(size);
    for (float& logit : logits) {
      logit = static_cast<float>(spread * (static_cast<double>(random() % 2001) / 1000 - 1));  // some are equal
    }
    const SamplerOptions options{.temperature = pick({0.5, 1, 2}),
                                 .top_k = static_cast<std::size_t>(pick({0, 1, 7, 300, 10000})),
                                 .top_p = pick({1, 0.99, 0.6, 0.01}),
                                 .min_p = pick({0, 0.02, 0.7})};
    Reference reference;
    for (const float logit : logits) reference.scores.push_back(logit / static_cast<float>(options.temperature));
    double nearest = 1;
    if (options.top_k > 0) reference.top_k(options.top_k);
    if (options.top_p < 1) nearest = std::min(nearest, reference.top_p(options.top_p));
    if (options.min_p > 0) nearest = std::min(nearest, reference.min_p(options.min_p));
    if (nearest < 1e-12) continue;  // rounding decides
    ++compared;
    ASSERT_EQ(kept_by_us(options, {}, logits).ids, reference.kept()) << "round " << round;
  }
  EXPECT_GT(compared, 900);
}

TEST(RepetitionPenalty, MakesEachTokenLessLikelyOnce) {
  std::vector<float> scores{4, -4, 4, 0};
  RepetitionPenalty(2).process({.ids = std::vector<ef::TokenId>{0, 1, 0, 0, 3}}, scores);
  EXPECT_THAT(scores, ElementsAre(2, -8, 4, 0));
}

TEST(TopK, KeepsAllThatTieAtTheBorder) {
  EXPECT_THAT(kept_by_us({.temperature = 1, .top_k = 2}, {}, {1, 3, 2, 2, 2, 0}).ids, ElementsAre(1, 2, 3, 4));
}

TEST(TopP, OfEqualTokensKeepsTheLowestIds) {
  EXPECT_THAT(kept_by_us({.temperature = 1, .top_p = 0.5}, {}, {1, 1, 1, 1}).ids, ElementsAre(0, 1));
  EXPECT_THAT(kept_by_us({.temperature = 1, .top_p = 0.51}, {}, {1, 1, 1, 1}).ids, ElementsAre(0, 1, 2));
}

TEST(TopP, OfZeroKeepsTheLikeliest) {
  EXPECT_THAT(kept_by_us({.temperature = 1, .top_p = 0}, {}, {1, 2, 2, 1}).ids, ElementsAre(1));
}

TEST(Candidates, LeaveOutWhatHasNoProbability) {
  const float never = -std::numeric_limits<float>::infinity();
  EXPECT_THAT(kept_by_us({.temperature = 1}, {}, {never, 0, never}).ids, ElementsAre(1));
}

TEST(CandidateAt, LaysWeightsSideBySide) {
  const std::vector<Candidate> candidates{{7, 0, 1.0}, {8, 0, 0.0}, {9, 0, 3.0}};
  EXPECT_EQ(ef::generation::candidate_at(candidates, 0.0).id, 7);
  EXPECT_EQ(ef::generation::candidate_at(candidates, 0.2499999).id, 7);
  EXPECT_EQ(ef::generation::candidate_at(candidates, 0.25).id, 9);
  EXPECT_EQ(ef::generation::candidate_at(candidates, std::nextafter(1.0, 0.0)).id, 9);
}

}  // namespace
