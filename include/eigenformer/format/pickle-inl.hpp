#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/pickle.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace pickle_detail {

inline constexpr std::uint8_t k_newest_protocol = 5;
inline constexpr std::size_t k_longest_line = 256;

/// Under their names in https://docs.python.org/3/library/pickletools.html
enum class Opcode : std::uint8_t {
  mark = '(',
  stop = '.',
  binfloat = 'G',
  binint = 'J',
  binint1 = 'K',
  binint2 = 'M',
  none = 'N',
  binpersid = 'Q',
  reduce = 'R',
  binstring = 'T',
  short_binstring = 'U',
  binunicode = 'X',
  append = 'a',
  build = 'b',
  global = 'c',
  appends = 'e',
  binget = 'h',
  long_binget = 'j',
  binput = 'q',
  long_binput = 'r',
  setitem = 's',
  tuple = 't',
  setitems = 'u',
  empty_tuple = ')',
  empty_list = ']',
  empty_dict = '}',
  proto = 0x80,
  tuple1 = 0x85,
  tuple2 = 0x86,
  tuple3 = 0x87,
  newtrue = 0x88,
  newfalse = 0x89,
  long1 = 0x8A,
  short_binunicode = 0x8C,
  binunicode8 = 0x8D,
  stack_global = 0x93,
  memoize = 0x94,
  frame = 0x95,
};

[[noreturn]] inline void refuse(std::string id, std::string expected, std::string found, const ByteReader& reader) {
  throw FormatError({.id = std::move(id),
                     .expected = std::move(expected),
                     .found = std::move(found),
                     .where = reader.where(),
                     .remedy = "download the file again: it is damaged or was made to do harm"});
}

[[noreturn]] inline void beyond_limit(const ByteReader& reader, std::uint64_t limit, const std::string& what) {
  refuse("format.pickle_limit", "a pickle of at most " + std::to_string(limit) + " " + what, "more", reader);
}

[[noreturn]] inline void bad_arguments(std::string expected, const ByteReader& reader) {
  throw FormatError({.id = "format.pickle_rebuild",
                     .expected = std::move(expected),
                     .found = "other values",
                     .where = reader.where(),
                     .remedy = "download the file again, or save dense tensors of plain types"});
}

}  // namespace pickle_detail

EIGENFORMER_INLINE PickleValue Unpickler::run() {
  for (;;) {
    const std::uint8_t opcode = reader_.u8();
    if (opcode == static_cast<std::uint8_t>(pickle_detail::Opcode::stop)) break;
    step(opcode);
    check_limits();
  }
  if (stack_.size() != 1 || !marks_.empty()) bad_stack(std::to_string(stack_.size()) + " at its end instead of one");
  return stack_.back();
}

EIGENFORMER_INLINE void Unpickler::step(std::uint8_t opcode) {
  using enum pickle_detail::Opcode;
  switch (static_cast<pickle_detail::Opcode>(opcode)) {
    case proto: return check_protocol(reader_.u8());
    case frame: return check_frame(reader_.u64());
    case mark: return marks_.push_back(stack_.size());

    case none: return push({});
    case newtrue: return push({PickleKind::boolean, 0, 1});
    case newfalse: return push({PickleKind::boolean, 0, 0});
    case binint: return push_integer(static_cast<std::int32_t>(reader_.u32()));
    case binint1: return push_integer(reader_.u8());
    case binint2: return push_integer(reader_.u16());
    case long1: return push_long(reader_.u8());
    case binfloat: reader_.u64(); return push({PickleKind::real, 0, 0});
    case short_binstring:
    case short_binunicode: return push_text(reader_.u8());
    case binstring:
    case binunicode: return push_text(reader_.u32());
    case binunicode8: return push_text(reader_.u64());

    case empty_tuple: return push_tuple({});
    case tuple1: return push_tuple(pop_many(1));
    case tuple2: return push_tuple(pop_many(2));
    case tuple3: return push_tuple(pop_many(3));
    case tuple: return push_tuple(pop_to_mark());
    case empty_list: return push_container(PickleKind::list);
    case append: return fill(PickleKind::list, pop_many(1));
    case appends: return fill(PickleKind::list, pop_to_mark());
    case empty_dict: return push_container(PickleKind::dictionary);
    case setitem: return fill(PickleKind::dictionary, pop_many(2));
    case setitems: return fill(PickleKind::dictionary, pop_to_mark());

    case binput: return remember(reader_.u8());
    case long_binput: return remember(reader_.u32());
    case memoize: return remember(memo_.size());
    case binget: return recall(reader_.u8());
    case long_binget: return recall(reader_.u32());

    case global: {
      const std::string module = line();
      return push_global(module, line());
    }
    case stack_global: return push_stack_global();
    case reduce: return rebuild();
    case build: return pass_over_state();
    case binpersid: return push_persistent();
    default: break;
  }
  pickle_detail::refuse("format.pickle_opcode", "an opcode that tensors need", "the opcode " + std::to_string(opcode),
                        reader_);
}

