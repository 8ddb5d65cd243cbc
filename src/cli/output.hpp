// Results go to standard output and nowhere else.
#pragma once

#include <istream>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

namespace cli {

/// Writes text as it is, now. SystemError "system.output" where standard output takes no more.
void write(std::string_view text);
void write_line(std::string_view text);
/// One line of JSON; ill-formed UTF-8 becomes U+FFFD.
void write_json(const nlohmann::ordered_json& json);

/// A text as a JSON string; ill-formed UTF-8 becomes U+FFFD.
std::string json_text(std::string_view text);
/// [0.1,-2.5e-07]: the fewest digits that give back each float; null where one is not finite.
std::string float_array(std::span<const float> values);

/// A number with that many digits after the point, whatever the locale.
std::string fixed(double value, int digits);
/// 98362432 -> "98.4 MB".
std::string bytes_text(double bytes);

/// Everything that is left in a stream, or in a file ("-": standard input). SystemError "system.input" where it cannot
/// be read or holds more than `limit_bytes`.
std::string read_all(std::istream& in, const std::string& name, std::size_t limit_bytes);
std::string read_file(const std::string& path, std::size_t limit_bytes);

}  // namespace cli
