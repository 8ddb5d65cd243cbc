// Searches with beams on a model made by hand: what is computed and kept, what ends them, what is refused.
#include "eigenformer/generate/beam_search.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "tests/generate/generated.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/tiny_model.hpp"
#include "tests/support/tiny_tokenizer.hpp"

namespace beam_search_test {

namespace ef = eigenformer;
using ef::generation::BeamSearch;
using ef::generation::Forward;
using ef::generation::Sequence;
using eigenformer_tests::error_of;
using eigenformer_tests::make_tiny_model;
using eigenformer_tests::tiny_prompt;
using eigenformer_tests::TinyModel;
using Ids = std::vector<ef::TokenId>;
using testing::ElementsAre;

std::vector<Ids> ids_of(const std::vector<ef::GeneratedSequence>& sequences) {
  std::vector<Ids> list;
  for (const auto& sequence : sequences) list.push_back(sequence.ids);
  return list;
}

/// A text's sum of log-probabilities, by a forward pass over all of it.
double score_of(const ef::Model& model, const Ids& prompt, const Ids& ids) {
  Ids all = prompt;
  all.insert(all.end(), ids.begin(), ids.end());
  const std::vector<double> log_probabilities = ef::token_log_probabilities(model, all);
  double score = 0;
  for (std::size_t index = prompt.size() - 1; index < log_probabilities.size(); ++index) {
    score += log_probabilities[index];
  }
  return score;
}

/// All texts of three tokens of seven, best first.
std::vector<std::pair<double, Ids>> all_texts(const ef::Model& model, const Ids& prompt) {
  std::vector<std::pair<double, Ids>> all;
  for (ef::TokenId number = 0; number < 7 * 7 * 7; ++number) {
    const Ids ids = {number / 49, number / 7 % 7, number % 7};
    all.push_back({score_of(model, prompt, ids), ids});
  }
  std::sort(all.rbegin(), all.rend());
  return all;
}

TEST(Beams, FindTheBestOfAllTextsWhereTheyAreManyEnough) {
  const TinyModel tiny = make_tiny_model({.vocabulary_size = 7, .scale = 1});
  std::size_t better_than_greedy = 0;
  for (ef::TokenId last = 0; last < 7; ++last) {
    const Ids prompt = {3, 1, 4, 1, last};
    const auto all = all_texts(tiny.model, prompt);
    const auto found = ef::generate(
        tiny.model, prompt, {.max_new_tokens = 3, .num_return_sequences = 5, .num_beams = 49, .length_penalty = 2});
    ASSERT_EQ(found.size(), 5U);
    for (std::size_t rank = 0; rank < 5; ++rank) {
      EXPECT_EQ(found[rank].ids, all[rank].second);
      EXPECT_NEAR(found[rank].score, all[rank].first / 9, 1e-6);  // 3 tokens to the power of 2
    }
    better_than_greedy += found[0].ids != ef::generate(tiny.model, prompt, {.max_new_tokens = 3})[0].ids ? 1 : 0;
  }
  EXPECT_GE(better_than_greedy, 1U);
}

TEST(Beams, ThatAreEqualGoByIndex) {
  const TinyModel tiny = make_tiny_model({.vocabulary_size = 9, .scale = 0});
  const auto found = ef::generate(tiny.model, Ids{1}, {.max_new_tokens = 3, .num_return_sequences = 3, .num_beams = 3});
  EXPECT_THAT(ids_of(found), ElementsAre(Ids{0, 0, 0}, Ids{0, 0, 1}, Ids{0, 0, 2}));
}

TEST(Beams, ComputeThePromptOnceAndARowForEachBeam) {
  const TinyModel tiny = make_tiny_model();
  ef::generate(tiny.model, tiny_prompt(45), {.max_new_tokens = 10, .prefill_chunk = 7, .num_beams = 6});
  EXPECT_EQ(tiny.control->rows, 45U + 6U * 9U);
}

TEST(Beams, DoNotDependOnChunksOrThreads) {
  ef::GenerateOptions options{.max_new_tokens = 40, .num_return_sequences = 4, .num_beams = 4};
  const Ids prompt = tiny_prompt(77);
  for (const double temperature : {0.0, 1.1}) {
    options.temperature = temperature;
    options.prefill_chunk = 256;
    const auto expected = ef::generate(make_tiny_model({.threads = 1}).model, prompt, options);
    for (const std::size_t chunk : {1U, 33U}) {
      options.prefill_chunk = chunk;
      const auto found = ef::generate(make_tiny_model({.threads = 4}).model, prompt, options);
      EXPECT_EQ(ids_of(found), ids_of(expected));
      EXPECT_EQ(found[0].score, expected[0].score);  // bit for bit
    }
  }
}

TEST(Beams, AreDrawnByTheSeed) {
  const TinyModel tiny = make_tiny_model();
  ef::GenerateOptions options{.max_new_tokens = 8, .temperature = 1.5, .num_beams = 3};
  std::set<Ids> different;
  for (options.seed = 0; options.seed < 12; ++options.seed) {
    const auto found = ef::generate(tiny.model, tiny_prompt(5), options);
    EXPECT_EQ(found[0].ids, ef::generate(tiny.model, tiny_prompt(5), options)[0].ids);
    different.insert(found[0].ids);
  }
  EXPECT_GE(different.size(), 8U);
}

// ---- the cache
// -------------------------------------------------------------------------------------------------------

/// Pages that several caches refer to, each once.
std::set<const std::byte*> pages_of(const std::vector<Sequence*>& sequences) {
  std::set<const std::byte*> pages;
  for (const Sequence* sequence : sequences) {
    for (std::size_t tile = 0; tile < sequence->cache.tiles(); ++tile) {
      pages.insert(sequence->cache.key_tile(tile, {0, 0}));
    }
  }
  return pages;
}

/// Drives a search as `generate` does, and looks at its pages between the steps.
class Pages {
 public:
  explicit Pages(const ef::GenerateOptions& options, std::size_t prompt_tokens = 100)
      : plan_(ef::generation::plan_decoding(options, tiny_.model.state(),
                                            {.prompt_tokens = prompt_tokens, .context_length = 256})),
        search_(plan_, computed(prompt_tokens), std::nullopt) {
    const std::vector<std::span<const float>> logits(search_.sequences().size(), forward_.logits(0));
    search_.choose(logits);
  }

