# The C API (include/eigenformer/c_api.h) as libraries of its own: eigenformer::c, which is shared, holds all of the
# library and exports the functions of that header alone, and eigenformer::c_static. A program that links the former
# needs neither C++ nor any of the dependencies' headers; one that links the latter is linked by C++.
file(STRINGS ${PROJECT_SOURCE_DIR}/include/eigenformer/c_api.h lines REGEX "define EIGENFORMER_C_API_VERSION_")
string(REGEX REPLACE ".*MAJOR ([0-9]+).*MINOR ([0-9]+).*PATCH ([0-9]+).*" "\\1.\\2.\\3"
                     EIGENFORMER_C_API_VERSION "${lines}")
string(REGEX MATCH "^[0-9]+" EIGENFORMER_C_API_MAJOR ${EIGENFORMER_C_API_VERSION})

# Compiled once for both. Who uses the sources in another project gets them built where something links them.
set(EIGENFORMER_C_API_FILES cancel_token chat embed error generate generate_options handle load_options loading model
                            reply source structure tokens value version)
list(TRANSFORM EIGENFORMER_C_API_FILES REPLACE "(.+)" "src/c_api/\\1.cpp" OUTPUT_VARIABLE EIGENFORMER_C_API_SOURCES)
add_library(eigenformer_c_objects OBJECT ${EIGENFORMER_C_API_SOURCES})
target_include_directories(eigenformer_c_objects PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(eigenformer_c_objects PRIVATE eigenformer eigenformer_development)
target_compile_definitions(eigenformer_c_objects PRIVATE EIGENFORMER_C_API_BUILD)
set_target_properties(eigenformer_c_objects PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
                                                       VISIBILITY_INLINES_HIDDEN ON)

# The library's objects, not the library, so that it holds everything where that is built as a shared one, too.
add_library(eigenformer_c SHARED $<TARGET_OBJECTS:eigenformer_c_objects> $<TARGET_OBJECTS:eigenformer>)
add_library(eigenformer::c ALIAS eigenformer_c)
target_link_libraries(eigenformer_c PRIVATE ${EIGENFORMER_DEPENDENCIES} ${EIGENFORMER_SYSTEM_LIBRARIES}
                                            $<BUILD_INTERFACE:eigenformer_development>)
set_target_properties(eigenformer_c PROPERTIES EXPORT_NAME c VERSION ${EIGENFORMER_C_API_VERSION}
                                               SOVERSION ${EIGENFORMER_C_API_MAJOR})
if(APPLE)
  target_link_options(eigenformer_c PRIVATE "LINKER:-exported_symbol,_eigenformer_*")
elseif(NOT WIN32)
  set(exports ${PROJECT_SOURCE_DIR}/src/c_api/exports.map)
  target_link_options(eigenformer_c PRIVATE "LINKER:--version-script=${exports}")
  set_property(TARGET eigenformer_c PROPERTY LINK_DEPENDS ${exports})
endif()

add_library(eigenformer_c_static STATIC $<TARGET_OBJECTS:eigenformer_c_objects>)
add_library(eigenformer::c_static ALIAS eigenformer_c_static)
target_link_libraries(eigenformer_c_static PUBLIC eigenformer)
target_compile_definitions(eigenformer_c_static INTERFACE EIGENFORMER_C_API_STATIC)
set_target_properties(eigenformer_c_static PROPERTIES EXPORT_NAME c_static LINKER_LANGUAGE CXX)
if(WIN32)
  set_target_properties(eigenformer_c PROPERTIES PREFIX "") # eigenformer_c.dll with gcc, too
else() # there the file beside a .dll has this name
  set_target_properties(eigenformer_c_static PROPERTIES OUTPUT_NAME eigenformer_c)
endif()

foreach(target eigenformer_c eigenformer_c_static)
  target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                 $<INSTALL_INTERFACE:include>)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
endforeach()
if(NOT PROJECT_IS_TOP_LEVEL)
  set_target_properties(eigenformer_c_objects eigenformer_c eigenformer_c_static PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
