// Errors: one tree, one report. A light header (no Eigen, no json), usable under -fno-exceptions -fno-rtti.
#pragma once

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Which branch of the tree an error belongs to. `error_kind_name` gives the word that its id begins with.
enum class ErrorKind {
  format,     ///< bytes of a file: magic, counts, offsets, JSON          (id "format.*")
  config,     ///< a key of config.json or of GGUF metadata               (id "config.*")
  weight,     ///< a tensor that is missing, extra, or of the wrong kind  (id "weight.*")
  shape,      ///< sizes that do not fit together                         (id "shape.*")
  tokenizer,  ///< vocabulary, merges, token ids                          (id "tokenizer.*")
  chat,       ///< chat templates and messages                            (id "chat.*")
  usage,      ///< options and calls of the host                          (id "usage.*")
  numeric,    ///< a value that is not finite                             (id "numeric.*")
  system,     ///< files that cannot be opened, memory that is not there  (id "system.*")
  cancelled,  ///< the host asked to stop                                 (id "cancelled.*")
};

/// What went wrong, in parts, so that a host can show it its own way. Every field is plain text.
struct ErrorReport {
  ErrorKind kind = ErrorKind::usage;
  std::string id;        ///< stable, "kind.what" in snake_case; listed in docs/errors.md
  std::string expected;  ///< what was expected: "a GGUF file of version 2 or 3"
  std::string found;     ///< what was found instead: "version 7"
  std::string where;     ///< file, key, tensor, byte: "model.gguf, byte 4"; may be empty
  std::string remedy;    ///< what to do: "download the file again"

  /// One sentence: "<where>: expected <expected>, found <found>; <remedy>".
  std::string message() const;
  /// As the command prints it: "error[<id>]: <message>".
  std::string line() const;
};

/// The parts that a place of failure fills in; its kind comes from the class that is thrown.
struct ErrorParts {
  std::string id, expected, found, where, remedy;
};

/// Base of everything the library throws on purpose. `what()` is `report().message()`.
class Error : public std::runtime_error {
 public:
  explicit Error(ErrorReport report);
  const ErrorReport& report() const noexcept { return report_; }
  const std::string& id() const noexcept { return report_.id; }

 private:
  ErrorReport report_;
};

/// Error of one kind: `throw FormatError({.id = "format.magic", .expected = ..., .found = ..., .where = ..., .remedy =
/// ...})`.
template <ErrorKind kind>
class ErrorOf : public Error {
 public:
  explicit ErrorOf(ErrorParts parts)
      : Error(ErrorReport{kind, std::move(parts.id), std::move(parts.expected), std::move(parts.found),
                          std::move(parts.where), std::move(parts.remedy)}) {}
};

using FormatError = ErrorOf<ErrorKind::format>;
using ConfigError = ErrorOf<ErrorKind::config>;
using WeightError = ErrorOf<ErrorKind::weight>;
using ShapeError = ErrorOf<ErrorKind::shape>;
using TokenizerError = ErrorOf<ErrorKind::tokenizer>;
using ChatError = ErrorOf<ErrorKind::chat>;
using UsageError = ErrorOf<ErrorKind::usage>;
using NumericError = ErrorOf<ErrorKind::numeric>;
using SystemError = ErrorOf<ErrorKind::system>;
using CancelledError = ErrorOf<ErrorKind::cancelled>;

/// Throws the `Error` of the report's kind. Defined in the library, so that hosts without exceptions never see a
/// `throw`.
[[noreturn]] void raise(const ErrorReport& report);

/// Turns the exception that is being handled into a report: an `Error` as it is, `std::bad_alloc` as "system.memory",
/// any other as "system.unexpected". Call it inside a catch block only.
ErrorReport current_error_report();

/// A value or the report of why there is none. What every `try_` function returns.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(ErrorReport report) : state_(std::in_place_index<1>, std::move(report)) {}

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  /// The value; throws the error where there is none (a host without exceptions asks ok() first).
  T& value() & {
    if (!ok()) raise(error());
    return *std::get_if<0>(&state_);
  }
  T value() && {
    if (!ok()) raise(error());
    return std::move(*std::get_if<0>(&state_));
  }
  /// The report. Only where ok() is false.
  const ErrorReport& error() const noexcept { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, ErrorReport> state_;
};

/// A `Result` without a value.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(ErrorReport report) : report_(std::move(report)), ok_(false) {}

  bool ok() const noexcept { return ok_; }
  explicit operator bool() const noexcept { return ok_; }
  void value() const {
    if (!ok_) raise(report_);
  }
  const ErrorReport& error() const noexcept { return report_; }

 private:
  ErrorReport report_;
  bool ok_ = true;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/error-inl.hpp"
#endif
