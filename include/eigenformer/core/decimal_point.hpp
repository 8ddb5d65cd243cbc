// Numbers of the C library with a point, whatever locale the host has set.
#pragma once

#if defined(__unix__) || defined(__APPLE__)
#include <locale.h>
#if __has_include(<xlocale.h>)
#include <xlocale.h>
#endif
#endif

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// While it lives, strtod and localeconv of this thread know the decimal point alone; other threads notice nothing. For
/// nlohmann's parser, which converts numbers by strtod and takes the locale's decimal mark to be a single byte: with a
/// longer one (Pashto's U+066B) it stops at an assertion where these are on, and reads 1.5e400 as 1 where they are off.
/// Windows has no such thing for a part of a thread's work; its marks are single bytes unless the host sets a UTF-8
/// locale with another.
class DecimalPoint {
 public:
#if defined(__unix__) || defined(__APPLE__)
  DecimalPoint() noexcept : point_(newlocale(LC_NUMERIC_MASK, "C", locale_t{})) {
    if (point_ != locale_t{}) before_ = uselocale(point_);  // else memory is short, and all stays as it was
  }
  ~DecimalPoint() {
    if (point_ == locale_t{}) return;
    uselocale(before_);
    freelocale(point_);
  }
#else
  DecimalPoint() noexcept {}
  ~DecimalPoint() {}
#endif
  DecimalPoint(const DecimalPoint&) = delete;
  DecimalPoint& operator=(const DecimalPoint&) = delete;

#if defined(__unix__) || defined(__APPLE__)
 private:
  locale_t point_;
  locale_t before_{};
#endif
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
