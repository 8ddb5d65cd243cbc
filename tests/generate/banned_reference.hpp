// What generation with banned strings has to come to, found the slow way: every attempt writes the text anew from its
// beginning, without a cache, with nothing but a processor of the host's that forbids what has been found until then.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/sampler.hpp"

namespace eigenformer_tests {

namespace ef = eigenformer;

/// What each of these tokens adds to the text; without those at the end whose text is not certain yet.
inline std::vector<std::string> parts_of(const ef::Tokenizer& tokenizer, std::span<const ef::TokenId> ids,
                                         bool has_ended) {
  std::vector<std::string> parts;
  const auto is_special = [&](std::size_t place) { return tokenizer.is_special(ids[place]); };
  const auto is_byte = [&](std::size_t place) { return tokenizer.token(ids[place]).starts_with("<0x"); };
  for (std::size_t place = 0; place < ids.size();) {
    std::size_t end = place;
    while (end < ids.size() && (is_byte(end) || (end > place && is_special(end)))) ++end;
    if (end == place) {
      parts.push_back(is_special(place) ? "" : tokenizer.token_bytes(ids[place]));
      ++place;
      continue;
    }
    if (end == ids.size() && !has_ended) break;
    const std::string text = tokenizer.decode(ids.subspan(place, end - place), {.skip_special_tokens = true});
    const bool is_text = text.find("\xEF\xBF\xBD") == std::string::npos;
    for (; place < end; ++place) {
      const std::string part = is_text ? tokenizer.token_bytes(ids[place]) : "\xEF\xBF\xBD";
      parts.push_back(is_special(place) ? "" : part);
    }
  }
  return parts;
}

inline std::string in_small_letters(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

/// The first of `sought` to be complete, of several the longest: begin and end.
inline std::optional<std::pair<std::size_t, std::size_t>> first_in(const std::string& text,
                                                                   const std::vector<std::string>& sought) {
  for (std::size_t end = 1; end <= text.size(); ++end) {
    for (std::size_t begin = 0; begin < end; ++begin) {
      const std::string part = text.substr(begin, end - begin);
      if (std::ranges::find(sought, part) != sought.end()) return std::pair(begin, end);
    }
  }
  return std::nullopt;
}

inline std::string joined(std::span<const std::string> parts) {
  std::string text;
  for (const std::string& part : parts) text += part;
  return text;
}

/// The index of the first part, from `first` on, that has bytes at `begin` or behind it.
inline std::size_t part_at(const std::vector<std::string>& parts, std::size_t first, std::size_t begin) {
  std::size_t size = 0;
  for (std::size_t index = 0; index < parts.size(); ++index) {
    if (index == first) begin = std::max(begin, size);
    size += parts[index].size();
    if (index >= first && size > begin) return index;
  }
  return parts.size();
}

/// Reads a text token after token: what is banned in it, and how much of it has been handed out for good.
class BannedReader {
 public:
  BannedReader(const ef::GenerateOptions& options, ef::Tokenizer tokenizer)
      : stop_(options.stop), tokenizer_(std::move(tokenizer)) {
    for (const std::string& one : options.banned_strings) banned_.push_back(in_small_letters(one));
  }

  /// Where a text has to be written anew, by its last token: at the one with which the banned text begins, but not
  /// before what has been handed out.
  std::optional<std::size_t> place_to_ban(std::span<const ef::TokenId> ids, bool has_ended) {
    const std::vector<std::string> parts = parts_of(tokenizer_, ids, has_ended);
    const std::string text = joined(parts);
    const auto found = first_in(in_small_letters(text), banned_);
    const auto stop = first_in(text, stop_);
    if (found && !(stop && stop->second < found->second)) return part_at(parts, handed_out_, found->first);
    handed_out_ = std::max(handed_out_, part_at(parts, 0, first_undecided(in_small_letters(text))));
    return std::nullopt;
  }
  /// Tokens that stay.
  std::size_t handed_out() const { return handed_out_; }
  bool has_stopped(std::span<const ef::TokenId> ids) const {
    return first_in(joined(parts_of(tokenizer_, ids, false)), stop_).has_value();
  }

 private:
  std::size_t first_undecided(std::string text) const {
    if (text.ends_with('\xC3')) text.pop_back();     // the beginning of a character
    if (text.ends_with('\xC3')) return text.size();  // one that has not gone on: U+FFFD
    for (std::size_t begin = 0; begin < text.size(); ++begin) {
      for (const std::string& one : banned_) {
        if (one.starts_with(text.substr(begin))) return begin;
      }
    }
    return text.size();
  }

  std::vector<std::string> banned_, stop_;
  ef::Tokenizer tokenizer_;
  std::size_t handed_out_ = 0;
};

/// By the index of a new token: what may not stand there.
using Bans = std::map<std::size_t, std::set<ef::TokenId>>;

class ForbiddenAtPlaces : public ef::LogitsProcessor {
 public:
  explicit ForbiddenAtPlaces(Bans bans) : bans_(std::move(bans)) {}
  void process(const ef::ProcessedText& text, std::span<float> scores) const override {
    const auto place = bans_.find(text.ids.size() - text.prompt_tokens);
    if (place == bans_.end()) return;
    for (const ef::TokenId token : place->second) {
      scores[static_cast<std::size_t>(token)] = -std::numeric_limits<float>::infinity();
    }
  }

 private:
  Bans bans_;
};

inline ef::GenerateOptions with_bans(ef::GenerateOptions options, const Bans& bans) {
  options.banned_strings.clear();
  options.processors.push_back(std::make_shared<ForbiddenAtPlaces>(bans));
  return options;
}

inline void ban(Bans& bans, std::size_t place, ef::TokenId token) {
  bans.erase(bans.upper_bound(place), bans.end());
  bans[place].insert(token);
}

/// Greedy, by generate() alone. `bans` are those of the last attempt.
inline ef::GeneratedSequence greedy_reference(const ef::Model& model, const std::vector<ef::TokenId>& prompt,
                                              const ef::GenerateOptions& options, Bans& bans) {
  BannedReader reader(options, model.tokenizer());
  for (;;) {
    const ef::GeneratedSequence text = ef::generate(model, prompt, with_bans(options, bans)).at(0);
    std::optional<std::size_t> place;
    for (std::size_t size = 1; size <= text.ids.size() && !place; ++size) {
      place = reader.place_to_ban(std::span(text.ids).first(size), size == text.ids.size());
    }
    if (!place) return text;
    ban(bans, *place, text.ids[*place]);
  }
}

struct DrawnReference {
  std::vector<ef::TokenId> ids = {};
  std::vector<double> log_probabilities = {};
  double score = 0;
  std::size_t taken_back = 0;
};

/// Drawn tokens: those of the sampler, which is told how often each place has been drawn for.
class SlowWriter {
 public:
  SlowWriter(const ef::Model& model, std::vector<ef::TokenId> prompt, const ef::GenerateOptions& options)
      : model_(model), prompt_(std::move(prompt)), options_(options) {}

  DrawnReference write(std::uint32_t sequence) {
    Bans bans;
    BannedReader reader(options_, model_.tokenizer());
    std::map<std::size_t, std::uint32_t> attempts;
    std::size_t taken_back = 0;
    for (;;) {
      DrawnReference text;
      const std::optional<std::size_t> place = attempt({sequence, bans, attempts}, reader, text);
      if (!place) {
        text.taken_back = taken_back;
        return text;
      }
      taken_back += text.ids.size() - *place;
      for (std::size_t index = *place; index < text.ids.size(); ++index) ++attempts[index];
      ban(bans, *place, text.ids[*place]);
    }
  }

 private:
  struct Attempt {
    std::uint32_t sequence;
    const Bans& bans;
    std::map<std::size_t, std::uint32_t>& attempts;
  };
  std::optional<std::size_t> attempt(const Attempt& with, BannedReader& reader, DrawnReference& text) {
    namespace generation = ef::generation;
    const generation::DecodingPlan plan =
        generation::plan_decoding(with_bans(options_, with.bans), model_.state(),
                                  {.prompt_tokens = prompt_.size(), .context_length = model_.info().context_length});
    generation::Sampler sampler(plan.sampling);
    sampler.set_sequence(with.sequence);
    sampler.want_probability();
    generation::SamplingBuffers buffers;
    std::vector<ef::TokenId> ids = prompt_;
    for (;;) {
      const generation::Choice choice = sampler.choose(
          logits_behind(ids),
          {.ids = ids, .prompt_tokens = prompt_.size(), .attempt = with.attempts[ids.size() - prompt_.size()]},
          buffers);
      sampler.learn(choice);
      ids.push_back(choice.id);
      text.ids.push_back(choice.id);
      text.log_probabilities.push_back(choice.log_probability);
      text.score += choice.log_probability;
      const bool is_end = std::ranges::find(plan.end_tokens, choice.id) != plan.end_tokens.end();
      const bool has_ended = is_end || ids.size() >= plan.length;
      if (const auto place = reader.place_to_ban(text.ids, has_ended)) return place;
      if (has_ended || reader.has_stopped(text.ids)) return std::nullopt;
    }
  }

  const std::vector<float>& logits_behind(const std::vector<ef::TokenId>& ids) {
    std::vector<float>& logits = logits_[ids];
    if (logits.empty()) {
      const std::vector<float> all = ef::forward(model_, ids).at("logits").values;
      logits.assign(all.end() - static_cast<std::ptrdiff_t>(model_.info().vocabulary_size), all.end());
    }
    return logits;
  }

  ef::Model model_;
  std::vector<ef::TokenId> prompt_;
  ef::GenerateOptions options_;
  std::map<std::vector<ef::TokenId>, std::vector<float>> logits_;
};

}  // namespace eigenformer_tests
