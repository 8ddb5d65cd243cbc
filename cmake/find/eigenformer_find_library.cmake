# eigenformer_find_library(<name> <header> <library> <module>): for a find module of a library whose packages bring no
# CMake configuration. Looks where pkg-config says, if there is one and it knows the module, and in the usual places;
# the target is eigenformer::<name>. The prefixes keep apart what a project has found by modules of its own.
include(FindPackageHandleStandardArgs)

macro(eigenformer_find_library name header library module)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(PC_eigenformer_${name} QUIET ${module})
  endif()
  find_path(eigenformer_${name}_INCLUDE_DIR ${header} HINTS ${PC_eigenformer_${name}_INCLUDE_DIRS})
  find_library(eigenformer_${name}_LIBRARY ${library} HINTS ${PC_eigenformer_${name}_LIBRARY_DIRS})
  mark_as_advanced(eigenformer_${name}_INCLUDE_DIR eigenformer_${name}_LIBRARY)
  find_package_handle_standard_args(eigenformer_${name}
    REQUIRED_VARS eigenformer_${name}_LIBRARY eigenformer_${name}_INCLUDE_DIR)
  if(eigenformer_${name}_FOUND AND NOT TARGET eigenformer::${name})
    add_library(eigenformer::${name} UNKNOWN IMPORTED GLOBAL)
    set_target_properties(eigenformer::${name} PROPERTIES
      IMPORTED_LOCATION ${eigenformer_${name}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${eigenformer_${name}_INCLUDE_DIR})
    # On Windows a header has to be told that its functions are in no .dll.
    if(WIN32 AND eigenformer_${name}_LIBRARY MATCHES "\\.a$" AND NOT eigenformer_${name}_LIBRARY MATCHES "\\.dll\\.a$")
      string(TOUPPER ${name} upper_name)
      set_target_properties(eigenformer::${name} PROPERTIES INTERFACE_COMPILE_DEFINITIONS ${upper_name}_STATIC)
    endif()
  endif()
endmacro()
