#include "c_api/source.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "c_api/structure.hpp"
#include "c_api/value.hpp"

namespace eigenformer::c_api {

namespace {

template <class Structure>
Structure nothing() {
  Structure structure{};
  structure.size = sizeof structure;
  return structure;
}

/// Tells the host once that its context is not needed any more.
class Context {
 public:
  Context(void* context, eigenformer_close_callback close) noexcept : context_(context), close_(close) {}
  Context(Context&& other) noexcept : context_(other.context_), close_(std::exchange(other.close_, nullptr)) {}
  Context& operator=(Context&&) = delete;
  ~Context() {
    if (close_ != nullptr) close_(context_);
  }
  void* get() const noexcept { return context_; }

 private:
  void* context_;
  eigenformer_close_callback close_;
};

/// What the host gives, which is told that it is over even where there is no memory to hold it.
template <class Held, class Structure>
std::shared_ptr<const Held> hold(const Structure& given) {
  Context context(given.context, given.close);
  return std::make_shared<const Held>(given, std::move(context));
}

class HostReader final : public AssetReader {
 public:
  HostReader(const eigenformer_reader& reader, Context context)
      : context_(std::move(context)),
        name_(reader.name == nullptr ? "the host's file" : reader.name),
        bytes_(reader.bytes),
        read_(reader.read) {}
  std::uint64_t size() const override { return bytes_; }
  bool read(std::uint64_t offset, std::span<std::byte> out) const override {
    return read_(context_.get(), offset, out.data(), out.size()) != EIGENFORMER_STOP;
  }
  std::string name() const override { return name_; }

 private:
  Context context_;
  std::string name_;
  std::uint64_t bytes_;
  eigenformer_read_callback read_;
};

class HostFolder final : public AssetFolder {
 public:
  HostFolder(const eigenformer_folder& folder, Context context)
      : context_(std::move(context)),
        name_(folder.name == nullptr ? "the host's folder" : folder.name),
        open_(folder.open) {}
  std::shared_ptr<const AssetReader> open(const std::string& name) const override {
    auto file = nothing<eigenformer_reader>();
    if (open_(context_.get(), name.c_str(), &file) == EIGENFORMER_STOP) {
      throw SystemError({.id = "system.reader_failed",
                         .expected = "the host's folder to say whether it has the file",
                         .found = "that it cannot",
                         .where = name_ + "/" + name,
                         .remedy = "see to the host's own file"});
    }
    if (file.read == nullptr) return nullptr;
    return hold<HostReader>(read_structure(&file, nothing<eigenformer_reader>()));
  }
  std::string name() const override { return name_; }

 private:
  Context context_;
  std::string name_;
  eigenformer_open_callback open_;
};

}  // namespace

Source source_of(const eigenformer_source* given) {
  if (given == nullptr) refuse_null("source");
  const eigenformer_source source = read_structure(given, nothing<eigenformer_source>());
  const int set = int{source.path != nullptr} + int{source.gguf != nullptr} + int{source.folder != nullptr};
  if (set != 1) {
    throw UsageError({.id = "usage.model_source",
                      .expected = "one of path, gguf and folder",
                      .found = std::to_string(set) + " of them",
                      .where = "source",
                      .remedy = "fill in where the model comes from, and leave the others null"});
  }
  if (source.path != nullptr) return path_of(source.path, "path");
  if (source.gguf != nullptr) {
    const eigenformer_reader reader = read_structure(source.gguf, nothing<eigenformer_reader>());
    if (reader.read == nullptr) refuse_null("gguf.read");
    return hold<HostReader>(reader);
  }
  const eigenformer_folder folder = read_structure(source.folder, nothing<eigenformer_folder>());
  if (folder.open == nullptr) refuse_null("folder.open");
  return hold<HostFolder>(folder);
}

}  // namespace eigenformer::c_api

using namespace eigenformer::c_api;

eigenformer_status eigenformer_reader_init(eigenformer_reader* reader, uint64_t size, eigenformer_error* error) {
  return attempt_call(error, [&] { write_structure(reader, size, nothing<eigenformer_reader>()); });
}

eigenformer_status eigenformer_folder_init(eigenformer_folder* folder, uint64_t size, eigenformer_error* error) {
  return attempt_call(error, [&] { write_structure(folder, size, nothing<eigenformer_folder>()); });
}

eigenformer_status eigenformer_source_init(eigenformer_source* source, uint64_t size, eigenformer_error* error) {
  return attempt_call(error, [&] { write_structure(source, size, nothing<eigenformer_source>()); });
}
