#include "eigenformer/generate/beam_candidates.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "eigenformer/generate/beam_hypotheses.hpp"
#include "eigenformer/kernels/scalar_table.hpp"

namespace beam_candidates_test {

namespace ef = eigenformer;
using ef::generation::BeamCandidate;
using ef::generation::BeamHypotheses;
using ef::generation::BeamScores;

constexpr float k_never = -std::numeric_limits<float>::infinity();

TEST(LogSoftmax, IsThatOfDoublePrecision) {
  std::vector<float> logits(1000), scores(1000);
  for (std::size_t id = 0; id < logits.size(); ++id) logits[id] = static_cast<float>(id * 37 % 101) / 8 - 3;
  ef::generation::log_softmax(ef::kernels::k_scalar_table, logits, scores);
  double total = 0;
  for (const float logit : logits) total += std::exp(static_cast<double>(logit));
  for (std::size_t id = 0; id < logits.size(); ++id) {
    EXPECT_NEAR(scores[id], static_cast<double>(logits[id]) - std::log(total), 2e-6);
  }
}

TEST(LogSoftmax, DoesNotOverflow) {
  std::vector<float> scores(3);
  ef::generation::log_softmax(ef::kernels::k_scalar_table, std::vector<float>{3e38F, 3e38F, -3e38F}, scores);
  EXPECT_FLOAT_EQ(scores[0], -std::log(2.0F));
  EXPECT_EQ(scores[0], scores[1]);
  EXPECT_LT(scores[2], -1e38F);
}

/// All that may follow, put in order.
std::vector<BeamCandidate> sorted(const BeamScores& scores) {
  std::vector<BeamCandidate> all;
  for (std::size_t index = 0; index < scores.values.size(); ++index) {
    if (scores.values[index] != k_never) all.push_back(scores.at(index));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& left, const auto& right) { return left.score > right.score; });
  return all;
}

TEST(BestCandidates, AreTheFirstOfAllInOrderWithTiesByIndex) {
  constexpr std::size_t k_size = 467;  // four beams of it are no whole number of the parts that are looked at together
  std::vector<float> values(4 * k_size);
  for (const unsigned step : {7U, 31U, 77U, 1999U}) {
    for (std::size_t index = 0; index < values.size(); ++index) {
      const bool is_never = index % 11 == 0 || (index > 600 && index < 1200);
      values[index] = is_never ? k_never : -static_cast<float>(index * step % (step < 100 ? 13 : 1009));  // many ties
    }
    const BeamScores scores{values, k_size};
    const std::vector<BeamCandidate> all = sorted(scores);
    for (const std::size_t count : {1U, 2U, 9U, 64U, 1000U}) {
      const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(count, all.size()));
      EXPECT_EQ(ef::generation::best_candidates(scores, count), std::vector(all.begin(), end)) << count;
    }
  }
}

TEST(BestCandidates, AreNoneWhereNothingMayFollow) {
  const std::vector<float> values(10, k_never);
  EXPECT_TRUE(ef::generation::best_candidates({values, 5}, 4).empty());
}

TEST(DrawnCandidates, AreDrawnOneAfterAnotherWithoutReplacement) {
  const std::vector<double> weights = {0.4, 0.3, 0.2, 0.1};
  std::vector<float> values;
  for (const double weight : weights) values.push_back(static_cast<float>(std::log(weight)) - 50);
  values.insert(values.begin() + 2, k_never);
  constexpr std::uint64_t k_draws = 20000;
  std::map<std::pair<std::size_t, std::size_t>, double> counted;  // what was drawn first and second
  for (std::uint64_t seed = 0; seed < k_draws; ++seed) {
    const auto drawn = ef::generation::drawn_candidates({values, 5}, 9, {.seed = seed});
    ASSERT_EQ(drawn.size(), 4U);
    std::vector<ef::TokenId> tokens;
    for (const BeamCandidate& each : drawn) tokens.push_back(each.token);
    EXPECT_THAT(tokens, testing::UnorderedElementsAre(0, 1, 3, 4));
    ++counted[{static_cast<std::size_t>(tokens[0] - (tokens[0] > 2)),
               static_cast<std::size_t>(tokens[1] - (tokens[1] > 2))}];
  }
  double chi_squared = 0;
  for (std::size_t first = 0; first < 4; ++first) {
    for (std::size_t second = 0; second < 4; ++second) {
      if (first == second) continue;
      const double expected = k_draws * weights[first] * weights[second] / (1 - weights[first]);
      chi_squared += std::pow(counted[{first, second}] - expected, 2) / expected;
    }
  }
  EXPECT_LT(chi_squared, 35);  // 11 degrees of freedom: once in 4000
}

TEST(DrawnCandidates, LeaveOutWhatHasNoProbability) {
  const std::vector<float> values = {-1, -1e30F, k_never, -2};
  const auto drawn = ef::generation::drawn_candidates({values, 4}, 4, {.seed = 3});
  EXPECT_EQ(drawn.size(), 2U);
  EXPECT_EQ(drawn, ef::generation::drawn_candidates({values, 4}, 4, {.seed = 3}));
}

std::vector<double> scores_of(const BeamHypotheses& hypotheses) {
  std::vector<double> scores;
  for (const auto& each : hypotheses.best()) scores.push_back(each.score);
  return scores;
}

TEST(BeamHypotheses, KeepTheBestAndOfEqualOnesTheEarlier) {
  BeamHypotheses hypotheses(3);
  const auto add = [&](ef::TokenId id, double score) { hypotheses.add({{id}, score, ef::FinishReason::end_token}); };
  add(1, -2);
  add(2, -1);
  EXPECT_FALSE(hypotheses.full());
  add(3, -2);
  EXPECT_TRUE(hypotheses.full());
  EXPECT_EQ(hypotheses.worst_score(), -2);
  add(4, -2);
  EXPECT_THAT(scores_of(hypotheses), testing::ElementsAre(-1, -2, -2));
  EXPECT_THAT(hypotheses.best()[1].ids, testing::ElementsAre(1));
  EXPECT_THAT(hypotheses.best()[2].ids, testing::ElementsAre(3));
  add(5, -1.5);
  EXPECT_THAT(scores_of(hypotheses), testing::ElementsAre(-1, -1.5, -2));
  EXPECT_THAT(hypotheses.best()[2].ids, testing::ElementsAre(1));
  add(6, -9);
  EXPECT_EQ(hypotheses.worst_score(), -2);
}

}  // namespace beam_candidates_test
