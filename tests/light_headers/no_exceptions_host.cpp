// A host without exceptions and run-time type information, as games are built: it has the user's headers and none of
// the library's dependencies, links the compiled library, and meets its errors as values.
//
// Usage: no_exceptions_host MODEL
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/choose.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/scheduler.hpp"
#include "eigenformer/tasks.hpp"

#if defined(__cpp_exceptions) || defined(__cpp_rtti)
#error "compile this file with -fno-exceptions -fno-rtti"
#endif
#if defined(EIGEN_WORLD_VERSION) || defined(NLOHMANN_JSON_VERSION_MAJOR) || defined(PCRE2_MAJOR)
#error "a user's header brings a dependency of the library"
#endif

namespace ef = eigenformer;

namespace {

constexpr const char* k_template =
    "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}";

bool errors_are_values() {
  const ef::Result<ef::Model> nowhere = ef::try_load("there is no such model");
  return !nowhere.ok() && !nowhere.error().id.empty() && !nowhere.error().message().empty();
}

bool generates(const ef::Model& model) {
  const std::vector<ef::TokenId> prompt{1, 2, 3};
  const auto refused = ef::try_generate(model, {}, {});
  return ef::try_generate(model, prompt, {.max_new_tokens = 3}).ok() && ef::try_forward(model, prompt).ok() &&
         !refused.ok() && refused.error().id == "usage.prompt_empty";
}

bool schedules(const ef::Model& model) {
  const std::vector<ef::TokenId> prompt{1, 2, 3};
  ef::Result<ef::Scheduler> scheduler = ef::Scheduler::try_make(model);
  if (!scheduler) return false;
  ef::Result<ef::Request> request = scheduler.value().try_submit(prompt, {.max_new_tokens = 3});
  return request.ok() && scheduler.value().try_run().ok() && request.value().result().ok();
}

bool chooses(const ef::Model& model) {
  const std::vector<ef::TokenId> prompt{1, 2, 3};
  const std::vector<std::vector<ef::TokenId>> choices{{4}, {5, 6}};
  return ef::try_choose(model, prompt, choices).ok() && !ef::try_choose(model, prompt, {}).ok();
}

std::optional<std::string> answer_of(ef::Chat& chat, std::string_view question) {
  ef::Result<ef::Reply> reply = chat.try_begin(question);
  if (!reply) return std::nullopt;
  for (;;) {
    const ef::Result<std::optional<std::string>> piece = reply.value().try_next();
    if (!piece) return std::nullopt;
    if (!reply.value().finish_reason()) continue;
    return reply.value().text();
  }
}

bool chats(const ef::Model& model) {
  ef::Result<ef::Chat> chat =
      ef::Chat::try_make(model, {.generation = {.max_new_tokens = 5}, .chat_template = k_template});
  if (!chat) return false;
  const std::optional<std::string> answer = answer_of(chat.value(), "Hello");
  return answer && chat.value().messages().size() == 2 && chat.value().messages()[1].content == *answer &&
         chat.value().try_ask("Again").ok() && !chat.value().try_load("nonsense").ok();
}

bool does_tasks(const ef::Model& model) {
  const std::vector<std::string> texts{"hello the user", "a"};
  const auto vectors = ef::try_embed(model, texts);
  return vectors.ok() && ef::try_score(model, texts).ok() && ef::try_rerank(model, "hello", texts).ok() &&
         !ef::try_embed(model, "").ok();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !errors_are_values()) return 1;
  ef::Result<ef::Model> model = ef::try_load(argv[1]);
  if (!model) return 2;
  if (!generates(model.value())) return 3;
  if (!chats(model.value())) return 4;
  if (!does_tasks(model.value())) return 5;
  return schedules(model.value()) && chooses(model.value()) ? 0 : 6;
}
