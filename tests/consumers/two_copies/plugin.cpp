// A plugin that generates; compiled twice, under two names.
#include "plugin.hpp"

#include <eigenformer/eigenformer.hpp>
#include <vector>

namespace ef = eigenformer;

PLUGIN_VISIBLE void PLUGIN(const char* model, PluginResult& result) {
  result.its_own_code = reinterpret_cast<const void*>(&ef::make_thread_pool);
  try {
    const std::vector<ef::TokenId> prompt{1};
    const auto sequences = ef::generate(ef::load(model, {.threads = 2}), prompt, {.max_new_tokens = 5});
    for (const ef::TokenId id : sequences[0].ids) result.ids += std::to_string(id) + " ";
  } catch (const ef::Error& error) {
    result.ids = error.report().line();
  }
}
