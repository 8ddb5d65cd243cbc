// Text to ids and back: as the C++ API has it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "eigenformer/model.hpp"
#include "tests/c_api/c_objects.hpp"

namespace eigenformer_tests {
namespace {

namespace ef = eigenformer;

class CTokens : public CApi {
 protected:
  std::vector<ef::TokenId> ids_of(const std::string& text, const eigenformer_tokenize_options* options = nullptr) {
    eigenformer_owned_tokens tokens{};
    EXPECT_EQ(outcome(eigenformer_tokenize(model_.get(), text_of(text), options, &tokens, error())), "ok");
    const Owned<std::int32_t> owner(tokens.ids);
    EXPECT_NE(tokens.ids, nullptr);
    return {tokens.ids, tokens.ids + tokens.count};
  }

  std::string text_of_ids(const std::vector<ef::TokenId>& ids, const eigenformer_detokenize_options* options) {
    eigenformer_owned_text text{};
    EXPECT_EQ(outcome(eigenformer_detokenize(model_.get(), {ids.data(), ids.size()}, options, &text, error())), "ok");
    const Owned<char> owner(text.data);
    EXPECT_EQ(text.data[text.size], '\0');
    return {text.data, text.size};
  }

  Owned<eigenformer_model> model_ = load(k_c_writer);
  ef::Tokenizer expected_ = ef::load(k_c_writer).tokenizer();
};

TEST_F(CTokens, AreThoseOfCpp) {
  for (const std::string& text : {std::string("hello world"), std::string(), std::string("a\0b", 3),
                                  std::string("<|im_start|>user"), std::string("ill-formed \xff, h\xc3\xa9")}) {
    EXPECT_EQ(ids_of(text), expected_.encode(text)) << text;
    EXPECT_EQ(text_of_ids(ids_of(text), nullptr), expected_.decode(expected_.encode(text))) << text;
  }
}

TEST_F(CTokens, OptionsOfTokenizing) {
  const std::string text = "<|im_start|>user";
  eigenformer_tokenize_options options;
  ASSERT_EQ(outcome(eigenformer_tokenize_options_init(&options, sizeof options, error())), "ok");
  options.plain_text = 1;
  EXPECT_EQ(ids_of(text, &options), expected_.encode(text, {.plain_spans = {{0, text.size()}}}));
  EXPECT_NE(ids_of(text, &options), ids_of(text));
  options = {.size = sizeof options, .add_special_tokens = 0, .plain_text = 0};
  EXPECT_EQ(ids_of(text, &options), expected_.encode(text, {.add_special_tokens = false}));
  options.add_special_tokens = 2;
  eigenformer_owned_tokens tokens{};
  EXPECT_EQ(outcome(eigenformer_tokenize(model_.get(), text_of(text), &options, &tokens, error())),
            "usage.option_range");
  EXPECT_EQ(tokens.ids, nullptr);
}

TEST_F(CTokens, OptionsOfDetokenizing) {
  const std::vector<ef::TokenId> ids{1, 50, 2};
  eigenformer_detokenize_options options;
  ASSERT_EQ(outcome(eigenformer_detokenize_options_init(&options, sizeof options, error())), "ok");
  EXPECT_EQ(text_of_ids(ids, &options), expected_.decode(ids));
  options.skip_special_tokens = 1;
  EXPECT_EQ(text_of_ids(ids, &options), expected_.decode(ids, {.skip_special_tokens = true}));
  EXPECT_NE(text_of_ids(ids, &options), text_of_ids(ids, nullptr));
  options.reserved = 1;
  eigenformer_owned_text text{};
  EXPECT_EQ(outcome(eigenformer_detokenize(model_.get(), {ids.data(), 3}, &options, &text, error())),
            "usage.option_range");
}

TEST_F(CTokens, AModelWithoutATokenizer) {
  const auto bare = load(EIGENFORMER_SOURCE_DIR "/tests/golden/llama/default");
  eigenformer_owned_tokens tokens{};
  EXPECT_EQ(eigenformer_tokenize(bare.get(), eigenformer_text_of("a"), nullptr, &tokens, error()),
            EIGENFORMER_ERROR_TOKENIZER);
  EXPECT_STREQ(eigenformer_error_id(error()), "tokenizer.missing");
}

}  // namespace
}  // namespace eigenformer_tests
