// A variable of the environment, set or taken away for one test.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace eigenformer_tests {

class EnvironmentVariable {
 public:
  /// No value takes the variable away.
  EnvironmentVariable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~EnvironmentVariable() { set(before_ ? before_->c_str() : nullptr); }
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

 private:
  void set(const char* value) const {
#if defined(_WIN32)
    _putenv_s(name_, value == nullptr ? "" : value);  // where an empty one is none
#else
    if (value == nullptr) {
      unsetenv(name_);
    } else {
      setenv(name_, value, 1);
    }
#endif
  }

  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace eigenformer_tests
