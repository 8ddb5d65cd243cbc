// Ten thousand small things that happened in a village, made by a grammar.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// The first `count` of them, each another sentence; at most k_village_sentences.
std::vector<std::string> village_sentences(std::size_t count);

inline constexpr std::size_t k_village_sentences = 16 * 24 * 20 * 15;
