#include "cli/benchmark.hpp"

#include <algorithm>
#include <chrono>
#include <functional>

#include "eigenformer/model_state.hpp"
#include "eigenformer/scheduler.hpp"

namespace cli {

namespace ef = eigenformer;
namespace nn = eigenformer::nn;

namespace {

/// Tokens of a prompt that are computed in one step, as generate() has it.
constexpr std::size_t k_chunk = 256;

/// Spread over the vocabulary, the same in every run.
ef::TokenId arbitrary_token(const ef::Model& model, std::size_t place) {
  return static_cast<ef::TokenId>((place * 7919 + 13) % model.info().vocabulary_size);
}

nn::Row row_at(const ef::Model& model, std::size_t slot) {
  nn::Row row;
  row.token = arbitrary_token(model, slot * 131);
  row.slot = static_cast<std::uint32_t>(slot);
  row.position = static_cast<std::int32_t>(slot);
  return row;
}

void prefill(const ef::Model& model, std::size_t tokens) {
  nn::Session session(model.state().runner());
  nn::KvCache cache(model.state().cache_layout);
  const nn::BatchSequence sequence{
      .cache = &cache, .source = nullptr, .frequency_length = static_cast<std::uint32_t>(tokens)};
  for (std::size_t first = 0; first < tokens; first += k_chunk) {
    std::vector<nn::Row> rows;
    for (std::size_t slot = first; slot < std::min(first + k_chunk, tokens); ++slot) {
      rows.push_back(row_at(model, slot));
      rows.back().wants_output = slot + 1 == tokens;
    }
    session.run({rows, {&sequence, 1}});
  }
}

/// Tokens are chosen as generate() does, the likeliest each time.
void decode(const ef::Model& model, std::size_t tokens, std::size_t batch) {
  ef::Scheduler scheduler(model, {.rows_per_step = std::max(batch, k_chunk), .most_at_once = batch});
  for (std::size_t sequence = 0; sequence < batch; ++sequence) {
    const std::vector<ef::TokenId> prompt = {arbitrary_token(model, sequence)};
    scheduler.submit(prompt, {.max_new_tokens = tokens, .ignore_end_tokens = true});
  }
  scheduler.run();
}

bool writes_text(const ef::Model& model) {
  return model.info().kind != ef::ModelKind::encoder && model.info().head == ef::ModelHead::language_model;
}

/// Fills in the speeds of `result` by running its work: once to warm up, then as often as the plan says.
void measure(BenchmarkResult& result, const BenchmarkPlan& plan, const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  work();
  for (std::size_t repetition = 0; repetition < plan.repetitions; ++repetition) {
    const Clock::time_point begin = Clock::now();
    work();
    const std::chrono::duration<double> seconds = Clock::now() - begin;
    result.tokens_per_second.push_back(static_cast<double>(result.tokens * result.batch) / seconds.count());
  }
  std::sort(result.tokens_per_second.begin(), result.tokens_per_second.end());
}

void check_length(const ef::Model& model, std::size_t tokens) {
  if (tokens <= model.info().context_length) return;
  throw ef::UsageError({.id = "usage.prompt_too_long",
                        .expected = "at most " + std::to_string(model.info().context_length) + " tokens",
                        .found = std::to_string(tokens),
                        .where = "",
                        .remedy = "shorten the text, or use a model with a longer context"});
}

}  // namespace

std::vector<BenchmarkResult> run_benchmark(const ef::Model& model, const BenchmarkPlan& plan) {
  check_length(model, std::max(plan.prompt_tokens, plan.new_tokens > 0 ? 1 + plan.new_tokens : 0));
  std::vector<BenchmarkResult> results;
  if (plan.prompt_tokens > 0) {
    results.push_back({.test = "prefill", .tokens = plan.prompt_tokens, .batch = 1, .tokens_per_second = {}});
    measure(results.back(), plan, [&] { prefill(model, plan.prompt_tokens); });
  }
  for (const std::size_t batch : plan.batches) {
    if (plan.new_tokens == 0 || !writes_text(model)) break;
    results.push_back({.test = "decode", .tokens = plan.new_tokens, .batch = batch, .tokens_per_second = {}});
    measure(results.back(), plan, [&] { decode(model, plan.new_tokens, batch); });
  }
  return results;
}

}  // namespace cli
