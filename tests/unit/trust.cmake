# What is believed: files that nobody else may write, and libraries that are loaded as they were checked.
set(posix_tests)
if(NOT WIN32)
  set(posix_tests config_trust_posix_test.cpp open_file_posix_test.cpp trust_posix_test.cpp)
endif()
if(ASYNCD_KERNEL STREQUAL "linux")
  list(APPEND posix_tests trust_acl_linux_test.cpp)
endif()
asyncd_test(unit_trust
  SOURCES config_security_test.cpp config_support.cpp open_file_test.cpp sha256_test.cpp ${posix_tests}
  LINK asyncd_config
  LABELS unit)

# versioned_library(target definitions...): a handler of which a test needs several versions. Its kind is that of
# AsyncdHandler.cmake.
set(versioned_library_kind MODULE)
if(APPLE)
  set(versioned_library_kind SHARED)
endif()
function(versioned_library name)
  add_library(${name} ${versioned_library_kind} handlers/versioned.c)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/plugins/sdk)
  target_compile_definitions(${name} PRIVATE ${ARGN})
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ${CMAKE_SHARED_LIBRARY_SUFFIX} C_VISIBILITY_PRESET hidden
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/handlers/versions)
endfunction()
versioned_library(versioned_1 VERSION="0001")
versioned_library(versioned_2 VERSION="0002")
set(versions versioned_1 versioned_2)

set(linux_tests)
if(WIN32)
  set(windows_tests library_windows_test.cpp)
endif()
if(ASYNCD_KERNEL STREQUAL "linux")
  set(linux_tests library_linux_test.cpp)
  foreach(version 1 2)
    versioned_library(unique_${version} VERSION="000${version}" UNIQUE)
    versioned_library(tied_${version} VERSION="000${version}" NEIGHBOUR)
    set_target_properties(tied_${version} PROPERTIES BUILD_RPATH "\$ORIGIN" SKIP_BUILD_RPATH OFF)
    target_link_libraries(tied_${version} PRIVATE neighbour)
    list(APPEND versions unique_${version} tied_${version})
  endforeach()
  add_library(neighbour SHARED handlers/neighbour.c)
  set_target_properties(neighbour PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/handlers/versions)
endif()
asyncd_test(unit_library
  SOURCES library_test.cpp loader_test.cpp library_support.cpp ${linux_tests} ${windows_tests}
  LINK asyncd_plugin
  LABELS unit)
target_compile_definitions(unit_library PRIVATE VERSIONED_LIBRARIES="${CMAKE_BINARY_DIR}/tests/handlers/versions")
add_dependencies(unit_library ${versions})
