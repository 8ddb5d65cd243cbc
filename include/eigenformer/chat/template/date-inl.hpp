#pragma once

#include <algorithm>

#include "eigenformer/chat/template/date.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace date_detail {

inline bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

inline int days_before(int month, int year) {
  constexpr int k_days[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
  return k_days[month - 1] + (month > 2 && is_leap(year) ? 1 : 0);
}

inline int days_in(int month, int year) {
  constexpr int k_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return k_days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

inline int day_of_year(const DateTime& date) { return days_before(date.month, date.year) + date.day; }

/// 0 for Sunday: the first day of the year 1 was a Monday.
inline int weekday(const DateTime& date) {
  const int years = date.year - 1;
  return (years * 365 + years / 4 - years / 100 + years / 400 + day_of_year(date)) % 7;
}

EIGENFORMER_INLINE void check(const DateTime& date) {
  const auto is_in = [](int value, int low, int high) { return value >= low && value <= high; };
  const bool valid = is_in(date.year, 1, 9999) && is_in(date.month, 1, 12) &&
                     is_in(date.day, 1, days_in(std::clamp(date.month, 1, 12), date.year)) && is_in(date.hour, 0, 23) &&
                     is_in(date.minute, 0, 59) && is_in(date.second, 0, 60) && is_in(date.microsecond, 0, 999'999);
  if (valid) return;
  throw UsageError({.id = "usage.date",
                    .expected = "a date and time that exist",
                    .found = std::to_string(date.year) + "-" + std::to_string(date.month) + "-" +
                             std::to_string(date.day) + " " + std::to_string(date.hour) + ":" +
                             std::to_string(date.minute) + ":" + std::to_string(date.second),
                    .where = "the date of a chat template",
                    .remedy = "pass the present date and time"});
}

inline std::string padded(int value, std::size_t width, char filler = '0') {
  const std::string digits = std::to_string(value);
  return std::string(width > digits.size() ? width - digits.size() : 0, filler) + digits;
}

inline int hour_of_twelve(const DateTime& date) { return date.hour % 12 == 0 ? 12 : date.hour % 12; }

EIGENFORMER_INLINE std::string name(char directive, const DateTime& date) {
  constexpr std::string_view k_days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
  constexpr std::string_view k_months[] = {"January", "February", "March",     "April",   "May",      "June",
                                           "July",    "August",   "September", "October", "November", "December"};
  const std::string_view full = directive == 'a' || directive == 'A' ? k_days[weekday(date)] : k_months[date.month - 1];
  return std::string(directive == 'A' || directive == 'B' ? full : full.substr(0, 3));
}

/// The format that a directive stands for, if it stands for one.
inline std::string_view composed(char directive) {
  switch (directive) {
    case 'c': return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x': return "%m/%d/%y";
    case 'F': return "%Y-%m-%d";
    case 'R': return "%H:%M";
    case 'r': return "%I:%M:%S %p";
    case 'T':
    case 'X': return "%H:%M:%S";
    default: return {};
  }
}

EIGENFORMER_INLINE std::string field(char directive, const DateTime& date) {
  switch (directive) {
    case 'a':
    case 'A':
    case 'b':
    case 'B':
    case 'h': return name(directive, date);
    case 'd': return padded(date.day, 2);
    case 'e': return padded(date.day, 2, ' ');
    case 'f': return padded(date.microsecond, 6);
    case 'H': return padded(date.hour, 2);
    case 'I': return padded(hour_of_twelve(date), 2);
    case 'j': return padded(day_of_year(date), 3);
    case 'm': return padded(date.month, 2);
    case 'M': return padded(date.minute, 2);
    case 'n': return "\n";
    case 'p': return date.hour < 12 ? "AM" : "PM";
    case 'S': return padded(date.second, 2);
    case 't': return "\t";
    case 'u': return std::to_string(weekday(date) == 0 ? 7 : weekday(date));
    case 'w': return std::to_string(weekday(date));
    case 'y': return padded(date.year % 100, 2);
    case 'Y': return std::to_string(date.year);
    case 'z':
    case 'Z': return "";
    case '%': return "%";
    default: break;
  }
  throw ChatError({.id = "chat.date_format",
                   .expected = "directives of strftime that are known",
                   .found = std::string("'%") + directive + "'",
                   .where = "the format of a date",
                   .remedy = "use another format"});
}

}  // namespace date_detail

EIGENFORMER_INLINE std::string format_date(const DateTime& date, std::string_view format) {
  date_detail::check(date);
  std::string out;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%' || at + 1 == format.size()) {
      out.push_back(format[at]);
      continue;
    }
    const bool unpadded = format[at + 1] == '-' && at + 2 < format.size();
    at += unpadded ? 2 : 1;
    const std::string_view composed = date_detail::composed(format[at]);
    std::string field = composed.empty() ? date_detail::field(format[at], date) : format_date(date, composed);
    if (unpadded) {
      const std::size_t first = std::min(field.find_first_not_of("0 "), field.size() - (field.empty() ? 0 : 1));
      field.erase(0, first);
    }
    out += field;
  }
  return out;
}

}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
