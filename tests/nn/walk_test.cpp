// The walk: the same bits on every host, and a stop at any place leaves nothing behind.
#include "eigenformer/nn/walk.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <stdexcept>

#include "tests/nn/executors.hpp"
#include "tests/nn/tiny_decoder.hpp"
#include "tests/support/flush_to_zero.hpp"

namespace eigenformer {
namespace {

using namespace testing_nn;
using namespace std::chrono_literals;

/// Three sequences with a past of some slots, and the next rows of each: phases of many tasks.
class Scene {
 public:
  static constexpr std::size_t k_past = 10;

  explicit Scene(const nn::Program& program) : program_(program) {
    for (std::uint32_t i = 0; i < 3; ++i) {
      lengths_.push_back(k_past + 20 * (i + 1));
      vectors_.push_back(sequence_vectors(i, lengths_.back()));
      caches_.emplace_back(TinyDecoder::layout());
      sequences_.push_back({});
    }
    for (std::uint32_t i = 0; i < 3; ++i) sequences_[i].cache = &caches_[i];
    SequentialExecutor executor({0});
    append_all(0, k_past);
    nn::Session({&program_, &best_kernels(), &executor}).run(batch());
    rows_.clear();
    for (std::uint32_t i = 0; i < 3; ++i) append_rows(rows_, i, vectors_[i], k_past, lengths_[i]);
  }

  nn::Batch batch() const { return {rows_, sequences_}; }
  void expect_committed() const {
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(caches_[i].size(), lengths_[i]);
  }
  void expect_untouched() const {
    for (const nn::KvCache& cache : caches_) EXPECT_EQ(cache.size(), k_past);
  }

 private:
  void append_all(std::size_t first, std::size_t end) {
    for (std::uint32_t i = 0; i < 3; ++i) append_rows(rows_, i, vectors_[i], first, end);
  }

  const nn::Program& program_;
  std::vector<std::size_t> lengths_;
  std::vector<std::vector<float>> vectors_;
  std::vector<nn::KvCache> caches_;
  std::vector<nn::BatchSequence> sequences_;
  std::vector<nn::Row> rows_;
};

/// One step and its walk.
struct Walking {
  Walking(const nn::Program& walked, const nn::Batch& batch, unsigned workers, nn::ProbeCallback probe = {})
      : program(walked),
        step(walked, batch, best_kernels(), workspace, workers),
        walk(walked, step, workspace, std::move(probe)) {}

  std::vector<float> result() const { return copy_of(step.view(program.outputs.at("y").value)); }

  const nn::Program& program;
  nn::Workspace workspace;
  nn::Step step;
  nn::Walk walk;
};

std::vector<float> expected(const nn::Program& program) {
  Scene scene(program);
  SequentialExecutor executor({0});
  Walking walking(program, scene.batch(), 1);
  EXPECT_EQ(walking.walk.advance(executor), nn::WalkOutcome::finished);
  scene.expect_committed();
  return walking.result();
}

TEST(Walk, HasTheSameBitsOnEveryHost) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const std::vector<float> wanted = expected(program);
  ASSERT_FALSE(wanted.empty());
  for (const auto& [name, executor] : executors()) {
    for (int round = 0; round < 20; ++round) {
      Scene scene(program);
      Walking walking(program, scene.batch(), executor->concurrency());
      ASSERT_EQ(walking.walk.advance(*executor), nn::WalkOutcome::finished) << name;
      ASSERT_TRUE(same_bits(walking.result(), wanted)) << name;
      scene.expect_committed();
    }
  }
}

TEST(Walk, PausesBetweenPhasesAndGoesOn) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const std::vector<float> wanted = expected(program);
  for (const auto& [name, executor] : executors()) {
    Scene scene(program);
    Walking walking(program, scene.batch(), executor->concurrency());
    int pauses = 0;
    while (walking.walk.advance(*executor, {.pause_at = std::chrono::steady_clock::now()}) !=
           nn::WalkOutcome::finished) {
      scene.expect_untouched();
      ASSERT_LT(++pauses, 1000);
    }
    EXPECT_GE(pauses, 8) << name;
    EXPECT_TRUE(same_bits(walking.result(), wanted)) << name;
    scene.expect_committed();
  }
}

