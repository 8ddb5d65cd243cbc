// Texts in batches: each gets the bits that it gets alone.
#include "eigenformer/tasks/text_batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"
#include "eigenformer/tasks.hpp"
#include "tests/support/errors.hpp"

namespace ef = eigenformer;

namespace {

using eigenformer_tests::error_id_of;
using eigenformer_tests::error_of;

ef::Model golden_model(const std::string& name) {
  return ef::load(std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/" + name, {.threads = 3});
}

/// Made-up texts of those lengths, with segments where the model has them.
struct Texts {
  Texts(const ef::Model& model, const std::vector<std::size_t>& lengths) {
    const std::size_t vocabulary = std::max(model.info().source_vocabulary_size, model.info().vocabulary_size);
    for (const std::size_t length : lengths) {
      std::vector<ef::TokenId>& of_text = ids.emplace_back();
      std::vector<std::int32_t>& segments = type_ids.emplace_back();
      for (std::size_t place = 0; place < length; ++place) {
        of_text.push_back(static_cast<ef::TokenId>((7 * place + 13 * ids.size() + 3) % vocabulary));
        if (model.info().token_types > 1) segments.push_back(place > length / 2 ? 1 : 0);
      }
    }
    for (std::size_t text = 0; text < ids.size(); ++text) {
      inputs.push_back({.ids = ids[text], .type_ids = type_ids[text]});
    }
  }

  std::vector<std::vector<ef::TokenId>> ids;
  std::vector<std::vector<std::int32_t>> type_ids;
  std::vector<ef::tasks::TextInput> inputs;
};

/// Every output of every text.
using Results = std::vector<std::map<std::string, std::vector<float>>>;

std::vector<float> values(const ef::ConstMatrixView& rows) {
  std::vector<float> all;
  for (Eigen::Index row = 0; row < rows.rows(); ++row) {
    all.insert(all.end(), ef::row_of(rows, row), ef::row_of(rows, row) + rows.cols());
  }
  return all;
}

Results run(const ef::Model& model, std::span<const ef::tasks::TextInput> texts, const std::vector<std::string>& names,
            ef::tasks::TextBatchOptions options = {}) {
  Results results;
  options.outputs = names;
  ef::tasks::run_texts(model, texts, options, [&](const ef::tasks::TextOutputs& outputs) {
    EXPECT_EQ(outputs.text(), results.size());
    auto& of_text = results.emplace_back();
    for (const std::string& name : names) of_text[name] = values(outputs[name]);
  });
  return results;
}

struct Case {
  std::string model;
  std::vector<std::string> names;
  std::string prefix = {};  // of the names of forward()
};

class TextBatch : public testing::TestWithParam<Case> {};

TEST_P(TextBatch, GivesEachTextWhatItGetsAlone) {
  const ef::Model model = golden_model(GetParam().model);
  const Texts texts(model, {1, 40, 2, 33, 17, 32, 5, 31, 9});
  for (std::size_t count = 1; count <= texts.inputs.size(); ++count) {
    const auto some = std::span(texts.inputs).first(count);
    const Results together = run(model, some, GetParam().names);
    ASSERT_EQ(together.size(), count);
    for (std::size_t text = 0; text < count; ++text) {
      EXPECT_EQ(together[text], run(model, some.subspan(text, 1), GetParam().names)[0]) << count << " " << text;
    }
    EXPECT_EQ(together, run(model, some, GetParam().names, {.step_rows = 41})) << count;
  }
}

TEST_P(TextBatch, GivesWhatForwardGives) {
  const ef::Model model = golden_model(GetParam().model);
  const Texts texts(model, {12, 3, 36});
  const Results results = run(model, texts.inputs, GetParam().names);
  for (std::size_t text = 0; text < results.size(); ++text) {
    ef::ForwardOptions options{.token_type_ids = texts.type_ids[text]};
    if (model.info().kind == ef::ModelKind::encoder_decoder) options.decoder_ids = {1};
    const auto alone = ef::forward(model, texts.ids[text], options);
    for (const std::string& name : GetParam().names) {
      EXPECT_EQ(results[text].at(name), alone.at(GetParam().prefix + name).values) << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, TextBatch,
                         testing::Values(Case{"bert/sentences", {"last_hidden_state", "pooler_output"}},
                                         Case{"bert/sentences", {"last_hidden_state"}},
                                         Case{"bert/sentences", {"pooler_output"}},
                                         Case{"bert/pretraining", {"logits", "seq_relationship_logits"}},
                                         Case{"bert/sequence_classification", {"logits"}},
                                         Case{"bert/question_answering", {"start_logits", "end_logits"}},
                                         Case{"roberta/hub", {"logits"}}, Case{"llama/default", {"logits"}},
                                         Case{"t5/hub", {"last_hidden_state"}, "encoder_"}),
                         [](const auto& instance) { return "Case" + std::to_string(instance.index); });

TEST(TextBatchRows, WantedTokensAreThoseRowsOfAll) {
  const ef::Model model = golden_model("bert/pretraining");
  Texts texts(model, {10, 40, 7});
  const std::vector<std::string> names{"logits", "seq_relationship_logits"};
  const Results all = run(model, texts.inputs, names);
  const std::vector<std::uint32_t> wanted{2, 5};
  for (auto& input : texts.inputs) input.wanted_tokens = wanted;
  ef::tasks::run_texts(model, texts.inputs, {.outputs = {"logits"}}, [&](const ef::tasks::TextOutputs& outputs) {
    const auto& every = all[outputs.text()].at("logits");
    const std::size_t width = model.info().vocabulary_size;
    ASSERT_EQ(outputs["logits"].rows(), 2);
    for (std::size_t row = 0; row < 2; ++row) {
      const auto first = every.begin() + static_cast<std::ptrdiff_t>(wanted[row] * width);
      const float* found = ef::row_of(outputs["logits"], static_cast<Eigen::Index>(row));
      EXPECT_TRUE(std::equal(found, found + width, first));
    }
  });
}

TEST(TextBatchRows, ProbesAreHiddenStates) {
  const ef::Model model = golden_model("llama/default");
  const Texts texts(model, {10, 40, 7});
  const std::string last = "hidden_states." + std::to_string(model.info().layers);
  const ef::nn::Program program =
      model.state().record(ef::nn::ProgramRole::main, {.keep = [&](std::string_view name) { return name == last; }});
  const Results results = run(model, texts.inputs, {last}, {.program = &program});
  ASSERT_EQ(results.size(), 3U);
  for (std::size_t text = 0; text < 3; ++text) {
    EXPECT_EQ(results[text].at(last), ef::forward(model, texts.ids[text], {.hidden_states = true}).at(last).values);
  }
}

TEST(TextBatchErrors, EachIsOneSentence) {
  const ef::Model model = golden_model("bert/sentences");
  const Texts texts(model, {3});
  const auto id_of = [&](const ef::tasks::TextInput& text, const ef::tasks::TextBatchOptions& options = {}) {
    return error_id_of([&] { ef::tasks::run_texts(model, {&text, 1}, options, [](const auto&) { FAIL(); }); });
  };
  const std::vector<ef::TokenId> foreign{1, 2, 4000};
  const std::vector<ef::TokenId> many(49, 1);
  EXPECT_EQ(id_of({.ids = {}}), "usage.prompt_empty");
  EXPECT_EQ(id_of({.ids = foreign}), "usage.token_id");
  EXPECT_EQ(id_of({.ids = many}), "usage.prompt_too_long");
  EXPECT_EQ(id_of({.ids = texts.ids[0], .type_ids = std::span(texts.type_ids[0]).first(2)}), "usage.token_types");
  EXPECT_EQ(id_of(texts.inputs[0], {.outputs = {"logits"}}), "usage.no_such_output");
  const std::atomic<bool> cancel = true;
  EXPECT_EQ(
      error_of([&] { ef::tasks::run_texts(model, texts.inputs, {.cancel = &cancel}, [](const auto&) { FAIL(); }); }),
      "cancelled.task: expected time to finish the task, found the host's flag that says stop; begin it again "
      "when its result is wanted");
}

TEST(TextBatchErrors, NoTextsAreNoWork) {
  ef::tasks::run_texts(golden_model("bert/sentences"), {}, {}, [](const auto&) { FAIL(); });
}

}  // namespace
