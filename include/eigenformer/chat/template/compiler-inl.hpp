#pragma once

#include "eigenformer/chat/template/compiler.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE Compiler::Compiler(std::string_view where, const TemplateLimits& limits) {
  program_.where = where;
  program_.limits = limits;
}

EIGENFORMER_INLINE Program Compiler::compile(const Block& block) {
  collect_names(block);
  begin_function(0);
  Scope scope(nullptr, 0, builder().slots);
  scope.use(block);
  enter(scope);
  this->block(block, scope);
  emit({.code = Code::return_text});
  end_function({.name = "template"});
  for (const std::uint32_t index : outliving_) program_.functions[index].outlives = true;
  return std::move(program_);
}

EIGENFORMER_INLINE std::size_t Compiler::emit(Instruction instruction) {
  instruction.line = line_;
  builder().code.push_back(instruction);
  return builder().code.size() - 1;
}

/// The jump goes to what is written next.
EIGENFORMER_INLINE void Compiler::land(std::size_t jump) {
  Instruction& instruction = builder().code[jump];
  const auto target = static_cast<std::uint32_t>(here());
  (instruction.code == Code::compare_and_jump ? instruction.b : instruction.a) = target;
}

EIGENFORMER_INLINE std::uint32_t Compiler::constant(const Value& value) {
  program_.constants.push_back(value);
  return static_cast<std::uint32_t>(program_.constants.size() - 1);
}

EIGENFORMER_INLINE std::uint32_t Compiler::constant(const std::string& text) {
  const auto found = texts_.find(text);
  if (found != texts_.end()) return found->second;
  return texts_[text] = constant(Value::text(text));
}

EIGENFORMER_INLINE void Compiler::begin_function(int depth) {
  builders_.push_back({.index = static_cast<std::uint32_t>(program_.functions.size()), .depth = depth});
  program_.functions.emplace_back();
}

EIGENFORMER_INLINE std::uint32_t Compiler::end_function(Function function) {
  const std::uint32_t index = builder().index;
  function.code = std::move(builder().code);
  function.slots = builder().slots;
  program_.functions[index] = std::move(function);
  builders_.pop_back();
  return index;
}

EIGENFORMER_INLINE void Compiler::enter(const Scope& scope) {
  const auto own = static_cast<std::uint32_t>(scope.depth());
  for (const auto& [name, symbol] : scope.symbols()) {
    switch (symbol.origin) {
      case Origin::parameter: break;
      case Origin::nothing: emit({.code = Code::forget, .a = symbol.slot}); break;
      case Origin::variable: emit({.code = Code::resolve, .a = symbol.slot, .b = constant(name)}); break;
      case Origin::alias: {
        const std::uint32_t hops = own - static_cast<std::uint32_t>(symbol.alias.depth);
        emit({.code = Code::alias, .a = symbol.slot, .b = hops, .c = symbol.alias.slot});
        break;
      }
    }
  }
}

EIGENFORMER_INLINE void Compiler::load(const std::string& name, const Scope& scope) {
  const auto found = scope.find(name);
  if (!found) place().fail_unsupported("the name '" + name + "' in this place");
  const auto hops = static_cast<std::uint32_t>(builder().depth - found->depth);
  emit({.code = Code::load, .a = found->slot, .b = hops, .c = constant(name)});
}

EIGENFORMER_INLINE void Compiler::store(const Expression& target, const Scope& scope) {
  if (target.kind == ExpressionKind::name) {
    emit({.code = Code::store, .a = scope.find(target.name)->slot});
  } else if (target.kind == ExpressionKind::attribute) {
    load(target.name, scope);
    emit({.code = Code::set_attribute, .a = constant(target.constant)});
  } else {
    emit({.code = Code::unpack, .a = static_cast<std::uint32_t>(target.children.size())});
    for (const Expression& child : target.children) store(child, scope);
  }
}

EIGENFORMER_INLINE void Compiler::block(const Block& block, Scope& scope) {
  for (const Statement& statement : block) {
    line_ = statement.line;
    this->statement(statement, scope);
  }
}

