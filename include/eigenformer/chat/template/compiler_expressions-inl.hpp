#pragma once

#include "eigenformer/chat/template/compiler.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE void Compiler::expression(const Expression& expression, const Scope& scope) {
  line_ = expression.line;
  switch (expression.kind) {
    case ExpressionKind::constant: emit({.code = Code::constant, .a = constant(expression.constant)}); return;
    case ExpressionKind::name:
    case ExpressionKind::attribute: return name(expression, scope);
    case ExpressionKind::tuple:
    case ExpressionKind::list:
    case ExpressionKind::dict:
    case ExpressionKind::concatenation: return items(expression, scope);
    case ExpressionKind::conditional: return conditional(expression, scope);
    case ExpressionKind::either:
    case ExpressionKind::both: return logic(expression, scope);
    case ExpressionKind::comparison: return comparison(expression, scope);
    case ExpressionKind::arithmetic: return arithmetic(expression, scope);
    case ExpressionKind::negation:
    case ExpressionKind::minus:
    case ExpressionKind::plus: return one_operand(expression, scope);
    case ExpressionKind::chain: return chain(expression, scope);
  }
}

EIGENFORMER_INLINE void Compiler::name(const Expression& expression, const Scope& scope) {
  if (expression.name == "self" && !scope.is_assigned("self")) place().fail_unsupported("the variable 'self'");
  load(expression.name, scope);
}

EIGENFORMER_INLINE void Compiler::items(const Expression& expression, const Scope& scope) {
  for (const Expression& child : expression.children) this->expression(child, scope);
  const std::size_t count = expression.children.size();
  const bool is_dict = expression.kind == ExpressionKind::dict;
  const Code code = is_dict                                            ? Code::make_dict
                    : expression.kind == ExpressionKind::list          ? Code::make_list
                    : expression.kind == ExpressionKind::concatenation ? Code::concatenate
                                                                       : Code::make_tuple;
  emit({.code = code, .a = static_cast<std::uint32_t>(is_dict ? count / 2 : count)});
}

EIGENFORMER_INLINE void Compiler::conditional(const Expression& expression, const Scope& scope) {
  this->expression(expression.children[1], scope);
  const std::size_t otherwise = emit({.code = Code::jump_if_false});
  this->expression(expression.children[0], scope);
  const std::size_t end = emit({.code = Code::jump});
  land(otherwise);
  if (expression.children.size() > 2) {
    this->expression(expression.children[2], scope);
  } else {
    Value nothing(Kind::missing);  // becomes undefined
    emit({.code = Code::constant, .a = constant(nothing)});
  }
  land(end);
}

EIGENFORMER_INLINE void Compiler::logic(const Expression& expression, const Scope& scope) {
  const Code code = expression.kind == ExpressionKind::either ? Code::jump_or_pop_true : Code::jump_or_pop_false;
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < expression.children.size(); ++i) {
    this->expression(expression.children[i], scope);
    if (i + 1 < expression.children.size()) ends.push_back(emit({.code = code}));
  }
  for (const std::size_t end : ends) land(end);
}

EIGENFORMER_INLINE void Compiler::comparison(const Expression& expression, const Scope& scope) {
  std::vector<std::size_t> ends;
  this->expression(expression.children[0], scope);
  for (std::size_t i = 0; i < expression.operators.size(); ++i) {
    this->expression(expression.children[i + 1], scope);
    const auto op = static_cast<std::uint32_t>(expression.operators[i]);
    if (i + 1 < expression.operators.size()) {
      ends.push_back(emit({.code = Code::compare_and_jump, .a = op}));
    } else {
      emit({.code = Code::compare, .a = op});
    }
  }
  for (const std::size_t end : ends) land(end);
}

EIGENFORMER_INLINE void Compiler::arithmetic(const Expression& expression, const Scope& scope) {
  this->expression(expression.children[0], scope);
  for (std::size_t i = 0; i < expression.operators.size(); ++i) {
    this->expression(expression.children[i + 1], scope);
    emit({.code = Code::arithmetic, .a = static_cast<std::uint32_t>(expression.operators[i])});
  }
}

EIGENFORMER_INLINE void Compiler::one_operand(const Expression& expression, const Scope& scope) {
  this->expression(expression.children[0], scope);
  const bool minus = expression.kind == ExpressionKind::minus;
  emit({.code = expression.kind == ExpressionKind::negation ? Code::invert : minus ? Code::negate : Code::keep_sign});
}

EIGENFORMER_INLINE void Compiler::chain(const Expression& expression, const Scope& scope) {
  this->expression(expression.children[0], scope);
  for (std::size_t i = 0; i < expression.steps.size(); ++i) {
    if (expression.steps[i].kind == StepKind::call) check_call(expression, i, scope);
    step(expression.steps[i], scope);
  }
}

/// The steps alone: what they are applied to is on top of the stack.
EIGENFORMER_INLINE void Compiler::steps(const Expression& expression, const Scope& scope) {
  for (const Step& step : expression.steps) this->step(step, scope);
}

EIGENFORMER_INLINE void Compiler::step(const Step& step, const Scope& scope) {
  line_ = step.line;
  for (const Expression& operand : step.operands) expression(operand, scope);
  switch (step.kind) {
    case StepKind::attribute: emit({.code = Code::attribute, .a = constant(step.name)}); return;
    case StepKind::item: emit({.code = Code::item}); return;
    case StepKind::slice: emit({.code = Code::slice}); return;
    default: break;
  }
  if (step.kind == StepKind::filter) check_named_filter(step);
  const std::uint32_t shape = arguments(step.arguments, scope);
  line_ = step.line;
  if (step.kind == StepKind::call) {
    emit({.code = Code::call, .a = shape});
  } else if (step.kind == StepKind::filter) {
    program_.shapes[shape].filter = find_filter(step.name);
    emit({.code = Code::filter, .a = shape});
  } else {
    program_.shapes[shape].test = find_test(step.name);
    emit({.code = Code::test, .a = shape, .b = step.negated ? 1u : 0u});
  }
}

EIGENFORMER_INLINE std::uint32_t Compiler::arguments(const CallArguments& arguments, const Scope& scope) {
  CallShape shape{.positional = arguments.positional.size()};
  for (const Expression& value : arguments.positional) expression(value, scope);
  for (const auto& [keyword, value] : arguments.keywords) {
    expression(value, scope);
    shape.keywords.push_back(keyword);
  }
  for (const Expression& value : arguments.star) expression(value, scope);
  for (const Expression& value : arguments.double_star) expression(value, scope);
  shape.star = !arguments.star.empty();
  shape.double_star = !arguments.double_star.empty();
  program_.shapes.push_back(std::move(shape));
  return static_cast<std::uint32_t>(program_.shapes.size() - 1);
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
