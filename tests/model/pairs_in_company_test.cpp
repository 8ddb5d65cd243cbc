// An encoder-decoder's results are the same bits whatever other sequences, each with a source of its own, are in the
// step.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "eigenformer/forward.hpp"
#include "eigenformer/model_state.hpp"
#include "eigenformer/source_encoding.hpp"
#include "tests/support/bit_hash.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/output_values.hpp"
#include "tests/support/results_of_rows.hpp"

namespace ef = eigenformer;
using eigenformer_tests::bit_hash;
using eigenformer_tests::GoldenCase;

namespace {

class PairInCompany : public testing::TestWithParam<GoldenCase> {};

/// The part of a text that company number `sequence` reads: all of it for number `place`.
std::vector<ef::TokenId> text_of(const std::vector<ef::TokenId>& ids, std::size_t sequence, std::size_t place) {
  const std::size_t length = sequence == place ? ids.size() : 1 + (5 * sequence + 3) % ids.size();
  std::vector<ef::TokenId> text(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(length));
  if (sequence != place) std::reverse(text.begin(), text.end());
  return text;
}

/// The row of the source's last end token, which results about the whole text are about.
std::size_t end_token_row(const ef::Model& model, const std::vector<ef::TokenId>& source) {
  const auto end = model.state().network->info().end_token;
  const auto found = std::find(source.rbegin(), source.rend(), end.value_or(-1));
  return found == source.rend() ? 0 : static_cast<std::size_t>(source.rend() - found) - 1;
}

/// The recorded pair as number `place` of `count` pairs of other lengths in one step.
std::vector<float> pair_in_company(const ef::Model& model, const GoldenCase& golden, std::size_t count,
                                   std::size_t place) {
  const ef::ModelState& state = model.state();
  std::vector<ef::EncodedSource> sources;
  std::vector<ef::nn::KvCache> caches(count, ef::nn::KvCache(state.cache_layout));
  std::vector<ef::nn::BatchSequence> sequences(count);
  std::vector<ef::nn::Row> rows;
  eigenformer_tests::RowsOfResults wanted{.end_token = end_token_row(model, golden.input_ids())};
  for (std::size_t sequence = 0; sequence < count; ++sequence) {
    sources.push_back(encode_source(state, source_rows(state, text_of(golden.input_ids(), sequence, place))));
    sequences[sequence] = {.cache = &caches[sequence], .source = sources.back().get()};
    const std::vector<ef::TokenId> ids = text_of(golden.decoder_ids(), sequence, place);
    if (sequence == place) wanted.first = rows.size(), wanted.count = ids.size();
    std::vector<ef::nn::Row> own(ids.size());
    for (std::uint32_t slot = 0; slot < ids.size(); ++slot) {
      own[slot].token = ids[slot];
      own[slot].sequence = static_cast<std::uint32_t>(sequence);
      own[slot].slot = slot;
      own[slot].position = static_cast<std::int32_t>(slot);
      own[slot].wants_output = sequence == place;
    }
    state.network->place_rows(own, ef::nn::ProgramRole::main);
    rows.insert(rows.end(), own.begin(), own.end());
  }
  ef::nn::Session session(state.runner());
  session.run({rows, sequences});
  return results_of_rows(session, state.program, wanted);
}

TEST_P(PairInCompany, HasTheBitsThatItHasAlone) {
  for (const ef::Compute compute : {ef::Compute::exact, ef::Compute::automatic}) {
    const ef::Model model = ef::load(GetParam().model, {.compute = compute, .threads = 2});
    auto alone = ef::forward(model, GetParam().input_ids(), GetParam().inputs());
    alone.erase("encoder_last_hidden_state");
    const std::string expected = bit_hash(eigenformer_tests::output_values(alone));
    for (const std::size_t count : {1, 2, 5, 9}) {
      EXPECT_EQ(bit_hash(pair_in_company(model, GetParam(), count, count / 2)), expected) << "one of " << count;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, PairInCompany, testing::ValuesIn(eigenformer_tests::pair_cases()),
                         [](const auto& golden) { return golden.param.name; });

}  // namespace