EIGENFORMER_INLINE void Compiler::statement(const Statement& statement, Scope& scope) {
  switch (statement.kind) {
    case StatementKind::data: emit({.code = Code::write_constant, .a = constant(statement.text)}); return;
    case StatementKind::output: return output(statement, scope);
    case StatementKind::assign: return assign(statement, scope);
    case StatementKind::assign_block: return assign_block(statement, scope);
    case StatementKind::loop: return statement.recursive ? recursive_loop(statement, scope) : loop(statement, scope);
    case StatementKind::branch: return branch(statement, scope);
    case StatementKind::macro: return macro(statement, scope);
    case StatementKind::call: return call_block(statement, scope);
    case StatementKind::filter: return filter_block(statement, scope);
    case StatementKind::with: return with_block(statement, scope);
    case StatementKind::scope: return inner_scope(statement, scope);
    case StatementKind::break_loop:
    case StatementKind::continue_loop: return jump_statement(statement, scope);
  }
}

EIGENFORMER_INLINE void Compiler::output(const Statement& statement, Scope& scope) {
  for (const Expression& expression : statement.expressions) {
    this->expression(expression, scope);
    emit({.code = Code::write});
  }
}

EIGENFORMER_INLINE void Compiler::assign(const Statement& statement, Scope& scope) {
  expression(statement.expressions[0], scope);
  store(statement.targets[0], scope);
}

EIGENFORMER_INLINE void Compiler::assign_block(const Statement& statement, Scope& scope) {
  Scope inner(&scope, scope.depth(), scope.slots());
  inner.use(statement.blocks[0]);
  for (const Expression& filters : statement.expressions) inner.load_names(filters);
  enter(inner);
  emit({.code = Code::begin_buffer});
  if (!builder().loops.empty()) ++builder().loops.back().buffers;
  block(statement.blocks[0], inner);
  if (!builder().loops.empty()) --builder().loops.back().buffers;
  emit({.code = Code::end_buffer});
  for (const Expression& filters : statement.expressions) steps(filters, inner);
  store(statement.targets[0], scope);
}

EIGENFORMER_INLINE void Compiler::filter_block(const Statement& statement, Scope& scope) {
  Scope inner(&scope, scope.depth(), scope.slots());
  inner.load_names(statement.expressions[0]);
  inner.use(statement.blocks[0]);
  enter(inner);
  emit({.code = Code::begin_buffer});
  if (!builder().loops.empty()) ++builder().loops.back().buffers;
  block(statement.blocks[0], inner);
  if (!builder().loops.empty()) --builder().loops.back().buffers;
  emit({.code = Code::end_buffer});
  steps(statement.expressions[0], inner);
  emit({.code = Code::write, .a = 1});
}

EIGENFORMER_INLINE void Compiler::branch(const Statement& statement, Scope& scope) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < statement.expressions.size(); ++i) {
    expression(statement.expressions[i], scope);
    const std::size_t otherwise = emit({.code = Code::jump_if_false});
    block(statement.blocks[i], scope);
    if (i + 1 < statement.blocks.size()) ends.push_back(emit({.code = Code::jump}));
    land(otherwise);
  }
  if (statement.blocks.size() > statement.expressions.size()) block(statement.blocks.back(), scope);
  for (const std::size_t end : ends) land(end);
}

EIGENFORMER_INLINE void Compiler::with_block(const Statement& statement, Scope& scope) {
  Scope inner(&scope, scope.depth(), scope.slots());
  for (const Expression& target : statement.targets) inner.declare_targets(target);
  inner.use(statement.blocks[0]);
  enter(inner);
  for (std::size_t i = 0; i < statement.targets.size(); ++i) {
    expression(statement.expressions[i], scope);
    store(statement.targets[i], inner);
  }
  block(statement.blocks[0], inner);
}

EIGENFORMER_INLINE void Compiler::inner_scope(const Statement& statement, Scope& scope) {
  Scope inner(&scope, scope.depth(), scope.slots());
  inner.use(statement.blocks[0]);
  enter(inner);
  auto loops = std::move(builder().loops);  // nothing inside can leave a loop around it
  builder().loops.clear();
  block(statement.blocks[0], inner);
  builder().loops = std::move(loops);
}

