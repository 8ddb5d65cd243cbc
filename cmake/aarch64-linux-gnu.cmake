# Toolchain: gcc for 64-bit ARM Linux, its programs run by qemu-user. QEMU_CPU in the environment picks the processor.
#
# Headers alone (Eigen, nlohmann_json) are this machine's, GoogleTest is compiled from the sources of Debian's package,
# PCRE2 and utf8proc are what scripts/aarch64_libraries unpacks.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)

set(libraries ${CMAKE_CURRENT_LIST_DIR}/../build/aarch64-libraries)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${libraries})
set(ENV{PKG_CONFIG_LIBDIR} ${libraries}/usr/lib/aarch64-linux-gnu/pkgconfig)
set(CMAKE_FIND_ROOT_PATH ${libraries})
if(EXISTS /usr/src/googletest)
  set(FETCHCONTENT_SOURCE_DIR_GOOGLETEST /usr/src/googletest CACHE PATH "GoogleTest's sources")
endif()
