// Vectors of texts: as the C++ API has them, bit for bit.
#include "eigenformer/tasks/embed.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/c_api/c_objects.hpp"

namespace eigenformer_tests {
namespace {

namespace ef = eigenformer;

class CEmbed : public CApi {
 protected:
  CEmbed() { EXPECT_EQ(outcome(eigenformer_embed_options_init(&options_, sizeof options_, error())), "ok"); }

  std::vector<std::vector<float>> embed() {
    eigenformer_vectors vectors{};
    EXPECT_EQ(outcome(eigenformer_embed(model_.get(), {texts_.data(), texts_.size()}, &options_, &vectors, error())),
              "ok")
        << eigenformer_error_message(error());
    const Owned<float> owner(vectors.values);
    std::vector<std::vector<float>> rows;
    for (std::uint64_t row = 0; row < vectors.rows; ++row) {
      const float* begin = vectors.values + row * vectors.columns;
      rows.emplace_back(begin, begin + vectors.columns);
    }
    return rows;
  }
  std::string embed_outcome() {
    eigenformer_vectors vectors{};
    const std::string result =
        outcome(eigenformer_embed(model_.get(), {texts_.data(), texts_.size()}, &options_, &vectors, error()));
    EXPECT_EQ(vectors.values, nullptr);
    return result;
  }

  Owned<eigenformer_model> model_ = load(k_c_embedder);
  ef::Model cpp_model_ = ef::load(k_c_embedder);
  std::vector<eigenformer_text> texts_{eigenformer_text_of("the door is blue"), eigenformer_text_of("who opens it"),
                                       eigenformer_text_of("a")};
  std::vector<std::string> cpp_texts_{"the door is blue", "who opens it", "a"};
  eigenformer_embed_options options_;
};

TEST_F(CEmbed, VectorsAreThoseOfCpp) {
  const auto vectors = embed();
  ASSERT_EQ(vectors.size(), 3U);
  EXPECT_EQ(vectors[0].size(), 20U);
  EXPECT_EQ(vectors, ef::embed(cpp_model_, cpp_texts_));
}

TEST_F(CEmbed, NoTextsAreNoVectors) {
  eigenformer_vectors vectors{nullptr, 7, 7};
  ASSERT_EQ(outcome(eigenformer_embed(model_.get(), {nullptr, 0}, nullptr, &vectors, error())), "ok");
  EXPECT_NE(vectors.values, nullptr);
  EXPECT_EQ(vectors.rows, 0U);
  EXPECT_EQ(vectors.columns, 0U);
  eigenformer_free(vectors.values);
}

TEST_F(CEmbed, OptionsReachTheLibrary) {
  options_.pooling = EIGENFORMER_POOLING_CLS;
  options_.normalize = EIGENFORMER_NORMALIZE_NO;
  options_.prompt = eigenformer_text_of("query: ");
  options_.max_length = 5;
  options_.long_text = EIGENFORMER_LONG_TEXT_CUT;
  const ef::EmbedOptions expected{.pooling = ef::Pooling::cls,
                                  .normalize = false,
                                  .max_length = 5,
                                  .long_text = ef::LongText::cut,
                                  .prompt = "query: "};
  EXPECT_EQ(embed(), ef::embed(cpp_model_, cpp_texts_, expected));
  options_.normalize = EIGENFORMER_NORMALIZE_YES;
  EXPECT_NE(embed(), ef::embed(cpp_model_, cpp_texts_, expected));
  options_.long_text = EIGENFORMER_LONG_TEXT_REFUSE;
  EXPECT_EQ(embed_outcome(), "usage.prompt_too_long");
}

TEST_F(CEmbed, OptionsOutOfTheirRange) {
  const auto outcome_with = [&](void (*change)(eigenformer_embed_options&)) {
    EXPECT_EQ(eigenformer_embed_options_init(&options_, sizeof options_, nullptr), EIGENFORMER_OK);
    change(options_);
    return embed_outcome();
  };
  EXPECT_EQ(outcome_with([](auto& options) { options.pooling = 7; }), "usage.option_range");
  EXPECT_EQ(outcome_with([](auto& options) { options.normalize = 3; }), "usage.option_range");
  EXPECT_EQ(outcome_with([](auto& options) { options.long_text = 3; }), "usage.option_range");
  EXPECT_EQ(outcome_with([](auto& options) { options.max_length = 0; }), "usage.option_range");
  EXPECT_EQ(outcome_with([](auto& options) { options.reserved = 1; }), "usage.option_range");
  EXPECT_EQ(outcome_with([](auto& options) { options.prompt_name = "nobody"; }), "usage.prompt_name");
}

TEST_F(CEmbed, ATokenCancels) {
  const Owned<eigenformer_cancel_token> token(eigenformer_cancel_token_new());
  eigenformer_cancel_token_cancel(token.get());
  options_.cancel = token.get();
  EXPECT_EQ(embed_outcome(), "cancelled.task");
  EXPECT_EQ(eigenformer_error_status(error()), EIGENFORMER_ERROR_CANCELLED);
  eigenformer_cancel_token_reset(token.get());
  EXPECT_EQ(embed(), ef::embed(cpp_model_, cpp_texts_));
}

TEST_F(CEmbed, Similarity) {
  const auto vectors = embed();
  double similarity = 2;
  ASSERT_EQ(outcome(eigenformer_cosine_similarity(vectors[0].data(), vectors[1].data(), 20, &similarity, error())),
            "ok");
  EXPECT_EQ(similarity, ef::cosine_similarity(vectors[0], vectors[1]));
  ASSERT_EQ(outcome(eigenformer_cosine_similarity(nullptr, nullptr, 0, &similarity, error())), "ok");
  EXPECT_EQ(similarity, 0);
}

}  // namespace
}  // namespace eigenformer_tests
