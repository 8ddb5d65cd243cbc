#include "eigenformer/generate/stop_strings.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using eigenformer::generation::StopStrings;

struct Outcome {
  std::string text;
  bool found;
  bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << '"' << outcome.text << "\" found " << outcome.found;
}

Outcome feed(const std::vector<std::string>& stops, const std::vector<std::string_view>& pieces) {
  StopStrings stream(stops);
  std::string text;
  for (const std::string_view piece : pieces) text += stream.push(piece);
  text += stream.finish();
  return {text, stream.found()};
}

/// Feeds the text cut in every way that its size allows (2^(n - 1) ways) and expects the same each time.
void expect_for_all_splits(const std::vector<std::string>& stops, std::string_view text, const Outcome& expected) {
  ASSERT_LE(text.size(), 14U);
  for (std::uint32_t cuts = 0; cuts < 1U << (text.size() - 1); ++cuts) {
    std::vector<std::string_view> pieces;
    std::size_t begin = 0;
    for (std::size_t end = 1; end <= text.size(); ++end) {
      if (end < text.size() && ((cuts >> (end - 1)) & 1U) == 0) continue;
      pieces.push_back(text.substr(begin, end - begin));
      begin = end;
    }
    ASSERT_EQ(feed(stops, pieces), expected) << text << ", cut " << cuts;
  }
}

TEST(StopStrings, AreFoundHoweverTheTextIsCut) {
  expect_for_all_splits({"</s>"}, "well</s>more", {"well", true});
  expect_for_all_splits({"</s>"}, "a</</s>b", {"a</", true});
  expect_for_all_splits({"</s>"}, "a</s b</", {"a</s b</", false});
  expect_for_all_splits({"aab"}, "aaaaab", {"aaa", true});
  expect_for_all_splits({"abab", "bc"}, "xababc", {"x", true});
  expect_for_all_splits({"abcd", "bc"}, "xabcd", {"xa", true});     // complete first
  expect_for_all_splits({"bc", "abc", "c"}, "xabcd", {"x", true});  // at the same byte: the longest
  expect_for_all_splits({"\n\n", "User:"}, "hi\nUser: a", {"hi\n", true});
  expect_for_all_splits({"User:"}, "User:", {"", true});
  expect_for_all_splits({"界"}, "世界!", {"世", true});
  expect_for_all_splits({"x"}, "abc", {"abc", false});
}

TEST(StopStrings, ShowWhatCannotBeTheirBeginningAtOnce) {
  StopStrings stream({"</s>"});
  EXPECT_EQ(stream.push("one<"), "one");
  EXPECT_EQ(stream.push("two<"), "<two");
  EXPECT_EQ(stream.push("/s"), "");
  EXPECT_EQ(stream.push("<"), "</s");
  EXPECT_FALSE(stream.found());
  EXPECT_EQ(stream.push("/s>three"), "");
  EXPECT_TRUE(stream.found());
  EXPECT_EQ(stream.push("four"), "");
  EXPECT_EQ(stream.finish(), "");
}

TEST(StopStrings, NeverCutACharacter) {
  StopStrings stream({"\xE7\x95\x8C!"});  // 界!
  EXPECT_EQ(stream.push("世界"), "世");
  EXPECT_EQ(stream.push("世界"), "界世");
  EXPECT_EQ(stream.finish(), "界");
}

TEST(StopStrings, WithoutAnyPassAllOn) {
  StopStrings stream({});
  EXPECT_EQ(stream.push("anything"), "anything");
  EXPECT_EQ(stream.finish(), "");
}

}  // namespace
