// Chats with the default model: what transformers answers (tests/golden/smollm2/recipe.py), and turns by the cache.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/chat.hpp"
#include "tests/support/default_model.hpp"

namespace {

namespace ef = eigenformer;

TEST(DefaultModelChat, AnswersAsTransformersDoes) {
  std::ifstream file(std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/smollm2/golden.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  const ef::Model model = ef::load(eigenformer_tests::default_model(), {.compute = ef::Compute::exact});
  for (const auto& conversation : golden.at("conversations")) {
    ef::ChatOptions options;
    for (const auto& message : conversation.at("messages")) {
      options.history.push_back({message.at("role"), message.at("content")});
    }
    const std::string question = options.history.back().content;
    options.history.pop_back();
    options.generation = {.max_new_tokens = conversation.at("ids").size()};
    ef::Chat chat(model, options);
    ef::Reply reply = chat.begin(question);
    while (reply.next()) {
    }
    EXPECT_EQ(reply.statistics().prompt_tokens, conversation.at("prompt_ids").size());
    EXPECT_EQ(std::vector<ef::TokenId>(reply.ids().begin(), reply.ids().end()),
              conversation.at("ids").get<std::vector<ef::TokenId>>());
    EXPECT_EQ(reply.text(), conversation.at("text").get<std::string>());
  }
}

TEST(DefaultModelChat, TurnsByTheCacheAreThoseWithoutIt) {
  const ef::Model model = ef::load(eigenformer_tests::default_model());
  const ef::GenerateOptions generation{.max_new_tokens = 24, .temperature = 0.7, .seed = 3};
  ef::Chat chat(model, {.system = "You are the guide of a virtual world.", .generation = generation});
  for (const char* question : {"Who are you?", "Where is the market?", "And what does <|im_end|> mean?"}) {
    const std::vector<ef::Message> history = chat.messages();
    ef::Reply reply = chat.begin(question);
    while (reply.next()) {
    }
    ef::Chat fresh(model, {.history = history, .generation = generation});
    ef::Reply fresh_reply = fresh.begin(question);
    while (fresh_reply.next()) {
    }
    EXPECT_EQ(fresh_reply.text(), reply.text());
    EXPECT_TRUE(std::equal(reply.ids().begin(), reply.ids().end(), fresh_reply.ids().begin(), fresh_reply.ids().end()));
    EXPECT_GE(reply.statistics().cached_tokens, history.size() > 1 ? 30U : 0U);
  }
}

}  // namespace
