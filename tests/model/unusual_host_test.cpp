// Hosts that are not like a test program: a small stack, a locale with a decimal comma, floating-point modes of a game.
#include <gtest/gtest.h>

#include <cfenv>
#include <locale>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model.hpp"
#include "tests/support/flush_to_zero.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/made_locale.hpp"
#include "tests/support/small_stack.hpp"

namespace ef = eigenformer;

namespace {

const std::string k_golden_folder = std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/";

struct Outcome {
  std::vector<float> logits;
  std::vector<ef::TokenId> drawn;
  std::string text;
  bool operator==(const Outcome&) const = default;
};

/// Loads two models (a folder, whose config.json has fractions, and a GGUF file with a tokenizer) and uses them.
Outcome use_models() {
  const ef::Model folder = ef::load(k_golden_folder + "llama/llama3", {.threads = 2});
  const ef::Model file = ef::load(k_golden_folder + "gguf/q4_1/model.gguf", {.threads = 2});
  Outcome outcome;
  outcome.logits = ef::forward(folder, std::vector<ef::TokenId>{5, 7, 11, 13, 17}).at("logits").values;
  const auto prompt = file.tokenizer().encode("a door, 12.5 blue");
  const auto sequences =
      ef::generate(file, prompt, {.max_new_tokens = 16, .temperature = 0.8, .top_k = 50, .top_p = 0.95, .seed = 7});
  outcome.drawn = sequences.at(0).ids;
  outcome.text = sequences.at(0).text;
  return outcome;
}

TEST(UnusualHost, AThreadWith256KibOfStackIsEnough) {
  const Outcome usual = use_models();
  Outcome small;
  eigenformer_tests::on_small_stack(256 * 1024, [&] { small = use_models(); });
  EXPECT_EQ(small, usual);
}

/// Numbers as large parts of Europe write them.
class DecimalComma : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(UnusualHost, ALocaleWithADecimalCommaChangesNothing) {
  const Outcome usual = use_models();
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new DecimalComma));
  for (const char* mark : {",", "\xD9\xAB"}) {
    const eigenformer_tests::MadeLocale locale(mark);  // where the C library takes it, C functions too
    EXPECT_EQ(use_models(), usual) << mark;
  }
  std::locale::global(before);
}

TEST(UnusualHost, FlushToZeroChangesNothingAndStaysSet) {
  const Outcome usual = use_models();
  const eigenformer_tests::FlushToZero mode;
  EXPECT_EQ(use_models(), usual);
  volatile float tiny = 1e-30F;
  EXPECT_EQ(tiny * 1e-10F, 0.0F) << "the caller's mode is as it was";
}

TEST(UnusualHost, ARoundingModeChangesNothingAndStaysSet) {
  const Outcome usual = use_models();
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    const Outcome rounded = use_models();
    const int after = std::fegetround();
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(after, mode);
    EXPECT_EQ(rounded, usual) << "rounding mode " << mode;
  }
}

}  // namespace
