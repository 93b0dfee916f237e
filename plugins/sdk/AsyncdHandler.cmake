# asyncd_add_handler(name sources...): builds the handler library name.so, which exports
# asyncd_plugin_v1 and nothing else. It goes to ASYNCD_HANDLER_OUTPUT_DIRECTORY, or to the current
# build folder where that is not set. Sources include "asyncd.h" or "asyncd.hpp".
#
# asyncd_add_handler_test(name handler sources...): a program for ctest made of these sources, in
# C++20, and of those of the handler, whose asyncd_plugin_v1 it may give to the fake host
# ("fake_host.hpp").
include_guard()
get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)

if(NOT MSVC)
  include(CheckLinkerFlag)
  # An undefined symbol is better found here than when the handler is loaded. Sanitizers define
  # theirs in the program.
  if("CXX" IN_LIST languages)
    include(CheckCXXCompilerFlag)
    # A unique symbol would be shared by two versions of a handler that are loaded one after the
    # other.
    check_cxx_compiler_flag(-fno-gnu-unique ASYNCD_HAS_NO_GNU_UNIQUE)
    check_linker_flag(CXX -Wl,-z,defs ASYNCD_HAS_Z_DEFS)
  else()
    check_linker_flag(C -Wl,-z,defs ASYNCD_HAS_Z_DEFS)
  endif()
endif()

# To CMake, a module on macOS is a bundle and ends in .so. A handler is a plain library there, and
# ends in .dylib.
set(asyncd_handler_kind MODULE)
if(APPLE)
  set(asyncd_handler_kind SHARED)
endif()

function(asyncd_add_handler name)
  add_library(${name} ${asyncd_handler_kind} ${ARGN})
  set_property(GLOBAL APPEND PROPERTY ASYNCD_HANDLER_TARGETS ${name})
  target_link_libraries(${name} PRIVATE asyncd::sdk)
  set_target_properties(${name} PROPERTIES
    PREFIX ""
    INSTALL_NAME_DIR "@rpath"  # macOS: else the build folder would stand in the library
    BUILD_WITH_INSTALL_NAME_DIR ON
    C_STANDARD 11
    C_STANDARD_REQUIRED ON
    CXX_STANDARD 20
    CXX_STANDARD_REQUIRED ON
    C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON)
  if(ASYNCD_HANDLER_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY
      ${ASYNCD_HANDLER_OUTPUT_DIRECTORY})
  endif()
  if(ASYNCD_HAS_NO_GNU_UNIQUE)
    target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
  endif()
  if(ASYNCD_HAS_Z_DEFS AND NOT ASYNCD_SANITIZE AND NOT
     "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize=")
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
endfunction()

function(asyncd_add_handler_test name handler)
  add_executable(${name} ${ARGN} $<TARGET_OBJECTS:${handler}>)
  target_link_libraries(${name} PRIVATE asyncd::sdk $<TARGET_PROPERTY:${handler},LINK_LIBRARIES>)
  set_target_properties(${name} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
  add_test(NAME ${name} COMMAND ${name})
endfunction()
