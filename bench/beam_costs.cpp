// What beams cost: memory of their caches and tokens a second. build/bench/bench/beam_costs MODEL [THREADS]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <set>
#include <vector>

#include "eigenformer/generate/beam_search.hpp"
#include "eigenformer/model.hpp"

namespace {

namespace ef = eigenformer;
using ef::generation::Forward;
using ef::generation::Sequence;

constexpr std::size_t k_prompt_tokens = 512;
constexpr std::size_t k_new_tokens = 64;

/// Bytes of the pages that the sequences refer to, each page once.
std::size_t cache_bytes(const std::vector<Sequence*>& sequences) {
  std::set<const std::byte*> pages;
  std::size_t page_bytes = 0;
  for (const Sequence* sequence : sequences) {
    page_bytes = sequence->cache.layout().page_bytes();
    for (std::size_t tile = 0; tile < sequence->cache.tiles(); ++tile) {
      pages.insert(sequence->cache.key_tile(tile, {0, 0}));
    }
  }
  return pages.size() * page_bytes;
}

Sequence prompt_of(const ef::Model& model) {
  Sequence prompt{ef::nn::KvCache(model.state().cache_layout), {}};
  for (std::size_t index = 0; index < k_prompt_tokens; ++index) {
    prompt.ids.push_back(static_cast<ef::TokenId>(100 + index * 37 % 5000));
  }
  return prompt;
}

struct Cost {
  std::size_t prompt_bytes = 0, most_bytes = 0;
  double seconds = 0;
};

Cost cost_of(const ef::Model& model, std::size_t beams) {
  const ef::ModelState& state = model.state();
  ef::generation::DecodingPlan plan = ef::generation::plan_decoding(
      {.max_new_tokens = k_new_tokens, .ignore_end_tokens = true, .num_beams = beams}, state,
      {.prompt_tokens = k_prompt_tokens, .context_length = state.info.context_length});
  Forward forward(state);
  Sequence prompt = prompt_of(model);
  forward.run(prompt, {});
  Cost cost{.prompt_bytes = prompt.cache.bytes()};
  ef::generation::BeamSearch search(plan, std::move(prompt), std::nullopt);
  std::vector<std::span<const float>> logits{forward.logits(0)};
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    search.choose(logits);
    if (search.finished()) break;
    std::vector<ef::generation::SequenceStep> steps;
    for (Sequence* sequence : search.sequences()) steps.push_back({.sequence = sequence});
    forward.step(steps, {});
    cost.most_bytes = std::max(cost.most_bytes, cache_bytes(search.sequences()));
    logits.clear();
    for (std::size_t row = 0; row < steps.size(); ++row) logits.push_back(forward.logits(row));
  }
  cost.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return cost;
}

void print_costs(const char* path, unsigned threads) {
  const ef::Model model = ef::load(path, {.threads = threads});
  std::printf("%zu tokens of a prompt, %zu new ones; page of 32 slots: %zu bytes\n", k_prompt_tokens, k_new_tokens,
              model.state().cache_layout.page_bytes());
  for (const std::size_t beams : {1U, 4U, 8U}) {
    const Cost cost = cost_of(model, beams);
    std::printf(
        "%zu beams: prompt %.1f MB, at most %.1f MB with all tails (%zu prompts of their own: %.1f MB), %.1f "
        "tokens/s\n",
        beams, static_cast<double>(cost.prompt_bytes) / 1e6, static_cast<double>(cost.most_bytes) / 1e6, beams,
        static_cast<double>(beams * model.state().cache_layout.cache_bytes(k_prompt_tokens + k_new_tokens)) / 1e6,
        k_new_tokens / cost.seconds);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fputs("usage: beam_costs MODEL [THREADS]\n", stderr);
    return 2;
  }
  try {
    print_costs(arguments[1], count > 2 ? static_cast<unsigned>(std::atoi(arguments[2])) : 1);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
