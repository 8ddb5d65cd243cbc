// From the scores of a window's tokens to answers. For the library's own rooms.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tasks/answer.hpp"
#include "eigenformer/tasks/scores.hpp"
#include "eigenformer/tokenize/normalizers/lowercase.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tasks {

/// Question and a part of the context, as the model has read them.
struct AnswerWindow {
  const Encoding& encoding;
  std::optional<TokenId> no_answer;  ///< the classifier's token
  ConstMatrixView starts, ends;      ///< [tokens, 1]
};

/// Collects the answers to one question from its windows.
class AnswerList {
 public:
  AnswerList(std::string_view context, const AnswerOptions& options) : context_(context), options_(options) {}

  void add(const AnswerWindow& window) {
    std::vector<double> starts = probabilities(window, window.starts);
    std::vector<double> ends = probabilities(window, window.ends);
    const std::size_t place = no_answer_place(window);
    const double impossible = starts[place] * ends[place];
    impossible_ = impossible_ ? std::min(*impossible_, impossible) : impossible;
    starts[place] = ends[place] = 0.0;
    const std::vector<TokenSpan> spans = spans_of(starts, ends);
    std::vector<double> scores;
    scores.reserve(spans.size());
    for (const TokenSpan& span : spans) scores.push_back(span.score);
    const std::size_t count = options_.align_to_words ? 2 * options_.top_k + 10 : options_.top_k;
    for (const std::size_t best : best_indices(scores, count)) {
      if (spans[best].score > 0.0) add(spans[best].score, bytes_of(window.encoding, spans[best]));
    }
  }

  std::vector<Answer> best() && {
    if (options_.may_be_impossible && impossible_) answers_.push_back({.text = {}, .score = *impossible_});
    std::stable_sort(answers_.begin(), answers_.end(),
                     [](const Answer& a, const Answer& b) { return a.score > b.score; });
    if (answers_.size() > options_.top_k) answers_.resize(options_.top_k);
    return std::move(answers_);
  }

 private:
  /// From the first to the last token, both included.
  struct TokenSpan {
    std::size_t first, last;
    double score;
  };

  /// The template's token for no answer: BERT's stands first, XLNet's last. The first token where there is none.
  static std::size_t no_answer_place(const AnswerWindow& window) {
    const Encoding& encoding = window.encoding;
    for (std::size_t token = 0; token < encoding.ids.size(); ++token) {
      if (encoding.texts[token] < 0 && encoding.ids[token] == window.no_answer) return token;
    }
    return 0;
  }

  /// Softmax over the tokens of the context and the one that stands for no answer; 0 for all others.
  static std::vector<double> probabilities(const AnswerWindow& window, const ConstMatrixView& logits) {
    std::vector<std::size_t> tokens;
    std::vector<double> kept;
    for (std::size_t token = 0; token < window.encoding.ids.size(); ++token) {
      if (window.encoding.texts[token] != 1 && window.encoding.ids[token] != window.no_answer) continue;
      tokens.push_back(token);
      kept.push_back(logits_of(logits, token).front());
    }
    kept = softmax(std::move(kept));
    std::vector<double> all(window.encoding.ids.size(), 0.0);
    for (std::size_t place = 0; place < tokens.size(); ++place) all[tokens[place]] = kept[place];
    return all;
  }

  std::vector<TokenSpan> spans_of(const std::vector<double>& starts, const std::vector<double>& ends) const {
    std::vector<TokenSpan> spans;
    for (std::size_t first = 0; first < starts.size(); ++first) {
      if (starts[first] == 0.0) continue;
      const std::size_t end =
          ends.size() - first > options_.max_answer_length ? first + options_.max_answer_length : ends.size();
      for (std::size_t last = first; last < end; ++last) spans.push_back({first, last, starts[first] * ends[last]});
    }
    return spans;
  }

  /// Where a span stands in the context: from the begin of its first word to the end of its last one, as far as the
  /// window holds them.
  ByteSpan bytes_of(const Encoding& encoding, const TokenSpan& span) const {
    if (!knows_words(encoding))
      return between_spaces({encoding.offsets[span.first].begin, encoding.offsets[span.last].end});
    std::size_t first = span.first, last = span.last;
    const auto is_of_word = [&](std::size_t token, std::int32_t word) {
      return encoding.texts[token] == 1 && encoding.words[token] == word;
    };
    const std::int32_t first_word = encoding.words[first], last_word = encoding.words[last];
    if (options_.align_to_words && first_word >= 0 && last_word >= 0) {
      while (first > 0 && is_of_word(first - 1, first_word)) --first;
      while (last + 1 < encoding.ids.size() && is_of_word(last + 1, last_word)) ++last;
    }
    return {encoding.offsets[first].begin, encoding.offsets[last].end};
  }

  /// A tokenizer of pieces out of whole texts (a model of sentencepiece) numbers no words.
  static bool knows_words(const Encoding& encoding) {
    std::optional<std::int32_t> word;
    for (std::size_t token = 0; token < encoding.ids.size(); ++token) {
      if (encoding.texts[token] != 1) continue;
      if (word && *word != encoding.words[token]) return true;
      word = encoding.words[token];
    }
    return false;
  }

  /// There a word is what stands between spaces. Its first piece begins with one, and may be nothing else.
  ByteSpan between_spaces(ByteSpan bytes) const {
    const auto is_space = [this](std::size_t at) {
      return std::string_view(" \t\n\v\f\r").find(context_[at]) != std::string_view::npos;
    };
    while (bytes.begin < bytes.end && is_space(bytes.begin)) ++bytes.begin;
    if (!options_.align_to_words) return bytes;
    while (bytes.begin > 0 && !is_space(bytes.begin - 1)) --bytes.begin;
    while (bytes.end < context_.size() && !is_space(bytes.end)) ++bytes.end;
    return bytes;
  }

  void add(double score, const ByteSpan& bytes) {
    if (bytes.begin == bytes.end) return;  // a space is no answer
    std::string text(context_.substr(bytes.begin, bytes.end - bytes.begin));
    std::string folded = tokenize::small_letters(text);
    const auto same = std::find(folded_.begin(), folded_.end(), folded);
    if (same != folded_.end()) {
      answers_[static_cast<std::size_t>(same - folded_.begin())].score += score;
      return;
    }
    folded_.push_back(std::move(folded));
    answers_.push_back({.text = std::move(text),
                        .score = score,
                        .characters = character_spans(context_, {&bytes, 1}).front(),
                        .bytes = bytes});
  }

  std::string_view context_;
  AnswerOptions options_;
  std::vector<Answer> answers_;
  std::vector<std::string> folded_;  ///< the texts of answers_ in small letters
  std::optional<double> impossible_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tasks
