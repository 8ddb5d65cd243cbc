// A line of a template, and the errors that name it.
#pragma once

#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

struct SourcePlace {
  std::string_view where;  // the name of the template
  int line = 0;            // 0: the template as a whole

  /// The template breaks Jinja's grammar.
  [[noreturn]] void fail_syntax(std::string expected, std::string found) const;
  /// What Jinja has, or may have, and this interpreter has not.
  [[noreturn]] void fail_unsupported(std::string construct) const;
  /// One of the limits is passed.
  [[noreturn]] void fail_budget(std::string expected, std::string found) const;
  [[noreturn]] void fail_depth(std::size_t limit) const;
  /// A value of a kind that cannot be used so.
  [[noreturn]] void fail_type(std::string expected, std::string found) const;
  /// A value of the right kind that cannot be used so: a division by zero, a number that does not fit.
  [[noreturn]] void fail_value(std::string expected, std::string found) const;
  /// Use of what is not there: `message` says of what.
  [[noreturn]] void fail_undefined(const std::string& message) const;
  /// Use of an attribute that the sandbox does not give out.
  [[noreturn]] void fail_unsafe(const std::string& message) const;
  /// raise_exception(message)
  [[noreturn]] void fail_raised(const std::string& message) const;
  /// strftime_now without a date from the host
  [[noreturn]] void fail_clock() const;

  std::string text() const;
};

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
