// How long processors have worked for this process.
#pragma once

#if defined(_WIN32)
#include "eigenformer/core/windows_calls.hpp"
#undef far  // words of everybody's
#undef near
#undef small
#else
#include <sys/resource.h>
#endif

#include <cstdint>

namespace eigenformer_tests {

/// Of all its threads together.
inline double processor_milliseconds() {
#if defined(_WIN32)
  FILETIME begin, end, system, user;
  GetProcessTimes(GetCurrentProcess(), &begin, &end, &system, &user);
  const auto milliseconds = [](const FILETIME& time) {  // counted in tenths of a microsecond
    return 1e-4 * static_cast<double>(std::uint64_t{time.dwHighDateTime} << 32U | time.dwLowDateTime);
  };
  return milliseconds(user) + milliseconds(system);
#else
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto milliseconds = [](const timeval& time) {
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_usec);
  };
  return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
#endif
}

}  // namespace eigenformer_tests
