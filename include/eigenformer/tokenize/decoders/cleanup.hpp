// Taking spaces out that tokenization of English has put in: "do n't ." is "don't."
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Replaces every occurrence, from left to right, in time linear in the text. `sought` is not empty.
inline void replace_all(std::string& text, std::string_view sought, std::string_view instead) {
  std::size_t found = text.find(sought);
  if (found == std::string::npos) return;
  std::string result;
  std::size_t begin = 0;
  for (; found != std::string::npos; found = text.find(sought, begin)) {
    result.append(text, begin, found - begin).append(instead);
    begin = found + sought.size();
  }
  text = std::move(result.append(text, begin));
}

/// One replacement after the other, in the order of
/// https://github.com/huggingface/tokenizers/blob/v0.22.0/tokenizers/src/decoders/wordpiece.rs#L30
inline void clean_up(std::string& text) {
  constexpr std::pair<std::string_view, std::string_view> k_replacements[] = {
      {" .", "."},   {" ?", "?"},           {" !", "!"},   {" ,", ","},     {" ' ", "'"},   {" n't", "n't"},
      {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (const auto& [sought, instead] : k_replacements) replace_all(text, sought, instead);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
