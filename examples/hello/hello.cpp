#include <eigenformer/eigenformer.hpp>
#include <iostream>

namespace ef = eigenformer;

int main() {
  const ef::Model model = ef::load(ef::find_model("smollm2-135m-instruct"));  // or a folder, or a .gguf file
  ef::Chat guide(model, {.system = "You are the guide of a virtual world."});
  for (auto reply = guide.begin("What can I do here?"); auto piece = reply.next();) std::cout << *piece << std::flush;
  std::cout << '\n';
}
