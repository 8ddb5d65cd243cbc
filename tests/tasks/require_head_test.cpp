#include "eigenformer/tasks/require_head.hpp"

#include <gtest/gtest.h>

#include <string>

#include "eigenformer/tasks.hpp"
#include "tests/support/errors.hpp"

namespace ef = eigenformer;

namespace {

using eigenformer_tests::error_of;

TEST(RequireHead, NamesHeadTaskAndRemedy) {
  const std::string path = std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/bert/next_sentence";
  const ef::Model model = ef::load(path);
  const std::string where = model.info().source;
  const std::string remedy = "use a model made for this task; eigenformer inspect shows the head of one";
  EXPECT_EQ(error_of([&] { ef::tasks::require_head(model, {ef::ModelHead::next_sentence}, "next_sentence"); }),
            "no error");
  EXPECT_EQ(
      error_of([&] {
        ef::tasks::require_head(model, {ef::ModelHead::masked_language_model, ef::ModelHead::pretraining}, "fill_mask");
      }),
      "usage.task: " + where +
          ": expected a model with the head \"masked language model\" or the head \"pretraining\", for "
          "fill_mask, found one with the head \"next sentence\" (bert); " +
          remedy);
  EXPECT_EQ(error_of([&] { ef::tasks::require_kind(model, {ef::ModelKind::encoder}, "classify"); }), "no error");
  EXPECT_EQ(error_of([&] {
              ef::tasks::require_kind(model, {ef::ModelKind::encoder_decoder, ef::ModelKind::decoder}, "translate");
            }),
            "usage.task: " + where +
                ": expected an encoder-decoder or a decoder, for translate, found an encoder (bert); " + remedy);
}

}  // namespace
