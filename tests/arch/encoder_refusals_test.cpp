// Configs of encoders that ask for what is not computed here are refused by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "eigenformer/model.hpp"
#include "tests/arch/changed_config.hpp"

namespace ef = eigenformer;
using eigenformer_tests::error_with;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

TEST(EncoderRefusals, SummariesThatAreNoRowOfTheHiddenStates) {
  for (const char* model : {"electra/multiple_choice", "xlnet/multiple_choice"}) {
    for (const std::string type : {"mean", "attn"}) {
      EXPECT_THAT(error_with(model, "summary_type", type),
                  AllOf(StartsWith("config.value: "),
                        EndsWith("key summary_type: expected \"first\" or \"last\" or \"cls_index\", found \"" + type +
                                 "\"; a summary is one row of the hidden states here")));
    }
    EXPECT_THAT(
        error_with(model, "summary_proj_to_labels", true),
        AllOf(StartsWith("config.value: "), EndsWith("key summary_proj_to_labels: expected false, found true; the "
                                                     "layer that follows the summary takes the hidden size")));
  }
  EXPECT_THAT(error_with("electra/multiple_choice", "summary_activation", "softplus"),
              AllOf(StartsWith("config.value: "),
                    EndsWith("key summary_activation: expected one of gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, "
                             "relu, silu, swish, tanh, sigmoid, found \"softplus\"; use a checkpoint with one of these "
                             "activations")));
}

TEST(EncoderRefusals, TheRowThatACallerMayNameIsTheLastOneOtherwise) {
  EXPECT_EQ(error_with("electra/last_summary", "summary_type", "cls_index"), "no error");
}

TEST(EncoderRefusals, SummaryKeysOfClassesWithoutASummaryChangeNothing) {
  EXPECT_EQ(error_with("electra/question_answering", "summary_type", "mean"), "no error");
}

TEST(EncoderRefusals, ASummaryWithoutTheLayerThatTheConfigAsksFor) {
  EXPECT_THAT(error_with("electra/last_summary", "summary_use_proj", true),
              AllOf(HasSubstr("weight.missing"), HasSubstr("tensor sequence_summary.summary.weight")));
}

TEST(EncoderRefusals, MoreSharedBlocksThanLayersMayBe) {
  EXPECT_THAT(error_with("albert/sentences", "inner_group_num", 4096),
              AllOf(StartsWith("config.value: "), EndsWith("key inner_group_num: expected at most 4096 blocks in "
                                                           "num_hidden_layers layers, found 4096; check the config")));
  EXPECT_THAT(error_with("albert/sentences", "num_hidden_groups", 0), HasSubstr("config.range"));
  EXPECT_THAT(error_with("albert/sentences", "num_hidden_groups", 2),
              AllOf(HasSubstr("weight.missing"), HasSubstr("albert_layer_groups.1.albert_layers.0")));
  EXPECT_THAT(error_with("albert/sentences", "inner_group_num", 2),
              AllOf(HasSubstr("weight.missing"), HasSubstr("albert_layer_groups.0.albert_layers.1")));
}

TEST(EncoderRefusals, ClassesAndLabelsThatDoNotFit) {
  EXPECT_THAT(error_with("electra/hub", "architectures", {"ElectraForCausalLM"}), HasSubstr("config.architecture"));
  // It searches a start by beams, and an end for each: https://arxiv.org/abs/1906.08237, section 3.3
  EXPECT_THAT(error_with("xlnet/question_answering", "architectures", {"XLNetForQuestionAnswering"}),
              AllOf(StartsWith("config.architecture: "),
                    EndsWith("XLNetForQuestionAnsweringSimple, XLNetForMultipleChoice, found "
                             "XLNetForQuestionAnswering; use a model of a supported architecture (docs/models.md)")));
  EXPECT_THAT(error_with("albert/question_answering", "num_labels", 3),
              AllOf(StartsWith("config.value: "),
                    EndsWith("key num_labels: expected 2 labels, the start and the end of an answer, found 3; check "
                             "the config")));
  EXPECT_THAT(error_with("albert/sequence_classification", "num_labels", 4),
              AllOf(HasSubstr("config.value"), HasSubstr("as many as id2label has entries")));
}

TEST(EncoderInfo, SharedWeightsAreCountedOnce) {
  const auto golden = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden";
  const ef::ModelInfo& shared = ef::load(golden / "albert/question_answering").info();
  EXPECT_EQ(shared.layers, 2U);  // one layer of two blocks
  // words, positions, types, norm; the map; two blocks of four squares, two rectangles and two norms; the head
  EXPECT_EQ(shared.parameters,
            12U * (41 + 48 + 2) + 2 * 12 + (12 + 1) * 20 + 2 * (4 * 20 * 21 + 2 * 20 * 28 + 28 + 20 + 4 * 20) + 2 * 21);
  const ef::ModelInfo& repeated = ef::load(golden / "albert/sentences").info();
  EXPECT_EQ(repeated.layers, 2U);  // one block twice
  EXPECT_EQ(repeated.parameters,
            12U * (41 + 48 + 2) + 2 * 12 + (12 + 1) * 20 + 4 * 20 * 21 + 2 * 20 * 28 + 28 + 20 + 4 * 20 + 20 * 21);
}

}  // namespace
