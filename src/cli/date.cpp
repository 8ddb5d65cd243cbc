#include "cli/date.hpp"

#include <ctime>

#include "cli/system.hpp"

namespace cli {

eigenformer::chat::DateTime today() {
  const std::tm local = local_time(std::time(nullptr));
  return {.year = local.tm_year + 1900,
          .month = local.tm_mon + 1,
          .day = local.tm_mday,
          .hour = local.tm_hour,
          .minute = local.tm_min,
          .second = local.tm_sec};
}

}  // namespace cli
