// Arguments of calls, and the signatures that they are put in order by.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/chat/template/runtime.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> keywords;
  Provenance of_names = Provenance::trusted;  ///< content where some names came by ** from an object that is content

  /// The name of a keyword as a value of a template.
  Value name(Runtime& runtime, std::string_view keyword) const;
};

/// Puts the arguments of `callee` in the order of `signature`, so that `positional` has one value a parameter
/// (Kind::missing where it was not given) and `keywords` is empty. A signature is the names of the parameters with
/// spaces between, a question mark after those that may be left out; "/ " in front says that names cannot be used;
/// "*" alone leaves the arguments as they are.
void bind(Runtime& runtime, std::string_view callee, std::string_view signature, Arguments& arguments);

/// Views of one argument as what a function needs. Each fails with an error that names `what`.
std::int64_t integer_argument(Runtime& runtime, const Value& value, std::string_view what);
const Text& text_argument(Runtime& runtime, const Value& value, std::string_view what);

inline bool is_given(const Value& value) { return !value.is(Kind::missing); }
/// False for arguments that were left out and for none.
inline bool is_set(const Value& value) { return is_given(value) && !value.is(Kind::none); }

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
