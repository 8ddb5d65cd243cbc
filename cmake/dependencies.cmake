# Finds what the project stands on: the installed package first, else a pinned version that is fetched and built.
# Each ends as one target whose name does not depend on where it came from.
include(FetchContent)
find_package(Threads REQUIRED)
list(PREPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR}/find)

# eigenformer_fetch(<name> <url> <tag>): the pinned source, without its own tests.
function(eigenformer_fetch name repository tag)
  message(NOTICE "eigenformer: ${name} is not installed, fetching ${repository} ${tag}")
  set(BUILD_TESTING OFF)
  FetchContent_Declare(${name} GIT_REPOSITORY ${repository} GIT_TAG ${tag} GIT_SHALLOW TRUE SYSTEM)
  FetchContent_MakeAvailable(${name})
endfunction()

find_package(Eigen3 3.4 QUIET NO_MODULE)
if(NOT TARGET Eigen3::Eigen)
  set(EIGEN_BUILD_DOC OFF)
  set(EIGEN_BUILD_TESTING OFF)
  eigenformer_fetch(Eigen3 https://gitlab.com/libeigen/eigen.git 3.4.0)
endif()

find_package(nlohmann_json 3.11 QUIET)
if(NOT TARGET nlohmann_json::nlohmann_json)
  set(JSON_BuildTests OFF)
  eigenformer_fetch(nlohmann_json https://github.com/nlohmann/json.git v3.11.3)
endif()

find_package(eigenformer_pcre2 QUIET MODULE)
if(NOT TARGET eigenformer::pcre2)
  set(PCRE2_BUILD_TESTS OFF)
  set(PCRE2_BUILD_PCRE2GREP OFF)
  eigenformer_fetch(pcre2 https://github.com/PCRE2Project/pcre2.git pcre2-10.42)
  add_library(eigenformer::pcre2 ALIAS pcre2-8-static)
endif()

find_package(eigenformer_utf8proc QUIET MODULE)
if(NOT TARGET eigenformer::utf8proc)
  eigenformer_fetch(utf8proc https://github.com/JuliaStrings/utf8proc.git v2.8.0)
  add_library(eigenformer::utf8proc ALIAS utf8proc)
endif()

if(EIGENFORMER_BUILD_PROGRAM OR EIGENFORMER_BUILD_EXAMPLES)
  find_package(CLI11 2.1 QUIET)
  if(NOT TARGET CLI11::CLI11)
    eigenformer_fetch(CLI11 https://github.com/CLIUtils/CLI11.git v2.3.2)
  endif()
endif()

if(EIGENFORMER_BUILD_PROGRAM)
  # Line editing in `eigenformer chat`, which does without where there is none.
  find_package(eigenformer_libedit QUIET MODULE)
endif()

if(EIGENFORMER_BUILD_TESTS)
  find_package(GTest 1.12 QUIET)
  if(NOT TARGET GTest::gmock)
    set(INSTALL_GTEST OFF)
    eigenformer_fetch(googletest https://github.com/google/googletest.git v1.14.0)
  endif()
endif()

if(EIGENFORMER_BUILD_BENCHMARKS)
  find_package(benchmark 1.7 QUIET)
  if(NOT TARGET benchmark::benchmark)
    set(BENCHMARK_ENABLE_TESTING OFF)
    eigenformer_fetch(benchmark https://github.com/google/benchmark.git v1.7.1)
  endif()
endif()
