// Heads of encoders against double precision, over texts of mixed lengths in one batch.
#include "eigenformer/nn/encoder_head.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "eigenformer/nn/input_vectors.hpp"
#include "eigenformer/nn/session.hpp"
#include "tests/nn/double_reference.hpp"
#include "tests/nn/tiny_decoder.hpp"

namespace eigenformer {
namespace {

using namespace testing_nn;

using Outputs = std::map<std::string, std::vector<float>>;
using Applied = double (*)(double);

double gelu(double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }
double tanh_of(double x) { return std::tanh(x); }

DoubleRows applied(Applied function, DoubleRows x) {
  for (auto& row : x) {
    for (double& value : row) value = function(value);
  }
  return x;
}

/// Texts of several lengths, whose vectors are the last hidden states.
class Texts {
 public:
  Texts() {
    for (const std::size_t length : {7, 1, 40, 2}) {
      vectors_.push_back(sequence_vectors(static_cast<std::uint32_t>(30 + vectors_.size()), length));
    }
  }

  /// What the head puts out, over the rows of all texts that `wanted` gives: every, or one of each text.
  Outputs outputs(const nn::EncoderHead& head, nn::OutputRows wanted) const {
    nn::Recorder r({});
    nn::record_head(r, head, nn::input_vectors(r, k_hidden));
    const nn::Program program = std::move(r).finish();
    std::vector<nn::KvCache> caches(vectors_.size(), nn::KvCache({.layers = 1, .kv_heads = 1, .head_dim = 2}));
    std::vector<nn::BatchSequence> sequences;
    std::vector<nn::Row> rows;
    for (std::uint32_t text = 0; text < vectors_.size(); ++text) {
      const std::size_t first = rows.size(), length = vectors_[text].size() / k_hidden;
      append_rows(rows, text, vectors_[text], 0, length);
      sequences.push_back({.cache = &caches[text]});
      for (std::size_t row = 0; row < length; ++row) rows[first + row].wants_output = is_wanted(wanted, row, length);
    }
    const auto pool = make_thread_pool(2);
    nn::Session session({&program, &best_kernels(), pool.get()});
    EXPECT_EQ(session.run({rows, sequences}), nn::WalkOutcome::finished);
    Outputs found;
    for (const auto& [name, output] : program.outputs) found[name] = copy_of(session.result(name));
    return found;
  }

  /// The rows that go into a head.
  DoubleRows rows(nn::OutputRows wanted) const {
    DoubleRows found;
    for (const auto& vectors : vectors_) {
      const std::size_t length = vectors.size() / k_hidden;
      for (std::size_t row = 0; row < length; ++row) {
        const auto first = vectors.begin() + static_cast<std::ptrdiff_t>(row * k_hidden);
        if (is_wanted(wanted, row, length)) found.emplace_back(first, first + k_hidden);
      }
    }
    return found;
  }

 private:
  static bool is_wanted(nn::OutputRows wanted, std::size_t row, std::size_t length) {
    return wanted == nn::OutputRows::every || row == (wanted == nn::OutputRows::first ? 0 : length - 1);
  }

