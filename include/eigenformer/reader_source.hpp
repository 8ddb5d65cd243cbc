// The host's reader of a file as the parsers see it: for the library's own rooms.
#pragma once

#include <memory>

#include "eigenformer/asset_reader.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/format/byte_source.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::loading {

/// Reads what lies within the file by the host's reader, which it keeps. UsageError "usage.no_reader" for null;
/// SystemError "system.reader_failed" by `read` where that cannot.
std::shared_ptr<const format::ByteSource> reader_source(std::shared_ptr<const AssetReader> reader);

}  // namespace eigenformer::inline EIGENFORMER_ABI::loading

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/reader_source-inl.hpp"
#endif
