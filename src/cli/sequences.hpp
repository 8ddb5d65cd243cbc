// Generated sequences as `run --json` and `generate --json` print them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "eigenformer/generate.hpp"

namespace cli {

enum class WithText { no, yes };

/// [{"ids": [...], "score":, "finish_reason": "stop" | "length" | "eos"}, ...], with "text" in front where it is
/// wanted, and behind the score "log_probabilities": [...] and "alternatives": [[{"id":, "log_probability":}, ...],
/// ...] where they were asked for.
nlohmann::ordered_json sequences_json(const std::vector<eigenformer::GeneratedSequence>& sequences, WithText text);

}  // namespace cli
