# What `cmake --install` puts where, and what find_package(eigenformer) finds there.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

if(EIGENFORMER_BUILD_PROGRAM)
  install(TARGETS eigenformer_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# A package can refer to installed dependencies alone: what was fetched and built here is known to nobody else.
foreach(dependency ${EIGENFORMER_DEPENDENCIES})
  get_target_property(real ${dependency} ALIASED_TARGET)
  if(NOT real)
    set(real ${dependency})
  endif()
  get_target_property(imported ${real} IMPORTED)
  if(NOT imported)
    message(NOTICE "eigenformer: ${dependency} was fetched, so the library cannot be installed; "
                   "install it from your system, or use eigenformer by add_subdirectory")
    return()
  endif()
endforeach()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/eigenformer)
install(TARGETS eigenformer eigenformer_header_only eigenformer_c_static EXPORT eigenformerTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
# By itself, for it needs none of what the others need: the component `c`.
install(TARGETS eigenformer_c EXPORT eigenformerCTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/eigenformer DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")
install(EXPORT eigenformerTargets NAMESPACE eigenformer:: DESTINATION ${package_folder})
install(EXPORT eigenformerCTargets NAMESPACE eigenformer:: DESTINATION ${package_folder})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/cmake/find DESTINATION ${package_folder} PATTERN "*libedit*" EXCLUDE)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/eigenformerConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/eigenformerConfig.cmake INSTALL_DESTINATION ${package_folder})
# Before version 1 a new minor version may break what used the old one.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/eigenformerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/eigenformerConfig.cmake ${PROJECT_BINARY_DIR}/eigenformerConfigVersion.cmake
        DESTINATION ${package_folder})
