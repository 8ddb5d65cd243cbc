// A cancel in the middle of a layer of the default model: it stops there, and what it stopped is as it was.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/executor.hpp"
#include "eigenformer/model_state.hpp"
#include "eigenformer/scheduler.hpp"
#include "tests/support/default_model.hpp"

namespace {

namespace ef = eigenformer;
namespace nn = eigenformer::nn;

/// Which phases a walk has begun, and in which one a switch is turned.
struct PhaseWatch {
  std::size_t cancel_in = 0;
  std::atomic<bool> cancel{false};
  std::atomic<std::size_t> last{0};
};

/// A phase of the model's own program that is watched.
class WatchedPhase final : public nn::Phase {
 public:
  WatchedPhase(std::unique_ptr<const nn::Phase> phase, std::size_t index, PhaseWatch& watch)
      : phase_(std::move(phase)), index_(index), watch_(watch) {}

  void check(const nn::Batch& batch, const nn::RowRun& run) const override { phase_->check(batch, run); }
  std::uint32_t tasks(const nn::Step& step) const noexcept override { return phase_->tasks(step); }
  std::size_t scratch_bytes(const nn::Step& step) const noexcept override { return phase_->scratch_bytes(step); }
  void run(const nn::Step& step, std::uint32_t task, std::byte* scratch) const noexcept override {
    if (index_ == watch_.cancel_in) watch_.cancel.store(true);
    phase_->run(step, task, scratch);
    std::size_t last = watch_.last.load();
    while (last < index_ && !watch_.last.compare_exchange_weak(last, index_)) {
    }
  }

 private:
  std::unique_ptr<const nn::Phase> phase_;
  std::size_t index_;
  PhaseWatch& watch_;
};

/// The default model's program, watched, and one sequence of it.
class WatchedModel {
 public:
  WatchedModel() : model_(ef::load(eigenformer_tests::default_model(), {.threads = 2})) {
    program_ = model_.state().record(nn::ProgramRole::main);
    for (std::size_t index = 0; index < program_.phases.size(); ++index) {
      program_.phases[index] = std::make_unique<WatchedPhase>(std::move(program_.phases[index]), index, watch_);
    }
    const std::string text = "The river runs past the mill and the old bridge, where children throw stones into it.";
    ids_ = model_.tokenizer().encode(text);
  }

  std::size_t phases() const { return program_.phases.size(); }
  const std::vector<ef::TokenId>& ids() const { return ids_; }
  const PhaseWatch& watch() const { return watch_; }
  nn::KvCache empty_cache() const { return nn::KvCache(model_.state().cache_layout); }

  /// The tokens that the cache has not, up to `end`; cancelled in phase `cancel_in`, beyond the last one: not at all.
  nn::WalkOutcome run(nn::KvCache& cache, std::size_t end, std::size_t cancel_in) {
    std::vector<nn::Row> rows;
    for (std::size_t slot = cache.size(); slot < end; ++slot) {
      rows.push_back({.token = ids_[slot],
                      .slot = static_cast<std::uint32_t>(slot),
                      .position = static_cast<std::int32_t>(slot),
                      .wants_output = slot + 1 == end});
    }
    const nn::BatchSequence sequence{.cache = &cache, .frequency_length = static_cast<std::uint32_t>(end)};
    watch_.cancel_in = cancel_in;
    watch_.cancel.store(false);
    watch_.last.store(0);
    return session_.run({rows, {&sequence, 1}}, {.cancel = &watch_.cancel, .pause_at = {}});
  }

  std::vector<float> logits() const {
    const ef::ConstMatrixView all = session_.result("logits");
    return {all.data(), all.data() + all.cols()};
  }

