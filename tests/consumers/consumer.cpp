// Loads the model that it is given, as a user's program would, and prints what follows token 1.
#include <eigenformer/eigenformer.hpp>
#include <iostream>
#include <vector>

namespace ef = eigenformer;

int main(int argc, char** argv) {
  const ef::Result<ef::Model> model = ef::try_load(argc > 1 ? argv[1] : "");
  if (!model) {
    std::cout << model.error().line() << "\n";
    return 1;
  }
  const ef::Model loaded = ef::Result<ef::Model>(model).value();
  for (const auto& sequence : ef::generate(loaded, std::vector<ef::TokenId>{1}, {.max_new_tokens = 5})) {
    for (const ef::TokenId id : sequence.ids) std::cout << id << " ";
  }
  std::cout << loaded.info().architecture << "\n";
}
