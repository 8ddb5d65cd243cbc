// A model that is made by hand: its logits depend on every token before, and only by way of the cache, so that a
// mistake with the cache shows. It can be told to misbehave.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "eigenformer/core/philox.hpp"
#include "eigenformer/kernels/select.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer_tests {

namespace ef = eigenformer;

/// What a test sees of a TinyNetwork and may change while it runs.
struct TinyControl {
  std::atomic<std::size_t> rows{0};                ///< rows that have been computed
  std::atomic<std::int32_t> token_of_nan{-1};      ///< where this token goes in, a logit is not a number
  std::function<void(const ef::nn::Row&)> on_row;  ///< called for each row
};

struct TinyOptions {
  std::size_t vocabulary_size = 300;
  std::size_t context_length = 256;
  std::vector<ef::TokenId> end_tokens = {};
  std::optional<ef::Tokenizer> tokenizer = {};
  std::optional<std::string> chat_template = {};
  bool joins_turns_by_end_token = false;
  unsigned threads = 2;
  std::uint32_t frequency_border = 1U << 30U;  ///< lengths above it have other "frequencies"
  float scale = 3;                             ///< of the logits: how sure it is
};

/// state(s)[i] = 0.75 state(s - 1)[i + 1] + e(token)[i] + p(position)[i]; logits = w state(s). The states are kept in
/// the cache's value tiles.
class TinyNetwork final : public ef::nn::Network {
 public:
  static constexpr std::uint32_t k_hidden = 8;

  TinyNetwork(const TinyOptions& options, std::shared_ptr<TinyControl> control)
      : options_(options), control_(std::move(control)) {
    info_.vocabulary_size = options.vocabulary_size;
    info_.hidden_size = k_hidden;
    info_.layers = 1;
    info_.heads = 1;
    info_.context_length = options.context_length;
    head_.resize(options.vocabulary_size * k_hidden);
    for (std::size_t index = 0; index < head_.size(); ++index) {
      head_[index] = options.scale * weight(1, static_cast<std::uint32_t>(index));
    }
  }

  const ef::nn::NetworkInfo& info() const override { return info_; }
  ef::nn::CacheLayout cache_layout() const override { return {.layers = 1, .kv_heads = 1, .head_dim = k_hidden}; }
  std::uint32_t frequency_length(std::uint32_t tokens) const override {
    return options_.frequency_border + (tokens > options_.frequency_border ? 1 : 0);
  }

  void record(ef::nn::Recorder& recorder, ef::nn::ProgramRole) const override {
    const ef::nn::Value token = recorder.rows(ef::nn::RowSet::all, {}, k_hidden, [this](ef::nn::Value output) {
      return [this, output](const ef::nn::Step& step, std::size_t row) { embed(step, row, step.row(output, row)); };
    });
    const ef::nn::Value state = recorder.phase(
        {token}, k_hidden, [token](ef::nn::Value output) { return std::make_unique<Recurrence>(token, output); });
    const auto vocabulary = static_cast<std::uint32_t>(options_.vocabulary_size);
    recorder.output("logits", recorder.rows(ef::nn::RowSet::outputs, {state}, vocabulary, [&](ef::nn::Value output) {
      return [this, state, output](const ef::nn::Step& step, std::size_t row) { head(step, row, {state, output}); };
    }));
  }

 private:
  /// Runs the rows of each sequence one after another.
  class Recurrence final : public ef::nn::Phase {
   public:
    Recurrence(ef::nn::Value input, ef::nn::Value output) : input_(input), output_(output) {}
    std::uint32_t tasks(const ef::nn::Step& step) const noexcept override {
      return static_cast<std::uint32_t>(step.runs().size());
    }
    void run(const ef::nn::Step& step, std::uint32_t task, std::byte*) const noexcept override {
      const ef::nn::RowRun& run = step.runs()[task];
      const ef::nn::KvCache& cache = *step.batch().sequences[run.sequence].cache;
      for (std::uint32_t row = run.first_row; row < run.first_row + run.row_count; ++row) {
        const std::uint32_t slot = step.batch().rows[row].slot;
        std::array<float, k_hidden> before{};
        if (slot > 0) std::memcpy(before.data(), place(cache, slot - 1), sizeof before);
        float* state = step.row(output_, row);
        for (std::uint32_t i = 0; i < k_hidden; ++i) {
          state[i] = 0.75F * before[(i + 1) % k_hidden] + step.row(input_, row)[i];
        }
        std::memcpy(place(cache, slot), state, sizeof before);
      }
    }

