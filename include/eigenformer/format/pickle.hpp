// A bounded reader of pickles: the few opcodes that data needs, in protocols 2 to 5. Nothing is looked up, imported or
// called: a global is a name that the host knows or an error, and REDUCE asks the host what a known name stands for.
// https://docs.python.org/3/library/pickletools.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/pickle_value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// What a pickle may name beyond plain data.
class PickleHost {
 public:
  virtual ~PickleHost() = default;
  /// "collections", "OrderedDict". Nothing where the host does not know it.
  virtual std::optional<PickleValue> global(std::string_view module, std::string_view name) = 0;
  /// What a global makes of its arguments, a tuple. Nothing where these are not its arguments.
  virtual std::optional<PickleValue> rebuild(PickleValue global, PickleValue arguments) = 0;
  /// What a persistent id stands for. Nothing where it is not understood.
  virtual std::optional<PickleValue> persistent(PickleValue id) = 0;
};

/// Far more than the pickle of any real checkpoint takes: a tensor takes about a hundred bytes and thirty values.
struct PickleLimits {
  std::uint64_t bytes = std::uint64_t{16} << 20U;
  std::size_t stack = std::size_t{1} << 16U;    ///< values on the stack, and open marks
  std::size_t values = std::size_t{1} << 20U;   ///< in tuples, lists and dictionaries; and remembered
  std::size_t objects = std::size_t{1} << 20U;  ///< lists, dictionaries, and what the host makes
};

/// Reads one pickle, from the reader's position up to its STOP.
class Unpickler {
 public:
  Unpickler(ByteReader& reader, PickleHeap& heap, PickleHost& host, const PickleLimits& limits = {})
      : reader_(reader), heap_(heap), host_(host), limits_(limits), begin_(reader.position()) {}

  /// FormatError "format.pickle_opcode", "format.pickle_global", "format.pickle_rebuild", "format.pickle_stack",
  /// "format.pickle_memo", "format.pickle_cycle" or "format.pickle_limit".
  PickleValue run();

 private:
  void step(std::uint8_t opcode);
  void push(PickleValue value);
  PickleValue pop();
  PickleValue& top();
  std::vector<PickleValue> pop_to_mark();
  std::vector<PickleValue> pop_many(std::size_t count);

  void push_integer(std::int64_t value) { push({PickleKind::integer, 0, value}); }
  void push_long(std::uint64_t bytes);
  void push_text(std::uint64_t bytes);
  void push_tuple(const std::vector<PickleValue>& items);
  void push_container(PickleKind kind);
  void fill(PickleKind kind, const std::vector<PickleValue>& items);
  void remember(std::uint64_t number);
  void recall(std::uint64_t number);
  void push_global(const std::string& module, const std::string& name);
  void push_stack_global();
  void rebuild();
  void pass_over_state();
  void push_persistent();
  std::string line();

  void check_protocol(std::uint8_t protocol) const;
  void check_frame(std::uint64_t bytes) const;
  void check_limits() const;
  [[noreturn]] void bad_stack(const std::string& found) const;

  ByteReader& reader_;
  PickleHeap& heap_;
  PickleHost& host_;
  PickleLimits limits_;
  std::uint64_t begin_;
  std::size_t objects_ = 0;  ///< that the host made
  std::vector<PickleValue> stack_;
  std::vector<std::size_t> marks_;  ///< sizes of the stack when each open MARK was met
  std::vector<PickleValue> memo_;
  std::vector<bool> remembered_;  ///< which places of memo_ are filled
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/pickle-inl.hpp"
#endif
