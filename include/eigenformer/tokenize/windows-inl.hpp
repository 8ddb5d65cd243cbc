#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/windows.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace windows_detail {

/// Tokens of each text from `begin` to `end`.
using Window = std::array<ByteSpan, 2>;

[[noreturn]] inline void refuse(const std::string& expected, const std::string& found) {
  throw UsageError({.id = "usage.truncation",
                    .expected = expected,
                    .found = found,
                    .where = "TruncateOptions",
                    .remedy = "raise max_length, lower the stride, or cut another text"});
}

/// The texts after the model, and what stands around them.
class Texts {
 public:
  Texts(const Pipeline& pipeline, const TextPair& texts, const EncodeOptions& options, Details details)
      : details_(details) {
    add(pipeline, texts.first, options.plain_spans);
    if (texts.second) add(pipeline, *texts.second, options.second_plain_spans);
    layout_.texts = runs_.size();
    layout_.add_special_tokens = options.add_special_tokens;
    for (std::int32_t text = 0; text < static_cast<std::int32_t>(runs_.size()); ++text) {
      layout_.parts.push_back({.text = text, .type_id = text});
    }
    if (pipeline.post_processor) pipeline.post_processor->arrange(layout_);
    mark_language(pipeline.languages, options.source_language);
  }

  std::size_t count() const { return runs_.size(); }
  std::size_t tokens(std::size_t text) const { return runs_[text]->tokens().ids.size(); }
  std::size_t template_tokens() const {
    std::size_t count = 0;
    for (const LayoutPart& part : layout_.parts) count += part.ids.size();
    return count;
  }
  /// The text that the template puts before the other.
  std::size_t standing_first() const {
    for (const LayoutPart& part : layout_.parts) {
      if (part.text >= 0) return static_cast<std::size_t>(part.text);
    }
    return 0;
  }
  Window whole() const {
    Window window;
    for (std::size_t text = 0; text < count(); ++text) window[text] = {0, tokens(text)};
    return window;
  }

  Encoding encoding(const Window& window) const {
    Encoding result;
    for (const LayoutPart& part : layout_.parts) {
      if (part.text < 0) {
        put_template(part, result);
      } else {
        const auto text = static_cast<std::size_t>(part.text);
        put_text(part, *runs_[text], window[text], result);
      }
    }
    return result;
  }

 private:
  void add(const Pipeline& pipeline, std::string_view text, const std::vector<ByteSpan>& plain_spans) {
    runs_.push_back(std::make_unique<TextRun>(pipeline, text, plain_spans, details_));
    runs_.back()->encode();
  }

  /// Puts the text's language in the place of the template's.
  void mark_language(const Languages& languages, const std::string& language) {
    std::optional<TokenId> source = languages.source();
    if (!language.empty()) {
      if (languages.marks() != LanguageMarks::source) refuse_language(language);
      source = languages.token(language, "EncodeOptions::source_language");
    }
    if (!source) return;
    for (LayoutPart& part : layout_.parts) {
      for (TokenId& id : part.ids) {
        if (languages.has(id)) id = *source;
      }
    }
  }
  [[noreturn]] static void refuse_language(const std::string& language) {
    throw UsageError({.id = "usage.language",
                      .expected = "no source_language for a model that marks none",
                      .found = format::in_quotes(language),
                      .where = "EncodeOptions::source_language",
                      .remedy = "leave the language out"});
  }

  void put_template(const LayoutPart& part, Encoding& result) const {
    result.ids.insert(result.ids.end(), part.ids.begin(), part.ids.end());
    if (details_ == Details::ids) return;
    result.offsets.resize(result.ids.size());
    result.type_ids.resize(result.ids.size(), part.type_id);
    result.texts.resize(result.ids.size(), -1);
    result.words.resize(result.ids.size(), -1);
  }

  void put_text(const LayoutPart& part, const TextRun& run, ByteSpan tokens, Encoding& result) const {
    const auto append = [&](const auto& from, auto& to) {
      to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(tokens.begin),
                from.begin() + static_cast<std::ptrdiff_t>(tokens.end));
    };
    append(run.tokens().ids, result.ids);
    if (details_ == Details::ids) return;
    append(run.tokens().words, result.words);
    for (const ByteSpan& span : run.offsets(tokens)) result.offsets.push_back(span);
    result.type_ids.resize(result.ids.size(), part.type_id);
    result.texts.resize(result.ids.size(), part.text);
  }

  Details details_;
  std::vector<std::unique_ptr<TextRun>> runs_;
  Layout layout_;
};

/// How many tokens of each text a window may hold, by the rules of Hugging Face tokenizers:
/// https://github.com/huggingface/tokenizers/blob/v0.22.0/tokenizers/src/utils/truncation.rs#L73
class Room {
 public:
  Room(const Texts& texts, const TruncateOptions& options) : texts_(texts), options_(options) {
    const std::size_t around = texts.template_tokens();
    if (options.max_length <= around) {
      refuse("a max_length above the " + std::to_string(around) + " tokens of the template",
             std::to_string(options.max_length));
    }
    length_ = options.max_length - around;
  }