  std::vector<std::vector<float>> vectors_;
};

void expect_near_reference(const std::vector<float>& found, const DoubleRows& wanted) {
  ASSERT_FALSE(wanted.empty());
  const std::size_t width = wanted.front().size();
  ASSERT_EQ(found.size(), wanted.size() * width);
  double largest = 0;
  for (const auto& row : wanted) {
    for (const double value : row) largest = std::max(largest, std::abs(value));
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_NEAR(found[i], wanted[i / width][i % width], 1e-5 * largest) << "row " << i / width;
  }
}

TEST(EncoderHead, HiddenStatesComeOutAsTheyAreWithAndWithoutAPooler) {
  const Texts texts;
  Weights weights(1);
  const LinearReference dense(weights, k_hidden, k_hidden);
  const auto every = nn::OutputRows::every, first = nn::OutputRows::first;
  const Outputs plain = texts.outputs(nn::HiddenStatesHead{}, every);
  EXPECT_EQ(plain.size(), 1U);
  expect_near_reference(plain.at("last_hidden_state"), texts.rows(every));
  const nn::HiddenStatesHead pooled{nn::SequenceSummary{.dense = dense.layer(), .activation = nn::Activation::tanh}};
  const Outputs outputs = texts.outputs(pooled, first);
  expect_near_reference(outputs.at("last_hidden_state"), texts.rows(every));
  expect_near_reference(outputs.at("pooler_output"), applied(tanh_of, dense(texts.rows(first))));
  EXPECT_EQ(nn::kind_of(pooled), ModelHead::none);
}

TEST(EncoderHead, MaskedTokensAreDecodedFromTheNormOfTheTransform) {
  const Texts texts;
  Weights weights(2);
  const LinearReference dense(weights, 13, k_hidden), decoder(weights, 31, 13), relationship(weights, 2, k_hidden);
  const LinearReference pooler(weights, k_hidden, k_hidden);
  const LayerNormReference norm(weights, 13);
  const nn::MaskedLanguageHead head{
      .dense = dense.layer(), .activation = nn::Activation::gelu, .norm = norm.block(), .decoder = decoder.layer()};
  const auto every = nn::OutputRows::every;
  const DoubleRows logits = decoder(norm(applied(gelu, dense(texts.rows(every)))));
  expect_near_reference(texts.outputs(head, every).at("logits"), logits);
  const nn::PretrainingHead both{.predictions = head,
                                 .pooler = {.dense = pooler.layer(), .activation = nn::Activation::tanh},
                                 .relationship = relationship.layer(),
                                 .relationship_name = "sop_logits"};
  const Outputs outputs = texts.outputs(both, every);
  expect_near_reference(outputs.at("logits"), logits);
  expect_near_reference(outputs.at("sop_logits"), relationship(applied(tanh_of, pooler(texts.rows(every)))));
}

TEST(EncoderHead, ASummaryIsTheFirstOrTheLastRow) {
  const Texts texts;
  Weights weights(3);
  const LinearReference dense(weights, 9, k_hidden), classifier(weights, 5, 9), plain(weights, 5, k_hidden);
  for (const nn::OutputRows row : {nn::OutputRows::first, nn::OutputRows::last}) {
    const nn::SequenceHead head{.summary = {.dense = dense.layer(), .activation = nn::Activation::gelu, .row = row},
                                .classifier = classifier.layer()};
    expect_near_reference(texts.outputs(head, row).at("logits"), classifier(applied(gelu, dense(texts.rows(row)))));
    const nn::SequenceHead bare{.head = ModelHead::multiple_choice,
                                .summary = {.dense = {}, .activation = {}, .row = row},
                                .classifier = plain.layer()};
    expect_near_reference(texts.outputs(bare, row).at("logits"), plain(texts.rows(row)));
    EXPECT_EQ(nn::kind_of(bare), ModelHead::multiple_choice);
  }
}

TEST(EncoderHead, ScoresOfTokensHaveARowForEach) {
  const Texts texts;
  Weights weights(4);
  const LinearReference classifier(weights, 7, k_hidden), up(weights, 17, k_hidden), down(weights, 1, 17);
  const LinearReference start(weights, 1, k_hidden), end(weights, 1, k_hidden);
  const auto every = nn::OutputRows::every;
  const DoubleRows rows = texts.rows(every);
  expect_near_reference(texts.outputs(nn::TokenHead{classifier.layer()}, every).at("logits"), classifier(rows));
  const nn::ReplacedTokenHead replaced{{.up = up.layer(), .down = down.layer(), .activation = nn::Activation::gelu}};
  expect_near_reference(texts.outputs(replaced, every).at("logits"), down(applied(gelu, up(rows))));
  nn::SpanHead span;
  span.start = start.layer();
  span.end = end.layer();
  const Outputs outputs = texts.outputs(span, every);
  expect_near_reference(outputs.at("start_logits"), start(rows));
  expect_near_reference(outputs.at("end_logits"), end(rows));
}

}  // namespace
}  // namespace eigenformer
