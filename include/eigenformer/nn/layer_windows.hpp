// Which layers of a decoder see only the last tokens, as Hugging Face configs say it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/config_reader.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// What a config says outside of its key "layer_types".
struct SlidingLayers {
  std::size_t layers = 0;
  std::uint32_t window = 0;                       ///< of the layers that slide; 0: the config gives none
  std::function<bool(std::size_t layer)> slides;  ///< which do, where "layer_types" is missing
};

/// AttentionOptions::window of each layer. "layer_types" has "sliding_attention" or "full_attention" for each.
inline std::vector<std::uint32_t> read_layer_windows(const format::ConfigReader& config, const SlidingLayers& sliding) {
  std::vector<std::uint32_t> windows(sliding.layers, 0);
  if (!config.has("layer_types")) {
    for (std::size_t layer = 0; layer < windows.size(); ++layer) {
      if (sliding.slides(layer)) windows[layer] = sliding.window;
    }
    return windows;
  }
  const std::vector<std::string> types = config.texts("layer_types");
  if (types.size() != sliding.layers) {
    config.refuse("layer_types", "one type for each of the " + std::to_string(sliding.layers) + " layers",
                  "check the config");
  }
  for (std::size_t layer = 0; layer < windows.size(); ++layer) {
    if (types[layer] == "full_attention") continue;
    if (types[layer] != "sliding_attention") {
      config.refuse("layer_types", "full_attention and sliding_attention only",
                    "use a checkpoint whose layers are of these types");
    }
    if (sliding.window == 0) {
      config.refuse("layer_types", "full_attention only, for the config gives no window to slide",
                    "give sliding_window, and use_sliding_window where the architecture has it");
    }
    windows[layer] = sliding.window;
  }
  return windows;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