EIGENFORMER_INLINE void Unpickler::push(PickleValue value) { stack_.push_back(value); }

EIGENFORMER_INLINE PickleValue& Unpickler::top() {
  if (stack_.size() == (marks_.empty() ? 0 : marks_.back())) bad_stack("none");
  return stack_.back();
}

EIGENFORMER_INLINE PickleValue Unpickler::pop() {
  const PickleValue value = top();
  stack_.pop_back();
  return value;
}

EIGENFORMER_INLINE std::vector<PickleValue> Unpickler::pop_to_mark() {
  if (marks_.empty()) bad_stack("no MARK");
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<PickleValue> items(first, stack_.end());
  stack_.erase(first, stack_.end());
  marks_.pop_back();
  return items;
}

EIGENFORMER_INLINE std::vector<PickleValue> Unpickler::pop_many(std::size_t count) {
  std::vector<PickleValue> items(count);
  for (auto item = items.rbegin(); item != items.rend(); ++item) *item = pop();
  return items;
}

EIGENFORMER_INLINE void Unpickler::push_long(std::uint64_t bytes) {
  const auto digits = reader_.take(bytes);
  if (bytes > sizeof(std::int64_t)) {
    const std::string_view text(reinterpret_cast<const char*>(digits.data()), digits.size());
    return push(heap_.make_text(PickleKind::large_integer, text));
  }
  const bool negative = bytes > 0 && (digits.back() & std::byte{0x80}) != std::byte{0};
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    value = value << 8U | static_cast<std::uint64_t>(*digit);
  }
  push_integer(static_cast<std::int64_t>(value));
}

EIGENFORMER_INLINE void Unpickler::push_text(std::uint64_t bytes) {
  if (bytes > limits_.bytes) pickle_detail::beyond_limit(reader_, limits_.bytes, "bytes");
  const auto text = reader_.take(bytes);
  push(heap_.make_text(PickleKind::text, {reinterpret_cast<const char*>(text.data()), text.size()}));
}

EIGENFORMER_INLINE void Unpickler::push_tuple(const std::vector<PickleValue>& items) { push(heap_.make_tuple(items)); }

EIGENFORMER_INLINE void Unpickler::push_container(PickleKind kind) { push(heap_.make_container(kind)); }

EIGENFORMER_INLINE void Unpickler::fill(PickleKind kind, const std::vector<PickleValue>& items) {
  const PickleValue container = top();
  if (container.kind != kind) bad_stack("one of another kind to be filled");
  if (kind == PickleKind::dictionary && items.size() % 2 != 0) bad_stack("a key without a value");
  if (heap_.fill(container, items)) return;
  pickle_detail::refuse("format.pickle_cycle", "lists and dictionaries that are whole before they are put anywhere",
                        "one that is filled afterwards, as in a cycle", reader_);
}

// Picklers number what they remember one after another, from 0 or (Python 2's) from 1.
EIGENFORMER_INLINE void Unpickler::remember(std::uint64_t number) {
  const PickleValue value = top();
  if (number > memo_.size() + 1) {
    pickle_detail::refuse("format.pickle_memo", "values remembered under numbers that follow each other",
                          "the number " + std::to_string(number) + " after " + std::to_string(memo_.size()), reader_);
  }
  const auto place = static_cast<std::size_t>(number);
  if (place >= memo_.size()) {
    memo_.resize(place + 1);
    remembered_.resize(place + 1);
  }
  memo_[place] = value;
  remembered_[place] = true;
}

