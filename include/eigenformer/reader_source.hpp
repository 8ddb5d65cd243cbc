// The host's readers as the parsers see them: for the library's own rooms.
#pragma once

#include <memory>

#include "eigenformer/asset_reader.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/format/folder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::loading {

/// Reads what lies within the file by the host's reader, which it keeps. UsageError "usage.no_reader" for null;
/// SystemError "system.reader_failed" by `read` where that cannot.
std::shared_ptr<const format::ByteSource> reader_source(std::shared_ptr<const AssetReader> reader);

/// Opens each file once and keeps its reader, or its bytes where it is small. Errors as above.
format::Folder reader_folder(std::shared_ptr<const AssetFolder> folder);

}  // namespace eigenformer::inline EIGENFORMER_ABI::loading

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/reader_source-inl.hpp"
#endif
