// eigenformer logits MODEL --ids 1,2,3 --out F.safetensors: one forward pass, with everything in it. Needs no
// tokenizer.
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/errors.hpp"
#include "cli/numbers.hpp"
#include "cli/output.hpp"
#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/forward.hpp"

namespace cli {

namespace {

struct LogitsOptions {
  CommonOptions common;
  ef::ForwardOptions forward;
  std::vector<ef::TokenId> ids;
  std::string out;
  std::string encoder_option;  ///< the option that only models with an encoder take, where one is given
};

void check_kind(const ef::Model& model, const LogitsOptions& options) {
  if (options.encoder_option.empty() || model.info().kind != ef::ModelKind::decoder) return;
  throw ef::UsageError({.id = "usage.not_for_decoder",
                        .expected = "a model with an encoder for " + options.encoder_option,
                        .found = "the decoder-only model " + model.info().architecture,
                        .where = "",
                        .remedy = "leave the option out"});
}

void check_chunk(const ef::Model& model, const LogitsOptions& options) {
  if (options.forward.chunk == 0 || model.info().kind != ef::ModelKind::encoder) return;
  throw ef::UsageError({.id = "usage.not_for_encoder",
                        .expected = "a model with a decoder for --chunk: an encoder reads a text whole",
                        .found = "the encoder " + model.info().architecture,
                        .where = "",
                        .remedy = "leave the option out"});
}

void logits(const LogitsOptions& options) {
  const ef::Model model = open_model(options.common);
  check_kind(model, options);
  check_chunk(model, options);
  const std::map<std::string, ef::Tensor> results = ef::forward(model, options.ids, options.forward);
  std::vector<ef::format::NamedTensor> tensors;
  nlohmann::ordered_json shapes = nlohmann::ordered_json::object();
  for (const auto& [name, tensor] : results) {
    tensors.push_back({.name = name, .shape = tensor.shape, .values = std::span<const float>(tensor.values)});
    shapes[name] = tensor.shape;
  }
  ef::format::write_safetensors(options.out, tensors);
  if (options.common.json) write_json({{"out", options.out}, {"tensors", shapes}});
}

/// Options of models with an encoder, remembered by name as well.
void add_encoder_options(CLI::App& command, LogitsOptions& options) {
  const auto add = [&](const char* name, std::vector<std::int32_t>& ids, const char* help) {
    const auto read = [&options, &ids, name](const std::string& text) {
      ids = parse_ids(name, text);
      options.encoder_option = name;
    };
    command.add_option_function<std::string>(name, read, help)->type_name("IDS");
  };
  add("--token-type-ids", options.forward.token_type_ids, "the segment of each token, for models with an encoder");
  add("--decoder-ids", options.forward.decoder_ids, "what the decoder of an encoder-decoder reads");
}

/// Options of models with two streams.
void add_segment_options(CLI::App& command, ef::ForwardOptions& forward) {
  const auto read_mask = [&forward](const std::string& text) {
    const std::vector<std::uint64_t> mask = parse_whole_list("--perm-mask", text, {0, 1});
    forward.perm_mask.assign(mask.begin(), mask.end());
  };
  const auto read_places = [&forward](const std::string& text) {
    const std::vector<std::uint64_t> places = parse_whole_list("--target-mapping", text, {0, 1ULL << 31});
    forward.target_mapping.assign(places.begin(), places.end());
  };
  command
      .add_option_function<std::string>(
          "--perm-mask", read_mask,
          "for models with two streams: for each pair of tokens, row after row, 1 where the first does not see the "
          "second: 0,1,1,0")
      ->type_name("BITS");
  command
      .add_option_function<std::string>("--target-mapping", read_places,
                                        "the places that the query stream of such a model predicts: 3,5")
      ->type_name("PLACES");
}

}  // namespace

void add_logits(CLI::App& app, Action& action) {
  const auto options = std::make_shared<LogitsOptions>();
  CLI::App* command = app.add_subcommand("logits", "one forward pass into a .safetensors file; needs no tokenizer");
  add_model_argument(*command, options->common)->required();
  const auto read_ids = [options](const std::string& text) { options->ids = parse_ids("--ids", text); };
  command->add_option_function<std::string>("--ids", read_ids, "the tokens: 1,2,3")->type_name("IDS")->required();
  add_encoder_options(*command, *options);
  add_segment_options(*command, options->forward);
  command->add_flag("--hidden-states", options->forward.hidden_states, "tensors hidden_states.N as well");
  command->add_flag("--attentions", options->forward.attentions, "tensors attentions.N as well");
  add_whole(*command, {"--chunk", "tokens that a decoder is fed in one step; the values do not depend on it"},
            options->forward.chunk, {1, 1ULL << 31});
  command->add_option("--out", options->out, "the file to write")->type_name("FILE.safetensors")->required();
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { logits(*options); }; });
}

}  // namespace cli
