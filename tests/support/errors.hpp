// Asserts which error a piece of work ends in.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "eigenformer/error.hpp"

namespace eigenformer_tests {

/// The error's "id: message", "no error", or what else was thrown.
template <class Work>
std::string error_of(Work&& work) {
  try {
    work();
  } catch (const eigenformer::Error& error) {
    return error.id() + ": " + error.what();
  } catch (const std::exception& error) {
    return std::string("another exception: ") + error.what();
  }
  return "no error";
}

/// The id alone.
template <class Work>
std::string error_id_of(Work&& work) {
  const std::string text = error_of(work);
  return text.substr(0, text.find(": "));
}

}  // namespace eigenformer_tests
