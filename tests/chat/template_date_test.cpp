// The dates that strftime_now writes.
#include <gtest/gtest.h>

#include "tests/chat/template/support.hpp"

namespace template_tests {
namespace {

constexpr chat::DateTime k_evening{
    .year = 2024, .month = 2, .day = 29, .hour = 23, .minute = 4, .second = 5, .microsecond = 60};

TEST(ChatTemplateDate, WritesEveryDirectiveAsInTheCLocale) {
  EXPECT_EQ(chat::format_date(k_evening, "%a %A %b %B %h %d %e %H %I %j %m %M %p %S %f"),
            "Thu Thursday Feb February Feb 29 29 23 11 060 02 04 PM 05 000060");
  EXPECT_EQ(chat::format_date(k_evening, "%y %Y %u %w %% %F %T %R %D %x %X %Z%z|%n%t|"),
            "24 2024 4 4 % 2024-02-29 23:04:05 23:04 02/29/24 02/29/24 23:04:05 |\n\t|");
  EXPECT_EQ(chat::format_date({.year = 2026, .month = 11, .day = 3}, "%-d %-m %-H %-I %e %c %r"),
            "3 11 0 12  3 Tue Nov  3 00:00:00 2026 12:00:00 AM");
  EXPECT_EQ(chat::format_date(k_evening, "100%"), "100%");
}

TEST(ChatTemplateDate, KnowsTheDayOfTheWeek) {
  EXPECT_EQ(chat::format_date({.year = 1970, .month = 1, .day = 1}, "%A"), "Thursday");
  EXPECT_EQ(chat::format_date({.year = 2000, .month = 12, .day = 31}, "%A %j"), "Sunday 366");
  EXPECT_EQ(chat::format_date({.year = 1900, .month = 3, .day = 1}, "%A %j"), "Thursday 060");
  EXPECT_EQ(chat::format_date({.year = 1, .month = 1, .day = 1}, "%A"), "Monday");
}

TEST(ChatTemplateDate, RefusesDatesAndDirectivesThatThereAreNot) {
  const auto date = [](chat::DateTime value) { return error_of([&] { chat::format_date(value, "%Y"); }).id; };
  EXPECT_EQ(date({.year = 2023, .month = 2, .day = 29}), "usage.date");
  EXPECT_EQ(date({.year = 2023, .month = 13, .day = 1}), "usage.date");
  EXPECT_EQ(date({.year = 2023, .month = 0, .day = 1}), "usage.date");
  EXPECT_EQ(date({.year = 0}), "usage.date");
  EXPECT_EQ(date({.hour = 24}), "usage.date");
  const auto error = error_of([] { chat::format_date(k_evening, "%Q"); });
  EXPECT_EQ(error.line(),
            "error[chat.date_format]: the format of a date: expected directives of strftime that are known, found "
            "'%Q'; use another format");
}

}  // namespace
}  // namespace template_tests
