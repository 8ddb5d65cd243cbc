#include "cli/output.hpp"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "eigenformer/error.hpp"
#include "eigenformer/format/file.hpp"

namespace cli {

namespace ef = eigenformer;

void write(std::string_view text) {
  if (std::cout.write(text.data(), static_cast<std::streamsize>(text.size())).flush()) return;
  throw ef::SystemError({.id = "system.output",
                         .expected = "standard output to take the result",
                         .found = "that it does not",
                         .where = "",
                         .remedy = "see whether the disk is full or the reader has gone"});
}

void write_line(std::string_view text) { write(std::string(text) + "\n"); }

void write_json(const nlohmann::ordered_json& json) {
  write_line(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string float_array(std::span<const float> values) {
  std::string array = "[";
  for (const float value : values) {
    if (array.size() > 1) array += ',';
    char text[32];
    array += std::isfinite(value) ? std::string(text, std::to_chars(text, text + sizeof text, value).ptr) : "null";
  }
  return array + "]";
}

std::string fixed(double value, int digits) {
  char text[512];
  return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits).ptr};
}

std::string bytes_text(double bytes) {
  if (bytes >= 1e9) return fixed(bytes / 1e9, 2) + " GB";
  if (bytes >= 1e6) return fixed(bytes / 1e6, 1) + " MB";
  return fixed(bytes / 1e3, 1) + " kB";
}

std::string read_all(std::istream& in, const std::string& name, std::size_t limit_bytes) {
  std::string text;
  char block[65536];
  while (in.read(block, sizeof block) || in.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(in.gcount()));
    if (text.size() > limit_bytes) {
      throw ef::SystemError({.id = "system.input",
                             .expected = "at most " + bytes_text(static_cast<double>(limit_bytes)),
                             .found = "more",
                             .where = name,
                             .remedy = "pass a smaller one"});
    }
  }
  return text;
}

std::string read_file(const std::string& path, std::size_t limit_bytes) {
  if (path == "-") return read_all(std::cin, "standard input", limit_bytes);
  std::error_code unknown;
  const std::filesystem::path place = ef::format::path_of_text(path);
  std::ifstream file(place, std::ios::binary);
  if (!file || std::filesystem::is_directory(place, unknown)) {
    throw ef::SystemError({.id = "system.input",
                           .expected = "a file that can be read",
                           .found = "none",
                           .where = path,
                           .remedy = "check the path"});
  }
  return read_all(file, path, limit_bytes);
}

}  // namespace cli
