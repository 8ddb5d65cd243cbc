#include "cli/sequences.hpp"

#include <nlohmann/json.hpp>

namespace cli {

using nlohmann::ordered_json;

namespace {

ordered_json alternatives_json(const eigenformer::GeneratedSequence& sequence) {
  ordered_json places = ordered_json::array();
  for (const std::vector<eigenformer::LikelyToken>& tokens : sequence.alternatives) {
    ordered_json place = ordered_json::array();
    for (const eigenformer::LikelyToken& token : tokens) {
      place.push_back({{"id", token.id}, {"log_probability", token.log_probability}});
    }
    places.push_back(std::move(place));
  }
  return places;
}

}  // namespace

ordered_json sequences_json(const std::vector<eigenformer::GeneratedSequence>& sequences, WithText text) {
  ordered_json list = ordered_json::array();
  for (const eigenformer::GeneratedSequence& sequence : sequences) {
    ordered_json entry = ordered_json::object();
    if (text == WithText::yes) entry["text"] = sequence.text;
    entry["ids"] = sequence.ids;
    entry["score"] = sequence.score;
    if (!sequence.log_probabilities.empty()) entry["log_probabilities"] = sequence.log_probabilities;
    if (!sequence.alternatives.empty()) entry["alternatives"] = alternatives_json(sequence);
    entry["finish_reason"] = eigenformer::finish_reason_name(sequence.finish_reason);
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace cli
