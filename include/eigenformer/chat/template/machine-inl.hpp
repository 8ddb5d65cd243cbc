#pragma once

#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/machine.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace machine_detail {

/// Tests of loops run inside of look-ups such as loop.last; only so many may stand inside of one another.
inline constexpr std::size_t k_most_nested_runs = 16;

}  // namespace machine_detail

EIGENFORMER_INLINE Machine::Machine(const Program& program, const Value& variables, Runtime& runtime)
    : program_(program), variables_(variables), runtime_(runtime) {}

EIGENFORMER_INLINE Text Machine::run() {
  const Function& main = program_.functions.front();
  begin_call(main, make_frame(main, nullptr));
  buffers_.emplace_back(runtime_);
  run_until(0);
  const Value text = pop();
  return text_of(text);
}

/// Runs until so many calls are left.
EIGENFORMER_INLINE void Machine::run_until(std::size_t calls) {
  while (calls_.size() > calls) {
    Call& call = calls_.back();
    const Instruction& instruction = call.function->code[call.next++];
    runtime_.set_line(instruction.line);
    runtime_.step();
    (this->*handler(instruction.code))(instruction);
  }
}

EIGENFORMER_INLINE Machine::Handler Machine::handler(Code code) {
  static constexpr Handler k_handlers[] = {
      // in the order of Code
      &Machine::on_constant,
      &Machine::on_load,
      &Machine::on_store,
      &Machine::on_forget,
      &Machine::on_resolve,
      &Machine::on_alias,
      &Machine::on_set_attribute,
      &Machine::on_make_list,
      &Machine::on_make_tuple,
      &Machine::on_make_dict,
      &Machine::on_unpack,
      &Machine::on_arithmetic,
      &Machine::on_concatenate,
      &Machine::on_compare,
      &Machine::on_compare_and_jump,
      &Machine::on_negate,
      &Machine::on_keep_sign,
      &Machine::on_invert,
      &Machine::on_jump,
      &Machine::on_jump_if_false,
      &Machine::on_jump_or_pop_false,
      &Machine::on_jump_or_pop_true,
      &Machine::on_jump_if_given,
      &Machine::on_undefined_parameter,
      &Machine::on_attribute,
      &Machine::on_item,
      &Machine::on_slice,
      &Machine::on_filter,
      &Machine::on_test,
      &Machine::on_call,
      &Machine::on_write,
      &Machine::on_write_constant,
      &Machine::on_begin_buffer,
      &Machine::on_end_buffer,
      &Machine::on_drop_buffers,
      &Machine::on_begin_loop,
      &Machine::on_next_item,
      &Machine::on_loop_object,
      &Machine::on_end_pass,
      &Machine::on_end_loop,
      &Machine::on_make_macro,
      &Machine::on_call_recursive,
      &Machine::on_argument,
      &Machine::on_return_text,
      &Machine::on_return_value,
  };
  static_assert(std::size(k_handlers) == static_cast<std::size_t>(Code::return_value) + 1);
  return k_handlers[static_cast<std::size_t>(code)];
}

EIGENFORMER_INLINE Frame* Machine::make_frame(const Function& function, Frame* parent) {
  runtime_.step(function.slots / 2 + 4);
  std::unique_ptr<Frame> made;
  if (!free_frames_.empty()) {
    made = std::move(free_frames_.back());
    free_frames_.pop_back();
  } else {
    made = std::make_unique<Frame>();
  }
  made->slots.assign(function.slots, Value(Kind::missing));
  made->parent = parent;
  made->loop_depth = 0;
  Frame* const frame = made.get();
  (function.outlives ? kept_frames_ : live_frames_).push_back(std::move(made));
  return frame;
}

EIGENFORMER_INLINE void Machine::begin_call(const Function& function, Frame* frame) {
  if (calls_.size() > program_.limits.depth) runtime_.fail_depth();
  calls_.push_back({&function, frame, 0, stack_.size(), buffers_.size(), loops_.size()});
}

EIGENFORMER_INLINE void Machine::end_call() {
  const Call call = calls_.back();
  calls_.pop_back();
  stack_.resize(call.stack, Value());
  while (buffers_.size() > call.buffers) buffers_.pop_back();
  while (loops_.size() > call.loops) loops_.pop_back();
  if (!call.function->outlives) {
    live_frames_.back()->slots.clear();
    live_frames_.back()->argument = Value();
    free_frames_.push_back(std::move(live_frames_.back()));
    live_frames_.pop_back();
  }
}

EIGENFORMER_INLINE bool Machine::test_item(const Function& function, Frame* parent, const Value& item) {
  if (nested_runs_ >= machine_detail::k_most_nested_runs) runtime_.fail_depth();
  ++nested_runs_;
  const int line = runtime_.line();
  Frame* const made = make_frame(function, parent);
  made->argument = item;
  const std::size_t calls = calls_.size();
  begin_call(function, made);
  run_until(calls);
  runtime_.set_line(line);
  --nested_runs_;
  return is_true(pop());
}

EIGENFORMER_INLINE Frame& Machine::frame_at(std::uint32_t hops) {
  Frame* found = &frame();
  for (; hops > 0; --hops) found = found->parent;
  return *found;
}

EIGENFORMER_INLINE LoopObject& Machine::loop() { return loops_.back().as_loop(); }

EIGENFORMER_INLINE Value Machine::pop() {
  Value value = std::move(stack_.back());
  stack_.pop_back();
  return value;
}

EIGENFORMER_INLINE std::vector<Value> Machine::pop_many(std::size_t count) {
  const auto begin = stack_.end() - static_cast<std::ptrdiff_t>(count);
  std::vector<Value> values(std::make_move_iterator(begin), std::make_move_iterator(stack_.end()));
  stack_.erase(begin, stack_.end());
  return values;
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
