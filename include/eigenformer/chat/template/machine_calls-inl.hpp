#pragma once

#include <algorithm>

#include "eigenformer/chat/template/access.hpp"
#include "eigenformer/chat/template/functions.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/machine.hpp"
#include "eigenformer/chat/template/methods.hpp"
#include "eigenformer/chat/template/print.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE void Machine::on_write(const Instruction& i) {
  const Value value = pop();
  if (i.a != 0 && !value.is(Kind::text)) {
    runtime_.fail_type("a block that gives a text", "one that gives a value of type " + type_name(value));
  }
  append_text(runtime_, value, output());
}

EIGENFORMER_INLINE void Machine::on_write_constant(const Instruction& i) { output().append(constant_text(i.a)); }

EIGENFORMER_INLINE void Machine::on_begin_buffer(const Instruction&) { buffers_.emplace_back(runtime_); }

EIGENFORMER_INLINE void Machine::on_end_buffer(const Instruction&) {
  push(buffers_.back().value());
  buffers_.pop_back();
}

EIGENFORMER_INLINE void Machine::on_drop_buffers(const Instruction& i) {
  for (std::uint32_t left = i.a; left > 0; --left) buffers_.pop_back();
}

EIGENFORMER_INLINE void Machine::on_begin_loop(const Instruction& i) {
  const Value walked = pop();
  auto made = std::make_shared<LoopObject>();
  made->items = items_left(runtime_, walked);
  for (const Value& item : made->items) made->depth = std::max(made->depth, depth_of(item) + 1);
  runtime_.check_depth(made->depth);
  Frame* const around = i.b != 0 ? frame().parent : &frame();
  if (i.a != 0) {
    const Function& test = program_.functions[i.a - 1];
    made->test = [this, &test, around](const Value& item) { return test_item(test, around, item); };
  }
  if (i.b != 0) {
    made->recurse = calls_.back().function;
    made->frame = around;
    made->depth0 = frame().loop_depth;
  }
  loops_.push_back({.value = Value(Kind::loop, std::move(made))});
}

EIGENFORMER_INLINE void Machine::on_next_item(const Instruction& i) {
  const Value current = loops_.back().value;  // a test may run in between
  auto item = loop_next(current.as<LoopObject>());
  if (item)
    push(std::move(*item));
  else
    jump(i.a);
}

EIGENFORMER_INLINE void Machine::on_loop_object(const Instruction& i) { frame().slots[i.a] = loops_.back().value; }

EIGENFORMER_INLINE void Machine::on_end_pass(const Instruction&) { loops_.back().completed = true; }

EIGENFORMER_INLINE void Machine::on_end_loop(const Instruction& i) {
  if (i.a != 0) push(Value::boolean(loops_.back().completed));
  loops_.pop_back();
}

EIGENFORMER_INLINE void Machine::on_make_macro(const Instruction& i) {
  auto macro = std::make_shared<MacroObject>();
  macro->function = &program_.functions[i.a];
  macro->frame = &frame();
  push(Value(Kind::macro, std::move(macro)));
}

EIGENFORMER_INLINE Arguments Machine::pop_arguments(const CallShape& shape) {
  const Value named = shape.double_star ? pop() : Value();
  const Value listed = shape.star ? pop() : Value();
  Arguments arguments;
  auto keywords = pop_many(shape.keywords.size());
  arguments.positional = pop_many(shape.positional);
  for (std::size_t i = 0; i < keywords.size(); ++i) {
    arguments.keywords.emplace_back(shape.keywords[i], std::move(keywords[i]));
  }
  if (shape.star) {
    for (Value& item : items_left(runtime_, listed)) arguments.positional.push_back(std::move(item));
  }
  if (!shape.double_star) return arguments;
  if (!named.is(Kind::object)) runtime_.fail_type("an object after **", "a value of type " + type_name(named));
  for (const auto& [key, value] : dict_of(named).entries) {
    runtime_.step();
    if (!key.is(Kind::text)) runtime_.fail_type("texts as the names of arguments", "a value of type " + type_name(key));
    const std::string& name = text_of(key).bytes;
    for (const std::string& other : shape.keywords) {
      runtime_.step();
      if (other == name) runtime_.fail_type("one value for the argument '" + name + "'", "two");
    }
    if (provenance_of(text_of(key)) == Provenance::content) arguments.of_names = Provenance::content;
    arguments.keywords.emplace_back(name, value);
  }
  return arguments;
}