  bool finished() const { return search_.finished(); }
  std::vector<Sequence*> sequences() { return search_.sequences(); }
  void compute() {
    std::vector<ef::generation::SequenceStep> steps;
    for (Sequence* sequence : search_.sequences()) steps.push_back({.sequence = sequence});
    EXPECT_TRUE(forward_.step(steps, {}));
    rows_ = steps.size();
  }
  void choose() {
    std::vector<std::span<const float>> logits;
    for (std::size_t row = 0; row < rows_; ++row) logits.push_back(forward_.logits(row));
    search_.choose(logits);
  }

 private:
  Sequence computed(std::size_t prompt_tokens) {
    Sequence prompt{ef::nn::KvCache(tiny_.model.state().cache_layout), tiny_prompt(prompt_tokens)};
    EXPECT_TRUE(forward_.run(prompt, {}));
    return prompt;
  }

  TinyModel tiny_ = make_tiny_model();
  Forward forward_{tiny_.model.state()};
  ef::generation::DecodingPlan plan_;
  BeamSearch search_;
  std::size_t rows_ = 0;
};

TEST(BeamPages, EightBeamsCostAtMostEightTails) {
  Pages pages({.max_new_tokens = 60, .num_beams = 8});
  std::size_t most = 0;
  for (; !pages.finished(); pages.choose()) {
    pages.compute();
    const std::size_t tokens = pages.sequences().front()->cache.size();
    const std::size_t tail = (tokens + 31) / 32 - 3;  // pages behind the three whole ones of the prompt
    const std::size_t kept = pages_of(pages.sequences()).size();
    EXPECT_LE(kept, 3 + 8 * tail) << tokens;
    const std::size_t page_bytes = pages.sequences().front()->cache.layout().page_bytes();
    for (const Sequence* sequence : pages.sequences()) {
      EXPECT_LE(sequence->cache.unshared_bytes(), tail * page_bytes);
    }
    most = std::max(most, kept);
  }
  EXPECT_GT(most, 3U + 8U);  // and they did differ
}

TEST(BeamPages, GroupsShareThePromptToo) {
  Pages pages({.max_new_tokens = 20, .num_beams = 8, .num_beam_groups = 4, .diversity_penalty = 1});
  for (; !pages.finished(); pages.choose()) {
    pages.compute();
    const std::size_t tail = (pages.sequences().front()->cache.size() + 31) / 32 - 3;
    EXPECT_LE(pages_of(pages.sequences()).size(), 3 + 8 * tail);
  }
}

TEST(BeamPages, ReorderingCopiesNoKeysAndAPageOfTwoIsCopiedOnce) {
  Pages pages({.max_new_tokens = 40, .num_beams = 6});
  std::size_t reordered = 0;
  while (!pages.finished()) {
    const std::vector<Sequence*> beams = pages.sequences();
    const std::set<const std::byte*> before = pages_of(beams);
    std::set<const std::byte*> last_pages;
    for (const Sequence* beam : beams) last_pages.insert(beam->cache.key_tile(beam->cache.tiles() - 1, {0, 0}));
    const bool last_is_full = beams.front()->cache.size() % 32 == 0;
    pages.compute();
    const std::set<const std::byte*> after = pages_of(pages.sequences());
    EXPECT_EQ(after.size() - before.size(), beams.size() - (last_is_full ? 0 : last_pages.size()));
    pages.choose();
    const std::set<const std::byte*> chosen = pages_of(pages.sequences());
    EXPECT_TRUE(std::includes(after.begin(), after.end(), chosen.begin(), chosen.end()));
    reordered += chosen.size() < after.size() ? 1 : 0;
  }
  EXPECT_GT(reordered, 3U);
}

// ---- what ends a search
// ----------------------------------------------------------------------------------------------

ef::GenerateOptions cancelled_at(const TinyModel& tiny, std::size_t row) {
  ef::GenerateOptions options{
      .max_new_tokens = 20, .num_return_sequences = 3, .cancel = ef::CancelToken(), .num_beams = 4};
  tiny.control->on_row = [cancel = *options.cancel, control = tiny.control.get(), row](const ef::nn::Row&) {
    if (control->rows >= row) cancel.cancel();
  };
  return options;
}

TEST(Beams, ThatAreCancelledSayWhatTheyHave) {
  const TinyModel tiny = make_tiny_model();
  const auto found = ef::generate(tiny.model, tiny_prompt(45), cancelled_at(tiny, 45 + 4 * 5 + 2));
  ASSERT_EQ(found.size(), 3U);
  double last = 0;
  for (const auto& sequence : found) {
    EXPECT_EQ(sequence.finish_reason, ef::FinishReason::cancelled);
    EXPECT_EQ(sequence.ids.size(), 6U);  // one behind the prompt, five behind the rows that were computed
    EXPECT_NEAR(sequence.score, score_of(make_tiny_model().model, tiny_prompt(45), sequence.ids) / 6, 1e-5);
    EXPECT_LE(sequence.score, last);
    last = sequence.score;
  }
}

TEST(Beams, CanBeCancelledInThePrompt) {
  const TinyModel tiny = make_tiny_model();
  ef::GenerateOptions options = cancelled_at(tiny, 20);
  options.prefill_chunk = 8;
  const auto found = ef::generate(tiny.model, tiny_prompt(45), options);
  ASSERT_EQ(found.size(), 1U);  // there is but one text
  EXPECT_TRUE(found[0].ids.empty());
  EXPECT_EQ(found[0].finish_reason, ef::FinishReason::cancelled);
  EXPECT_EQ(found[0].score, 0);
  EXPECT_LE(tiny.control->rows, 24U);
}

TEST(Beams, EndWithAStopString) {
  const ef::Tokenizer tokenizer = eigenformer_tests::make_tiny_tokenizer();
  const TinyModel tiny = make_tiny_model({.vocabulary_size = tokenizer.vocabulary_size(), .tokenizer = tokenizer});
  ef::GenerateOptions options{
      .max_new_tokens = 12, .num_return_sequences = 4, .num_beams = 4, .length_penalty = 0};  // shorter is better
  const auto free = ef::generate(tiny.model, Ids{1, 2, 3}, options);
  ASSERT_GE(free[0].text.size(), 6U);
  std::string stop;  // what the best text says in the middle, in plain letters
  for (std::size_t begin = 1; begin + 2 < free[0].text.size() && stop.empty(); ++begin) {
    const std::string part = free[0].text.substr(begin, 2);
    if (std::all_of(part.begin(), part.end(), [](unsigned char byte) { return byte > 31 && byte < 127; })) stop = part;
  }
  ASSERT_FALSE(stop.empty());
  options.stop = {stop};
  const auto found = ef::generate(tiny.model, Ids{1, 2, 3}, options);
  std::size_t stopped = 0;
  for (const auto& sequence : found) {
    EXPECT_EQ(sequence.text.find(stop), std::string::npos);
    const std::string whole = tokenizer.decode(sequence.ids);
    EXPECT_EQ(whole.find(stop) != std::string::npos, sequence.finish_reason == ef::FinishReason::stop_string);
    if (sequence.finish_reason != ef::FinishReason::stop_string) continue;
    ++stopped;
    EXPECT_EQ(whole.substr(0, whole.find(stop)), sequence.text);
  }
  EXPECT_GE(stopped, 1U);
}

/// Leaves the tokens that it is given.
class OnlyThese final : public ef::LogitsProcessor {
 public:
  explicit OnlyThese(std::set<ef::TokenId> left) : left_(std::move(left)) {}
  void process(const ef::ProcessedText& text, std::span<float> scores) const override {
    EXPECT_EQ(text.prompt_tokens, 5U);
    for (std::size_t id = 0; id < scores.size(); ++id) {
      if (!left_.contains(static_cast<ef::TokenId>(id))) scores[id] = -std::numeric_limits<float>::infinity();
    }
  }

