// The components of one stage by their types: a table, so that a new component is one line.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/files/component_reader.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// How the component of one "type" is read. `Context` is what a stage's readers need beside the object of the file.
template <class Component, class... Context>
struct ComponentType {
  std::string_view type;
  /// Asks for every key of the component but "type"; what it leaves is an error.
  std::unique_ptr<const Component> (*read)(ComponentReader& object, Context... context);
};

namespace component_table_detail {

template <class Entry, std::size_t count>
std::string listed(const Entry (&table)[count]) {
  std::string names;
  for (std::size_t k = 0; k < count; ++k) {
    if (k > 0) names += k + 1 < count ? ", " : " or ";
    names += table[k].type;
  }
  return names;
}

}  // namespace component_table_detail

/// The entry of a type. TokenizerError "tokenizer.component", with the types of the table, where there is none. `stage`
/// is for the message: "a normalizer".
template <class Entry, std::size_t count>
const Entry& find_type(const Entry (&table)[count], std::string_view type, const ComponentReader& object,
                       const char* stage) {
  for (const Entry& entry : table) {
    if (entry.type == type) return entry;
  }
  object.refuse("type", std::string(stage) + " " + component_table_detail::listed(table));
}

/// Reads one component by its "type". Components nest no deeper than JSON may.
template <class Component, std::size_t count, class... Context>
std::unique_ptr<const Component> read_component(const ComponentType<Component, Context...> (&table)[count],
                                                ComponentReader& object, const char* stage,
                                                std::type_identity_t<Context>... context) {
  std::unique_ptr<const Component> component =
      find_type(table, object.text("type"), object, stage).read(object, context...);
  object.finish();
  return component;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
