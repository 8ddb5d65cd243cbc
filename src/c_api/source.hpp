// Where a model comes from, of C as of C++.
#pragma once

#include <filesystem>
#include <memory>
#include <variant>

#include "eigenformer/asset_reader.hpp"
#include "eigenformer/c_api.h"

namespace eigenformer::c_api {

/// A path, or what the host's callbacks read, which are told when the last owner is gone.
using Source =
    std::variant<std::filesystem::path, std::shared_ptr<const AssetReader>, std::shared_ptr<const AssetFolder>>;

/// UsageError "usage.model_source" where there is not one of the three, "usage.null_argument" where one of them lacks
/// its callback.
Source source_of(const eigenformer_source* given);

}  // namespace eigenformer::c_api