TEST(Walk, GoesOnOnAnotherHost) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const auto hosts = executors();
  Scene scene(program);
  Walking walking(program, scene.batch(), 4);
  std::size_t turn = 0;
  const auto next_host = [&]() -> Executor& { return *hosts[turn++ % hosts.size()].executor; };
  while (walking.walk.advance(next_host(), {.pause_at = std::chrono::steady_clock::now()}) !=
         nn::WalkOutcome::finished) {
  }
  EXPECT_TRUE(same_bits(walking.result(), expected(program)));
}

TEST(Walk, PausesWithinItsBudget) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const auto pool = make_thread_pool(2);
  Scene scene(program);
  Walking walking(program, scene.batch(), pool->concurrency());
  EXPECT_EQ(walking.walk.advance(*pool, {.pause_at = std::chrono::steady_clock::now() + 1h}),
            nn::WalkOutcome::finished);
  EXPECT_TRUE(same_bits(walking.result(), expected(program)));
}

TEST(Walk, CanBeCancelledBeforeEveryPhase) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const std::vector<float> wanted = expected(program);
  const auto pool = make_thread_pool(3);
  for (int phases = 0; phases < 1000; ++phases) {
    Scene scene(program);
    Walking walking(program, scene.batch(), pool->concurrency());
    bool finished = false;
    for (int i = 0; i < phases && !finished; ++i) {
      finished =
          walking.walk.advance(*pool, {.pause_at = std::chrono::steady_clock::now()}) == nn::WalkOutcome::finished;
    }
    if (finished) {
      EXPECT_GE(phases, 8);
      break;
    }
    const std::atomic<bool> cancel{true};
    ASSERT_EQ(walking.walk.advance(*pool, {.cancel = &cancel}), nn::WalkOutcome::cancelled);
    scene.expect_untouched();
    Walking again(program, scene.batch(), pool->concurrency());  // over the same caches
    ASSERT_EQ(again.walk.advance(*pool), nn::WalkOutcome::finished);
    ASSERT_TRUE(same_bits(again.result(), wanted));
    scene.expect_committed();
  }
}

TEST(Walk, CanBeCancelledByAnotherThreadAtAnyTime) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const std::vector<float> wanted = expected(program);
  const auto pool = make_thread_pool(3);
  for (int round = 0; round < 100; ++round) {
    Scene scene(program);
    std::atomic<bool> cancel{false};
    std::thread impatient([&cancel, round] {
      std::this_thread::sleep_for(std::chrono::microseconds(20 * round));
      cancel.store(true);
    });
    Walking walking(program, scene.batch(), pool->concurrency());
    const nn::WalkOutcome outcome = walking.walk.advance(*pool, {.cancel = &cancel});
    impatient.join();
    if (outcome == nn::WalkOutcome::finished) {
      ASSERT_TRUE(same_bits(walking.result(), wanted));
      scene.expect_committed();
    } else {
      ASSERT_EQ(outcome, nn::WalkOutcome::cancelled);
      scene.expect_untouched();
    }
  }
}

TEST(Walk, ShowsProbesWhenTheirValuesAreComplete) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record([](std::string_view) { return true; });
  const std::vector<float> result = expected(program);
  std::map<std::string, std::vector<float>> wanted;
  for (const auto& [name, executor] : executors()) {
    Scene scene(program);
    std::map<std::string, std::vector<float>> seen;
    Walking walking(program, scene.batch(), executor->concurrency(),
                    [&](std::string_view probe, const ConstMatrixView& values) {
                      EXPECT_TRUE(seen.emplace(probe, copy_of(values)).second) << probe;
                    });
    ASSERT_EQ(walking.walk.advance(*executor), nn::WalkOutcome::finished);
    EXPECT_TRUE(same_bits(walking.result(), result));
    ASSERT_TRUE(seen.contains("hidden.0") && seen.contains("sum.0") && seen.contains("hidden.1") &&
                seen.contains("sum.1"));
    if (wanted.empty()) wanted = seen;
    for (const auto& [probe, values] : seen) EXPECT_TRUE(same_bits(values, wanted[probe])) << name << " " << probe;
  }
}

