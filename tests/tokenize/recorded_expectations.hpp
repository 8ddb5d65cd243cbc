// What every recorded vocabulary is held to.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/tokenize/recorded.hpp"

namespace eigenformer_tests {

/// `line_of(text, recorded)` is the line of a text as it is today; texts without a recorded line are left out.
inline void expect_recorded_texts(const nlohmann::json& expected,
                                  const std::function<std::string(const std::string&, const std::string&)>& line_of) {
  const std::vector<std::string> texts = hard_texts();
  ASSERT_GE(texts.size(), 2000U);
  ASSERT_EQ(texts.size(), expected["texts"].size());
  int different = 0;
  for (std::size_t k = 0; k < texts.size(); ++k) {
    if (expected["texts"][k].is_null()) continue;
    const std::string line = expected["texts"][k];
    if (line_of(texts[k], line) == line) continue;
    ASSERT_LT(++different, 10) << "further texts differ";
    ADD_FAILURE() << "text " << k << ": " << testing::PrintToString(texts[k]);
  }
}

inline void expect_same_ids_without_offsets(const eigenformer::Tokenizer& tokenizer) {
  for (const std::string& text : hard_texts()) {
    EXPECT_EQ(tokenizer.encode(text), tokenizer.encode_with_offsets(text).ids) << testing::PrintToString(text);
  }
}

/// The pieces of a stream, each of whole characters, are together the decoding; a copy of a stream goes on as it would,
/// and after its end a stream begins anew.
inline void expect_recorded_decodings(const nlohmann::json& expected, const eigenformer::Tokenizer& tokenizer) {
  ASSERT_FALSE(expected["decodings"].empty());
  for (const auto& entry : expected["decodings"]) {
    const auto ids = entry[0].get<std::vector<eigenformer::TokenId>>();
    EXPECT_EQ(tokenizer.decode(ids), entry[1].get<std::string>());
    EXPECT_EQ(tokenizer.decode(ids, {.skip_special_tokens = true}), entry[2].get<std::string>());
    std::string joined;
    eigenformer::StreamDecoder stream = tokenizer.stream();
    for (const eigenformer::TokenId id : ids) {
      const std::string piece = eigenformer::StreamDecoder(stream).push(id);
      EXPECT_EQ(stream.push(id), piece);
      EXPECT_NO_THROW(nlohmann::json(piece).dump()) << "no whole characters";  // the dump refuses ill-formed UTF-8
      joined += piece;
    }
    EXPECT_EQ(joined + stream.finish(), entry[1].get<std::string>());
    std::string again = stream.push(ids[0]);
    again += stream.finish();
    EXPECT_EQ(again, tokenizer.decode({ids.data(), 1}));
  }
}

}  // namespace eigenformer_tests
