# utf8proc: eigenformer::utf8proc.
include(${CMAKE_CURRENT_LIST_DIR}/eigenformer_find_library.cmake)
eigenformer_find_library(utf8proc utf8proc.h utf8proc libutf8proc)
