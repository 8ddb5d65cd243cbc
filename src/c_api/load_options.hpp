// Options of loading, of C as those of C++.
#pragma once

#include "eigenformer/c_api.h"
#include "eigenformer/model.hpp"

namespace eigenformer::c_api {

eigenformer_load_options default_load_options();

/// UsageError for a member that is out of its range. The callback's context must outlive what is loaded with them.
LoadOptions load_options(const eigenformer_load_options* given);

}  // namespace eigenformer::c_api
