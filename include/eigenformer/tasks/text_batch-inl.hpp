#pragma once

#include <algorithm>
#include <numeric>
#include <optional>

#include "eigenformer/error.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/forward_feed.hpp"
#include "eigenformer/tasks/text_batch.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tasks {

namespace text_batch_detail {

[[noreturn]] inline void refuse_output(const std::string& name) {
  throw UsageError({.id = "usage.no_such_output",
                    .expected = "a model with the output \"" + name + "\"",
                    .found = "one without it",
                    .where = "",
                    .remedy = "use a model of another kind"});
}

/// Which program reads texts, and what it needs.
struct Reader {
  const nn::Program& program;
  nn::ProgramRole role;
  const nn::CacheLayout& layout;
  forward_detail::IdLimits limits;
};

inline Reader reader_of(const Model& model, const TextBatchOptions& options) {
  const ModelState& state = model.state();
  const auto chosen = [&](const nn::Program& own) -> const nn::Program& {
    return options.program != nullptr ? *options.program : own;
  };
  if (state.source) {
    return {chosen(state.source->encoder), nn::ProgramRole::encoder, state.source->encoder_layout,
            forward_detail::source_limits_of(model)};
  }
  return {chosen(state.program), nn::ProgramRole::main, state.cache_layout, forward_detail::limits_of(model)};
}

/// One step of several texts: from the plan of its rows to the views of its results.
class Step {
 public:
  Step(const Model& model, const Reader& reader, const TextBatchOptions& options)
      : model_(model), reader_(reader), outputs_(wanted_outputs(reader.program, options)) {}

  std::size_t row_count() const { return rows_.size(); }

  void add(std::size_t index, const TextInput& text) {
    const std::size_t first = rows_.size();
    parts_.push_back({.text = index,
                      .ids = text.ids,
                      .first_row = first,
                      .first_output = output_count_,
                      .computed = computed_tokens(text)});
    for (std::size_t slot = 0; slot < text.ids.size(); ++slot) {
      rows_.push_back({.token = text.ids[slot],
                       .sequence = static_cast<std::uint32_t>(parts_.size() - 1),
                       .slot = static_cast<std::uint32_t>(slot),
                       .position = static_cast<std::int32_t>(slot),
                       .segment = text.type_ids.empty() ? 0 : text.type_ids[slot],
                       .wants_output = false});
    }
    for (const std::uint32_t token : parts_.back().computed) rows_[first + token].wants_output = true;
    output_count_ += parts_.back().computed.size();
    model_.state().network->place_rows(std::span(rows_).subspan(first), reader_.role);
  }

  /// Whether it came to its end.
  bool run(nn::Session& session, const std::atomic<bool>* cancel) {
    std::vector<nn::KvCache> caches(parts_.size(), nn::KvCache(reader_.layout));
    std::vector<nn::BatchSequence> sequences(parts_.size());
    for (std::size_t index = 0; index < parts_.size(); ++index) {
      sequences[index] = {.cache = &caches[index],
                          .frequency_length = static_cast<std::uint32_t>(parts_[index].ids.size())};
    }
    const auto keep = [this](std::string_view name, const ConstMatrixView& values) {
      probes_[std::string(name)] = RowMajorMatrix(values);
    };
    return session.run({rows_, sequences}, {.cancel = cancel, .pause_at = {}}, keep) == nn::WalkOutcome::finished;
  }

  void show(const nn::Session& session, const TextOutputsCallback& use) const {
    for (const Part& part : parts_) {
      std::map<std::string, ConstMatrixView> views;
      for (const auto& [name, output] : outputs_) views.emplace(name, view(part, output, session.result(name)));
      for (const auto& [name, values] : probes_) {
        const ConstMatrixView every = matrix_view(values.data(), {values.rows(), values.cols(), values.cols()});
        views.emplace(name, block(every, part.first_row, part.ids.size()));
      }
      use(TextOutputs(part.text, std::move(views)));
    }
  }

 private:
  struct Part {
    std::size_t text;
    std::span<const TokenId> ids;
    std::size_t first_row;
    std::size_t first_output;             ///< of the step's rows whose output is computed
    std::vector<std::uint32_t> computed;  ///< tokens whose output is computed, ascending
  };

