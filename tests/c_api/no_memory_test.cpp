// Every allocation fails once, in every call: each time the call says so, and everything is as it was.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "tests/c_api/c_objects.hpp"
#include "tests/support/failing_allocator.hpp"

namespace eigenformer_tests {
namespace {

class CNoMemory : public CApi {
 protected:
  /// Lets the first allocation of the call fail, then the second, until it succeeds. How many that were.
  int failures_until_success(const std::function<eigenformer_status()>& call) {
    for (int failures = 0; failures < 20'000; ++failures) {
      fail_allocation(static_cast<std::size_t>(failures) + 1, Failing::one);
      const eigenformer_status status = call();
      const bool failed = stop_failing();
      if (status == EIGENFORMER_OK) {
        // Who makes do without the memory, as a cache may, succeeds although an allocation failed.
        if (!failed) return failures;
        continue;
      }
      EXPECT_EQ(status, EIGENFORMER_ERROR_SYSTEM) << failures;
      EXPECT_STREQ(eigenformer_error_id(error()), "system.memory");
      EXPECT_STREQ(eigenformer_error_found(error()), "an allocation that failed");
    }
    ADD_FAILURE() << "it never succeeded";
    return 0;
  }

  Owned<eigenformer_model> model_ = load(k_c_writer);
};

TEST_F(CNoMemory, WhereHandlesAreMade) {
  fail_allocation(1, Failing::one);
  EXPECT_EQ(eigenformer_error_new(), nullptr);
  fail_allocation(1, Failing::one);
  EXPECT_EQ(eigenformer_cancel_token_new(), nullptr);
  EXPECT_TRUE(stop_failing());
}

TEST_F(CNoMemory, WhereTextIsMade) {
  const int failures = failures_until_success([&] {
    eigenformer_owned_tokens tokens{};
    const eigenformer_status status =
        eigenformer_tokenize(model_.get(), eigenformer_text_of("hello the world"), nullptr, &tokens, error());
    EXPECT_EQ(tokens.ids != nullptr, status == EIGENFORMER_OK);
    eigenformer_free(tokens.ids);
    return status;
  });
  EXPECT_GT(failures, 2);
}

TEST_F(CNoMemory, WhereAChatAnswers) {
  eigenformer_generate_options generation;
  ASSERT_EQ(eigenformer_chat_generate_options_init(&generation, sizeof generation, nullptr), EIGENFORMER_OK);
  generation.max_new_tokens = 3;
  const int failures = failures_until_success([&] {
    eigenformer_chat* chat = nullptr;
    eigenformer_status status = eigenformer_chat_new(model_.get(), nullptr, &chat, error());
    const Owned<eigenformer_chat> chat_owner(chat);
    if (status != EIGENFORMER_OK) return status;
    eigenformer_reply* reply = nullptr;
    status = eigenformer_chat_begin(chat, eigenformer_text_of("Hi"), &generation, &reply, error());
    const Owned<eigenformer_reply> reply_owner(reply);
    if (status != EIGENFORMER_OK) return status;
    eigenformer_text piece{};
    do {
      status = eigenformer_reply_next(reply, &piece, error());
    } while (status == EIGENFORMER_OK && piece.data != nullptr);
    return status;
  });
  EXPECT_GT(failures, 20);
}

TEST_F(CNoMemory, WhereAModelIsLoaded) {
  const int failures = failures_until_success([&] {
    eigenformer_model* model = nullptr;
    eigenformer_load_options options;
    EXPECT_EQ(eigenformer_load_options_init(&options, sizeof options, nullptr), EIGENFORMER_OK);
    options.threads = 1;
    const eigenformer_status status = eigenformer_load(k_c_writer.c_str(), &options, &model, error());
    EXPECT_EQ(model != nullptr, status == EIGENFORMER_OK);
    eigenformer_model_free(model);
    return status;
  });
  EXPECT_GT(failures, 1000);
}

/// The bytes of a file that a reader has in memory, and how often it was opened and closed.
struct InMemory {
  std::string bytes;
  int opened = 0, closed = 0;

  static std::int32_t read(void* context, std::uint64_t offset, void* out, std::uint64_t count) {
    std::memcpy(out, static_cast<InMemory*>(context)->bytes.data() + offset, count);
    return EIGENFORMER_CONTINUE;
  }
  static void close(void* context) { ++static_cast<InMemory*>(context)->closed; }
};

TEST_F(CNoMemory, WhereAModelIsLoadedByAReader) {
  std::ifstream file(k_c_writer, std::ios::binary);
  InMemory memory{std::string(std::istreambuf_iterator<char>(file), {})};
  eigenformer_reader reader;
  eigenformer_source source;
  eigenformer_load_options options;
  ASSERT_EQ(eigenformer_reader_init(&reader, sizeof reader, nullptr), EIGENFORMER_OK);
  ASSERT_EQ(eigenformer_source_init(&source, sizeof source, nullptr), EIGENFORMER_OK);
  ASSERT_EQ(eigenformer_load_options_init(&options, sizeof options, nullptr), EIGENFORMER_OK);
  const std::string name(100, 'm');  // whose copy is memory too
  reader = {sizeof reader, name.c_str(), memory.bytes.size(), &InMemory::read, &InMemory::close, &memory};
  source.gguf = &reader;
  options.threads = 0;  // refused, once the reader has been taken
  const int failures = failures_until_success([&] {
    eigenformer_model* model = nullptr;
    ++memory.opened;
    const eigenformer_status status = eigenformer_load_from_source(&source, &options, &model, error());
    EXPECT_EQ(memory.closed, memory.opened);
    EXPECT_EQ(model, nullptr);
    return status == EIGENFORMER_ERROR_USAGE ? EIGENFORMER_OK : status;
  });
  EXPECT_GT(failures, 1);
}

}  // namespace
}  // namespace eigenformer_tests
