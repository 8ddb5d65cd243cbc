#pragma once

#include <algorithm>

#include "eigenformer/chat/template/filters.hpp"
#include "eigenformer/chat/template/parser.hpp"
#include "eigenformer/chat/template/tests.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE void Parser::postfix(Expression& chain) {
  while (true) {
    if (current().is_op(".") || current().is_op("[")) {
      chain.steps.push_back(subscript());
    } else if (current().is_op("(")) {
      chain.steps.push_back(call_step());
    } else {
      return;
    }
  }
}

EIGENFORMER_INLINE void Parser::filters_and_tests(Expression& chain) {
  while (true) {
    if (skip_op("|")) {
      chain.steps.push_back(filter_step());
    } else if (current().is_name("is")) {
      chain.steps.push_back(test_step());
    } else if (current().is_op("(")) {
      chain.steps.push_back(call_step());
    } else {
      return;
    }
  }
}

EIGENFORMER_INLINE Step Parser::subscript() {
  const Nested nested(*this);
  Step step{.kind = StepKind::item, .line = current().line};
  if (skip_op(".")) {
    const Token name = next();
    if (name.kind == TokenKind::name) {
      step.kind = StepKind::attribute;
      step.name = name.text;
    } else if (name.kind == TokenKind::integer) {
      step.operands.push_back(node(ExpressionKind::constant));
      step.operands[0].constant = Value::integer(name.integer);
    } else {
      place().fail_syntax("a name or a number after '.'", describe(name));
    }
    return step;
  }
  expect_op("[");
  subscribed(step);
  if (current().is_op(",")) {
    if (step.kind == StepKind::slice) place().fail_unsupported("slices with commas between");
    Expression items = joined(ExpressionKind::tuple, std::move(step.operands[0]));
    while (skip_op(",")) items.children.push_back(expression());
    step.operands[0] = std::move(items);
  }
  expect_op("]");
  return step;
}

/// What stands in brackets: an item or a slice.
EIGENFORMER_INLINE void Parser::subscribed(Step& step) {
  const auto at_end = [&] { return current().is_op(":") || current().is_op("]") || current().is_op(","); };
  const auto bound = [&] { step.operands.push_back(at_end() ? node(ExpressionKind::constant) : expression()); };
  if (current().is_op("]")) place().fail_syntax("an item in brackets", describe(current()));
  bound();
  if (!skip_op(":")) return;
  step.kind = StepKind::slice;
  bound();
  if (skip_op(":")) {
    bound();
  } else {
    step.operands.push_back(node(ExpressionKind::constant));
  }
}

EIGENFORMER_INLINE Step Parser::call_step() {
  Step step{.kind = StepKind::call, .line = current().line};
  step.arguments = call_arguments();
  return step;
}

EIGENFORMER_INLINE CallArguments Parser::call_arguments() {
  const Nested nested(*this);
  const SourcePlace start = place();
  CallArguments arguments;
  const auto ensure = [&](bool allowed) {
    if (!allowed) start.fail_syntax("arguments in the order positions, names, *, **", "another order");
  };
  expect_op("(");
  bool first = true;
  while (!current().is_op(")")) {
    if (!first) {
      expect_op(",");
      if (current().is_op(")")) break;
    }
    first = false;
    if (skip_op("*")) {
      ensure(arguments.star.empty() && arguments.double_star.empty());
      arguments.star.push_back(expression());
    } else if (skip_op("**")) {
      ensure(arguments.double_star.empty());
      arguments.double_star.push_back(expression());
    } else if (current().kind == TokenKind::name && look().is_op("=")) {
      ensure(arguments.double_star.empty());
      std::string name = next().text;
      next();
      for (const auto& keyword : arguments.keywords) {
        if (keyword.first == name) start.fail_syntax("every argument once", "'" + name + "' twice");
      }
      arguments.keywords.emplace_back(std::move(name), expression());
    } else {
      ensure(arguments.star.empty() && arguments.double_star.empty() && arguments.keywords.empty());
      arguments.positional.push_back(expression());
    }
  }
  next();
  return arguments;
}

EIGENFORMER_INLINE Step Parser::filter_step() {
  Step step{.kind = StepKind::filter, .line = current().line, .name = expect_name().text};
  if (current().is_op(".")) place().fail_unsupported("a filter with '.' in its name");
  if (find_filter(step.name) == nullptr) {
    SourcePlace{where_, step.line}.fail_unsupported("the filter '" + step.name + "'");
  }
  if (current().is_op("(")) step.arguments = call_arguments();
  return step;
}

EIGENFORMER_INLINE Step Parser::test_step() {
  Step step{.kind = StepKind::test, .line = next().line};
  step.negated = skip_name("not");
  step.name = expect_name().text;
  if (current().is_op(".")) place().fail_unsupported("a test with '.' in its name");
  if (find_test(step.name) == nullptr) {
    SourcePlace{where_, step.line}.fail_unsupported("the test '" + step.name + "'");
  }
  const bool starts_argument = current().kind == TokenKind::name || current().kind == TokenKind::text ||
                               current().kind == TokenKind::integer || current().kind == TokenKind::number ||
                               current().is_op("[") || current().is_op("{");
  if (current().is_op("(")) {
    step.arguments = call_arguments();
  } else if (starts_argument && !at_any({"else", "or", "and"})) {
    if (current().is_name("is")) place().fail_syntax("one test", "a second 'is' behind the first");
    Expression argument = primary();
    Expression chain = node(ExpressionKind::chain);
    postfix(chain);
    if (!chain.steps.empty()) {
      chain.children.push_back(std::move(argument));
      argument = std::move(chain);
    }
    step.arguments.positional.push_back(std::move(argument));
  }
  return step;
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
