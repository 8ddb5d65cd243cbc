#pragma once

#include <algorithm>
#include <iterator>
#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/tasks/encoded_texts.hpp"
#include "eigenformer/tasks/entities.hpp"
#include "eigenformer/tasks/require_head.hpp"
#include "eigenformer/tasks/tag.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace tag_detail {

/// Code points of well-formed UTF-8.
inline std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Whether a space stands at a place of a text or right before it.
inline bool is_beside_space(std::string_view text, std::size_t begin) {
  return text[begin - 1] == ' ' || (begin < text.size() && text[begin] == ' ');
}

/// The windows of every text, one after the other.
struct Windows {
  std::vector<Encoding> encodings;
  std::vector<std::size_t> texts;   ///< by window: its text
  std::vector<std::size_t> counts;  ///< by text: its windows
};

inline Windows windows_of(const Model& model, std::span<const std::string_view> texts, const TagOptions& options) {
  const std::size_t context_length = model.info().context_length;
  Windows windows;
  for (std::size_t text = 0; text < texts.size(); ++text) {
    const TextPair single{.first = texts[text]};
    std::vector<Encoding> parts =
        options.stride
            ? model.tokenizer().encode_windows(single, {.max_length = context_length, .stride = *options.stride})
            : std::vector<Encoding>{tasks::encode_text(model, text, single, options.long_text)};
    windows.counts.push_back(parts.size());
    windows.texts.insert(windows.texts.end(), parts.size(), text);
    std::move(parts.begin(), parts.end(), std::back_inserter(windows.encodings));
  }
  return windows;
}

/// The tokens of a text, without those of the template.
class TokenReader {
 public:
  explicit TokenReader(const Model& model)
      : tokenizer_(model.tokenizer()), marks_continuations_(!tokenizer_.continuing_prefix().empty()) {}

  std::vector<tasks::ScoredToken> read(std::string_view text, const Encoding& encoding,
                                       const ConstMatrixView& logits) const {
    const std::vector<CharacterSpan> characters = character_spans(text, encoding.offsets);
    std::vector<tasks::ScoredToken> tokens;
    for (std::size_t index = 0; index < encoding.ids.size(); ++index) {
      if (encoding.texts[index] < 0) continue;
      const Tag place{.text = tokenizer_.token(encoding.ids[index]),
                      .characters = characters[index],
                      .bytes = encoding.offsets[index],
                      .token = index};
      tokens.push_back(scored(text, encoding.ids[index], place));
      tokens.back().scores = tasks::softmax(tasks::logits_of(logits, index));
    }
    return tokens;
  }

 private:
  tasks::ScoredToken scored(std::string_view text, TokenId id, Tag place) const {
    if (id == tokenizer_.unknown()) {
      place.text = text.substr(place.bytes.begin, place.bytes.end - place.bytes.begin);
      return {.place = std::move(place)};
    }
    const std::size_t length = place.characters.end - place.characters.begin;
    const bool goes_on = marks_continuations_ ? character_count(place.text) != length
                                              : place.bytes.begin > 0 && !is_beside_space(text, place.bytes.begin);
    return {.place = std::move(place), .goes_on_with_word = goes_on};
  }

  const Tokenizer& tokenizer_;
  bool marks_continuations_;
};

inline void check(const TagOptions& options) {
  if (!options.stride || options.aggregation != Aggregation::none) return;
  throw UsageError({.id = "usage.tag_windows",
                    .expected = "tokens that are joined to entities where a text is read in windows",
                    .found = "Aggregation::none with a stride",
                    .where = "TagOptions",
                    .remedy = "choose another aggregation, or leave the stride out"});
}

}  // namespace tag_detail

EIGENFORMER_INLINE std::vector<std::vector<Tag>> tag(const Model& model, std::span<const std::string_view> texts,
                                                     const TagOptions& options) {
  tasks::require_head(model, {ModelHead::token_classification}, "tag");
  tag_detail::check(options);
  const tag_detail::Windows windows = tag_detail::windows_of(model, texts, options);
  const tag_detail::TokenReader reader(model);
  const tasks::EntityBuilder builder(model, options.aggregation);
  std::vector<std::vector<Tag>> results(texts.size());
  tasks::run_encodings(model, windows.encodings, {"logits"}, [&](const tasks::TextOutputs& outputs) {
    const std::size_t text = windows.texts[outputs.text()];
    std::vector<Tag> tags =
        builder.build(reader.read(texts[text], windows.encodings[outputs.text()], outputs["logits"]));
    std::erase_if(tags, [&](const Tag& one) {
      const auto& ignored = options.ignored_labels;
      return std::find(ignored.begin(), ignored.end(), one.label) != ignored.end();
    });
    std::move(tags.begin(), tags.end(), std::back_inserter(results[text]));
  });
  for (std::size_t text = 0; text < texts.size(); ++text) {
    if (windows.counts[text] > 1) results[text] = tasks::without_overlaps(std::move(results[text]));
  }
  return results;
}

EIGENFORMER_INLINE std::vector<Tag> tag(const Model& model, std::string_view text, const TagOptions& options) {
  return std::move(tag(model, std::span(&text, 1), options).front());
}

EIGENFORMER_INLINE Result<std::vector<std::vector<Tag>>> try_tag(const Model& model,
                                                                 std::span<const std::string_view> texts,
                                                                 const TagOptions& options) {
  return attempt([&] { return tag(model, texts, options); });
}
EIGENFORMER_INLINE Result<std::vector<Tag>> try_tag(const Model& model, std::string_view text,
                                                    const TagOptions& options) {
  return attempt([&] { return tag(model, text, options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
