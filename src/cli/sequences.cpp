#include "cli/sequences.hpp"

#include <nlohmann/json.hpp>

namespace cli {

using nlohmann::ordered_json;

ordered_json sequences_json(const std::vector<eigenformer::GeneratedSequence>& sequences, WithText text) {
  ordered_json list = ordered_json::array();
  for (const eigenformer::GeneratedSequence& sequence : sequences) {
    ordered_json entry = ordered_json::object();
    if (text == WithText::yes) entry["text"] = sequence.text;
    entry["ids"] = sequence.ids;
    entry["score"] = sequence.score;
    entry["finish_reason"] = eigenformer::finish_reason_name(sequence.finish_reason);
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace cli
