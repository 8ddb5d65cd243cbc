#pragma once

#include "eigenformer/chat/template/access.hpp"
#include "eigenformer/chat/template/functions.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/machine.hpp"
#include "eigenformer/chat/template/print.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE void Machine::on_constant(const Instruction& i) {
  const Value& value = program_.constants[i.a];
  if (!value.is(Kind::missing)) return push(value);
  push(runtime_.undefined("the inline if-expression evaluated to false and no else section was defined"));
}

EIGENFORMER_INLINE void Machine::on_load(const Instruction& i) {
  const Value& value = frame_at(i.b).slots[i.a];
  if (!value.is(Kind::missing)) return push(value);
  push(runtime_.undefined("'" + constant_text(i.c).bytes + "' is undefined"));
}

EIGENFORMER_INLINE void Machine::on_store(const Instruction& i) { frame().slots[i.a] = pop(); }

EIGENFORMER_INLINE void Machine::on_forget(const Instruction& i) { frame().slots[i.a] = Value(Kind::missing); }

EIGENFORMER_INLINE Value Machine::variable(const std::string& name) const {
  if (variables_.is(Kind::object)) {
    if (const auto found = find_key(dict_of(variables_), name)) return dict_of(variables_).entries[*found].second;
  }
  return global_function(runtime_, name).value_or(Value(Kind::missing));
}

EIGENFORMER_INLINE void Machine::on_resolve(const Instruction& i) {
  frame().slots[i.a] = variable(constant_text(i.b).bytes);
}

EIGENFORMER_INLINE void Machine::on_alias(const Instruction& i) { frame().slots[i.a] = frame_at(i.b).slots[i.c]; }

EIGENFORMER_INLINE void Machine::on_set_attribute(const Instruction& i) {
  const Value space = pop();
  Value value = pop();
  if (!space.is(Kind::space)) {
    runtime_.fail_type("a namespace to set an attribute of", "a value of type " + type_name(space));
  }
  const std::string& name = constant_text(i.a).bytes;
  if (name.starts_with('_')) {
    runtime_.fail_value("an attribute whose name does not begin with '_'", "'" + name + "'");
  }
  auto& attributes = space.as<NamespaceObject>().attributes;
  for (auto& [key, old] : attributes) {
    runtime_.step();
    if (key != name) continue;
    old = std::move(value);
    return;
  }
  attributes.emplace_back(name, std::move(value));
}

EIGENFORMER_INLINE void Machine::on_make_list(const Instruction& i) { push(runtime_.list(pop_many(i.a))); }

EIGENFORMER_INLINE void Machine::on_make_tuple(const Instruction& i) {
  push(runtime_.list(pop_many(i.a), Kind::tuple));
}

EIGENFORMER_INLINE void Machine::on_make_dict(const Instruction& i) {
  auto values = pop_many(std::size_t{2} * i.a);
  std::vector<std::pair<Value, Value>> entries;
  entries.reserve(i.a);
  for (std::size_t at = 0; at < values.size(); at += 2) {
    entries.emplace_back(std::move(values[at]), std::move(values[at + 1]));
  }
  push(runtime_.dict(std::move(entries)));
}

EIGENFORMER_INLINE void Machine::on_unpack(const Instruction& i) {
  const Value value = pop();
  if (value.is(Kind::undefined)) runtime_.fail_undefined(value);
  const auto items = items_left(runtime_, value);
  if (items.size() != i.a) {
    runtime_.fail_value(std::to_string(i.a) + " values to unpack", std::to_string(items.size()));
  }
  for (auto item = items.rbegin(); item != items.rend(); ++item) push(*item);
}

EIGENFORMER_INLINE void Machine::on_arithmetic(const Instruction& i) {
  const Value right = pop();
  const Value left = pop();
  push(apply(runtime_, static_cast<Operator>(i.a), left, right));
}

EIGENFORMER_INLINE void Machine::on_concatenate(const Instruction& i) {
  TextBuilder out(runtime_);
  for (const Value& value : pop_many(i.a)) append_text(runtime_, value, out);
  push(out.value());
}

EIGENFORMER_INLINE void Machine::on_compare(const Instruction& i) {
  const Value right = pop();
  const Value left = pop();
  push(Value::boolean(compare(runtime_, static_cast<Operator>(i.a), left, right)));
}

EIGENFORMER_INLINE void Machine::on_compare_and_jump(const Instruction& i) {
  Value right = pop();
  const Value left = pop();
  if (compare(runtime_, static_cast<Operator>(i.a), left, right)) return push(std::move(right));
  push(Value::boolean(false));
  jump(i.b);
}

EIGENFORMER_INLINE void Machine::on_negate(const Instruction&) { push(negate(runtime_, pop())); }

EIGENFORMER_INLINE void Machine::on_keep_sign(const Instruction&) { push(keep_sign(runtime_, pop())); }

EIGENFORMER_INLINE void Machine::on_invert(const Instruction&) { push(Value::boolean(!is_true(pop()))); }

EIGENFORMER_INLINE void Machine::on_attribute(const Instruction& i) {
  const Value value = pop();
  push(get_attribute(runtime_, value, constant_text(i.a).bytes));
}

EIGENFORMER_INLINE void Machine::on_item(const Instruction&) {
  const Value key = pop();
  const Value value = pop();
  push(get_item(runtime_, value, key));
}

EIGENFORMER_INLINE void Machine::on_slice(const Instruction&) {
  auto bounds = pop_many(3);
  const Value value = pop();
  push(get_slice(runtime_, value, {.start = bounds[0], .stop = bounds[1], .step = bounds[2]}));
}

EIGENFORMER_INLINE void Machine::on_filter(const Instruction& i) {
  const CallShape& shape = program_.shapes[i.a];
  Arguments arguments = pop_arguments(shape);
  const Value value = pop();
  push(call_filter(runtime_, *shape.filter, value, arguments));
}

EIGENFORMER_INLINE void Machine::on_test(const Instruction& i) {
  const CallShape& shape = program_.shapes[i.a];
  Arguments arguments = pop_arguments(shape);
  const Value value = pop();
  push(Value::boolean(call_test(runtime_, *shape.test, value, arguments) != (i.b != 0)));
}

EIGENFORMER_INLINE void Machine::on_jump(const Instruction& i) { jump(i.a); }

EIGENFORMER_INLINE void Machine::on_jump_if_false(const Instruction& i) {
  if (!is_true(pop())) jump(i.a);
}

EIGENFORMER_INLINE void Machine::on_jump_or_pop_false(const Instruction& i) {
  if (is_true(stack_.back()))
    stack_.pop_back();
  else
    jump(i.a);
}

EIGENFORMER_INLINE void Machine::on_jump_or_pop_true(const Instruction& i) {
  if (is_true(stack_.back()))
    jump(i.a);
  else
    stack_.pop_back();
}

EIGENFORMER_INLINE void Machine::on_jump_if_given(const Instruction& i) {
  if (!frame().slots[i.b].is(Kind::missing)) jump(i.a);
}

EIGENFORMER_INLINE void Machine::on_undefined_parameter(const Instruction& i) {
  frame().slots[i.a] = runtime_.undefined("parameter '" + constant_text(i.b).bytes + "' was not provided");
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
