# PCRE2 for 8-bit text: eigenformer::pcre2.
include(${CMAKE_CURRENT_LIST_DIR}/eigenformer_find_library.cmake)
eigenformer_find_library(pcre2 pcre2.h pcre2-8 libpcre2-8)
