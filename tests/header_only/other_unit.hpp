// What the program's other translation unit does with the library.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "eigenformer/model.hpp"

/// The hash of the logits, computed by code that was compiled in the other translation unit.
std::string hash_in_other_unit(const std::filesystem::path& model, const std::vector<eigenformer::TokenId>& ids,
                               eigenformer::Compute compute);
