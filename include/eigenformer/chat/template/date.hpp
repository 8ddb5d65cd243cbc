// The date that a template asks for by strftime_now. The library reads no clock: the host passes it.
#pragma once

#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {

/// A point in local time.
struct DateTime {
  int year = 1970;
  int month = 1;  ///< 1..12
  int day = 1;    ///< 1..31
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
};

/// `date` in a format of strftime, in the C locale: %a %A %b %B %c %d %D %e %f %F %H %I %j %m %M %n %p %R %S %t %T %u
/// %w %x %X %y %Y %Z (empty) %z (empty) %%, and a hyphen after the percent sign for no padding. Throws UsageError
/// "usage.date" for a date that does not exist, ChatError "chat.date_format" for another directive.
std::string format_date(const DateTime& date, std::string_view format);

}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
