// Pieces joined as the sentencepiece library does it, between special tokens that stand as they are:
// https://github.com/google/sentencepiece/blob/v0.2.0/src/sentencepiece_processor.cc#L769-L811
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// What transformers' tokenizers of Marian and M2M100 do; white space at the ends of the text goes.
class SentencepieceDecoder final : public Decoder {
 public:
  struct Options {
    std::vector<std::string> special = {};  ///< sorted
    std::string after_special = {};         ///< what follows each of them
    bool drops_prefix = true;               ///< a space that the first piece of a run begins with goes
  };
  explicit SentencepieceDecoder(Options options) : options_(std::move(options)) {}

  std::unique_ptr<DecoderRun> start(TokenFlow) const override { return std::make_unique<Run>(options_); }
  void spell(std::string& token) const override {
    if (!is_special(options_, token)) token = spaced(token);
  }

 private:
  static constexpr std::string_view k_mark = "\xE2\x96\x81";
  static bool is_special(const Options& options, std::string_view token) {
    return std::binary_search(options.special.begin(), options.special.end(), token);
  }
  static std::string spaced(std::string_view token) {
    std::string text;
    for (std::size_t k = 0; k < token.size();) {
      const bool mark = token.substr(k).starts_with(k_mark);
      text.push_back(mark ? ' ' : token[k]);
      k += mark ? k_mark.size() : 1;
    }
    return text;
  }

  class Run final : public DecoderRun {
   public:
    explicit Run(const Options& options) : options_(options) {}
    std::unique_ptr<DecoderRun> clone() const override { return std::make_unique<Run>(*this); }
    void push(std::string token, std::vector<std::string>& out) override {
      if (is_special(options_, token)) {
        put(token + options_.after_special, out);
        at_begin_ = true;
        return;
      }
      std::string_view piece = token;
      if (at_begin_ && options_.drops_prefix && piece.starts_with(k_mark)) piece.remove_prefix(k_mark.size());
      if (!piece.empty()) at_begin_ = false;
      put(spaced(piece), out);
    }
    void finish(std::vector<std::string>&) override { *this = Run(options_); }
    Run(const Run&) = default;
    Run& operator=(const Run& other) {
      waiting_ = other.waiting_;
      at_begin_ = other.at_begin_;
      begun_ = other.begun_;
      return *this;
    }

   private:
    /// White space waits until something follows it.
    void put(const std::string& text, std::vector<std::string>& out) {
      std::size_t end = text.size();
      while (end > 0) {
        const std::size_t previous = previous_character(text, end);
        if (!is_space(character_at(text, previous).code_point)) break;
        end = previous;
      }
      if (end == 0) {
        waiting_ += text;
        return;
      }
      std::string known = std::exchange(waiting_, text.substr(end)) + text.substr(0, end);
      std::size_t begin = 0;
      while (!begun_ && is_space(character_at(known, begin).code_point)) begin += character_at(known, begin).bytes;
      begun_ = true;
      out.push_back(known.substr(begin));
    }

    const Options& options_;
    std::string waiting_;
    bool at_begin_ = true;  ///< of a run of pieces
    bool begun_ = false;    ///< something has been given
  };

  Options options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
