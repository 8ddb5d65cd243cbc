// What the program's other translation unit does with the library.
#pragma once

#include <string>

#include "eigenformer/model.hpp"
#include "tests/support/golden.hpp"

/// The hash of the outputs of a model that this unit has loaded, computed by what the other one includes.
std::string hash_in_other_unit(const eigenformer::Model& model, const eigenformer_tests::GoldenCase& golden);
