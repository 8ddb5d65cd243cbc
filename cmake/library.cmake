# The two ways to use the library: eigenformer::eigenformer (compiled once) and eigenformer::header_only.
option(EIGENFORMER_WARNINGS_AS_ERRORS "Treat warnings in the project's own code as errors" OFF)
set(EIGENFORMER_SANITIZE "" CACHE STRING "Sanitizers for the project's own targets, as -fsanitize takes them")

set(EIGENFORMER_DEPENDENCIES Eigen3::Eigen nlohmann_json::nlohmann_json eigenformer::pcre2 eigenformer::utf8proc
                             Threads::Threads)

# Of the operating system: threads that sleep until a word changes.
set(EIGENFORMER_SYSTEM_LIBRARIES)
if(WIN32)
  set(EIGENFORMER_SYSTEM_LIBRARIES synchronization)
endif()

# Fused multiply-adds stand where the code says so and nowhere else (docs/numerics.md, rule 8).
if(MSVC)
  set(EIGENFORMER_ARITHMETIC /fp:precise)
else()
  set(EIGENFORMER_ARITHMETIC -ffp-contract=off)
  if(MINGW AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # gcc takes the stack of 64-bit Windows for aligned as AVX wants it, which it is not, and spills vectors by moves
    # that fault there (https://gcc.gnu.org/bugzilla/show_bug.cgi?id=54412). The assembler (binutils 2.38) writes others.
    list(APPEND EIGENFORMER_ARITHMETIC -Wa,-muse-unaligned-vector-move)
  endif()
endif()

# What the project's own targets are built with: warnings, and sanitizers where asked for.
add_library(eigenformer_development INTERFACE)
if(NOT MSVC)
  target_compile_options(eigenformer_development INTERFACE -Wall -Wextra -Wpedantic -Wshadow)
  # g++ 12 sees overlapping copies where texts are joined: https://gcc.gnu.org/bugzilla/show_bug.cgi?id=105651
  target_compile_options(eigenformer_development INTERFACE
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
  if(EIGENFORMER_WARNINGS_AS_ERRORS)
    target_compile_options(eigenformer_development INTERFACE -Werror)
  endif()
  if(EIGENFORMER_SANITIZE)
    target_compile_options(eigenformer_development INTERFACE -fsanitize=${EIGENFORMER_SANITIZE} -fno-omit-frame-pointer
                                                             -fno-sanitize-recover=all)
    target_link_options(eigenformer_development INTERFACE -fsanitize=${EIGENFORMER_SANITIZE})
  endif()
endif()

# One translation unit a room (two for chat/, which is large), so that they build side by side.
set(EIGENFORMER_ROOMS core quant format kernels ops nn arch tokenize model generate chat chat_template tasks)
list(TRANSFORM EIGENFORMER_ROOMS REPLACE "(.+)" "src/\\1.cpp" OUTPUT_VARIABLE EIGENFORMER_SOURCES)
add_library(eigenformer ${EIGENFORMER_SOURCES})
add_library(eigenformer::eigenformer ALIAS eigenformer)
target_compile_features(eigenformer PUBLIC cxx_std_20)
target_compile_options(eigenformer PRIVATE ${EIGENFORMER_ARITHMETIC})
target_include_directories(eigenformer PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                              $<INSTALL_INTERFACE:include>)
# The user's headers need none of these; the library's own files do.
target_link_libraries(eigenformer PRIVATE ${EIGENFORMER_DEPENDENCIES} ${EIGENFORMER_SYSTEM_LIBRARIES}
                                          $<BUILD_INTERFACE:eigenformer_development>)
if(EIGENFORMER_SANITIZE MATCHES address)
  # What reads no file and no text, and computes little: half the time to compile.
  set_source_files_properties(src/nn.cpp src/arch.cpp src/model.cpp src/generate.cpp PROPERTIES COMPILE_OPTIONS -O0)
endif()
set_target_properties(eigenformer PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
                                             POSITION_INDEPENDENT_CODE ON)

add_library(eigenformer_header_only INTERFACE)
add_library(eigenformer::header_only ALIAS eigenformer_header_only)
set_target_properties(eigenformer_header_only PROPERTIES EXPORT_NAME header_only)
target_compile_features(eigenformer_header_only INTERFACE cxx_std_20)
target_compile_definitions(eigenformer_header_only INTERFACE EIGENFORMER_HEADER_ONLY)
target_compile_options(eigenformer_header_only INTERFACE ${EIGENFORMER_ARITHMETIC})
target_include_directories(eigenformer_header_only INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                             $<INSTALL_INTERFACE:include>)
target_link_libraries(eigenformer_header_only INTERFACE ${EIGENFORMER_DEPENDENCIES} ${EIGENFORMER_SYSTEM_LIBRARIES})
