#include "eigenformer/error.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "eigenformer/core/attempt.hpp"

namespace eigenformer {
namespace {

ErrorParts magic_parts() {
  return {.id = "format.magic",
          .expected = "a GGUF file",
          .found = "\"PK\"",
          .where = "a.gguf, byte 0",
          .remedy = "download it again"};
}

TEST(Error, MessageIsOneSentenceOfItsParts) {
  const FormatError error(magic_parts());
  EXPECT_STREQ(error.what(), "a.gguf, byte 0: expected a GGUF file, found \"PK\"; download it again");
  EXPECT_EQ(error.report().line(),
            "error[format.magic]: a.gguf, byte 0: expected a GGUF file, found \"PK\"; download it again");
  EXPECT_EQ(error.id(), "format.magic");
  EXPECT_EQ(error.report().kind, ErrorKind::format);
}

TEST(Error, PartsThatAreEmptyLeaveNoTrace) {
  const ErrorReport no_place{ErrorKind::usage, "usage.x", "a path", "none", "", "pass one"};
  EXPECT_EQ(no_place.message(), "expected a path, found none; pass one");
  const ErrorReport found_only{ErrorKind::usage, "usage.x", "", "a loop", "config.json", ""};
  EXPECT_EQ(found_only.message(), "config.json: found a loop");
  const ErrorReport remedy_only{ErrorKind::usage, "usage.x", "a file", "", "", "make one"};
  EXPECT_EQ(remedy_only.message(), "expected a file; make one");
}

template <class Thrown>
void expect_raised(ErrorKind kind) {
  const ErrorReport report{kind, "some.id", "this", "that", "here", "do it"};
  try {
    raise(report);
  } catch (const Thrown& error) {
    EXPECT_EQ(error.report().kind, kind);
    EXPECT_EQ(error.report().id, "some.id");
    EXPECT_EQ(error.report().expected, "this");
    EXPECT_EQ(error.report().found, "that");
    EXPECT_EQ(error.report().where, "here");
    EXPECT_EQ(error.report().remedy, "do it");
    return;
  } catch (...) {
  }
  ADD_FAILURE() << "a report of kind " << static_cast<int>(kind) << " was raised as another class";
}

TEST(Error, RaiseThrowsTheClassOfItsKind) {
  expect_raised<FormatError>(ErrorKind::format);
  expect_raised<ConfigError>(ErrorKind::config);
  expect_raised<WeightError>(ErrorKind::weight);
  expect_raised<ShapeError>(ErrorKind::shape);
  expect_raised<TokenizerError>(ErrorKind::tokenizer);
  expect_raised<ChatError>(ErrorKind::chat);
  expect_raised<UsageError>(ErrorKind::usage);
  expect_raised<NumericError>(ErrorKind::numeric);
  expect_raised<SystemError>(ErrorKind::system);
  expect_raised<CancelledError>(ErrorKind::cancelled);
}

TEST(Attempt, KeepsTheReportOfOurErrors) {
  const Result<int> result = attempt([]() -> int { throw ConfigError(magic_parts()); });
  ASSERT_FALSE(result.ok());
  EXPECT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::config);
  EXPECT_EQ(result.error().where, "a.gguf, byte 0");
}

TEST(Attempt, TurnsForeignExceptionsIntoReports) {
  EXPECT_EQ(attempt([] { throw std::bad_alloc(); }).error().id, "system.memory");
  const auto unexpected = attempt([] { throw std::runtime_error("the sky fell"); });
  EXPECT_EQ(unexpected.error().id, "system.unexpected");
  EXPECT_EQ(unexpected.error().found, "the sky fell");
  EXPECT_EQ(attempt([] { throw 7; }).error().found, "an exception of unknown type");
}

TEST(Result, GivesItsValueOrThrowsItsError) {
  Result<std::vector<int>> good = attempt([] { return std::vector<int>{1, 2, 3}; });
  ASSERT_TRUE(good.ok());
  good.value().push_back(4);
  EXPECT_EQ(std::move(good).value(), (std::vector<int>{1, 2, 3, 4}));

  Result<std::unique_ptr<int>> movable = attempt([] { return std::make_unique<int>(5); });
  EXPECT_EQ(*std::move(movable).value(), 5);

  Result<int> bad = attempt([]() -> int { throw ShapeError(magic_parts()); });
  EXPECT_THROW((void)bad.value(), ShapeError);

  EXPECT_NO_THROW(attempt([] {}).value());
  EXPECT_THROW(attempt([] { throw NumericError(magic_parts()); }).value(), NumericError);
}

}  // namespace
}  // namespace eigenformer
