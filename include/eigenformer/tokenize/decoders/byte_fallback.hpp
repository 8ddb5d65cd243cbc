// Tokens "<0x41>" become the bytes that they stand for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"
#include "eigenformer/tokenize/models/byte_tokens.hpp"
#include "eigenformer/tokenize/utf8_stream.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Bytes of neighbouring tokens are one text if all of them together are UTF-8; else each of them is U+FFFD. So none
/// can be given before the run has ended.
class ByteFallbackDecoder final : public Decoder {
 public:
  std::unique_ptr<DecoderRun> start(TokenFlow) const override { return std::make_unique<Run>(); }
  void spell(std::string& token) const override {
    if (const auto byte = byte_of(token)) token.assign(1, static_cast<char>(*byte));
  }

 private:
  /// As Rust reads two hexadecimal digits: the first may be a plus sign.
  static std::optional<unsigned char> byte_of(std::string_view token) {
    if (token.size() == 6 && token[3] == '+') return byte_of_token("<0x0" + std::string(token.substr(4)));
    return byte_of_token(token);
  }

  class Run final : public DecoderRun {
   public:
    std::unique_ptr<DecoderRun> clone() const override { return std::make_unique<Run>(*this); }
    void push(std::string token, std::vector<std::string>& out) override {
      if (const auto byte = byte_of(token)) {
        bytes_.push_back(static_cast<char>(*byte));
        return;
      }
      finish(out);
      out.push_back(std::move(token));
    }
    void finish(std::vector<std::string>& out) override {
      const std::string bytes = std::exchange(bytes_, {});
      if (bytes.empty()) return;
      if (find_ill_formed(bytes, 0) == bytes.size()) {
        out.push_back(bytes);
      } else {
        out.insert(out.end(), bytes.size(), std::string(k_replacement));
      }
    }

   private:
    std::string bytes_;
  };
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