 private:
  std::set<ef::TokenId> left_;
};

TEST(Beams, AreNeverTheSameText) {
  const TinyModel tiny = make_tiny_model();
  ef::GenerateOptions options{.max_new_tokens = 2, .num_return_sequences = 6, .num_beams = 6};
  options.processors = {std::make_shared<OnlyThese>(std::set<ef::TokenId>{7, 9})};
  EXPECT_THAT(ids_of(ef::generate(tiny.model, tiny_prompt(5), options)),
              testing::UnorderedElementsAre(Ids{7, 7}, Ids{7, 9}, Ids{9, 7}, Ids{9, 9}));
  options.temperature = 1;
  EXPECT_THAT(ids_of(ef::generate(tiny.model, tiny_prompt(5), options)),
              testing::UnorderedElementsAre(Ids{7, 7}, Ids{7, 9}, Ids{9, 7}, Ids{9, 9}));
}

TEST(BeamRefusals, OfProcessorsThatLeaveNothing) {
  const TinyModel tiny = make_tiny_model();
  ef::GenerateOptions options{.max_new_tokens = 2, .num_beams = 3};
  options.processors = {std::make_shared<OnlyThese>(std::set<ef::TokenId>{})};
  EXPECT_EQ(eigenformer_tests::error_id_of([&] { ef::generate(tiny.model, tiny_prompt(5), options); }),
            "usage.no_token_left");
}

TEST(BeamRefusals, OfLogitsThatAreNotFinite) {
  const TinyModel tiny = make_tiny_model();
  tiny.control->token_of_nan = tiny_prompt(5).back();
  EXPECT_EQ(eigenformer_tests::error_id_of(
                [&] { ef::generate(tiny.model, tiny_prompt(5), {.max_new_tokens = 2, .num_beams = 3}); }),
            "numeric.logits_not_finite");
}

std::string refusal(const ef::GenerateOptions& options) {
  const TinyModel tiny = make_tiny_model();
  return error_of([&] { ef::generate(tiny.model, tiny_prompt(5), options); });
}

TEST(BeamRefusals, OfOptionsOutOfTheirRange) {
  const std::string remedy = "; pass a value in that range";
  EXPECT_EQ(refusal({.num_beams = 0}),
            "usage.option_range: num_beams: expected a whole number from 1 to 1024, found 0" + remedy);
  EXPECT_EQ(refusal({.num_beams = 1025}),
            "usage.option_range: num_beams: expected a whole number from 1 to 1024, found 1025" + remedy);
  EXPECT_EQ(refusal({.num_beams = 2, .length_penalty = 11}),
            "usage.option_range: length_penalty: expected a number from -10 to 10, found 11" + remedy);
  EXPECT_EQ(refusal({.num_beams = 2, .num_beam_groups = 0}),
            "usage.option_range: num_beam_groups: expected a whole number from 1 to 1024, found 0" + remedy);
  EXPECT_EQ(refusal({.num_beams = 2, .num_beam_groups = 2, .diversity_penalty = -1}),
            "usage.option_range: diversity_penalty: expected a number from 0 to 10000, found -1" + remedy);
}

TEST(BeamRefusals, OfOptionsThatDoNotGoTogether) {
  const std::string one = ": expected num_beams above 1, found num_beams 1; leave the option out, or raise num_beams";
  EXPECT_EQ(refusal({.length_penalty = 2, .early_stopping = ef::EarlyStopping::yes}), "no error");  // of no account
  EXPECT_EQ(refusal({.num_beam_groups = 2}), "usage.beam_options: num_beam_groups" + one);
  EXPECT_EQ(refusal({.diversity_penalty = 2}), "usage.beam_options: diversity_penalty" + one);
  EXPECT_EQ(refusal({.num_return_sequences = 4, .num_beams = 3}),
            "usage.beam_options: num_return_sequences: expected as many sequences as beams or fewer, found "
            "num_return_sequences 4 of num_beams 3; ask for fewer sequences, or raise num_beams");
  EXPECT_EQ(refusal({.num_beams = 4, .num_beam_groups = 3, .diversity_penalty = 1}),
            "usage.beam_options: num_beam_groups: expected groups of the same size, found num_beam_groups 3 of "
            "num_beams 4; let num_beams be a multiple of num_beam_groups");
  EXPECT_EQ(refusal({.num_beams = 4, .diversity_penalty = 1}),
            "usage.beam_options: diversity_penalty: expected num_beam_groups above 1, found num_beam_groups 1; leave "
            "the option out, or raise num_beam_groups");
  EXPECT_EQ(refusal({.num_beams = 4, .num_beam_groups = 2}),
            "usage.beam_options: diversity_penalty: expected a diversity_penalty above 0 with several groups, found 0, "
            "with which all groups would be the same; pass one, or leave num_beam_groups out");
  EXPECT_EQ(refusal({.temperature = 1, .num_beams = 4, .num_beam_groups = 2, .diversity_penalty = 1}),
            "usage.beam_options: num_beam_groups: expected temperature 0 with several groups, found num_beam_groups 2 "
            "and a temperature; leave the temperature out, or num_beam_groups");
}

TEST(BeamRefusals, OfWhatGoesTokenByToken) {
  const std::string several = ": expected num_beams 1, found num_beams 4; leave the option out, or num_beams";
  EXPECT_EQ(refusal({.log_probabilities = 0, .num_beams = 4}), "usage.beam_options: log_probabilities" + several);
  EXPECT_EQ(refusal({.temperature = 1, .mirostat = ef::MirostatOptions{}, .num_beams = 4}),
            "usage.beam_options: mirostat" + several);
}

TEST(BeamRefusals, OfAReply) {
  const TinyModel tiny = make_tiny_model({.tokenizer = eigenformer_tests::make_tiny_tokenizer()});
  EXPECT_EQ(error_of([&] { ef::begin(tiny.model, "hello", {.num_beams = 2}); }),
            "usage.reply_beams: num_beams: expected one beam in a reply, whose text is told while it is written, found "
            "num_beams 2; use generate(): which beam is the best is known at the end");
}

}  // namespace beam_search_test