EIGENFORMER_INLINE void Machine::on_call(const Instruction& i) {
  Arguments arguments = pop_arguments(program_.shapes[i.a]);
  const Value callee = pop();
  call_value(callee, std::move(arguments));
}

EIGENFORMER_INLINE void Machine::call_value(const Value& callee, Arguments arguments) {
  switch (callee.kind()) {
    case Kind::undefined: runtime_.fail_undefined(callee);
    case Kind::function: return push(call_function(runtime_, callee, arguments));
    case Kind::method: {
      const auto& method = callee.as<MethodObject>();
      return push(call_method(runtime_, *method.entry, method.self, arguments));
    }
    case Kind::macro: return call_macro(callee.as<MacroObject>(), std::move(arguments));
    case Kind::loop: return call_loop(callee, std::move(arguments));
    case Kind::joiner: {
      bind(runtime_, "joiner", "", arguments);
      auto& joiner = callee.as<JoinerObject>();
      return push(std::exchange(joiner.used, true) ? joiner.separator : plain(runtime_, ""));
    }
    default: runtime_.fail_type("something to call", "a value of type " + type_name(callee));
  }
}

EIGENFORMER_INLINE void Machine::call_macro(const MacroObject& macro, Arguments arguments) {
  const Function& function = *macro.function;
  Frame* const made = make_frame(function, macro.frame);
  auto& positional = arguments.positional;
  auto& keywords = arguments.keywords;
  const std::size_t count = function.parameters.size();
  const auto take = [&](std::string_view name) -> std::optional<Value> {
    const auto found =
        std::ranges::find(keywords, name, [](const auto& keyword) -> std::string_view { return keyword.first; });
    if (found == keywords.end()) return std::nullopt;
    Value value = std::move(found->second);
    keywords.erase(found);
    return value;
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (i < positional.size())
      made->slots[i] = std::move(positional[i]);
    else if (auto value = take(function.parameters[i]))
      made->slots[i] = std::move(*value);
  }
  const auto slot = [&](int index) -> Value& { return made->slots[static_cast<std::size_t>(index)]; };
  if (function.caller_slot >= 0) {
    const auto caller = take("caller");
    slot(function.caller_slot) = caller && !caller->is(Kind::none) ? *caller : runtime_.undefined("No caller defined");
  }
  if (function.kwargs_slot >= 0) {
    std::vector<std::pair<Value, Value>> rest;
    rest.reserve(keywords.size());
    for (auto& [name, value] : keywords) rest.emplace_back(arguments.name(runtime_, name), std::move(value));
    slot(function.kwargs_slot) = runtime_.dict(std::move(rest));
  } else if (!keywords.empty()) {
    runtime_.fail_type("the arguments of the macro '" + function.name + "'",
                       "one that it has not: '" + keywords[0].first + "'");
  }
  if (function.varargs_slot >= 0) {
    const auto begin = positional.begin() + static_cast<std::ptrdiff_t>(std::min(count, positional.size()));
    slot(function.varargs_slot) = runtime_.list({begin, positional.end()}, Kind::tuple);
  } else if (positional.size() > count) {
    runtime_.fail_type("at most " + std::to_string(count) + " arguments of the macro '" + function.name + "'",
                       std::to_string(positional.size()));
  }
  begin_call(function, made);
  buffers_.emplace_back(runtime_);
}

EIGENFORMER_INLINE void Machine::call_loop(const Value& loop, Arguments arguments) {
  const auto& around = loop.as<LoopObject>();
  if (around.recurse == nullptr) runtime_.fail_type("a loop that is marked recursive", "one that is not");
  bind(runtime_, "loop", "iterable", arguments);
  Frame* const made = make_frame(*around.recurse, around.frame);
  made->argument = std::move(arguments.positional[0]);
  made->loop_depth = around.depth0 + 1;
  begin_call(*around.recurse, made);
  buffers_.emplace_back(runtime_);
}

EIGENFORMER_INLINE void Machine::on_call_recursive(const Instruction& i) {
  const Function& function = program_.functions[i.a];
  Value walked = pop();
  Frame* const made = make_frame(function, &frame());
  made->argument = std::move(walked);
  begin_call(function, made);
  buffers_.emplace_back(runtime_);
}

EIGENFORMER_INLINE void Machine::on_argument(const Instruction&) { push(frame().argument); }

EIGENFORMER_INLINE void Machine::on_return_text(const Instruction&) {
  Value text = output().value();
  end_call();
  push(std::move(text));
}

EIGENFORMER_INLINE void Machine::on_return_value(const Instruction&) {
  Value value = pop();
  end_call();
  push(std::move(value));
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
