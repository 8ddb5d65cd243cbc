// Sound files of each format, small enough that ten thousand of them are loaded in seconds.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/hostile/mutations.hpp"

namespace eigenformer_tests::hostile {

/// What is damaged, and what stays beside it.
struct Format {
  std::string name;
  std::vector<Seed> seeds;
};

Format safetensors_format();  ///< whole folders of a decoder, an encoder, and one in two files with its index
Format gguf_format();         ///< with the vocabularies of three kinds, every type of a value, F32 and blocks
Format torch_format();        ///< archives, with 64-bit directories too, and streams
Format tokenizer_format();    ///< tokenizer.json of four models, and tokenizer_config.json
Format config_format();       ///< config.json of twelve architectures, generation_config.json
Format sentencepiece_format();
Format template_format();
std::vector<Format> formats();

/// The files beside a damaged one, by name: those of the folder that the seed's name stands for.
std::map<std::string, std::string> files_beside(const Seed& seed);

/// The golden model that a seed of a config is of; empty for other seeds.
std::filesystem::path golden_folder(const Seed& seed);

}  // namespace eigenformer_tests::hostile
