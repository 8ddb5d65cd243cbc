#include "eigenformer/format/device_name.hpp"

#include <gtest/gtest.h>

namespace {

TEST(DeviceNames, AreWhatWindowsOpensInstead) {
  for (const char* name : {"NUL", "nul", "Con", "aux.safetensors", "PRN.tar.gz", "COM1", "lpt9.bin", "com0",
                           "COM\xC2\xB2", "CONIN$", "conout$", "nul .txt", "model.safetensors.", "model ", "..", " "}) {
    EXPECT_TRUE(eigenformer::format::is_device_name(name)) << name;
  }
  for (const char* name : {"model.safetensors", "null", "console.bin", "com10", "com", "lpt", "commander.bin", "a.nul",
                           "model-00001-of-00002.safetensors", "auxiliary", "COM\xC2\xB4"}) {
    EXPECT_FALSE(eigenformer::format::is_device_name(name)) << name;
  }
}

}  // namespace
