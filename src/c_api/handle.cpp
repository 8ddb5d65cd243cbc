#include "c_api/handle.hpp"

namespace eigenformer::c_api {

void refuse_null(const char* name) {
  throw UsageError({.id = "usage.null_argument",
                    .expected = "a pointer",
                    .found = "null",
                    .where = name,
                    .remedy = "pass what include/eigenformer/c_api.h says about this argument"});
}

void refuse_handle(const char* name) {
  throw UsageError({.id = "usage.handle",
                    .expected = "a handle of this argument's type",
                    .found = "something else, or a handle that was freed",
                    .where = name,
                    .remedy = "pass what the function that makes such handles handed out"});
}

Use::Use(std::atomic_flag& flag, const char* name) : flag_(flag) {
  if (!flag_.test_and_set(std::memory_order_acquire)) return;
  throw UsageError({.id = "usage.handle_in_use",
                    .expected = "one call at a time",
                    .found = "a call that has not returned",
                    .where = name,
                    .remedy = "use a chat and its replies on one thread at a time, and not from within a callback"});
}

}  // namespace eigenformer::c_api
