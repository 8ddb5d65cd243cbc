#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/pickle.hpp"
#include "eigenformer/format/torch_directory.hpp"
#include "eigenformer/format/torch_file.hpp"
#include "eigenformer/format/torch_objects.hpp"
#include "eigenformer/format/zip_archive.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace torch_file_detail {

[[noreturn]] inline void bad_magic(const std::string& found, const ByteSource& source) {
  throw FormatError(
      {.id = "format.torch_magic",
       .expected = "a file of torch.save: a zip archive with data.pkl, or the stream of PyTorch before 1.6",
       .found = found,
       .where = source.name(),
       .remedy = "check that the download is the model and not a web page"});
}

/// One pickle, read from where the reader stands.
struct Pickle {
  explicit Pickle(ByteReader& reader) : objects(heap), root(Unpickler(reader, heap, objects).run()) {}

  PickleHeap heap;
  TorchObjects objects;
  PickleValue root;
};

// ---- NAME/data.pkl, NAME/data/KEY for each storage, NAME/byteorder, in an archive ----------------------------------

inline void check_byte_order(const ZipArchive& archive, const std::string& folder, const ByteSource& source) {
  constexpr std::uint64_t longest = 16;
  const ZipMember* const member = archive.find(folder + "byteorder");
  if (member == nullptr) return;  // PyTorch before 2.1 writes none and means little
  const std::vector<std::byte> bytes = archive.read(*member, longest);
  const std::string_view order(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (order == "little") return;
  throw FormatError({.id = "format.torch_byte_order",
                     .expected = "numbers in little-endian order",
                     .found = "the order " + in_quotes(order),
                     .where = source.name() + ", member " + printable(member->name),
                     .remedy = "save the file again on a little-endian machine"});
}

inline std::vector<TensorEntry> list_archive(const std::shared_ptr<const ByteSource>& source) {
  constexpr std::uint64_t largest_pickle = PickleLimits{}.bytes;
  const ZipArchive archive(source);
  if (archive.members().empty()) bad_magic("an empty archive", *source);
  // One folder holds everything, under the name that the file had when it was saved.
  const std::string& first = archive.members().front().name;
  const std::string folder = first.substr(0, first.find('/')) + "/";
  const ZipMember* const pickled = archive.find(folder + "data.pkl");
  if (pickled == nullptr) bad_magic("an archive without " + printable(folder) + "data.pkl", *source);
  check_byte_order(archive, folder, *source);

  const auto bytes = std::make_shared<const std::vector<std::byte>>(archive.read(*pickled, largest_pickle));
  const auto memory = memory_source(bytes, source->name() + ", data.pkl");
  ByteReader reader(*memory);
  const Pickle pickle(reader);
  const auto find = [&](const TorchStorage& storage) -> StoragePlace {
    const std::string name = folder + "data/" + std::string(pickle.heap.text(storage.key));
    const ZipMember* const member = archive.find(name);
    if (member == nullptr) throw_bad_storage("no member " + in_quotes(name), source->name());
    return {.offset = archive.data_offset(*member), .bytes = member->bytes};
  };
  return list_tensors(pickle.root, pickle.heap, pickle.objects, *source, find);
}

// ---- five pickles (magic number, version, facts about the machine, the dictionary, the storages' keys), then for each
// key the count of its elements and these, always little endian ------------------------------------------------------

inline void check_stream(ByteReader& reader, const ByteSource& source) {
  constexpr std::string_view magic = "\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19";  // 0x1950A86A20F9469CFC6C
  constexpr std::int64_t version = 1001;
  const Pickle first(reader);
  if (first.root.kind != PickleKind::large_integer || first.heap.text(first.root) != magic) {
    bad_magic("a pickle that begins with another number", source);
  }
  const Pickle second(reader);
  if (second.root.kind != PickleKind::integer || second.root.payload != version) {
    bad_magic("a stream of another version than " + std::to_string(version), source);
  }
  const Pickle facts(reader);  // say nothing that concerns the tensors
}

/// What the pickle says about a storage, and where it turned out to lie.
struct StreamedStorage {
  std::uint64_t elements = 0;
  DataType type = DataType::f32;
  StoragePlace place;
  bool found = false;
};

class Stream {
 public:
  Stream(ByteReader& reader, const ByteSource& source)
      : reader_(reader), source_(source), pickle_(reader), keys_(reader) {
    for (const TorchStorage& storage : pickle_.objects.storages()) name(storage);
    if (keys_.root.kind != PickleKind::list) throw_bad_storage("no list of keys", source_.name());
    for (const PickleValue& key : keys_.heap.items(keys_.root)) place(key);
  }

  std::vector<TensorEntry> list() const {
    const auto find = [&](const TorchStorage& storage) -> StoragePlace {
      const std::string_view key = pickle_.heap.text(storage.key);
      const StreamedStorage& streamed = storages_.at(key);
      if (!streamed.found) throw_bad_storage("none of the key " + in_quotes(key), source_.name());
      return streamed.place;
    };
    return list_tensors(pickle_.root, pickle_.heap, pickle_.objects, source_, find);
  }

 private:
  void name(const TorchStorage& storage) {
    const std::string_view key = pickle_.heap.text(storage.key);
    const auto [found, is_new] = storages_.emplace(key, StreamedStorage{storage.elements, storage.type, {}, false});
    if (is_new || (found->second.elements == storage.elements && found->second.type == storage.type)) return;
    throw_bad_storage("two sizes or types for the key " + in_quotes(key), source_.name());
  }

  void place(PickleValue key) {
    const auto found = storages_.find(key.kind == PickleKind::text ? keys_.heap.text(key) : std::string_view());
    if (found == storages_.end() || found->second.found) {
      throw_bad_storage("a key that no tensor has, or twice the same", reader_.where());
    }
    StreamedStorage& storage = found->second;
    const std::uint64_t elements = reader_.u64();
    if (elements != storage.elements) {
      throw_bad_storage(std::to_string(elements) + " elements for the key " + in_quotes(found->first) + " of " +
                            std::to_string(storage.elements),
                        reader_.where());
    }
    const std::uint64_t bytes = checked_multiply(elements, block_bytes(storage.type), source_.name());
    storage.place = {.offset = reader_.position(), .bytes = bytes};
    storage.found = true;
    reader_.skip(bytes);
  }

  ByteReader& reader_;
  const ByteSource& source_;
  Pickle pickle_;
  Pickle keys_;
  std::unordered_map<std::string_view, StreamedStorage> storages_;  ///< by the keys in the heap of pickle_
};

inline std::vector<TensorEntry> list_stream(const ByteSource& source) {
  ByteReader reader(source);
  check_stream(reader, source);
  return Stream(reader, source).list();
}

inline std::vector<TensorEntry> list_either(const std::shared_ptr<const ByteSource>& source) {
  constexpr std::byte archive[] = {std::byte{'P'}, std::byte{'K'}, std::byte{3}, std::byte{4}};
  constexpr std::byte protocol{0x80};  // the first opcode of a pickle
  std::byte begin[sizeof archive];
  source->read(0, begin);
  if (std::equal(std::begin(begin), std::end(begin), std::begin(archive))) return list_archive(source);
  if (begin[0] == protocol) return list_stream(*source);
  bad_magic("another beginning: " + in_quotes({reinterpret_cast<const char*>(begin), sizeof begin}), *source);
}

class TorchFile final : public TensorFile {
 public:
  explicit TorchFile(std::shared_ptr<const ByteSource> source)
      : source_(std::move(source)), entries_(list_either(source_)) {}
  const std::vector<TensorEntry>& entries() const override { return entries_; }
  RawTensor read(const TensorEntry& entry) const override { return read_tensor(*source_, entry); }
  std::string where() const override { return source_->name(); }

 private:
  std::shared_ptr<const ByteSource> source_;
  std::vector<TensorEntry> entries_;
};

}  // namespace torch_file_detail

EIGENFORMER_INLINE std::shared_ptr<const TensorFile> open_torch(std::shared_ptr<const ByteSource> source) {
  return std::make_shared<torch_file_detail::TorchFile>(std::move(source));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
