#include "village.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace {

constexpr std::array<std::string_view, 16> k_people = {
    "Anna the baker",     "Bertram the smith",  "old Clara",           "the miller",
    "Dorian the fisher",  "Elsa the healer",    "Finn the shepherd",   "Greta the innkeeper",
    "the night watchman", "Hugo the carpenter", "Ida the weaver",      "Jonas the ferryman",
    "the young priest",   "Katja the huntress", "Lorenz the merchant", "Mira the beekeeper"};
constexpr std::array<std::string_view, 24> k_deeds = {"lost a silver ring",
                                                      "found a strange coin",
                                                      "sold a brown horse",
                                                      "repaired the wooden bridge",
                                                      "hid a letter",
                                                      "saw a wolf",
                                                      "sang an old song",
                                                      "planted apple trees",
                                                      "borrowed a ladder",
                                                      "broke a blue jug",
                                                      "caught a huge pike",
                                                      "lit a fire",
                                                      "taught the children to read",
                                                      "quarrelled with a stranger",
                                                      "dug a deep well",
                                                      "buried a wooden box",
                                                      "danced with the mayor",
                                                      "painted the door green",
                                                      "cured a sick goat",
                                                      "stole three loaves of bread",
                                                      "met a travelling knight",
                                                      "heard somebody weep",
                                                      "built a stone wall",
                                                      "forgot the key of the chapel"};
constexpr std::array<std::string_view, 20> k_places = {"by the river",         "in the market square",
                                                       "behind the mill",      "at the old chapel",
                                                       "on the hill",          "in the forest",
                                                       "near the well",        "under the great oak",
                                                       "at the harbour",       "in the cellar of the inn",
                                                       "on the road north",    "in the orchard",
                                                       "beside the graveyard", "at the city gate",
                                                       "in the hay barn",      "on the ferry",
                                                       "by the lighthouse",    "in the rose garden",
                                                       "at the quarry",        "in the tower"};
constexpr std::array<std::string_view, 15> k_times = {
    "yesterday",   "last winter",        "at dawn",         "during the storm",    "on market day",
    "at midnight", "in early spring",    "last summer",     "before the harvest",  "after the wedding",
    "a week ago",  "on a foggy morning", "three years ago", "at the autumn feast", "on the longest day"};

static_assert(k_people.size() * k_deeds.size() * k_places.size() * k_times.size() == k_village_sentences);

}  // namespace

std::vector<std::string> village_sentences(std::size_t count) {
  // A stride without a common divisor goes through all of them once, in an order that looks like none.
  constexpr std::size_t stride = 70'001;
  std::vector<std::string> sentences;
  std::size_t which = 0;
  for (std::size_t index = 0; index < std::min(count, k_village_sentences); ++index) {
    std::size_t rest = which;
    const auto pick = [&rest](const auto& words) {
      const std::string_view word = words[rest % words.size()];
      rest /= words.size();
      return std::string(word);
    };
    const std::string person = pick(k_people), deed = pick(k_deeds), place = pick(k_places), time = pick(k_times);
    sentences.push_back(person + " " + deed + " " + place + " " + time + ".");
    sentences.back()[0] = static_cast<char>(sentences.back()[0] & ~0x20);
    which = (which + stride) % k_village_sentences;
  }
  return sentences;
}
