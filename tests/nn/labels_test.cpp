// Labels of classifiers, as configs name them.
#include "eigenformer/nn/labels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/errors.hpp"

namespace ef = eigenformer;
using eigenformer_tests::error_of;
using testing::ElementsAre;

namespace {

ef::format::ConfigReader reader(const std::string& text) { return ef::format::config_from_json(text, "config.json"); }

TEST(Labels, AreInTheOrderOfTheirNumbers) {
  EXPECT_THAT(ef::nn::read_labels(reader(R"({"id2label": {"1": "good", "0": "bad", "2": "schön", "10": "j", "3": "d",
              "4": "e", "5": "f", "6": "g", "7": "h", "8": "", "9": "i"}})")),
              ElementsAre("bad", "good", "schön", "d", "e", "f", "g", "h", "", "i", "j"));
}

TEST(Labels, HaveNumbersWhereTheyHaveNoNames) {
  EXPECT_THAT(ef::nn::read_labels(reader("{}")), ElementsAre("LABEL_0", "LABEL_1"));
  EXPECT_THAT(ef::nn::read_labels(reader(R"({"num_labels": 1})")), ElementsAre("LABEL_0"));
  EXPECT_THAT(ef::nn::read_labels(reader(R"({"id2label": null, "num_labels": 3})")),
              ElementsAre("LABEL_0", "LABEL_1", "LABEL_2"));
}

TEST(Labels, WhatIsNoListIsAnError) {
  const auto error = [](const std::string& text) { return error_of([&] { ef::nn::read_labels(reader(text)); }); };
  EXPECT_EQ(error(R"({"id2label": {"0": "a", "2": "b"}})"),
            "config.missing: config.json, key id2label.1: expected a text, found no such key; use the config that was "
            "published with these weights");
  EXPECT_THAT(error(R"({"id2label": {"00": "a"}})"),
              testing::StartsWith("config.missing: config.json, key id2label.0"));
  EXPECT_THAT(error(R"({"id2label": {"0": 7}})"), testing::StartsWith("config.type: config.json, key id2label.0"));
  EXPECT_THAT(error(R"({"id2label": {"0": null}})"), testing::StartsWith("config.missing"));
  EXPECT_THAT(error(R"({"id2label": {}})"), testing::StartsWith("config.value: config.json, key id2label"));
  EXPECT_THAT(error(R"({"id2label": ["a", "b"]})"), testing::StartsWith("config.type: config.json, key id2label"));
  EXPECT_THAT(error(R"({"id2label": {"0": "a"}, "num_labels": 2})"), testing::StartsWith("config.value"));
}

TEST(ProblemType, IsWhatTheConfigSays) {
  const auto type = [](const std::string& text) { return ef::nn::read_problem_type(reader(text)); };
  EXPECT_EQ(type("{}"), ef::ProblemType::unspecified);
  EXPECT_EQ(type(R"({"problem_type": null})"), ef::ProblemType::unspecified);
  EXPECT_EQ(type(R"({"problem_type": "regression"})"), ef::ProblemType::regression);
  EXPECT_EQ(type(R"({"problem_type": "single_label_classification"})"), ef::ProblemType::single_label);
  EXPECT_EQ(type(R"({"problem_type": "multi_label_classification"})"), ef::ProblemType::multi_label);
  EXPECT_EQ(
      error_of([&] { type(R"({"problem_type": "ranking"})"); }),
      "config.value: config.json, key problem_type: expected \"regression\" or \"single_label_classification\" or "
      "\"multi_label_classification\", found \"ranking\"; no other kind of problem is known");
}

}  // namespace
