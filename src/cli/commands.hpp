// The commands of this version: each file adds its own to the program.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/common_options.hpp"

namespace cli {

// Each adds its command; where that is the one on the command line, `action` becomes what it does.
void add_answer(CLI::App& app, Action& action);
void add_attention(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_chat(CLI::App& app, Action& action);
void add_classify(CLI::App& app, Action& action);
void add_embed(CLI::App& app, Action& action);
void add_fill_mask(CLI::App& app, Action& action);
void add_generate(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);
void add_logits(CLI::App& app, Action& action);
void add_next_sentence(CLI::App& app, Action& action);
void add_perplexity(CLI::App& app, Action& action);
void add_rerank(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);
void add_score(CLI::App& app, Action& action);
void add_summarize(CLI::App& app, Action& action);
void add_tag(CLI::App& app, Action& action);
void add_template(CLI::App& app, Action& action);
void add_tokenize(CLI::App& app, Action& action);
void add_translate(CLI::App& app, Action& action);

}  // namespace cli
