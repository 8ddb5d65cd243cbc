// The program's clock, for chat templates that ask for the date: the library reads none.
#pragma once

#include "eigenformer/chat/template/date.hpp"

namespace cli {

/// Now, in local time.
eigenformer::chat::DateTime today();

}  // namespace cli