 private:
  ef::Model model_;
  PhaseWatch watch_;
  nn::Program program_;
  nn::Session session_{{&program_, model_.state().kernels, model_.state().executor.get()}};
  std::vector<ef::TokenId> ids_;
};

bool are_same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Cancels the last step in places all over the network: after `past` tokens that were computed before.
void expect_stops_anywhere(WatchedModel& model, std::size_t past) {
  const std::size_t end = model.ids().size();
  const std::size_t never = model.phases();
  const auto prepared = [&] {
    nn::KvCache cache = model.empty_cache();
    EXPECT_EQ(model.run(cache, past, never), nn::WalkOutcome::finished);
    return cache;
  };
  nn::KvCache undisturbed = prepared();
  ASSERT_EQ(model.run(undisturbed, end, never), nn::WalkOutcome::finished);
  const std::vector<float> wanted = model.logits();
  for (std::size_t phase = 0; phase + 1 < model.phases(); phase += 7) {  // 7 and a layer's 10 have no common divisor
    nn::KvCache cache = prepared();
    ASSERT_EQ(model.run(cache, end, phase), nn::WalkOutcome::cancelled) << phase;
    EXPECT_EQ(model.watch().last, phase);  // no other phase begins
    EXPECT_EQ(cache.size(), past);
    ASSERT_EQ(model.run(cache, end, never), nn::WalkOutcome::finished);
    EXPECT_TRUE(are_same_bits(model.logits(), wanted)) << phase;
  }
}

TEST(Cancel, StopsThePromptInTheMiddleOfAnyLayerOfTheDefaultModel) {
  WatchedModel model;
  ASSERT_GE(model.phases(), 300U);
  expect_stops_anywhere(model, 0);
}

TEST(Cancel, StopsATokenInTheMiddleOfAnyLayerOfTheDefaultModel) {
  WatchedModel model;
  expect_stops_anywhere(model, model.ids().size() - 1);
}

TEST(Cancel, ByAnotherThreadLeavesAChatOfTheDefaultModelAsItWas) {
  const ef::Model model = ef::load(eigenformer_tests::default_model(), {.threads = 2});
  const auto answer_after = [&](const std::vector<double>& guidance_scales) {
    ef::Chat chat(model);
    for (const double guidance_scale : guidance_scales) {
      std::string question = "Read this and tell me what it is about.";
      for (int line = 0; line < 60; ++line) question += " The river runs past the mill and the old bridge.";
      const ef::CancelToken cancel;
      ef::Reply reply =
          chat.begin(question, {.max_new_tokens = 300, .cancel = cancel, .guidance_scale = guidance_scale});
      std::thread impatient([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        cancel.cancel();
      });
      while (reply.next()) {
      }
      impatient.join();
      EXPECT_EQ(reply.finish_reason(), ef::FinishReason::cancelled);
    }
    ef::Reply reply = chat.begin("What colour is the sky?", {.max_new_tokens = 12});
    while (reply.next()) {
    }
    return reply.text();
  };
  EXPECT_EQ(answer_after({1, 1.5, 1}), answer_after({}));
}

/// One of several requests leaves in the middle of a step: the others write what they write alone.
TEST(Cancel, OfOneRequestLeavesTheOthersOfTheDefaultModelAsTheyWere) {
  const ef::Model model = ef::load(eigenformer_tests::default_model(), {.threads = 2});
  const ef::GenerateOptions drawn{.max_new_tokens = 16, .temperature = 0.8, .seed = 5, .ignore_end_tokens = true};
  const ef::GenerateOptions beams{.max_new_tokens = 16, .num_beams = 3};
  std::string story;
  for (int line = 0; line < 60; ++line) story += "The river runs past the mill and the old bridge. ";
  ef::Scheduler scheduler(model);
  const ef::Request first = scheduler.submit("The sky is", drawn);
  const ef::Request second = scheduler.submit("A sword costs", beams);
  for (int left = 0; left < 3; ++left) {
    const ef::Request leaves = scheduler.submit(story, drawn);
    std::thread impatient([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      leaves.cancel();
    });
    while (!leaves.finished()) scheduler.step();
    impatient.join();
    EXPECT_EQ(leaves.result().value().at(0).finish_reason, ef::FinishReason::cancelled);
  }
  scheduler.run();
  const auto alone = [&](const char* prompt, const ef::GenerateOptions& options) {
    return ef::generate(model, model.tokenizer().encode(prompt), options).at(0).ids;
  };
  EXPECT_EQ(first.result().value().at(0).ids, alone("The sky is", drawn));
  EXPECT_EQ(second.result().value().at(0).ids, alone("A sword costs", beams));
}

}  // namespace
