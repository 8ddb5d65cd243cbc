// Generation with an encoder and a decoder: what is computed how often, what stops it, what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "tests/support/copy_into.hpp"
#include "tests/support/errors.hpp"

namespace {

namespace ef = eigenformer;
using eigenformer_tests::error_of;
using Ids = std::vector<ef::TokenId>;

const std::filesystem::path k_golden = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden";
const Ids k_source_ids = {9, 4, 17, 60, 33, 2, 71};

/// Runs the items of a step one after another, and counts the steps.
class CountingExecutor final : public ef::Executor {
 public:
  unsigned concurrency() const noexcept override { return 2; }
  void run(unsigned items, const ef::Work& work) override {
    if (++steps == cancel_at) cancel.cancel();
    for (unsigned item = 0; item < items; ++item) work(item);
  }

  std::size_t steps = 0, cancel_at = 0;
  ef::CancelToken cancel;
};

/// A golden model whose files a test may change.
class FolderCopy {
 public:
  FolderCopy(const std::string& golden, const std::string& name)
      : path_(std::filesystem::path(EIGENFORMER_BINARY_DIR) / "pair_test" / name) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    eigenformer_tests::copy_into(k_golden / golden, path_);
  }
  ~FolderCopy() { std::filesystem::remove_all(path_); }
  FolderCopy(const FolderCopy&) = delete;
  FolderCopy& operator=(const FolderCopy&) = delete;

