#include <string>

#include "eigenformer/c_api.h"
#include "eigenformer/core/config.hpp"

uint32_t eigenformer_c_api_version() {
  return EIGENFORMER_C_API_VERSION_MAJOR * 65536U + EIGENFORMER_C_API_VERSION_MINOR * 256U +
         EIGENFORMER_C_API_VERSION_PATCH;
}

const char* eigenformer_library_version() {
  static const std::string text = std::to_string(EIGENFORMER_VERSION_MAJOR) + "." +
                                  std::to_string(EIGENFORMER_VERSION_MINOR) + "." +
                                  std::to_string(EIGENFORMER_VERSION_PATCH);
  return text.c_str();
}
