// What the program's other translation unit does with the library.
#pragma once

#include <string>

#include "eigenformer/model.hpp"
#include "tests/support/golden.hpp"

/// The hash of the model's outputs, computed by code that was compiled in the other translation unit.
std::string hash_in_other_unit(const eigenformer_tests::GoldenCase& golden, eigenformer::Compute compute);
