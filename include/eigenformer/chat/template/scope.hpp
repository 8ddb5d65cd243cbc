// Which variable a name means. Jinja decides that when it compiles, scope by scope: a name that is set anywhere in a
// scope is that scope's own from its beginning on. The same rules are followed here (jinja2/idtracking.py, Jinja 3.1).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eigenformer/chat/template/syntax.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// A slot of a function's frame. `depth` is how many functions stand around that function.
struct Place {
  int depth = 0;
  std::uint32_t slot = 0;
};

/// How a variable gets its first value when its scope is entered.
enum class Origin : std::uint8_t {
  parameter,  // whoever enters the scope sets it
  variable,   // the variable of that name that the host passes
  alias,      // the variable of the scope around
  nothing,    // it is missing until it is set
};

struct Symbol {
  std::uint32_t slot = 0;
  Origin origin = Origin::nothing;
  Place alias;
  bool stored = false;
};

class Scope {
 public:
  /// `slots` counts the slots of the function that the scope stands in.
  Scope(const Scope* parent, int depth, std::size_t& slots) : parent_(parent), depth_(depth), slots_(&slots) {}

  std::uint32_t declare(const std::string& name);
  void load(const std::string& name);
  void store(const std::string& name);
  void store_targets(const Expression& target);
  void declare_targets(const Expression& target);
  void load_names(const Expression& expression);
  void load_names(const CallArguments& arguments);
  /// All names that statements of this scope use, leaving out what stands in scopes inside of it.
  void use(const Block& block);

  std::optional<Place> find(const std::string& name) const;
  /// Whether the template itself gives the name a value that can be seen from here.
  bool is_assigned(const std::string& name) const;
  const std::map<std::string, Symbol>& symbols() const { return symbols_; }
  int depth() const { return depth_; }
  std::size_t& slots() const { return *slots_; }

 private:
  void use(const Statement& statement);
  void use_branches(const Statement& statement);
  Symbol& define(const std::string& name, Origin origin);

  const Scope* parent_;
  int depth_;
  std::size_t* slots_;
  std::map<std::string, Symbol> symbols_;
  std::vector<std::string> stored_;  // in the order in which they were first stored
};

/// Whether the name is read anywhere in the block, also in scopes inside of it.
bool mentions(const Block& block, std::string_view name);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
