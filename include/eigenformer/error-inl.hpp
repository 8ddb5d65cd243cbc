#pragma once

#include <exception>
#include <new>

#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

EIGENFORMER_INLINE std::string ErrorReport::message() const {
  std::string text;
  if (!where.empty()) text += where + ": ";
  if (!expected.empty()) text += "expected " + expected;
  if (!found.empty()) text += (expected.empty() ? "found " : ", found ") + found;
  if (!remedy.empty()) text += "; " + remedy;
  return text;
}

EIGENFORMER_INLINE std::string ErrorReport::line() const { return "error[" + id + "]: " + message(); }

EIGENFORMER_INLINE Error::Error(ErrorReport report)
    : std::runtime_error(report.message()), report_(std::move(report)) {}

EIGENFORMER_INLINE void raise(const ErrorReport& report) {
  const ErrorParts parts{report.id, report.expected, report.found, report.where, report.remedy};
  switch (report.kind) {
    case ErrorKind::format: throw FormatError(parts);
    case ErrorKind::config: throw ConfigError(parts);
    case ErrorKind::weight: throw WeightError(parts);
    case ErrorKind::shape: throw ShapeError(parts);
    case ErrorKind::tokenizer: throw TokenizerError(parts);
    case ErrorKind::chat: throw ChatError(parts);
    case ErrorKind::usage: throw UsageError(parts);
    case ErrorKind::numeric: throw NumericError(parts);
    case ErrorKind::system: throw SystemError(parts);
    case ErrorKind::cancelled: throw CancelledError(parts);
  }
  throw Error(report);
}

namespace error_detail {

/// The words are left out where there is no memory for them either; the id is short enough to need none.
inline ErrorReport no_memory() noexcept {
  ErrorReport report;
  report.kind = ErrorKind::system;
  report.id = "system.memory";
  try {
    report.expected = "enough memory for this call";
    report.found = "an allocation that failed";
    report.remedy = "free memory, or use a smaller model, a shorter context or --kv f16";
  } catch (const std::bad_alloc&) {
  }
  return report;
}

inline ErrorReport describe_current_exception() {
  try {
    throw;
  } catch (const Error& error) {
    return error.report();
  } catch (const std::bad_alloc&) {
    return no_memory();
  } catch (const std::exception& error) {
    return {ErrorKind::system,
            "system.unexpected",
            "no failure",
            error.what(),
            "",
            "report this as a bug, with the input that caused it"};
  } catch (...) {
    return {ErrorKind::system,
            "system.unexpected",
            "no failure",
            "an exception of unknown type",
            "",
            "report this as a bug, with the input that caused it"};
  }
}

}  // namespace error_detail

EIGENFORMER_INLINE ErrorReport current_error_report() {
  try {
    return error_detail::describe_current_exception();
  } catch (...) {
    return error_detail::no_memory();
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
