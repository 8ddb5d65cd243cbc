#pragma once

#include "eigenformer/chat/template/compiler.hpp"
#include "eigenformer/chat/template/functions.hpp"
#include "eigenformer/chat/template/methods.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// Names that the template itself gives to attributes, keys and arguments: a macro may stand behind each of them.
EIGENFORMER_INLINE void Compiler::collect_names(const Block& block) {
  for (const Statement& statement : block) {
    for (const Expression& target : statement.targets) collect_names(target);
    for (const Expression& expression : statement.expressions) collect_names(expression);
    for (const Parameter& parameter : statement.parameters) {
      if (parameter.fallback) collect_names(*parameter.fallback);
    }
    for (const Block& inner : statement.blocks) collect_names(inner);
  }
}

EIGENFORMER_INLINE void Compiler::collect_names(const Expression& expression) {
  const auto collect_text = [&](const Expression& item) {
    if (item.kind == ExpressionKind::constant && item.constant.is(Kind::text)) {
      given_names_.insert(text_of(item.constant).bytes);
    }
  };
  if (expression.kind == ExpressionKind::attribute) given_names_.insert(text_of(expression.constant).bytes);
  const bool is_container = expression.kind == ExpressionKind::dict || expression.kind == ExpressionKind::tuple ||
                            expression.kind == ExpressionKind::list;
  for (const Expression& child : expression.children) {
    if (is_container) collect_text(child);
    collect_names(child);
  }
  for (const Step& step : expression.steps) {
    for (const Expression& operand : step.operands) collect_names(operand);
    collect_names(step.arguments);
  }
}

EIGENFORMER_INLINE void Compiler::collect_names(const CallArguments& arguments) {
  for (const Expression& value : arguments.positional) collect_names(value);
  for (const auto& [keyword, value] : arguments.keywords) {
    given_names_.insert(keyword);
    collect_names(value);
  }
  for (const Expression& value : arguments.star) collect_names(value);
  for (const Expression& value : arguments.double_star) collect_names(value);
}

/// The call at `chain.steps[index]` is of something that can be called.
EIGENFORMER_INLINE void Compiler::check_call(const Expression& chain, std::size_t index, const Scope& scope) const {
  const SourcePlace where{program_.where, chain.steps[index].line};
  if (index == 0) {
    const Expression& called = chain.children[0];
    if (called.kind == ExpressionKind::constant) where.fail_syntax("a function to call", "a literal");
    if (called.kind != ExpressionKind::name) return;
    if (!scope.is_assigned(called.name) && !is_function(called.name)) {
      where.fail_unsupported("the function '" + called.name + "'");
    }
    return;
  }
  const Step& before = chain.steps[index - 1];
  if (before.kind == StepKind::attribute && !is_method(before.name) && !given_names_.contains(before.name)) {
    where.fail_unsupported("the method '" + before.name + "'");
  }
}

/// map('name'), select('name'), selectattr('attribute', 'name'): names of filters and tests as arguments.
EIGENFORMER_INLINE void Compiler::check_named_filter(const Step& step) const {
  const SourcePlace where{program_.where, step.line};
  const auto& positional = step.arguments.positional;
  const auto named = [&](std::size_t index) -> const std::string* {
    if (index >= positional.size() || positional[index].kind != ExpressionKind::constant) return nullptr;
    const Value& value = positional[index].constant;
    return value.is(Kind::text) ? &text_of(value).bytes : nullptr;
  };
  if (step.name == "map") {
    const std::string* filter = named(0);
    if (filter != nullptr && find_filter(*filter) == nullptr) where.fail_unsupported("the filter '" + *filter + "'");
    return;
  }
  const bool of_item = step.name == "select" || step.name == "reject";
  const bool of_attribute = step.name == "selectattr" || step.name == "rejectattr";
  if (!of_item && !of_attribute) return;
  const std::string* test = named(of_item ? 0 : 1);
  if (test != nullptr && find_test(*test) == nullptr) where.fail_unsupported("the test '" + *test + "'");
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
