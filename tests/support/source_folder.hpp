// Where the project's sources lie, and with them what tests read.
#pragma once

#include <filesystem>

namespace eigenformer_tests {

inline const std::filesystem::path k_source = EIGENFORMER_SOURCE_DIR;

}  // namespace eigenformer_tests