EIGENFORMER_INLINE void Unpickler::recall(std::uint64_t number) {
  if (number < memo_.size() && remembered_[static_cast<std::size_t>(number)]) {
    return push(memo_[static_cast<std::size_t>(number)]);
  }
  pickle_detail::refuse("format.pickle_memo", "a number under which a value is remembered", std::to_string(number),
                        reader_);
}

EIGENFORMER_INLINE void Unpickler::push_global(const std::string& module, const std::string& name) {
  if (const std::optional<PickleValue> value = host_.global(module, name)) return push(*value);
  throw FormatError({.id = "format.pickle_global",
                     .expected = "tensors, their storages, dictionaries, lists, tuples, texts and numbers",
                     .found = "the global " + in_quotes(module + "." + name),
                     .where = reader_.where(),
                     .remedy = "save the model's state_dict() alone; nothing that a file names is ever called"});
}

EIGENFORMER_INLINE void Unpickler::push_stack_global() {
  const std::vector<PickleValue> names = pop_many(2);
  if (names[0].kind != PickleKind::text || names[1].kind != PickleKind::text) bad_stack("a global without a name");
  push_global(std::string(heap_.text(names[0])), std::string(heap_.text(names[1])));
}

EIGENFORMER_INLINE void Unpickler::rebuild() {
  const std::vector<PickleValue> call = pop_many(2);
  if (call[0].kind == PickleKind::global && call[1].kind == PickleKind::tuple) {
    ++objects_;
    if (const std::optional<PickleValue> value = host_.rebuild(call[0], call[1])) return push(*value);
  }
  pickle_detail::bad_arguments("a tensor or dictionary with the arguments that torch.save writes", reader_);
}

// Attributes of a dictionary: state_dict() keeps the versions of its modules there.
EIGENFORMER_INLINE void Unpickler::pass_over_state() {
  heap_.finish(pop());
  if (top().kind != PickleKind::dictionary) bad_stack("a state of something else than a dictionary");
}

EIGENFORMER_INLINE void Unpickler::push_persistent() {
  const PickleValue id = pop();
  ++objects_;
  if (const std::optional<PickleValue> value = host_.persistent(id)) return push(*value);
  pickle_detail::bad_arguments("a storage's type, key, place and size, as torch.save writes them", reader_);
}

EIGENFORMER_INLINE std::string Unpickler::line() {
  std::string text;
  for (auto character = static_cast<char>(reader_.u8()); character != '\n';
       character = static_cast<char>(reader_.u8())) {
    if (text.size() == pickle_detail::k_longest_line) {
      pickle_detail::beyond_limit(reader_, pickle_detail::k_longest_line, "characters in a name");
    }
    text += character;
  }
  return text;
}

EIGENFORMER_INLINE void Unpickler::check_protocol(std::uint8_t protocol) const {
  if (protocol <= pickle_detail::k_newest_protocol) return;
  pickle_detail::refuse("format.pickle_opcode", "a protocol of at most 5", std::to_string(protocol), reader_);
}

// Frames only help those who read from a pipe.
EIGENFORMER_INLINE void Unpickler::check_frame(std::uint64_t bytes) const {
  if (bytes <= reader_.remaining()) return;
  pickle_detail::refuse("format.pickle_opcode", "a frame inside the file", std::to_string(bytes) + " bytes", reader_);
}

EIGENFORMER_INLINE void Unpickler::check_limits() const {
  using pickle_detail::beyond_limit;
  if (reader_.position() - begin_ > limits_.bytes) beyond_limit(reader_, limits_.bytes, "bytes");
  if (std::max(stack_.size(), marks_.size()) > limits_.stack) beyond_limit(reader_, limits_.stack, "open values");
  if (std::max(heap_.stored(), memo_.size()) > limits_.values) beyond_limit(reader_, limits_.values, "values");
  if (heap_.containers() + objects_ > limits_.objects) beyond_limit(reader_, limits_.objects, "objects");
}

EIGENFORMER_INLINE void Unpickler::bad_stack(const std::string& found) const {
  pickle_detail::refuse("format.pickle_stack", "the values that an opcode works on", found, reader_);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
