// Ctrl-C ends an answer, not the program.
#pragma once

#include "eigenformer/generate.hpp"

namespace cli {

/// While it lives, Ctrl-C turns the token; afterwards it does again what it did before. One at a time.
class CancelOnInterrupt {
 public:
  explicit CancelOnInterrupt(eigenformer::CancelToken token);
  ~CancelOnInterrupt();
  CancelOnInterrupt(const CancelOnInterrupt&) = delete;
  CancelOnInterrupt& operator=(const CancelOnInterrupt&) = delete;

 private:
  eigenformer::CancelToken token_;
};

}  // namespace cli