  /// The program's outputs that somebody wants. A name that is no output may be a probe's.
  static std::map<std::string, nn::ProgramOutput> wanted_outputs(const nn::Program& program,
                                                                 const TextBatchOptions& options) {
    if (options.outputs.empty()) return program.outputs;
    std::map<std::string, nn::ProgramOutput> wanted;
    for (const std::string& name : options.outputs) {
      const auto found = program.outputs.find(name);
      if (found != program.outputs.end()) {
        wanted.insert(*found);
      } else if (std::none_of(program.probes.begin(), program.probes.end(),
                              [&](const nn::ProbePoint& probe) { return probe.name == name; })) {
        refuse_output(name);
      }
    }
    return wanted;
  }

  /// The token that speaks for a whole text.
  std::uint32_t chosen_token(nn::OutputRows which, std::span<const TokenId> ids) const {
    if (which == nn::OutputRows::first) return 0;
    if (which == nn::OutputRows::last) return static_cast<std::uint32_t>(ids.size() - 1);
    return static_cast<std::uint32_t>(forward_detail::end_token_row(model_, ids).value());
  }

  std::vector<std::uint32_t> computed_tokens(const TextInput& text) const {
    std::vector<std::uint32_t> tokens;
    for (const auto& [name, output] : outputs_) {
      if (output.value.rows != nn::RowSet::outputs) continue;
      if (output.rows != nn::OutputRows::every) {
        tokens.push_back(chosen_token(output.rows, text.ids));
      } else if (!text.wanted_tokens.empty()) {
        tokens.insert(tokens.end(), text.wanted_tokens.begin(), text.wanted_tokens.end());
      } else {
        tokens.resize(text.ids.size());
        std::iota(tokens.begin(), tokens.end(), 0U);
        return tokens;
      }
    }
    std::sort(tokens.begin(), tokens.end());
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    return tokens;
  }

  static ConstMatrixView block(const ConstMatrixView& rows, std::size_t first, std::size_t count) {
    return matrix_view(rows.data() + static_cast<Eigen::Index>(first) * rows.outerStride(),
                       {static_cast<Eigen::Index>(count), rows.cols(), rows.outerStride()});
  }

  /// The rows of one text in a result of the step.
  ConstMatrixView view(const Part& part, const nn::ProgramOutput& output, const ConstMatrixView& rows) const {
    const bool is_every_row = output.value.rows == nn::RowSet::all;
    const std::size_t first = is_every_row ? part.first_row : part.first_output;
    if (output.rows == nn::OutputRows::every) {
      return block(rows, first, is_every_row ? part.ids.size() : part.computed.size());
    }
    const std::uint32_t token = chosen_token(output.rows, part.ids);
    if (is_every_row) return block(rows, first + token, 1);
    const auto place = std::lower_bound(part.computed.begin(), part.computed.end(), token) - part.computed.begin();
    return block(rows, first + static_cast<std::size_t>(place), 1);
  }

  const Model& model_;
  const Reader& reader_;
  std::map<std::string, nn::ProgramOutput> outputs_;
  std::vector<nn::Row> rows_;
  std::size_t output_count_ = 0;
  std::vector<Part> parts_;
  std::map<std::string, RowMajorMatrix> probes_;
};

}  // namespace text_batch_detail

EIGENFORMER_INLINE ConstMatrixView TextOutputs::operator[](const std::string& name) const {
  const auto found = views_.find(name);
  if (found == views_.end()) text_batch_detail::refuse_output(name);
  return found->second;
}

EIGENFORMER_INLINE void run_texts(const Model& model, std::span<const TextInput> texts, const TextBatchOptions& options,
                                  const TextOutputsCallback& use) {
  using text_batch_detail::Step;
  const text_batch_detail::Reader reader = text_batch_detail::reader_of(model, options);
  for (const TextInput& text : texts) {
    forward_detail::check_ids(text.ids, reader.limits);
    forward_detail::check_token_types(model, text.ids, text.type_ids);
  }
  nn::Session session({&reader.program, model.state().kernels, model.state().executor.get()});
  for (std::size_t next = 0; next < texts.size();) {
    Step step(model, reader, options);
    do {
      step.add(next, texts[next]);
      ++next;
    } while (next < texts.size() && step.row_count() + texts[next].ids.size() <= options.step_rows);
    if (!step.run(session, options.cancel)) {
      throw CancelledError({.id = "cancelled.task",
                            .expected = "time to finish the task",
                            .found = "the host's flag that says stop",
                            .where = "",
                            .remedy = "begin it again when its result is wanted"});
    }
    step.show(session, use);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tasks
