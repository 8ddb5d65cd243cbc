#include "c_api/error.hpp"

#include <new>

#include "c_api/handle.hpp"

namespace eigenformer::c_api {

namespace {

Description describe_exception() {
  ErrorReport report = current_error_report();
  std::string message = report.message();
  return {std::move(report), std::move(message)};
}

Description describe_no_memory() {
  try {
    throw std::bad_alloc();
  } catch (...) {
    return describe_exception();
  }
}

bool is_error(const eigenformer_error* error) noexcept { return error != nullptr && has_tag(error); }

/// EIGENFORMER_ERROR_FORMAT is ErrorKind::format, and so on.
eigenformer_status status_of(ErrorKind kind) noexcept { return static_cast<eigenformer_status>(kind) + 1; }
static_assert(static_cast<int>(ErrorKind::format) + 1 == EIGENFORMER_ERROR_FORMAT);
static_assert(static_cast<int>(ErrorKind::cancelled) + 1 == EIGENFORMER_ERROR_CANCELLED);

const char* part(const eigenformer_error* error, std::string ErrorReport::*field) noexcept {
  return is_error(error) && error->shown != nullptr ? (error->shown->report.*field).c_str() : "";
}

}  // namespace

eigenformer_status record_success(eigenformer_error* error) noexcept {
  if (is_error(error)) {
    error->status = EIGENFORMER_OK;
    error->shown = nullptr;
  }
  return EIGENFORMER_OK;
}

eigenformer_status record_exception(eigenformer_error* error) noexcept {
  try {
    Description description = describe_exception();
    const eigenformer_status status = status_of(description.report.kind);
    if (is_error(error)) {
      error->last = std::move(description);
      error->shown = &error->last;
      error->status = status;
    }
    return status;
  } catch (...) {  // no memory to describe it with
    if (is_error(error)) {
      error->shown = &error->no_memory;
      error->status = EIGENFORMER_ERROR_SYSTEM;
    }
    return EIGENFORMER_ERROR_SYSTEM;
  }
}

}  // namespace eigenformer::c_api

eigenformer_error::eigenformer_error() : no_memory(eigenformer::c_api::describe_no_memory()) {}

using eigenformer::ErrorReport;
using eigenformer::c_api::is_error;
using eigenformer::c_api::part;

eigenformer_error* eigenformer_error_new() {
  try {
    return new eigenformer_error;
  } catch (...) {
    return nullptr;
  }
}

void eigenformer_error_free(eigenformer_error* error) { eigenformer::c_api::release(error); }

eigenformer_status eigenformer_error_status(const eigenformer_error* error) {
  return is_error(error) ? error->status : EIGENFORMER_ERROR_USAGE;
}

const char* eigenformer_error_id(const eigenformer_error* error) { return part(error, &ErrorReport::id); }
const char* eigenformer_error_expected(const eigenformer_error* error) { return part(error, &ErrorReport::expected); }
const char* eigenformer_error_found(const eigenformer_error* error) { return part(error, &ErrorReport::found); }
const char* eigenformer_error_where(const eigenformer_error* error) { return part(error, &ErrorReport::where); }
const char* eigenformer_error_remedy(const eigenformer_error* error) { return part(error, &ErrorReport::remedy); }

const char* eigenformer_error_message(const eigenformer_error* error) {
  return is_error(error) && error->shown != nullptr ? error->shown->message.c_str() : "";
}