   private:
    static std::byte* place(const ef::nn::KvCache& cache, std::uint32_t slot) {
      return cache.value_tile(slot / 32, {0, 0}) + slot % 32 * k_hidden * sizeof(float);
    }
    ef::nn::Value input_, output_;
  };

  struct Head {
    ef::nn::Value state, logits;
  };

  static float weight(std::uint32_t table, std::uint32_t index) {
    return static_cast<float>(2 * ef::uniform({.seed = 7, .sequence = table, .position = index}) - 1);
  }

  void embed(const ef::nn::Step& step, std::size_t index, float* out) const {
    const ef::nn::Row& row = step.batch().rows[index];
    ++control_->rows;
    if (control_->on_row) control_->on_row(row);
    const std::uint32_t length = step.batch().sequences[row.sequence].frequency_length;
    const std::uint32_t frequency = length > options_.frequency_border ? 1 : 0;
    for (std::uint32_t i = 0; i < k_hidden; ++i) {
      out[i] = weight(2, static_cast<std::uint32_t>(row.token) * k_hidden + i) +
               weight(3 + frequency, static_cast<std::uint32_t>(row.position) * k_hidden + i) / 4;
    }
  }

  void head(const ef::nn::Step& step, std::size_t row, const Head& head) const {
    const float* state = step.row(head.state, step.batch_row(ef::nn::RowSet::outputs, row));
    float* logits = step.row(head.logits, row);
    for (std::size_t o = 0; o < options_.vocabulary_size; ++o) {
      logits[o] = 0;
      for (std::uint32_t i = 0; i < k_hidden; ++i) logits[o] += head_[o * k_hidden + i] * state[i];
    }
    const std::int32_t token = step.batch().rows[step.batch_row(ef::nn::RowSet::outputs, row)].token;
    if (token == control_->token_of_nan) logits[3] = std::numeric_limits<float>::quiet_NaN();
  }

  TinyOptions options_;
  std::shared_ptr<TinyControl> control_;
  ef::nn::NetworkInfo info_;
  std::vector<float> head_;
};

struct TinyModel {
  ef::Model model;
  std::shared_ptr<TinyControl> control;
};

inline TinyModel make_tiny_model(const TinyOptions& options = {}) {
  auto control = std::make_shared<TinyControl>();
  auto state = std::make_shared<ef::ModelState>();
  auto network = std::make_unique<TinyNetwork>(options, control);
  state->info.source = "tiny";
  state->info.architecture = "tiny";
  state->joins_turns_by_end_token = options.joins_turns_by_end_token;
  state->info.vocabulary_size = options.vocabulary_size;
  state->info.context_length = options.context_length;
  state->info.hidden_size = TinyNetwork::k_hidden;
  state->cache_layout = network->cache_layout();
  ef::nn::Recorder recorder({});
  network->record(recorder, ef::nn::ProgramRole::main);
  state->program = std::move(recorder).finish();
  state->network = std::move(network);
  state->kernels = &ef::kernels::choose_kernels("scalar");
  state->executor = ef::make_thread_pool(options.threads);
  state->tokenizer = options.tokenizer;
  state->tokenizer_error = {ef::ErrorKind::tokenizer, "tokenizer.missing", "a tokenizer", "none", "tiny", ""};
  state->chat_template = options.chat_template;
  state->end_tokens = options.end_tokens;
  return {ef::Model(std::move(state)), control};
}

}  // namespace eigenformer_tests
