// The error object of the C API, and the border that no exception crosses.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "eigenformer/c_api.h"
#include "eigenformer/error.hpp"

namespace eigenformer::c_api {

/// What an error object shows of one call.
struct Description {
  ErrorReport report;
  std::string message;
};

}  // namespace eigenformer::c_api

struct eigenformer_error {
  static constexpr std::uint64_t k_tag = 0x65667f4552524f52U;

  eigenformer_error();
  std::uint64_t tag = k_tag;  // first in every handle: see handle.hpp
  eigenformer_status status = EIGENFORMER_OK;
  eigenformer::c_api::Description last;
  eigenformer::c_api::Description no_memory;  // made beforehand, for there is none to make it when it is needed
  const eigenformer::c_api::Description* shown = nullptr;  // null after success
};

namespace eigenformer::c_api {

/// Both return the status of the call, and describe it in `error` unless that is null or no error object.
eigenformer_status record_success(eigenformer_error* error) noexcept;
/// Of the exception that is being handled.
eigenformer_status record_exception(eigenformer_error* error) noexcept;

/// Runs the body of a function of the C API.
template <class Body>
eigenformer_status attempt_call(eigenformer_error* error, Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return record_success(error);
  } catch (...) {
    return record_exception(error);
  }
}

}  // namespace eigenformer::c_api
