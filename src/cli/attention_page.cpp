#include "cli/attention_page.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "cli/attention_page_text.hpp"

namespace cli {

using nlohmann::ordered_json;

namespace {

/// https://www.rfc-editor.org/rfc/rfc4648#section-4
class Base64 {
 public:
  void add(std::uint8_t byte) {
    bits_ = bits_ << 8U | byte;
    if (++count_ < 3) return;
    for (const unsigned shift : {18U, 12U, 6U, 0U}) text_ += k_digits[bits_ >> shift & 63U];
    bits_ = count_ = 0;
  }
  std::string text() && {
    const unsigned count = count_;
    if (count == 0) return std::move(text_);
    while (count_ != 0) add(0);
    text_.resize(text_.size() - (3 - count));
    return std::move(text_.append(3 - count, '='));
  }

 private:
  static constexpr std::string_view k_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::uint32_t bits_ = 0;
  unsigned count_ = 0;
  std::string text_;
};

/// Calls `visit(row, column, weight)` for each weight of a layer, head by head.
template <class Visit>
void each_weight(const ef::Tensor& layer, Visit&& visit) {
  const auto heads = static_cast<std::size_t>(layer.shape[0]), rows = static_cast<std::size_t>(layer.shape[1]),
             columns = static_cast<std::size_t>(layer.shape[2]);
  const float* weight = layer.values.data();
  for (std::size_t head = 0; head < heads; ++head) {
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < columns; ++column) visit(row, column, *weight++);
    }
  }
}

bool is_triangle(const AttentionMaps& maps) {
  bool looks_ahead = maps.rows.size() != maps.columns.size();
  for (const ef::Tensor* layer : maps.layers) {
    each_weight(*layer, [&](std::size_t row, std::size_t column, float weight) {
      looks_ahead = looks_ahead || (column > row && weight != 0);
    });
  }
  return !looks_ahead;
}

std::string packed_weights(const AttentionMaps& maps, bool triangle) {
  Base64 text;
  for (const ef::Tensor* layer : maps.layers) {
    each_weight(*layer, [&](std::size_t row, std::size_t column, float weight) {
      if (triangle && column > row) return;
      const auto number = static_cast<std::uint32_t>(std::lround(std::clamp(weight, 0.0F, 1.0F) * 65535.0F));
      text.add(static_cast<std::uint8_t>(number & 255U));
      text.add(static_cast<std::uint8_t>(number >> 8U));
    });
  }
  return std::move(text).text();
}

ordered_json tokens_json(const std::vector<ShownToken>& tokens) {
  ordered_json list = ordered_json::array();
  for (const ShownToken& token : tokens) list.push_back({{"text", token.text}, {"id", token.id}});
  return list;
}

bool are_same(const std::vector<ShownToken>& left, const std::vector<ShownToken>& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const ShownToken& a, const ShownToken& b) { return a.id == b.id && a.text == b.text; });
}

ordered_json maps_json(const AttentionMaps& maps) {
  const bool triangle = is_triangle(maps);
  ordered_json json{{"name", maps.name},
                    {"layers", maps.layers.size()},
                    {"heads", maps.layers.front()->shape[0]},
                    {"triangle", triangle},
                    {"rows", tokens_json(maps.rows)}};
  if (!are_same(maps.rows, maps.columns)) json["columns"] = tokens_json(maps.columns);
  json["weights"] = packed_weights(maps, triangle);
  return json;
}

/// JSON inside of a script element: no "</script" and no "<!--" may stand there, whatever the text is.
/// https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
std::string for_script(const ordered_json& json) {
  std::string escaped;
  for (const char c : json.dump(-1, ' ', false, ordered_json::error_handler_t::replace)) {
    if (c == '<') {
      escaped += "\\u003c";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string attention_page(std::string_view model, const std::vector<AttentionMaps>& maps) {
  ordered_json data{{"model", model}, {"maps", ordered_json::array()}};
  for (const AttentionMaps& one : maps) data["maps"].push_back(maps_json(one));
  constexpr std::string_view place = "ATTENTION_DATA";
  std::string page(k_attention_page);
  return page.replace(page.find(place), place.size(), for_script(data));
}

}  // namespace cli
