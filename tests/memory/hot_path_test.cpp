// Once a model has been loaded and has run, its steps allocate nothing but the pages of the cache.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "eigenformer/generate.hpp"
#include "eigenformer/generate/sampler.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/kernels/select.hpp"
#include "tests/support/default_model.hpp"
#include "tests/support/failing_allocator.hpp"

namespace {

namespace ef = eigenformer;
using eigenformer_tests::allocation_count;

/// Allocations during a call.
template <class Call>
std::size_t allocations_of(const Call& call) {
  const std::size_t before = allocation_count.load();
  call();
  return allocation_count.load() - before;
}

const ef::Model& default_model() {
  static const ef::Model model = ef::load(eigenformer_tests::default_model(), {.threads = 2});
  return model;
}

/// Several sequences of the default model that grow together, and the step that they grow by.
class GrowingSequences {
 public:
  GrowingSequences(std::size_t count, std::size_t tokens) : forward_(default_model().state()) {
    for (std::size_t index = 0; index < count; ++index) {
      sequences_.push_back(std::make_unique<ef::generation::Sequence>(
          ef::generation::Sequence{ef::nn::KvCache(default_model().state().cache_layout), {}}));
      sequences_.back()->ids.reserve(1000);
      for (std::size_t token = 0; token < tokens; ++token) {
        sequences_.back()->ids.push_back(static_cast<ef::TokenId>(1000 + 7 * index + 13 * token));
      }
      steps_.push_back({.sequence = sequences_.back().get()});
    }
  }

  void step() {
    forward_.step(steps_, {});
    for (std::size_t row = 0; row < sequences_.size(); ++row) {
      std::vector<ef::TokenId>& ids = sequences_[row]->ids;
      ids.push_back(sampler_.choose(forward_.logits(row), {.ids = ids}, buffers_).id);
    }
  }

  bool fills_its_page() const { return sequences_[0]->cache.size() % ef::kernels::k_tile_slots == 0; }

 private:
  ef::generation::Forward forward_;
  std::vector<std::unique_ptr<ef::generation::Sequence>> sequences_;
  std::vector<ef::generation::SequenceStep> steps_;
  ef::generation::Sampler sampler_{{.temperature = 0.8, .top_k = 40, .top_p = 0.95}};
  ef::generation::SamplingBuffers buffers_;
};

TEST(HotPath, AStepAllocatesNothingButPages) {
  for (const std::size_t count : {1U, 3U, 16U}) {
    GrowingSequences sequences(count, 40);
    for (int warm = 0; warm < 2; ++warm) sequences.step();
    std::size_t pages = 0;
    for (int token = 0; token < 40; ++token) {
      const bool needs_pages = sequences.fills_its_page();
      pages += needs_pages ? count : 0;
      const std::size_t allocations = allocations_of([&] { sequences.step(); });
      if (!needs_pages) {
        EXPECT_EQ(allocations, 0U) << count << " sequences, token " << token << ", the last of "
                                   << eigenformer_tests::last_allocation_bytes << " bytes";
      }
    }
    EXPECT_GT(pages, 0U);
  }
}

TEST(HotPath, AReplyAllocatesPagesAndGrowingTextAlone) {
  const ef::GenerateOptions options{.max_new_tokens = 200, .temperature = 0.8, .ignore_end_tokens = true};
  ef::Reply reply = ef::begin(default_model(), "Once upon a time there was", options);
  for (int warm = 0; warm < 10; ++warm) reply.next();
  std::size_t pieces = 0;
  const std::size_t allocations = allocations_of([&] {
    while (reply.next()) ++pieces;
  });
  EXPECT_GT(pieces, 150U);
  // six pages, each with its buffer; the lists of tokens and the text, which double; a piece longer than a short string
  EXPECT_LE(allocations, 40U);
}

}  // namespace