EIGENFORMER_INLINE void Compiler::jump_statement(const Statement& statement, Scope&) {
  const bool leaves = statement.kind == StatementKind::break_loop;
  auto& loops = builder().loops;
  if (loops.empty()) {
    place().fail_syntax("a loop around '" + std::string(leaves ? "break" : "continue") + "'", "none");
  }
  OpenLoop& loop = loops.back();
  if (loop.buffers > 0) emit({.code = Code::drop_buffers, .a = static_cast<std::uint32_t>(loop.buffers)});
  const std::size_t jump = emit({.code = Code::jump, .a = static_cast<std::uint32_t>(loop.next)});
  if (leaves) loop.breaks.push_back(jump);
}

/// Parameters that were not given get their default values, one after another.
EIGENFORMER_INLINE void Compiler::parameters(const Statement& statement, Scope& scope, Function& function) {
  for (const Parameter& parameter : statement.parameters) {
    const std::uint32_t slot = scope.find(parameter.name)->slot;
    const std::size_t given = emit({.code = Code::jump_if_given, .b = slot});
    if (parameter.fallback) {
      expression(*parameter.fallback, scope);
      emit({.code = Code::store, .a = slot});
    } else {
      emit({.code = Code::undefined_parameter, .a = slot, .b = constant(parameter.name)});
    }
    land(given);
    function.parameters.push_back(parameter.name);
  }
}

EIGENFORMER_INLINE std::uint32_t Compiler::macro_function(const Statement& statement, const Scope& scope) {
  mark_outliving();
  const SourcePlace start = place();
  begin_function(builder().depth + 1);
  Scope inner(&scope, builder().depth, builder().slots);
  Function function{.name = statement.text};
  for (const Parameter& parameter : statement.parameters) {
    inner.declare(parameter.name);
    if (parameter.name == "caller") function.explicit_caller = true;
    if (parameter.name == "caller" && !parameter.fallback) {
      start.fail_syntax("a default value for the parameter 'caller'", "none");
    }
  }
  const Block& body = statement.blocks[0];
  const auto special = [&](const char* name) {
    const bool is_parameter = inner.symbols().contains(name);
    return !is_parameter && mentions(body, name) ? static_cast<int>(inner.declare(name)) : -1;
  };
  function.caller_slot = special("caller");
  function.kwargs_slot = special("kwargs");
  function.varargs_slot = special("varargs");
  for (const Parameter& parameter : statement.parameters) {
    if (parameter.fallback) inner.load_names(*parameter.fallback);
  }
  inner.use(body);
  enter(inner);
  parameters(statement, inner, function);
  block(body, inner);
  emit({.code = Code::return_text});
  return end_function(std::move(function));
}

EIGENFORMER_INLINE void Compiler::macro(const Statement& statement, Scope& scope) {
  emit({.code = Code::make_macro, .a = macro_function(statement, scope)});
  emit({.code = Code::store, .a = scope.find(statement.text)->slot});
}

EIGENFORMER_INLINE void Compiler::call_block(const Statement& statement, Scope& scope) {
  const std::uint32_t body = macro_function(statement, scope);
  Expression call = statement.expressions[0];
  Step last = std::move(call.steps.back());
  call.steps.pop_back();
  line_ = statement.line;
  chain(call, scope);
  check_call(statement.expressions[0], call.steps.size(), scope);
  const std::uint32_t shape = arguments(last.arguments, scope);
  for (const std::string& keyword : program_.shapes[shape].keywords) {
    if (keyword == "caller") place().fail_syntax("a call without an argument 'caller'", "one");
  }
  if (program_.shapes[shape].star || program_.shapes[shape].double_star) {
    place().fail_unsupported("a call block whose call has * or ** arguments");
  }
  emit({.code = Code::make_macro, .a = body});
  program_.shapes[shape].keywords.push_back("caller");
  emit({.code = Code::call, .a = shape});
  emit({.code = Code::write, .a = 1});
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
