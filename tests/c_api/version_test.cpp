// Versions, and the small things around text and memory.
#include <gtest/gtest.h>

#include <string>

#include "eigenformer/core/config.hpp"
#include "tests/c_api/c_objects.hpp"

extern "C" std::int32_t major_of_the_header(void);
extern "C" std::uint32_t version_seen_from_c(void);

namespace eigenformer_tests {
namespace {

TEST(CVersion, IsThatOfTheHeader) {
  constexpr std::uint32_t expected =
      EIGENFORMER_C_API_VERSION_MAJOR * 65536 + EIGENFORMER_C_API_VERSION_MINOR * 256 + EIGENFORMER_C_API_VERSION_PATCH;
  EXPECT_EQ(eigenformer_c_api_version(), expected);
  EXPECT_EQ(version_seen_from_c(), expected);
  EXPECT_EQ(major_of_the_header(), EIGENFORMER_C_API_VERSION_MAJOR);
}

TEST(CVersion, OfTheLibrary) {
  const std::string expected = std::to_string(EIGENFORMER_VERSION_MAJOR) + "." +
                               std::to_string(EIGENFORMER_VERSION_MINOR) + "." +
                               std::to_string(EIGENFORMER_VERSION_PATCH);
  EXPECT_EQ(eigenformer_library_version(), expected);
}

TEST(CText, OfAString) {
  EXPECT_EQ(string_of(eigenformer_text_of("h\xc3\xa9")), "h\xc3\xa9");
  EXPECT_EQ(eigenformer_text_of("").size, 0U);
  EXPECT_EQ(eigenformer_text_of(nullptr).data, nullptr);
  EXPECT_EQ(eigenformer_text_of(nullptr).size, 0U);
}

TEST(CText, NullIsFreed) {
  eigenformer_free(nullptr);
  eigenformer_error_free(nullptr);
  eigenformer_model_free(nullptr);
  eigenformer_reply_free(nullptr);
  eigenformer_chat_free(nullptr);
  eigenformer_cancel_token_free(nullptr);
}

TEST(CCancelToken, IsASwitch) {
  const Owned<eigenformer_cancel_token> token(eigenformer_cancel_token_new());
  EXPECT_EQ(eigenformer_cancel_token_cancelled(token.get()), 0);
  eigenformer_cancel_token_cancel(token.get());
  EXPECT_EQ(eigenformer_cancel_token_cancelled(token.get()), 1);
  eigenformer_cancel_token_reset(token.get());
  EXPECT_EQ(eigenformer_cancel_token_cancelled(token.get()), 0);
}

TEST(CCancelToken, NothingHappensWithNullOrAnotherHandle) {
  const Owned<eigenformer_error> other(eigenformer_error_new());
  for (auto* token :
       {static_cast<eigenformer_cancel_token*>(nullptr), reinterpret_cast<eigenformer_cancel_token*>(other.get())}) {
    eigenformer_cancel_token_cancel(token);
    eigenformer_cancel_token_reset(token);
    EXPECT_EQ(eigenformer_cancel_token_cancelled(token), 0);
    eigenformer_cancel_token_free(token);
  }
  EXPECT_EQ(eigenformer_error_status(other.get()), EIGENFORMER_OK);
}

}  // namespace
}  // namespace eigenformer_tests
