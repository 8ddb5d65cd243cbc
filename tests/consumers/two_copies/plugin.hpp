// What the host knows of a plugin. It knows nothing of the library.
#pragma once

#include <string>

struct PluginResult {
  std::string ids;           ///< what follows token 1, or the error
  const void* its_own_code;  ///< where the plugin's copy of the library is
};

#define PLUGIN_VISIBLE extern "C" __attribute__((visibility("default")))
PLUGIN_VISIBLE void first_plugin(const char* model, PluginResult& result);
PLUGIN_VISIBLE void second_plugin(const char* model, PluginResult& result);
