// The syntax tree of a template. Chains (a.b.c|d|e, x + y + z, elif after elif) are lists, so that the depth of the
// tree is the nesting that the author wrote and not the length of what they wrote.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/chat/template/operators.hpp"
#include "eigenformer/chat/template/value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

struct Step;

enum class ExpressionKind : std::uint8_t {
  constant,       // constant
  name,           // name
  attribute,      // name.attribute, only as a target of set; the attribute stands in `constant`
  tuple,          // children
  list,           // children
  dict,           // children: key, value, key, value ...
  conditional,    // children: value, condition, other value (the last may be absent)
  either,         // children: a or b or c
  both,           // children: a and b and c
  negation,       // not child
  comparison,     // children and the operators between them
  arithmetic,     // children and the operators between them, from left to right
  concatenation,  // children: a ~ b ~ c
  minus,          // -child
  plus,           // +child
  chain,          // child, then steps
};

struct Expression {
  ExpressionKind kind = ExpressionKind::constant;
  int line = 1;
  std::string name;
  Value constant;
  std::vector<Expression> children;
  std::vector<Operator> operators;
  std::vector<Step> steps;
};

struct CallArguments {
  std::vector<Expression> positional;
  std::vector<std::pair<std::string, Expression>> keywords;
  std::vector<Expression> star;         // *list, at most one
  std::vector<Expression> double_star;  // **object, at most one
};

enum class StepKind : std::uint8_t { attribute, item, slice, call, filter, test };

/// What follows an expression: .name, [item], [start:stop:step], (arguments), |filter, is test.
struct Step {
  StepKind kind = StepKind::attribute;
  int line = 1;
  std::string name = {};
  std::vector<Expression> operands = {};  // item: one; slice: start, stop, step, each the constant none where left out
  CallArguments arguments = {};
  bool negated = false;  // is not
};

enum class StatementKind : std::uint8_t {
  data,          // text
  output,        // expressions
  assign,        // targets[0] = expressions[0]
  assign_block,  // targets[0] = blocks[0] through the filters of expressions[0], if there is one
  loop,          // targets[0] in expressions[0] (if expressions[1]): blocks[0], else blocks[1]
  branch,        // expressions: conditions; blocks: one a condition, and one more for else
  macro,         // text: name; parameters; blocks[0]
  call,          // expressions[0]: the call; parameters; blocks[0]: what caller() gives
  filter,        // expressions[0]: a chain of filters without a beginning; blocks[0]
  with,          // targets = expressions: blocks[0]
  scope,         // blocks[0], with names of its own: generation
  break_loop,
  continue_loop,
};

struct Parameter {
  std::string name;
  std::optional<Expression> fallback;
};

struct Statement;
using Block = std::vector<Statement>;

struct Statement {
  StatementKind kind = StatementKind::data;
  int line = 1;
  std::string text = {};
  std::vector<Expression> targets = {};
  std::vector<Expression> expressions = {};
  std::vector<Block> blocks = {};
  std::vector<Parameter> parameters = {};
  bool recursive = false;
};

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
