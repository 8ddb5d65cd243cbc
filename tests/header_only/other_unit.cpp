#include "tests/header_only/other_unit.hpp"

#include "eigenformer/eigenformer.hpp"
#include "tests/support/bit_hash.hpp"
#include "tests/support/output_values.hpp"

std::string hash_in_other_unit(const eigenformer::Model& model, const eigenformer_tests::GoldenCase& golden) {
  return eigenformer_tests::bit_hash(
      eigenformer_tests::output_values(eigenformer::forward(model, golden.input_ids(), golden.inputs())));
}
