// tokenizer.json as the only file of a folder, loaded, and texts taken to ids and back.
#include <memory>
#include <span>
#include <string>

#include "eigenformer/format/folder.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/hostile/uses.hpp"

namespace {

namespace format = eigenformer::format;

class OneFile final : public format::FileStore {
 public:
  explicit OneFile(std::string_view bytes) : bytes_(bytes) {}
  bool has(const std::string& path) const override { return path == "tokenizer.json"; }
  std::shared_ptr<const format::ByteSource> open(const std::string& path) const override {
    return format::memory_source(std::as_bytes(std::span(bytes_)), path);
  }
  std::string where(const std::string& path) const override { return path; }

 private:
  std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return eigenformer_tests::fuzz::run(data, size, [](std::string_view bytes) {
    eigenformer_tests::hostile::use_tokenizer(format::Folder(std::make_shared<OneFile>(bytes)));
  });
}