  void set(const std::string& key, const nlohmann::json& value) const {
    nlohmann::json config = nlohmann::json::parse(std::ifstream(path_ / "config.json"));
    config[key] = value;
    write("config.json", config);
  }
  void write(const std::string& file, const nlohmann::json& value) const { std::ofstream(path_ / file) << value; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

ef::Model load(const std::string& golden) {
  return ef::load(k_golden / golden, {.compute = ef::Compute::exact, .threads = 2});
}

Ids ids_of(const ef::Model& model, const ef::GenerateOptions& options) {
  return ef::generate(model, k_source_ids, options).at(0).ids;
}

/// The likeliest token behind each of the decoder's ids.
Ids best_after(const ef::Model& model, const Ids& decoder_ids) {
  const std::vector<float> logits = ef::forward(model, k_source_ids, {.decoder_ids = decoder_ids}).at("logits").values;
  const auto size = static_cast<std::ptrdiff_t>(model.info().vocabulary_size);
  Ids best;
  for (auto row = logits.begin(); row != logits.end(); row += size) {
    best.push_back(static_cast<ef::TokenId>(std::max_element(row, row + size) - row));
  }
  return best;
}

Ids joined(Ids first, const Ids& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

TEST(PairGeneration, EncodesTheSourceOnceHoweverManySequencesThereAre) {
  std::vector<std::size_t> steps;
  for (const std::size_t sequences : {1U, 2U, 7U}) {
    const auto executor = std::make_shared<CountingExecutor>();
    const ef::Model model = ef::load(k_golden / "mbart/hub", {.executor = executor});
    executor->steps = 0;
    const ef::GenerateOptions options{
        .max_new_tokens = 5, .temperature = 1, .num_return_sequences = sequences, .ignore_end_tokens = true};
    EXPECT_EQ(ef::generate(model, k_source_ids, options).size(), sequences);
    steps.push_back(executor->steps);
  }
  // the encoder, the keys of its states, the start token, four of the five new tokens; the sequences side by side
  EXPECT_EQ(steps, (std::vector<std::size_t>{7, 7, 7}));
}

TEST(PairGeneration, CanBeCancelledInsideTheEncoder) {
  for (const std::size_t step : {1U, 2U}) {  // the encoder, and the keys of its states
    const auto executor = std::make_shared<CountingExecutor>();
    const ef::Model model = ef::load(k_golden / "m2m_100/hub", {.executor = executor});
    executor->steps = 0;
    executor->cancel_at = step;
    const auto sequence = ef::generate(model, k_source_ids, {.max_new_tokens = 5, .cancel = executor->cancel}).at(0);
    EXPECT_EQ(sequence.finish_reason, ef::FinishReason::cancelled);
    EXPECT_TRUE(sequence.ids.empty());
    EXPECT_EQ(executor->steps, step);
    executor->cancel.reset();
    EXPECT_EQ(ef::generate(model, k_source_ids, {.max_new_tokens = 5, .ignore_end_tokens = true}).at(0).ids.size(), 5U);
  }
}

TEST(PairGeneration, ForcesTheFirstAndTheLastToken) {
  const ef::Model model = load("m2m_100/hub");
  const ef::GenerateOptions options{.max_new_tokens = 6,
                                    .ignore_end_tokens = true,
                                    .decoder_start_token = 2,
                                    .forced_first_tokens = {101},
                                    .forced_last_tokens = {55}};
  const Ids ids = ids_of(model, options);
  ASSERT_EQ(ids.size(), 6U);
  EXPECT_EQ(ids.front(), 101);
  EXPECT_EQ(ids.back(), 55);
  const Ids best = best_after(model, joined({2}, ids));
  EXPECT_NE(best[0], 101);
  EXPECT_NE(best[5], 55);
  EXPECT_EQ(Ids(ids.begin() + 1, ids.end() - 1), Ids(best.begin() + 1, best.begin() + 5));
}

TEST(PairGeneration, ContinuesWhatTheDecoderHasSaid) {
  const ef::Model model = load("bart/hub");
  const Ids said = {77, 8, 15};
  const Ids ids = ids_of(model, {.max_new_tokens = 4, .ignore_end_tokens = true, .decoder_prompt = said});
  const Ids best = best_after(model, joined(joined({2}, said), ids));
  EXPECT_EQ(ids, Ids(best.begin() + 3, best.begin() + 7));
}

/// OPUS-MT's decoder begins with the padding token, which its generation_config.json forbids.
TEST(PairGeneration, NeverSaysThePaddingTokenOfMarian) {
  const ef::Model model = load("marian/hub");
  constexpr ef::TokenId k_pad = 130;
  const ef::GenerateOptions greedy{.max_new_tokens = 30, .ignore_end_tokens = true};
  const Ids ids = ids_of(model, greedy);
  const Ids best = best_after(model, joined({k_pad}, ids));
  EXPECT_NE(std::find(best.begin(), best.end(), k_pad), best.end());  // it would be said
  EXPECT_EQ(std::find(ids.begin(), ids.end(), k_pad), ids.end());
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Ids drawn = ids_of(model, {.max_new_tokens = 30, .temperature = 5, .seed = seed, .ignore_end_tokens = true});
    EXPECT_EQ(std::find(drawn.begin(), drawn.end(), k_pad), drawn.end());
  }
}

TEST(PairGeneration, BeginsAReplyToAText) {
  const FolderCopy copy("marian/hub", "tokenizer");
  nlohmann::json vocabulary;
  for (int id = 0; id < 131; ++id) vocabulary["w" + std::to_string(id)] = id;
  copy.write("tokenizer.json", {{"version", "1.0"},
                                {"added_tokens", nlohmann::json::array()},
                                {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
                                {"model", {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", "w1"}}}});
  const ef::Model model = ef::load(copy.path(), {.compute = ef::Compute::exact});
  const ef::GenerateOptions options{.max_new_tokens = 8, .ignore_end_tokens = true};
  ef::Reply reply = ef::begin(model, "w9 w4 w17 w60 w33 w2 w71", options);
  std::string text;
  while (const auto piece = reply.next()) text += *piece;
  const auto generated = ef::generate(model, k_source_ids, options).at(0);
  EXPECT_EQ(Ids(reply.ids().begin(), reply.ids().end()), generated.ids);
  EXPECT_EQ(text, generated.text);
  EXPECT_NE(text.find("w" + std::to_string(generated.ids.at(2))), std::string::npos) << text;
  EXPECT_EQ(reply.finish_reason(), ef::FinishReason::length);
  EXPECT_EQ(reply.statistics().prompt_tokens, k_source_ids.size());
  EXPECT_EQ(reply.statistics().new_tokens, 8U);
}

TEST(PairRefusals, OfOptionsForAModelWithoutEncoder) {
  const ef::Model model = load("gpt2/hub");
  EXPECT_EQ(error_of([&] { ef::generate(model, k_source_ids, {.decoder_start_token = 1}); }),
            "usage.no_encoder: decoder_start_token: expected an encoder-decoder, found the model gpt2, which has no "
            "encoder; leave the option out");
  EXPECT_EQ(error_of([&] { ef::generate(model, k_source_ids, {.decoder_prompt = {1}}); }),
            "usage.no_encoder: decoder_prompt: expected an encoder-decoder, found the model gpt2, which has no "
            "encoder; leave the option out");
  EXPECT_EQ(error_of([&] { ef::forward(model, k_source_ids, {.decoder_ids = {1}}); }),
            "usage.no_encoder: decoder_ids: expected an encoder-decoder, found the model gpt2, which is none; leave "
            "the option out");
}

TEST(PairRefusals, WhereNothingSaysWhatTheDecoderBeginsWith) {
  const FolderCopy copy("t5/flan", "no_start");
  for (const char* key : {"decoder_start_token_id", "bos_token_id"}) copy.set(key, nullptr);
  const ef::Model model = ef::load(copy.path());
  const std::string where = model.info().source;
  const std::string found =
      ": expected the token that the decoder begins with, found none in generation_config.json "
      "or config.json; ";
  EXPECT_EQ(error_of([&] { ef::generate(model, k_source_ids); }),
            "usage.decoder_start: " + where + found + "pass decoder_start_token");
  EXPECT_EQ(error_of([&] { ef::forward(model, k_source_ids); }),
            "usage.decoder_start: " + where + found + "pass decoder_ids");
  EXPECT_EQ(ids_of(model, {.max_new_tokens = 3, .ignore_end_tokens = true, .decoder_start_token = 0}).size(), 3U);
  EXPECT_EQ(ef::forward(model, k_source_ids, {.decoder_ids = {0, 5}}).at("logits").shape.at(0), 2);
}

/// bos_token_id stands in for decoder_start_token_id only where neither the files nor the architecture say it.
TEST(PairDefaults, TakeTheDecodersStartBeforeTheTextsBegin) {
  const auto start_of = [](const std::string& golden, const nlohmann::json& start, const nlohmann::json& generation) {
    const FolderCopy copy(golden, "start");
    copy.set("decoder_start_token_id", start);
    copy.set("bos_token_id", 7);
    if (!generation.is_null()) copy.write("generation_config.json", generation);
    const ef::Model model = ef::load(copy.path(), {.compute = ef::Compute::exact});
    const Ids ids = ids_of(model, {.max_new_tokens = 12, .ignore_end_tokens = true});
    for (const ef::TokenId candidate : {0, 2, 7, 9, 11}) {
      const ef::GenerateOptions options{
          .max_new_tokens = 12, .ignore_end_tokens = true, .decoder_start_token = candidate};
      if (ids_of(model, options) == ids) return candidate;
    }
    return -1;
  };
  EXPECT_EQ(start_of("t5/flan", nullptr, nullptr), 7);
  EXPECT_EQ(start_of("t5/flan", 9, nullptr), 9);
  EXPECT_EQ(start_of("t5/mt5", nullptr, nullptr), 0);    // MT5Config's default
  EXPECT_EQ(start_of("bart/hub", nullptr, nullptr), 2);  // BartConfig's default
  EXPECT_EQ(start_of("bart/hub", 9, {{"bos_token_id", 7}}), 9);
  EXPECT_EQ(start_of("bart/hub", 9, {{"bos_token_id", 7}, {"decoder_start_token_id", 11}}), 11);
}

TEST(PairRefusals, WhereAResultIsAboutAnEndTokenThatIsNotThere) {
  const ef::Model model = load("bart/sequence_classification");
  EXPECT_EQ(error_of([&] {
              ef::forward(model, Ids{9, 4, 17});
            }),
            "usage.end_token: " + model.info().source +
                ": expected the end token 2 in the text, found none; end the text with it: the result is about its "
                "row");
  EXPECT_EQ(error_of([&] {
              ef::forward(model, Ids{9, 4, 2}, {.decoder_ids = {2, 9}});
            }),
            "usage.end_token: decoder_ids: expected 3 decoder_ids, as many as the source has tokens, found 2; leave "
            "decoder_ids out: the result is about the row of the source's end token");
  EXPECT_EQ(ef::forward(model, Ids{9, 4, 2}).at("logits").shape, (std::vector<std::int64_t>{3}));
}

TEST(PairRefusals, OfBadWordsThatLeaveNoToken) {
  const ef::Model model = load("bart/hub");
  ef::GenerateOptions options{.max_new_tokens = 1, .ignore_end_tokens = true};
  for (ef::TokenId id = 0; id < static_cast<ef::TokenId>(model.info().vocabulary_size); ++id) {
    options.bad_words.push_back(Ids{id});
  }
  const FolderCopy endless("bart/hub", "endless");  // an end token is never a bad word
  endless.set("eos_token_id", nullptr);
  const ef::Model without_end = ef::load(endless.path());
  EXPECT_EQ(error_of([&] { ef::generate(without_end, k_source_ids, options); }),
            "usage.no_token_left: processors: expected options that leave at least one token, found some that forbid "
            "every token of the vocabulary; forbid fewer: bad words, suppressed tokens, least lengths and a host's own "
            "processors count together");
  options.ignore_end_tokens = false;
  EXPECT_EQ(ids_of(model, options), Ids{2});
}

TEST(PairRefusals, OfAChat) {
  const ef::Model model = load("m2m_100/hub");
  EXPECT_EQ(error_of([&] { const ef::Chat chat(model, {}); }),
            "usage.chat_needs_decoder: " + model.info().source +
                ": expected a decoder-only model to chat with, found the encoder-decoder m2m_100; ask each question "
                "alone: begin() or generate() (eigenformer run)");
}

TEST(PairRefusals, OfGenerationWithAnotherHead) {
  const ef::Model model = load("bart/base");
  EXPECT_EQ(error_of([&] { ef::generate(model, k_source_ids); }),
            "usage.not_generative: " + model.info().source +
                ": expected a model that predicts the next token, found the model bart, which does not; use a language "
                "model or an encoder-decoder with a language-modelling head");
}

}  // namespace