TEST(Walk, RethrowsWhatAProbeThrows) {
  const TinyDecoder decoder;
  const nn::Program program =
      decoder.record([](std::string_view name) { return name.starts_with("sum") || name.starts_with("hidden"); });
  ASSERT_EQ(program.probes.size(), 4U);
  const std::vector<float> wanted = expected(program);
  for (const auto& [name, executor] : executors()) {
    for (const nn::ProbePoint& point : program.probes) {
      Scene scene(program);
      int shown = 0;
      Walking walking(program, scene.batch(), executor->concurrency(),
                      [&](std::string_view probe, const ConstMatrixView&) {
                        ++shown;
                        if (probe == point.name) throw std::runtime_error("no more of " + point.name);
                      });
      try {
        walking.walk.advance(*executor);
        ADD_FAILURE() << "nothing was thrown";
      } catch (const std::runtime_error& error) {
        EXPECT_EQ(std::string(error.what()), "no more of " + point.name);
      }
      EXPECT_LE(shown, 4);
      scene.expect_untouched();
      Walking again(program, scene.batch(), executor->concurrency());
      EXPECT_EQ(again.walk.advance(*executor), nn::WalkOutcome::finished) << name;
      EXPECT_TRUE(same_bits(again.result(), wanted)) << name;
    }
  }
}

TEST(Walk, DoesNotWaitForAWorkerThatHasNotStarted) {
  class HeldUpExecutor final : public Executor {
   public:
    unsigned concurrency() const noexcept override { return 2; }
    void run(unsigned, const Work& work) override {
      std::thread late([&work] {
        std::this_thread::sleep_for(1s);
        work(1);
      });
      work(0);
      finished_at = std::chrono::steady_clock::now();
      late.join();
    }
    std::chrono::steady_clock::time_point finished_at;
  };
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  Scene scene(program);
  HeldUpExecutor executor;
  Walking walking(program, scene.batch(), executor.concurrency());
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(walking.walk.advance(executor), nn::WalkOutcome::finished);
  EXPECT_LT(executor.finished_at - begin, 900ms);
}

/// Five tasks, of which one takes its time.
class SlowPhase final : public nn::Phase {
 public:
  explicit SlowPhase(nn::Value output) : output_(output) {}
  std::uint32_t tasks(const nn::Step&) const noexcept override { return 5; }
  void run(const nn::Step& step, std::uint32_t task, std::byte*) const noexcept override {
    if (task == 0) std::this_thread::sleep_for(5ms);
    step.row(output_, 0)[task] = static_cast<float>(task);
  }

 private:
  nn::Value output_;
};

TEST(Walk, WaitsForASlowWorker) {
  nn::Recorder r({});
  const nn::Value x = r.rows(nn::RowSet::all, {}, 5, [](nn::Value output) -> nn::RowBody {
    return [output](const nn::Step& step, std::size_t row) { std::fill_n(step.row(output, row), 5, 0.0F); };
  });
  const nn::Value slow = r.phase({x}, 5, [](nn::Value output) { return std::make_unique<const SlowPhase>(output); });
  r.output("y", nn::activate(r, nn::Activation::identity, slow));
  const nn::Program program = std::move(r).finish();
  const std::vector<nn::Row> rows(1);
  const std::vector<nn::BatchSequence> sequences(1);
  for (const auto& [name, executor] : executors()) {
    Walking walking(program, {rows, sequences}, executor->concurrency());
    ASSERT_EQ(walking.walk.advance(*executor), nn::WalkOutcome::finished);
    EXPECT_EQ(walking.result(), (std::vector<float>{0, 1, 2, 3, 4})) << name;
  }
}

