// What a model costs once it is loaded and has written a token: its panels, its vocabulary and little else.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <vector>

#include "eigenformer/generate.hpp"
#include "eigenformer/loading.hpp"
#include "tests/support/default_model.hpp"

#if defined(__linux__)
#include <malloc.h>
#include <unistd.h>
#endif

namespace {

/// Bytes of this process that lie in memory; none where the system does not say.
std::optional<std::uint64_t> resident_bytes() {
#if defined(__linux__)
  malloc_trim(0);  // what was given back, and is kept for the next time, is none of the model's
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0;
  std::uint64_t resident_pages = 0;
  if (file >> pages >> resident_pages) return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
#endif
  return std::nullopt;
}

TEST(Resident, IsPanelsAndVocabularyAndAtMostATenthMore) {
  const auto path = eigenformer_tests::default_model();
  const std::optional<std::uint64_t> before = resident_bytes();
  if (!before) GTEST_SKIP() << "the system does not say what is resident";
  const auto text_parts = std::make_unique<const eigenformer::TextParts>(eigenformer::loading::load_text_parts(path));
  const std::uint64_t with_vocabulary = *resident_bytes();
  const auto model = std::make_unique<const eigenformer::Model>(eigenformer::load(path, {.threads = 2}));
  const std::vector<eigenformer::TokenId> prompt = {1, 2, 3};
  ASSERT_EQ(eigenformer::generate(*model, prompt, {.max_new_tokens = 1}).at(0).ids.size(), 1U);
  const std::uint64_t with_model = *resident_bytes();

  const std::uint64_t vocabulary = with_vocabulary - *before;
  const std::uint64_t found = with_model - with_vocabulary;  // the model has a vocabulary of its own
  const std::uint64_t panels = model->info().weight_bytes;
  std::printf("panels %.1f MB, vocabulary %.1f MB, model %.1f MB\n", static_cast<double>(panels) / 1e6,
              static_cast<double>(vocabulary) / 1e6, static_cast<double>(found) / 1e6);
  EXPECT_GE(found, panels);
  EXPECT_LE(static_cast<double>(found), 1.1 * static_cast<double>(panels + vocabulary));
}

}  // namespace
