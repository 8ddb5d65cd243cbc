# Toolchain: gcc for 64-bit Windows (MinGW-w64 with POSIX threads), its programs run by wine.
#
# What the project stands on is what scripts/windows_libraries builds and copies; GoogleTest is compiled from the
# sources of Debian's package. Programs hold gcc's own libraries, so that they run from any folder.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR AMD64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
# GNU ld takes minutes for each program that is full of templates, lld a second.
if(EXISTS /usr/lib/llvm-16/bin/ld.lld)
  string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT " -fuse-ld=lld -B/usr/lib/llvm-16/bin")
endif()
set(CMAKE_SHARED_LINKER_FLAGS_INIT ${CMAKE_EXE_LINKER_FLAGS_INIT})
set(CMAKE_CROSSCOMPILING_EMULATOR ${CMAKE_CURRENT_LIST_DIR}/../scripts/wine)

set(libraries ${CMAKE_CURRENT_LIST_DIR}/../build/windows-libraries)
set(ENV{PKG_CONFIG_LIBDIR} ${libraries}/usr/lib/pkgconfig)
set(CMAKE_FIND_ROOT_PATH ${libraries})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
if(EXISTS /usr/src/googletest)
  set(FETCHCONTENT_SOURCE_DIR_GOOGLETEST /usr/src/googletest CACHE PATH "GoogleTest's sources")
endif()
