#include "eigenformer/tokenize/case_folding.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using eigenformer::tokenize::folded_text;

/// What Python's str.casefold() makes of them.
TEST(CaseFolding, IsFull) {
  EXPECT_EQ(folded_text("Straße STRASSE ẞ"), "strasse strasse ss");
  EXPECT_EQ(folded_text("ΣΑΣς ΐ ᾳ"), "σασσ ι\xCC\x88\xCC\x81 αι");
  EXPECT_EQ(folded_text("İ \xE2\x84\xAA ſ ﬃ"), "i\xCC\x87 k s ffi");  // the sign for kelvin is a k
  EXPECT_EQ(folded_text("ÀÉ Привет 世界 🙂 @[`{"), "àé привет 世界 🙂 @[`{");
  EXPECT_EQ(folded_text(""), "");
}

TEST(CaseFolding, LeavesCanonicallyEquivalentTextsDifferent) {
  EXPECT_NE(folded_text("E\xCC\x81"), folded_text("É"));
  EXPECT_EQ(folded_text("E\xCC\x81"), "e\xCC\x81");
}

TEST(CaseFolding, PutsTheReplacementCharacterForWhatIsIllFormed) {
  EXPECT_EQ(folded_text("A\xC3"), "a\xEF\xBF\xBD");
  EXPECT_EQ(folded_text("\x80Z"), "\xEF\xBF\xBDz");
}

}  // namespace
