#include "tests/header_only/other_unit.hpp"

#include "eigenformer/eigenformer.hpp"
#include "tests/support/bit_hash.hpp"

std::string hash_in_other_unit(const std::filesystem::path& model, const std::vector<eigenformer::TokenId>& ids,
                               eigenformer::Compute compute) {
  const eigenformer::Model loaded = eigenformer::load(model, {.compute = compute, .threads = 2});
  return eigenformer_tests::bit_hash(eigenformer::forward(loaded, ids).at("logits").values);
}
