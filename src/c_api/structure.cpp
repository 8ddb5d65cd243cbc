#include "c_api/structure.hpp"

#include <string>

namespace eigenformer::c_api {

void refuse_size(std::uint64_t smallest, std::uint64_t size, const char* name) {
  throw UsageError(
      {.id = "usage.struct_size",
       .expected = "a structure of " + std::to_string(smallest) + " bytes or, with zeros behind them, more",
       .found = std::to_string(size) + " bytes",
       .where = name,
       .remedy = "fill the options with their _init function and pass sizeof of the structure; or use the "
                 "header that belongs to this library"});
}

}  // namespace eigenformer::c_api
