#include "cli/benchmark.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>

#include "eigenformer/generate.hpp"
#include "eigenformer/generate/ragged_batch.hpp"
#include "eigenformer/generate/request_state.hpp"
#include "eigenformer/model_state.hpp"

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

double seconds_of(const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Computes the slots from the cache's end up to `end`; the last one's logits are wanted.
void fill_cache(const ef::Model& model, nn::Session& session, nn::KvCache& cache, std::size_t end) {
  const nn::BatchSequence sequence{
      .cache = &cache, .source = nullptr, .frequency_length = static_cast<std::uint32_t>(end)};
  while (cache.size() < end) {
    std::vector<nn::Row> rows;
    for (std::size_t slot = cache.size(); slot < std::min(cache.size() + k_chunk, end); ++slot) {
      rows.push_back(row_at(model, slot));
      rows.back().wants_output = slot + 1 == end;
    }
    session.run({rows, {&sequence, 1}});
  }
}

/// Tokens of a prompt that are computed in a second.
class Prefill {
 public:
  Prefill(const ef::Model& model, const BenchmarkResult& test)
      : model_(model), test_(test), session_(model.state().runner()), past_(model.state().cache_layout) {
    fill_cache(model_, session_, past_, test.depth);
  }
  double tokens_per_second() {
    nn::KvCache cache = past_.fork();
    const double seconds = seconds_of([&] { fill_cache(model_, session_, cache, test_.depth + test_.tokens); });
    return static_cast<double>(test_.tokens) / seconds;
  }

 private:
  const ef::Model& model_;
  const BenchmarkResult& test_;
  nn::Session session_;
  nn::KvCache past_;
};

/// Tokens that a batch of requests writes in a second, all together. They are chosen as generate() does, the likeliest
/// each time. Each request computes its prompt, and by that its first token, before the clock starts.
double decoded_per_second(const ef::Model& model, const BenchmarkResult& test) {
  ef::generation::RaggedBatch batch(model.state(), std::max(test.batch, k_chunk));
  std::vector<std::shared_ptr<ef::generation::RequestState>> requests;
  std::vector<ef::generation::BatchMember*> members;
  for (std::size_t sequence = 0; sequence < test.batch; ++sequence) {
    std::vector<ef::TokenId> prompt;
    do prompt.push_back(arbitrary_token(model, sequence + 131 * prompt.size()));
    while (prompt.size() < test.depth);
    requests.push_back(
        ef::generation::make_request(model, prompt, {.max_new_tokens = test.tokens + 1, .ignore_end_tokens = true}));
    members.push_back(requests.back().get());
    for (std::size_t done = 0; done < prompt.size(); done += std::max(test.batch, k_chunk)) {
      batch.step({&members.back(), 1});
    }
  }
  std::size_t steps = 0;
  const double seconds = seconds_of([&] {
    for (; !members.front()->finished(); ++steps) batch.step(members);
  });
  for (const auto& request : requests) request->checked_results();
  return static_cast<double>(steps * test.batch) / seconds;
}

bool writes_text(const ef::Model& model) {
  return model.info().kind != ef::ModelKind::encoder && model.info().head == ef::ModelHead::language_model;
}

/// Fills in the speeds of `result`, measured once to warm up, then as often as the plan says.
void measure(BenchmarkResult& result, const BenchmarkPlan& plan, const std::function<double()>& tokens_per_second) {
  tokens_per_second();
  for (std::size_t repetition = 0; repetition < plan.repetitions; ++repetition) {
    result.tokens_per_second.push_back(tokens_per_second());
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
  const std::size_t deepest = *std::max_element(plan.depths.begin(), plan.depths.end());
  const std::size_t written = plan.new_tokens > 0 ? std::max<std::size_t>(deepest, 1) + plan.new_tokens + 1 : 0;
  check_length(model, std::max(deepest + plan.prompt_tokens, written));
  std::vector<BenchmarkResult> results;
  for (const std::size_t depth : plan.depths) {
    if (plan.prompt_tokens > 0) {
      results.push_back({.test = "prefill", .tokens = plan.prompt_tokens, .depth = depth, .tokens_per_second = {}});
      Prefill prefill(model, results.back());
      measure(results.back(), plan, [&] { return prefill.tokens_per_second(); });
    }
    for (const std::size_t batch : plan.batches) {
      if (plan.new_tokens == 0 || !writes_text(model)) break;
      results.push_back(
          {.test = "decode", .tokens = plan.new_tokens, .batch = batch, .depth = depth, .tokens_per_second = {}});
      measure(results.back(), plan, [&] { return decoded_per_second(model, results.back()); });
    }
  }
  return results;
}

}  // namespace cli
