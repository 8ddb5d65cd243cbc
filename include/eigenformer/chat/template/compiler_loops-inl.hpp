#pragma once

#include <algorithm>

#include "eigenformer/chat/template/compiler.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace loops_detail {

bool assigns_loop(const Block& block);

EIGENFORMER_INLINE bool is_loop_name(const Expression& target) {
  return (target.kind == ExpressionKind::name && target.name == "loop") ||
         std::ranges::any_of(target.children, is_loop_name);
}

EIGENFORMER_INLINE bool assigns_loop(const Block& block) {
  return std::ranges::any_of(block, [](const Statement& statement) {
    const bool sets = statement.kind == StatementKind::assign || statement.kind == StatementKind::assign_block ||
                      statement.kind == StatementKind::loop;
    return (sets && std::ranges::any_of(statement.targets, is_loop_name)) ||
           std::ranges::any_of(statement.blocks, assigns_loop);
  });
}

}  // namespace loops_detail

EIGENFORMER_INLINE void Compiler::refuse_loop_target(const Statement& statement, const SourcePlace& place) {
  if (loops_detail::is_loop_name(statement.targets[0]) ||
      std::ranges::any_of(statement.blocks, loops_detail::assigns_loop)) {
    place.fail_syntax("names other than 'loop' to assign to inside of a loop", "'loop'");
  }
}

EIGENFORMER_INLINE void Compiler::loop(const Statement& statement, Scope& scope) {
  refuse_loop_target(statement, place());
  const std::uint32_t test = loop_test(statement, scope);
  line_ = statement.line;
  expression(statement.expressions[0], scope);
  passes(statement, scope, test);
}

/// A recursive loop is a function of its own, which `loop(...)` calls again.
EIGENFORMER_INLINE void Compiler::recursive_loop(const Statement& statement, Scope& scope) {
  refuse_loop_target(statement, place());
  mark_outliving();
  const std::uint32_t test = loop_test(statement, scope);
  begin_function(builder().depth + 1);
  emit({.code = Code::argument});
  passes(statement, scope, test);
  emit({.code = Code::return_text});
  const std::uint32_t function = end_function({.name = "loop"});
  line_ = statement.line;
  expression(statement.expressions[0], scope);
  emit({.code = Code::call_recursive, .a = function});
  emit({.code = Code::write});
}

/// The test of "for x in y if test": a function of one item. Returns its number plus one, or 0 without a test.
EIGENFORMER_INLINE std::uint32_t Compiler::loop_test(const Statement& statement, const Scope& outer) {
  if (statement.expressions.size() < 2) return 0;
  mark_outliving();
  begin_function(builder().depth + 1);
  Scope inner(&outer, builder().depth, builder().slots);
  inner.declare_targets(statement.targets[0]);
  inner.load_names(statement.expressions[1]);
  emit({.code = Code::argument});
  store(statement.targets[0], inner);
  enter(inner);
  expression(statement.expressions[1], inner);
  emit({.code = Code::return_value});
  return end_function({.name = "the test of a loop"}) + 1;
}

/// What runs once an item: what to walk is on top of the stack.
EIGENFORMER_INLINE void Compiler::passes(const Statement& statement, const Scope& outer, std::uint32_t test) {
  const Block* otherwise = statement.blocks.size() > 1 ? &statement.blocks[1] : nullptr;
  Scope inner(&outer, builder().depth, builder().slots);
  const std::uint32_t loop_slot = inner.declare("loop");
  inner.declare_targets(statement.targets[0]);
  inner.use(statement.blocks[0]);
  emit({.code = Code::begin_loop, .a = test, .b = statement.recursive ? 1u : 0u});
  const std::size_t next = emit({.code = Code::next_item});
  store(statement.targets[0], inner);
  emit({.code = Code::loop_object, .a = loop_slot});
  enter(inner);
  builder().loops.push_back({.next = next});
  block(statement.blocks[0], inner);
  line_ = statement.line;
  if (otherwise != nullptr) emit({.code = Code::end_pass});
  emit({.code = Code::jump, .a = static_cast<std::uint32_t>(next)});
  land(next);
  for (const std::size_t jump : builder().loops.back().breaks) land(jump);
  builder().loops.pop_back();
  emit({.code = Code::end_loop, .a = otherwise != nullptr ? 1u : 0u});
  if (otherwise == nullptr) return;
  emit({.code = Code::invert});
  const std::size_t done = emit({.code = Code::jump_if_false});
  Scope scope(&outer, builder().depth, builder().slots);
  scope.use(*otherwise);
  enter(scope);
  block(*otherwise, scope);
  land(done);
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
