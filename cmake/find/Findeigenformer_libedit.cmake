# libedit: eigenformer::libedit.
include(${CMAKE_CURRENT_LIST_DIR}/eigenformer_find_library.cmake)
eigenformer_find_library(libedit histedit.h edit libedit)