  std::array<std::size_t, 2> lengths() const {
    std::array<std::size_t, 2> lengths = {texts_.tokens(0), texts_.count() == 2 ? texts_.tokens(1) : 0};
    const std::size_t total = lengths[0] + lengths[1];
    if (options_.strategy == TruncationStrategy::only_second && texts_.count() < 2) {
      refuse("two texts for the strategy only_second", "one");
    }
    if (total <= length_) return lengths;
    if (options_.strategy == TruncationStrategy::longest_first) return longest_first(lengths);
    const std::size_t cut = options_.strategy == TruncationStrategy::only_first ? 0 : 1;
    const std::size_t excess = total - length_;
    if (lengths[cut] <= excess) {
      refuse("a text of more than " + std::to_string(excess) + " tokens to cut them from",
             "one of " + std::to_string(lengths[cut]));
    }
    lengths[cut] -= excess;
    return lengths;
  }

 private:
  std::array<std::size_t, 2> longest_first(std::array<std::size_t, 2> lengths) const {
    if (texts_.count() == 1) return {length_, 0};
    const std::size_t longer = lengths[0] > lengths[1] ? 0 : 1;
    const std::size_t shorter = 1 - longer;
    if (lengths[shorter] <= length_) {
      lengths[longer] = std::max(lengths[shorter], length_ - lengths[shorter]);
    } else {
      lengths[longer] = lengths[shorter];
    }
    if (lengths[0] + lengths[1] > length_) {
      lengths[shorter] = length_ / 2;
      lengths[longer] = length_ - lengths[shorter];
    }
    return lengths;
  }

  const Texts& texts_;
  const TruncateOptions& options_;
  std::size_t length_ = 0;
};

/// The parts of a text that has `count` tokens, each of `length` at most.
inline std::vector<ByteSpan> parts_of(std::size_t count, std::size_t length, const TruncateOptions& options) {
  if (count <= length) return {{0, count}};
  if (options.stride >= length) {
    refuse("a stride below the " + std::to_string(length) + " tokens that a window has of the text",
           std::to_string(options.stride));
  }
  std::vector<ByteSpan> parts;
  const std::size_t step = length - options.stride;
  for (std::size_t place = 0;; place += step) {
    const std::size_t end = std::min(place + length, count);
    parts.push_back(options.kept == KeptEnd::front ? ByteSpan{place, end} : ByteSpan{count - end, count - place});
    if (end == count) return parts;
  }
}

/// The order in which Hugging Face tokenizers joins what overflows, where the text `outer` stands before the other: the
/// first window, then each later part of the outer text with every part of the other, then the outer text's first part
/// with the other's later ones.
inline std::vector<Window> combined(const std::array<std::vector<ByteSpan>, 2>& parts, std::size_t outer) {
  const std::size_t inner = 1 - outer;
  std::vector<Window> windows;
  const auto add = [&](std::size_t outer_part, std::size_t inner_part) {
    Window window;
    window[outer] = parts[outer][outer_part];
    window[inner] = parts[inner][inner_part];
    windows.push_back(window);
  };
  add(0, 0);
  for (std::size_t k = 1; k < parts[outer].size(); ++k) {
    for (std::size_t other = 0; other < parts[inner].size(); ++other) add(k, other);
  }
  for (std::size_t k = 1; k < parts[inner].size(); ++k) add(0, k);
  return windows;
}

}  // namespace windows_detail

EIGENFORMER_INLINE Encoding encode_texts(const Pipeline& pipeline, const TextPair& texts, const EncodeOptions& options,
                                         Details details) {
  const windows_detail::Texts encoded(pipeline, texts, options, details);
  return encoded.encoding(encoded.whole());
}

EIGENFORMER_INLINE std::vector<Encoding> encode_windows(const Pipeline& pipeline, const TextPair& texts,
                                                        const TruncateOptions& options, Windows wanted) {
  using namespace windows_detail;
  const Texts encoded(pipeline, texts, options.encode, Details::all);
  const std::array<std::size_t, 2> lengths = Room(encoded, options).lengths();
  std::array<std::vector<ByteSpan>, 2> parts = {{{ByteSpan{}}, {ByteSpan{}}}};
  for (std::size_t text = 0; text < encoded.count(); ++text) {
    parts[text] = parts_of(encoded.tokens(text), lengths[text], options);
    if (wanted == Windows::first) parts[text].resize(1);
  }
  std::vector<Encoding> windows;
  for (const Window& window : combined(parts, encoded.standing_first())) windows.push_back(encoded.encoding(window));
  return windows;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