/// Counts how often it is run.
class CountingPhase final : public nn::Phase {
 public:
  explicit CountingPhase(std::atomic<int>& runs) : runs_(runs) {}
  std::uint32_t tasks(const nn::Step&) const noexcept override { return 1; }
  void run(const nn::Step&, std::uint32_t, std::byte*) const noexcept override { runs_.fetch_add(1); }

 private:
  std::atomic<int>& runs_;
};

TEST(Walk, RunsNothingMoreAfterAProbeThrew) {
  std::atomic<int> runs{0};
  nn::Recorder r({.keep = [](std::string_view name) { return name == "second"; }});
  nn::Value x = r.rows(nn::RowSet::all, {}, 1, [](nn::Value output) -> nn::RowBody {
    return [output](const nn::Step& step, std::size_t row) { *step.row(output, row) = 0; };
  });
  for (const char* name : {"first", "second", "third"}) {
    x = r.phase({x}, 1, [&](nn::Value) { return std::make_unique<const CountingPhase>(runs); });
    r.probe(name, x);
  }
  const nn::Program program = std::move(r).finish();
  const std::vector<nn::Row> rows(1);
  const std::vector<nn::BatchSequence> sequences(1);
  SequentialExecutor executor({0});
  Walking walking(program, {rows, sequences}, 1,
                  [](std::string_view, const ConstMatrixView&) { throw std::runtime_error("enough"); });
  EXPECT_THROW(walking.walk.advance(executor), std::runtime_error);
  EXPECT_EQ(runs.load(), 2);
}

TEST(Walk, DoesNotDependOnTheHostsFloatingPointMode) {
  nn::Recorder r({});
  const nn::Value tiny = r.rows(nn::RowSet::all, {}, 1, [](nn::Value output) -> nn::RowBody {
    return [output](const nn::Step& step, std::size_t row) { *step.row(output, row) = 1e-40F; };
  });
  r.output("y", r.add(tiny, tiny));
  const nn::Program program = std::move(r).finish();
  const std::vector<nn::Row> rows(1);
  const std::vector<nn::BatchSequence> sequences(1);
  SequentialExecutor executor({0});
  Walking walking(program, {rows, sequences}, 1);
  {
    const eigenformer_tests::FlushToZero games_do_this;
    walking.walk.advance(executor);
  }
  EXPECT_EQ(walking.result(), std::vector<float>{1e-40F + 1e-40F});
}

TEST(Walk, OneProgramIsWalkedByManyThreads) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const std::vector<float> wanted = expected(program);
  const auto pool = make_thread_pool(3);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        Scene scene(program);
        Walking walking(program, scene.batch(), pool->concurrency());
        EXPECT_EQ(walking.walk.advance(*pool), nn::WalkOutcome::finished);
        EXPECT_TRUE(same_bits(walking.result(), wanted));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Session, AllocatesNothingMoreForStepsThatAreNotLarger) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  SequentialExecutor executor({0});
  nn::Session session({&program, &best_kernels(), &executor});
  nn::KvCache cache(TinyDecoder::layout());
  const std::vector<float> vectors = sequence_vectors(1, 30);
  const std::vector<nn::BatchSequence> sequences = {{.cache = &cache}};
  std::vector<nn::Row> rows;
  append_rows(rows, 0, vectors, 0, 20);
  session.run({rows, sequences});
  const std::size_t bytes = session.bytes();
  for (std::size_t slot = 20; slot < 30; ++slot) {
    rows.clear();
    append_rows(rows, 0, vectors, slot, slot + 1);
    session.run({rows, sequences});
    EXPECT_EQ(session.bytes(), bytes);
  }
  EXPECT_EQ(session.run({{}, sequences}), nn::WalkOutcome::finished);
}

}  // namespace
}  // namespace eigenformer
