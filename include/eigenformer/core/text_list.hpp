// Many short texts in one buffer: a vocabulary of a million tokens costs eight bytes a token beside its letters.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Texts by their number. Views of them hold until the next push_back.
class TextList {
 public:
  TextList() = default;
  TextList(std::initializer_list<std::string_view> texts) {
    reserve(texts.size());
    for (const std::string_view text : texts) push_back(text);
  }

  void reserve(std::size_t count) { ends_.reserve(count); }
  /// For so many bytes of all texts.
  void reserve_text(std::size_t bytes) { text_.reserve(bytes); }
  void push_back(std::string_view text) {
    text_.append(text);
    ends_.push_back(text_.size());
  }
  std::size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  /// All of them, one after the other.
  std::string_view text() const { return text_; }
  /// The buffer of `text()`, for who knows where each text lies.
  std::string take_text() && { return std::move(text_); }
  /// `number` is from 0 to size() - 1.
  std::string_view operator[](std::size_t number) const {
    const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
    return {text_.data() + begin, ends_[number] - begin};
  }
  friend bool operator==(const TextList&, const TextList&) = default;

 private:
  std::string text_;
  std::vector<std::size_t> ends_;  ///< of each text in `text_`
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
