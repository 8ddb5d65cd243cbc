// Files of torch.save that were made to do harm, or damaged: one error each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "eigenformer/format/torch_file.hpp"
#include "tests/format/builders.hpp"
#include "tests/format/torch_builders.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/small_stack.hpp"

namespace {

using eigenformer_tests::Bytes;
using eigenformer_tests::error_id_of;
using eigenformer_tests::error_of;
using eigenformer_tests::PickleBuilder;
using eigenformer_tests::source_of;
using eigenformer_tests::torch_stream_of;
using eigenformer_tests::torch_zip_of;
using eigenformer_tests::ZipBuilder;
namespace format = eigenformer::format;
namespace fs = std::filesystem;

std::string error_of_bytes(const Bytes& bytes) {
  return error_of([&] {
    const auto file = format::open_torch(source_of(bytes, "m.bin"));
    for (const auto& entry : file->entries()) file->read(entry);
  });
}
std::string error_of_zip(const PickleBuilder& pickle) { return error_of_bytes(torch_zip_of(pickle.bytes()).build()); }
std::string id_of_zip(const PickleBuilder& pickle) {
  const std::string error = error_of_zip(pickle);
  return error.substr(0, error.find(": "));
}
/// Both forms give an error of this id.
void expect_id(const PickleBuilder& pickle, const std::string& id) {
  EXPECT_EQ(id_of_zip(pickle), id);
  const std::string error = error_of_bytes(torch_stream_of(pickle.bytes()));
  EXPECT_EQ(error.substr(0, error.find(": ")), id);
}

/// {"a": a tensor of these arguments}
std::string error_of_tensor(const PickleBuilder::Storage& storage, const PickleBuilder::View& view) {
  PickleBuilder pickle;
  return error_of_zip(pickle.ops("}").text("a").tensor(storage, view).ops("s."));
}

const std::string k_harm = "; download the file again: it is damaged or was made to do harm";

// ---- what runs code elsewhere
// ----------------------------------------------------------------------------------------

TEST(TorchHostile, GlobalsAreNamesAndNothingElse) {
  const auto refusal = [](const std::string& global, std::size_t byte) {
    return "format.pickle_global: m.bin, data.pkl, byte " + std::to_string(byte) +
           ": expected tensors, their storages, dictionaries, lists, tuples, texts and numbers, found the global \"" +
           global + "\"; save the model's state_dict() alone; nothing that a file names is ever called";
  };
  const fs::path proof = fs::path(testing::TempDir()) / "eigenformer_pickle_was_called";
  fs::remove(proof);
  EXPECT_EQ(error_of_zip(PickleBuilder().global("os", "system").text("touch " + proof.string()).op(0x85).ops("R.")),
            refusal("os.system", 13));
  EXPECT_FALSE(fs::exists(proof));
  EXPECT_EQ(error_of_zip(PickleBuilder().global("__builtin__", "eval").text("1").op(0x85).ops("R.")),
            refusal("__builtin__.eval", 20));
  EXPECT_EQ(error_of_zip(PickleBuilder(4).text("posix").text("system").op(0x93).ops(".")), refusal("posix.system", 24));
  for (const auto& [module, name] : {std::pair{"builtins", "getattr"},
                                     {"torch", "load"},
                                     {"torch", "FloatStorage.from_file"},
                                     {"torch._utils", "_rebuild_qtensor"},
                                     {"collections", "Counter"},
                                     {"collections.OrderedDict", "OrderedDict"},
                                     {"", ""},
                                     {"torch", "floatstorage"},
                                     {"torch.nn.parameter", "Parameter"}}) {
    expect_id(PickleBuilder().global(module, name).ops("."), "format.pickle_global");
    expect_id(PickleBuilder(4).text(module).text(name).op(0x93).ops("."), "format.pickle_global");
  }
}

TEST(TorchHostile, OtherOpcodesAreRefused) {
  EXPECT_EQ(error_of_zip(PickleBuilder().ops("i").ops("os\nsystem\n.")),
            "format.pickle_opcode: m.bin, data.pkl, byte 3: expected an opcode that tensors need, found the opcode "
            "105" +
                k_harm);
  const std::string known = "(.GJKMNQRTUXabcehjqrstu)]}\x80\x85\x86\x87\x88\x89\x8A\x8C\x8D\x93\x94\x95";
  for (int opcode = 0; opcode < 256; ++opcode) {
    if (known.find(static_cast<char>(opcode)) != std::string::npos) continue;
    expect_id(PickleBuilder().op(static_cast<std::uint8_t>(opcode)).ops("........."), "format.pickle_opcode");
  }
  expect_id(PickleBuilder(6).ops("}."), "format.pickle_opcode");
  expect_id(PickleBuilder(255).ops("}."), "format.pickle_opcode");
  expect_id(PickleBuilder().op(0x95).number(~std::uint64_t{0}).ops("}."), "format.pickle_opcode");
}

TEST(TorchHostile, OnlyKnownNamesAreRebuilt) {
  const std::string refusal =
      "expected a tensor or dictionary with the arguments that torch.save writes, found other values; download the "
      "file again, or save dense tensors of plain types";
  EXPECT_EQ(error_of_zip(PickleBuilder().text("os.system").text("x").op(0x85).ops("R.")),
            "format.pickle_rebuild: m.bin, data.pkl, byte 24: " + refusal);
  for (const char* const operand : {"N", "]", "}", ")", "K\x01"}) {
    expect_id(PickleBuilder().ops(operand).ops(")R."), "format.pickle_rebuild");
  }
  expect_id(PickleBuilder().global("torch", "FloatStorage").ops(")R."), "format.pickle_rebuild");
  expect_id(PickleBuilder().global("torch", "Size").ops(")R."), "format.pickle_rebuild");
  expect_id(PickleBuilder().global("torch", "Size").ops("N").op(0x85).ops("R."), "format.pickle_rebuild");
  expect_id(PickleBuilder().global("collections", "OrderedDict").ops("NN").op(0x86).ops("R."), "format.pickle_rebuild");
  expect_id(PickleBuilder().global("collections", "OrderedDict").ops("]N").op(0x85).op(0x86).ops("R."),
            "format.pickle_rebuild");
  for (const char* const pairs : {"](Ne", "]()e", "](]e", "](](NNNee"}) {
    expect_id(PickleBuilder().global("collections", "OrderedDict").ops(pairs).op(0x85).ops("R."),
              "format.pickle_rebuild");
  }
  for (const char* const name : {"_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_parameter"}) {
    expect_id(PickleBuilder().global("torch._utils", name).ops(")R."), "format.pickle_rebuild");
    expect_id(PickleBuilder().global("torch._utils", name).ops("(NNNNNNtR."), "format.pickle_rebuild");
    expect_id(PickleBuilder().global("torch._utils", name).ops("(NNNtR."), "format.pickle_rebuild");
    expect_id(PickleBuilder().global("torch._utils", name).ops("}R."), "format.pickle_rebuild");
  }
}

// ---- storages and views
// ----------------------------------------------------------------------------------------------

TEST(TorchHostile, StoragesAreNamedAsTorchNamesThem) {
  EXPECT_EQ(error_of_zip(PickleBuilder().ops("NQ.")),
            "format.pickle_rebuild: m.bin, data.pkl, byte 4: expected a storage's type, key, place and size, as "
            "torch.save writes them, found other values; download the file again, or save dense tensors of plain "
            "types");
  for (const char* const id : {")", "}", "(NNNNNt", "(NNNNNNt", "(NNNNNNNt"}) {
    expect_id(PickleBuilder().ops(id).ops("Q."), "format.pickle_rebuild");
  }
  const auto named = [](std::string_view what, std::string_view global, std::string_view rest) {
    return PickleBuilder().ops("(").text(what).global("torch", global).ops(rest).ops("tQ.");
  };
  const std::string key = {'U', 1, '0'}, device = {'U', 3, 'c', 'p', 'u'}, six = {'K', 6};
  expect_id(named("module", "FloatStorage", key + device + six), "format.pickle_rebuild");
  expect_id(named("storage", "Size", key + device + six), "format.pickle_rebuild");
  expect_id(named("storage", "FloatStorage", "N" + device + six), "format.pickle_rebuild");
  expect_id(named("storage", "FloatStorage", key + "N" + six), "format.pickle_rebuild");
  expect_id(named("storage", "FloatStorage", key + device + "N"), "format.pickle_rebuild");
  expect_id(named("storage", "FloatStorage", key + device + "J\xFF\xFF\xFF\xFF"), "format.pickle_rebuild");
  const std::string huge = std::string("\x8A\x09") + std::string(8, '\0') + "\x01";  // 2^64
  expect_id(named("storage", "FloatStorage", key + device + huge), "format.pickle_rebuild");
  for (const std::string part : {"K\x01", ")", "(NNNt", "(U\x01pJ\xFF\xFF\xFF\xFFK\x01t", "(U\x01pK\x06K\x01t"}) {
    expect_id(named("storage", "FloatStorage", key + device + six + part), "format.pickle_rebuild");
  }
  EXPECT_EQ(id_of_zip(named("storage", "FloatStorage", key + device + six + "(U\x01pK\x05K\x01t")),
            "format.torch_state_dict");
}

TEST(TorchHostile, TensorsStayInsideTheirStorage) {
  const auto refusal = [](const std::string& found) {
    return "format.torch_view: m.bin, tensor a: expected elements inside of the tensor's storage, which has 6, found " +
           found + k_harm;
  };
  EXPECT_EQ(error_of_tensor({}, {.offset = 1}), refusal("shape [2, 3] with strides [3, 1] from element 1 on"));
  EXPECT_EQ(error_of_tensor({}, {.size = {2, 3}, .stride = {4, 1}}),
            refusal("shape [2, 3] with strides [4, 1] from element 0 on"));
  EXPECT_EQ(error_of_tensor({}, {.size = {7}, .stride = {1}}), refusal("shape [7] with strides [1] from element 0 on"));
  EXPECT_EQ(error_of_tensor({}, {.offset = 6, .size = {}, .stride = {}}),
            refusal("shape [] with strides [] from element 6 on"));
  EXPECT_EQ(error_of_tensor({}, {.offset = INT64_MAX, .size = {1}, .stride = {1}}),
            refusal("shape [1] with strides [1] from element 9223372036854775807 on"));
  const std::string overflow =
      "format.size_overflow: m.bin, tensor a: expected sizes whose product and sum fit 64 bits, found larger ones" +
      k_harm;
  EXPECT_EQ(error_of_tensor({}, {.size = {3, 5}, .stride = {INT64_MAX, 1}}), overflow);
  EXPECT_EQ(error_of_tensor({}, {.size = {3, 3, 3}, .stride = {INT64_MAX, INT64_MAX, INT64_MAX}}), overflow);
  EXPECT_EQ(error_of_tensor({}, {.offset = INT64_MAX, .size = {3}, .stride = {INT64_MAX}}), overflow);
  EXPECT_EQ(error_of_tensor({}, {.size = {INT64_MAX, INT64_MAX}, .stride = {0, 0}}), overflow);
  for (const PickleBuilder::View& view : {PickleBuilder::View{.offset = -1},
                                          {.size = {-2, 3}},
                                          {.stride = {-3, 1}},
                                          {.size = {6}},
                                          {.stride = {1}},
                                          {.size = {1, 1, 1, 1, 1, 1, 1, 1, 6}, .stride = {6, 6, 6, 6, 6, 6, 6, 6, 1}},
                                          {.size = {}, .stride = {1}}}) {
    EXPECT_THAT(error_of_tensor({}, view), testing::StartsWith("format.pickle_rebuild: m.bin, data.pkl, byte "));
  }
}

TEST(TorchHostile, RepeatedTensorsAreBoundedByTheFile) {
  EXPECT_EQ(error_of_tensor({}, {.size = {100000, 2}, .stride = {0, 3}}), "no error");
  const std::string error = error_of_tensor({}, {.size = {1 << 30, 1 << 20}, .stride = {0, 0}});
  EXPECT_THAT(error, testing::StartsWith("format.torch_size: m.bin, tensor a: expected tensors of at most "));
  EXPECT_THAT(error, testing::EndsWith(" bytes together, sixteen times the file, found more; make repeated tensors "
                                       "contiguous() before they are saved"));
  PickleBuilder pickle;  // many names for one large part of the file
  pickle.ops("}").text("0").tensor({}, {.size = {50000}, .stride = {0}}).put(0).ops("s");
  for (int i = 1; i < 1000; ++i) pickle.text(std::to_string(i)).get(0).ops("s");
  EXPECT_EQ(id_of_zip(pickle.ops(".")), "format.torch_size");
}

TEST(TorchHostile, StoragesAreInTheFile) {
  const auto refusal = [](const std::string& where, const std::string& found) {
    return "format.torch_storage: " + where +
           ": expected each storage once in the file, of the type and size that the tensors say, found " + found +
           "; download the file again: it is cut short or damaged";
  };
  EXPECT_EQ(error_of_tensor({.key = "1"}, {}), refusal("m.bin", "no member \"m/data/1\""));
  EXPECT_EQ(error_of_tensor({.key = "../data.pkl"}, {}), refusal("m.bin", "no member \"m/data/../data.pkl\""));
  EXPECT_EQ(error_of_tensor({.elements = 7}, {}), refusal("m.bin, tensor a", "24 bytes for 7 elements of type F32"));
  EXPECT_EQ(error_of_tensor({.elements = 0}, {.size = {0}, .stride = {1}}),
            refusal("m.bin, tensor a", "24 bytes for 0 elements of type F32"));
  EXPECT_EQ(error_of_tensor({.type = "DoubleStorage"}, {}),
            refusal("m.bin, tensor a", "24 bytes for 6 elements of type F64"));
  EXPECT_THAT(error_of_tensor({.elements = INT64_MAX}, {}), testing::StartsWith("format.size_overflow: "));

  const auto streamed = [](const PickleBuilder::Storage& storage) {
    PickleBuilder pickle;
    return error_of_bytes(torch_stream_of(pickle.ops("}").text("a").tensor(storage, {}).ops("s.").bytes()));
  };
  EXPECT_EQ(streamed({.stream = true}), "no error");
  EXPECT_THAT(streamed({.key = "1", .stream = true}),
              testing::HasSubstr("found a key that no tensor has, or twice the same; "));
  EXPECT_THAT(streamed({.elements = 5, .stream = true}),
              testing::HasSubstr("found 6 elements for the key \"0\" of 5;"));
  EXPECT_EQ(streamed({.type = "DoubleStorage", .stream = true}).substr(0, 16), "format.truncated");
  PickleBuilder two;
  two.ops("}").text("a").tensor({.stream = true}, {}).ops("s").text("b").tensor({.key = "1", .stream = true}, {});
  EXPECT_EQ(error_of_bytes(torch_stream_of(two.ops("s.").bytes())), refusal("m.bin", "none of the key \"1\""));
  PickleBuilder types;
  types.ops("}")
      .text("a")
      .tensor({.stream = true}, {})
      .ops("s")
      .text("b")
      .tensor({.type = "IntStorage", .stream = true}, {});
  EXPECT_EQ(error_of_bytes(torch_stream_of(types.ops("s.").bytes())),
            refusal("m.bin", "two sizes or types for the key \"0\""));
}

TEST(TorchHostile, CompressedStoragesAreRefused) {
  PickleBuilder pickle;
  pickle.ops("}").text("a").tensor({}, {}).ops("s.");
  ZipBuilder zip;
  zip.member({.name = "m/data.pkl", .bytes = pickle.bytes()});
  zip.member({.name = "m/data/0", .bytes = Bytes(20), .method = 8, .unpacked_bytes = 24});
  EXPECT_THAT(error_of_bytes(zip.build()), testing::StartsWith("format.zip_compressed: m.bin, member m/data/0: "));
}

// ---- the pickle itself
// -----------------------------------------------------------------------------------------------

TEST(TorchHostile, TheStackMustHoldWhatAnOpcodeNeeds) {
  EXPECT_EQ(
      error_of_zip(PickleBuilder().ops("s.")),
      "format.pickle_stack: m.bin, data.pkl, byte 3: expected the values that an opcode works on, found none" + k_harm);
  for (const char* const ops :
       {"t.",    "e.",    "u.",      "a.",    "]a.",    "R.",      "b.",    "N}b.",    "Q.",  "(t}(NNe.", "](u.",
        "N(Ne.", "}(Nu.", "}NNs.N",  "(s.",   "N(Nu.",  "(.",      ".",     "NN.",     "}(.", "q\x01.",   "}(Nq\x01s.",
        "N]b.",  "\x93.", "NN\x93.", "\x85.", "N\x86.", "NN\x87.", "\x94.", "N(\x85.", "N(R."}) {
    const std::string id = id_of_zip(PickleBuilder().ops(ops));
    if (std::string_view(ops) == "}NNs.N") {
      EXPECT_EQ(id, "format.torch_state_dict");
    } else {
      EXPECT_EQ(id, "format.pickle_stack") << ops;
    }
  }
}

TEST(TorchHostile, TheMemoIsNumberedInTurn) {
  const std::string expected = "expected values remembered under numbers that follow each other, found the number ";
  EXPECT_EQ(error_of_zip(PickleBuilder().ops("}r").number(~std::uint32_t{0}).ops(".")),
            "format.pickle_memo: m.bin, data.pkl, byte 8: " + expected + "4294967295 after 0" + k_harm);
  EXPECT_EQ(error_of_zip(PickleBuilder().ops("h\x07.")),
            "format.pickle_memo: m.bin, data.pkl, byte 4: expected a number under which a value is remembered, found "
            "7" +
                k_harm);
  expect_id(PickleBuilder().ops("}").put(0).put(3).ops("."), "format.pickle_memo");
  expect_id(PickleBuilder().ops("}").put(1).get(0).ops("."), "format.pickle_memo");
  expect_id(PickleBuilder().ops("j").number(std::uint32_t{1} << 31U).ops("."), "format.pickle_memo");
}

TEST(TorchHostile, NothingHoldsItself) {
  PickleBuilder self;
  self.ops("]").put(0).get(0).ops("a.");
  EXPECT_EQ(error_of_zip(self),
            "format.pickle_cycle: m.bin, data.pkl, byte 8: expected lists and dictionaries that are whole before they "
            "are put anywhere, found one that is filled afterwards, as in a cycle" +
                k_harm);
  // d["x"] = d; a list in its own tuple; two lists in each other, one of them opened again; the state of a dictionary
  expect_id(PickleBuilder().ops("}").put(0).text("x").get(0).ops("s."), "format.pickle_cycle");
  expect_id(PickleBuilder().ops("]").put(0).get(0).op(0x85).ops("a."), "format.pickle_cycle");
  expect_id(PickleBuilder().ops("]]").put(0).ops("]").put(1).get(0).ops("aa").get(0).get(1).ops("a."),
            "format.pickle_cycle");
  expect_id(PickleBuilder().ops("}").put(0).get(0).ops("b").text("x").ops("Ns."), "format.pickle_cycle");
  // sharing is no cycle
  PickleBuilder shared;
  shared.ops("}(").text("a").tensor({}, {}).text("x").ops("]").put(0).text("y").get(0).ops("u.");
  EXPECT_EQ(error_of_zip(shared), "no error");
}

TEST(TorchHostile, DepthCostsNoStack) {
  const std::string deep(60'000, '(');
  std::string nested;
  for (int i = 0; i < 60'000; ++i) nested += "](";
  std::string closed = nested;
  for (int i = 0; i < 60'000; ++i) closed += "e";
  eigenformer_tests::on_small_stack(std::size_t{256} << 10U, [&] {
    EXPECT_EQ(id_of_zip(PickleBuilder().ops(deep).ops(".")), "format.pickle_stack");
    EXPECT_EQ(id_of_zip(PickleBuilder().ops(closed).ops(".")), "format.torch_state_dict");
    EXPECT_EQ(id_of_zip(PickleBuilder().ops("}").text("a").tensor({}, {}).ops("s").text("x").ops(closed).ops("s.")),
              "no error");
    std::string tuples = ")";
    for (int i = 0; i < 60'000; ++i) tuples += "\x85";
    EXPECT_EQ(id_of_zip(PickleBuilder().ops(tuples).ops(".")), "format.torch_state_dict");
  });
}

TEST(TorchHostile, PicklesHaveLimits) {
  const auto refusal = [](const std::string& limit, std::size_t byte) {
    return "format.pickle_limit: m.bin, data.pkl, byte " + std::to_string(byte) + ": expected a pickle of at most " +
           limit + ", found more" + k_harm;
  };
  EXPECT_EQ(error_of_zip(PickleBuilder().ops(std::string(70'000, '('))), refusal("65536 open values", 2 + 65'537));
  EXPECT_EQ(error_of_zip(PickleBuilder().ops(std::string(70'000, 'N'))), refusal("65536 open values", 2 + 65'537));
  EXPECT_EQ(error_of_zip(PickleBuilder().ops("c").ops(std::string(300, 'x'))),
            refusal("256 characters in a name", 2 + 1 + 257));
  EXPECT_EQ(error_of_zip(PickleBuilder().ops("X").number(~std::uint32_t{0})), refusal("16777216 bytes", 7));
  EXPECT_EQ(error_of_zip(PickleBuilder().op(0x8D).number(~std::uint64_t{0})), refusal("16777216 bytes", 11));
  std::string lists = "]";
  for (int i = 0; i < 20; ++i) lists += "(" + std::string(60'000, '}') + "e";
  EXPECT_THAT(error_of_zip(PickleBuilder().ops(lists).ops(".")), testing::HasSubstr("at most 1048576 objects, "));
  std::string values = "]";
  for (int i = 0; i < 80; ++i) values += "(" + std::string(60'000, 'N') + "e";
  EXPECT_THAT(error_of_zip(PickleBuilder().ops(values).ops(".")), testing::HasSubstr("at most 1048576 values, "));
  Bytes long_stream = torch_stream_of(PickleBuilder().ops("](").bytes());  // no end in 16 MiB
  long_stream.resize(std::size_t{17} << 20U, std::byte{0x95});
  const std::string frames = error_of_bytes(long_stream);
  EXPECT_THAT(frames, testing::StartsWith("format.pickle_"));
  std::string marks = "]";
  while (marks.size() < (std::size_t{17} << 20U)) marks += "(e";
  EXPECT_THAT(error_of_bytes(torch_stream_of(PickleBuilder().ops(marks).ops(".").bytes())),
              testing::HasSubstr("at most 16777216 bytes, "));
  EXPECT_THAT(error_of_zip(PickleBuilder().ops(marks).ops(".")), testing::StartsWith("format.file_too_large: "));
}

TEST(TorchHostile, TextsEndInTheFile) {
  EXPECT_EQ(error_of_zip(PickleBuilder().ops("X").number(std::uint32_t{1000}).ops("abc")),
            "format.truncated: m.bin, data.pkl, byte 7: expected 1000 more bytes, found 3; download the file again: it "
            "is cut short or damaged");
  for (const char* const ops : {"", "}", "U\x05x", "c", "cos\n", "cos\nsystem", "J", "G\x01", "\x8A\xFFx", "\x95", "}q",
                                "h", "r\x01", "M\x01"}) {
    EXPECT_EQ(id_of_zip(PickleBuilder().ops(ops)), "format.truncated") << ops;
  }
}

// ---- what is in the file
// ---------------------------------------------------------------------------------------------

TEST(TorchHostile, AStateDictIsADictionaryOfTensors) {
  const auto refusal = [](const std::string& found) {
    return "format.torch_state_dict: m.bin: expected a dictionary from names to tensors, as state_dict() gives it, "
           "found " +
           found + "; save the model's state_dict() with torch.save, and nothing around it";
  };
  EXPECT_EQ(error_of_zip(PickleBuilder().ops("N.")), refusal("a plain value"));
  EXPECT_EQ(error_of_zip(PickleBuilder().ops(").")), refusal("a tuple"));
  EXPECT_EQ(error_of_zip(PickleBuilder().tensor({}, {}).ops(".")), refusal("a tensor or storage"));
  EXPECT_EQ(error_of_zip(PickleBuilder().ops("}.")), refusal("a dictionary without tensors"));
  EXPECT_EQ(error_of_zip(PickleBuilder().ops("}").text("n").integer(1).ops("s.")),
            refusal("a dictionary without tensors"));
  EXPECT_EQ(error_of_zip(PickleBuilder().ops("}").integer(1).tensor({}, {}).ops("s.")),
            refusal("a tensor whose name is no text"));
  PickleBuilder twice;
  twice.ops("}").text("a").tensor({}, {}).ops("s").text("a").tensor({}, {}).ops("s.");
  EXPECT_EQ(error_of_zip(twice),
            "format.tensor_twice: m.bin: expected each tensor once, found two of the name \"a\"" + k_harm);
}

TEST(TorchHostile, WhatIsNoFileOfTorch) {
  const auto refusal = [](const std::string& found) {
    return "format.torch_magic: m.bin: expected a file of torch.save: a zip archive with data.pkl, or the stream of "
           "PyTorch before 1.6, found " +
           found + "; check that the download is the model and not a web page";
  };
  const auto bytes_of = [](std::string_view text) {
    const auto* const first = reinterpret_cast<const std::byte*>(text.data());
    return Bytes(first, first + text.size());
  };
  EXPECT_EQ(error_of_bytes(bytes_of("<!DOCTYPE html>")), refusal("another beginning: \"<!DO\""));
  EXPECT_EQ(error_of_bytes(PickleBuilder().ops("}.").bytes()), refusal("a pickle that begins with another number"));
  EXPECT_EQ(error_of_bytes(PickleBuilder().integer(0x1950A86A20F9469C).ops(".").bytes()),
            refusal("a pickle that begins with another number"));
  Bytes version = torch_stream_of(PickleBuilder().ops("}.").bytes());
  version[18] = std::byte{1};
  EXPECT_EQ(error_of_bytes(version), refusal("a stream of another version than 1001"));
  ZipBuilder zip;
  zip.member("other/file", "x");
  EXPECT_EQ(error_of_bytes(zip.build()), refusal("an archive without other/data.pkl"));
  ZipBuilder flat;
  flat.member("data.pkl", "x");
  EXPECT_EQ(error_of_bytes(flat.build()), refusal("an archive without data.pkl/data.pkl"));
}

TEST(TorchHostile, EveryPrefixIsAnError) {
  std::vector<std::pair<std::string, Bytes>> files = {{"zip", eigenformer_tests::valid_torch_zip()},
                                                      {"stream", eigenformer_tests::valid_torch_stream()}};
  for (const char* const name : {"zip", "zip_64", "stream", "stream_protocol_5", "stream_python_2"}) {
    const fs::path path = fs::path(EIGENFORMER_SOURCE_DIR) / "tests/golden/torch/files" / (name + std::string(".bin"));
    const auto source = format::file_source(path);
    Bytes bytes(static_cast<std::size_t>(source->size()));
    source->read(0, bytes);
    files.emplace_back(name, bytes);
  }
  for (const auto& [name, whole] : files) {
    EXPECT_EQ(error_of_bytes(whole), "no error") << name;
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const std::string error = error_of_bytes({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
      const bool is_zip = name.starts_with("zip");
      const bool in_a_frame = error.starts_with("format.pickle_opcode") && name == "stream_protocol_5";
      if (in_a_frame) continue;
      ASSERT_THAT(error, testing::StartsWith(is_zip && length >= 4 ? "format.zip_directory: " : "format.truncated: "))
          << name << ", " << length;
    }
  }
}

}  // namespace
