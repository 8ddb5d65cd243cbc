// Classes of the words of a text: names of people and places, parts of speech. A light header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/tasks/long_text.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// How tokens become words and words become entities. Names and meaning are those of transformers' pipeline.
enum class Aggregation : std::uint8_t {
  none,     ///< each token by itself, with its label as it is: "B-PER"
  simple,   ///< neighbours whose labels belong together are one entity; a label "B-..." begins a new one
  first,    ///< as simple, after each word has taken the label of its first token
  average,  ///< as simple, after each word has taken the label that is best on the average of its tokens
  max,      ///< as simple, after each word has taken the label of its surest token
};

struct TagOptions {
  Aggregation aggregation = Aggregation::none;
  std::vector<std::string> ignored_labels = {"O"};  ///< tags of these labels are left out
  LongText long_text = LongText::refuse;
  /// Reads a text that is too long in windows, each of which repeats so many tokens of the one before it; where two
  /// windows find overlapping entities, the longer one stays, of equal ones the surer. Not for Aggregation::none.
  std::optional<std::size_t> stride = {};
};

struct Tag {
  std::string label = {};         ///< "B-PER" of a token, "PER" of an entity
  double score = 0;               ///< probability of the label; of an entity: the mean of its tokens' or words'
  std::string text = {};          ///< the token as the vocabulary writes it, or the entity's tokens joined
  CharacterSpan characters = {};  ///< place in the text
  ByteSpan bytes = {};            ///< the same in bytes
  std::size_t token = 0;          ///< of a token: its place among those of the text, the template's included
};

/// For each text its tags in the order of the text: what transformers' token-classification pipeline gives. What counts
/// as a word under `first`, `average` and `max` is its rule, too: a token goes on with the word before it where the
/// vocabulary marks it so ("##ing"), or, in vocabularies without such marks, where no space stands before it.
///
/// Throws UsageError "usage.task" for a model without a classifier of tokens, "usage.prompt_too_long",
/// "usage.tag_windows" for windows without aggregation, "usage.truncation" for a stride that leaves a window no room;
/// TokenizerError where the model came without a tokenizer; NumericError "numeric.logits_not_finite".
std::vector<std::vector<Tag>> tag(const Model& model, std::span<const std::string_view> texts,
                                  const TagOptions& options = {});
std::vector<Tag> tag(const Model& model, std::string_view text, const TagOptions& options = {});
Result<std::vector<std::vector<Tag>>> try_tag(const Model& model, std::span<const std::string_view> texts,
                                              const TagOptions& options = {});
Result<std::vector<Tag>> try_tag(const Model& model, std::string_view text, const TagOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/tag-inl.hpp"
#endif
