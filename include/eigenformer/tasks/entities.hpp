// From the scores of tokens to entities, by the rules of
// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/pipelines/token_classification.py
// For the library's own rooms.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tasks/encoded_texts.hpp"
#include "eigenformer/tasks/scores.hpp"
#include "eigenformer/tasks/tag.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tasks {

/// A token of a text with the probabilities of its labels.
struct ScoredToken {
  Tag place;  ///< text, characters, bytes and token are filled in
  std::vector<double> scores = {};
  bool goes_on_with_word = false;
};

/// Makes tags of the tokens of one window.
class EntityBuilder {
 public:
  EntityBuilder(const Model& model, Aggregation aggregation) : model_(model), aggregation_(aggregation) {}

  std::vector<Tag> build(const std::vector<ScoredToken>& tokens) const {
    const bool by_words = aggregation_ != Aggregation::none && aggregation_ != Aggregation::simple;
    std::vector<Tag> tags;
    for (std::size_t first = 0, end = 0; first < tokens.size(); first = end) {
      end = first + 1;
      while (by_words && end < tokens.size() && tokens[end].goes_on_with_word) ++end;
      tags.push_back(by_words ? word(std::span(tokens).subspan(first, end - first))
                              : labelled(tokens[first].place, tokens[first].scores));
    }
    return aggregation_ == Aggregation::none ? tags : grouped(tags);
  }

 private:
  Tag labelled(Tag place, const std::vector<double>& scores) const {
    const std::size_t best = best_index(scores);
    place.label = label_of(model_, best);
    place.score = scores[best];
    return place;
  }

  /// The scores that a word takes.
  std::vector<double> scores_of(std::span<const ScoredToken> tokens) const {
    const auto surest = [](const ScoredToken& token) { return token.scores[best_index(token.scores)]; };
    if (aggregation_ == Aggregation::first) return tokens.front().scores;
    if (aggregation_ == Aggregation::max) {
      return std::max_element(tokens.begin(), tokens.end(),
                              [&](const auto& a, const auto& b) { return surest(a) < surest(b); })
          ->scores;
    }
    std::vector<double> average(tokens.front().scores.size(), 0.0);
    for (std::size_t label = 0; label < average.size(); ++label) {
      for (const ScoredToken& token : tokens) average[label] += token.scores[label];
      average[label] /= static_cast<double>(tokens.size());
    }
    return average;
  }

  Tag word(std::span<const ScoredToken> tokens) const {
    std::vector<Tag> places;
    for (const ScoredToken& token : tokens) places.push_back(token.place);
    return labelled(joined(places), scores_of(tokens));
  }

  /// One place for several that follow each other.
  Tag joined(std::span<const Tag> parts) const {
    Tag whole = parts.front();
    std::vector<std::string> texts;
    for (const Tag& part : parts) texts.push_back(part.text);
    whole.text = model_.tokenizer().join(texts);
    whole.characters.end = parts.back().characters.end;
    whole.bytes.end = parts.back().bytes.end;
    whole.token = 0;
    return whole;
  }

  static bool begins_entity(const Tag& tag) { return tag.label.starts_with("B-"); }
  /// "PER" of "B-PER" and "I-PER".
  static std::string_view kind(const Tag& tag) {
    const std::string_view label = tag.label;
    return label.starts_with("B-") || label.starts_with("I-") ? label.substr(2) : label;
  }

  Tag entity(std::span<const Tag> parts) const {
    Tag whole = joined(parts);
    whole.label = whole.label.substr(whole.label.find('-') + 1);  // npos + 1 is 0
    whole.score = 0.0;
    for (const Tag& part : parts) whole.score += part.score;
    whole.score /= static_cast<double>(parts.size());
    return whole;
  }

  std::vector<Tag> grouped(const std::vector<Tag>& tags) const {
    std::vector<Tag> entities;
    for (std::size_t first = 0, end = 0; first < tags.size(); first = end) {
      end = first + 1;
      while (end < tags.size() && !begins_entity(tags[end]) && kind(tags[end]) == kind(tags[end - 1])) ++end;
      entities.push_back(entity(std::span(tags).subspan(first, end - first)));
    }
    return entities;
  }

  const Model& model_;
  Aggregation aggregation_;
};

/// Of entities that overlap, each with the one before it that stayed, the longer stays; of equal ones the surer.
inline std::vector<Tag> without_overlaps(std::vector<Tag> tags) {
  const auto length = [](const Tag& tag) { return tag.characters.end - tag.characters.begin; };
  std::stable_sort(tags.begin(), tags.end(),
                   [](const Tag& a, const Tag& b) { return a.characters.begin < b.characters.begin; });
  std::vector<Tag> kept;
  for (Tag& tag : tags) {
    if (kept.empty() || tag.characters.begin >= kept.back().characters.end) {
      kept.push_back(std::move(tag));
    } else if (std::pair(length(tag), tag.score) > std::pair(length(kept.back()), kept.back().score)) {
      kept.back() = std::move(tag);
    }
  }
  return kept;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tasks
