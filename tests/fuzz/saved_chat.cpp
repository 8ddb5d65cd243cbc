// A chat that was saved.
#include "tests/fuzz/fuzz.hpp"
#include "tests/hostile/uses.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return eigenformer_tests::fuzz::run(data, size, eigenformer_tests::hostile::use_saved_chat);
}
