# Compiler flags, output folders and libraries, for every target of the project.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Which files of a set such as socket_posix.cpp and socket_windows.cpp, thread_linux.cpp and
# thread_macos.cpp are built.
if(WIN32)
  set(ASYNCD_SYSTEM windows)
  set(ASYNCD_KERNEL windows)
elseif(APPLE)
  set(ASYNCD_SYSTEM posix)
  set(ASYNCD_KERNEL macos)
else()
  set(ASYNCD_SYSTEM posix)
  set(ASYNCD_KERNEL linux)
endif()

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(ASYNCD_HANDLER_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/asyncd/handlers)

if(MSVC)
  include(AsyncdFlagsMsvc)
else()
  include(AsyncdFlagsGnu)
endif()

# A message passes through small functions of many files, so the optimiser is shown all of its way
# at once. The tests link the same objects as they are, which is quicker.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  include(CheckIPOSupported)
  check_ipo_supported(RESULT ASYNCD_LINK_TIME_OPTIMIZATION OUTPUT ignored LANGUAGES CXX)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(CMAKE_CXX_COMPILE_OPTIONS_IPO -flto=auto -ffat-lto-objects)
  endif()
endif()

if(WIN32)
  # Windows 10 and later; the headers as small as they can be.
  add_compile_definitions(_WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN NOMINMAX)
  link_libraries(ws2_32 mswsock)
endif()
if(MINGW)
  # One file each, with no library of the compiler's beside it; Asio's and CLI11's templates need
  # many sections.
  add_compile_options(-Wa,-mbig-obj)
  add_link_options(-static)
endif()

find_package(Threads REQUIRED)
if(CMAKE_CROSSCOMPILING)
  include(AsyncdHostHeaders)
else()
  include(AsyncdPackages)
endif()
# What Asio finds out about a system depends on what a file includes before it: std::aligned_alloc,
# and with mingw whether its threads are POSIX or Windows ones. Files that differ then share classes
# of two kinds, and one destroys what another has made. So it looks first of all, before any other
# header.
target_compile_definitions(asyncd_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED)
if(MSVC)
  target_compile_options(asyncd_asio INTERFACE /FIasio/detail/config.hpp)
else()
  target_compile_options(asyncd_asio INTERFACE "SHELL:-include asio/detail/config.hpp")
endif()

# What one file keeps to itself, another one that is compiled with it (CMAKE_UNITY_BUILD) may call
# by the same name.
function(asyncd_quieten_unity)
  if(NOT CMAKE_UNITY_BUILD OR MSVC)
    return()
  endif()
  set(unwanted -Wno-shadow)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND unwanted -Wno-subobject-linkage)
  endif()
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:${unwanted}>")
endfunction()
asyncd_quieten_unity()

# In such a build, files for Windows stay alone: what its headers define would reach the others.
function(asyncd_keep_apart)
  list(FILTER ARGN INCLUDE REGEX "_windows(_test)?[.]cpp$")
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# For a folder's code that fuzz targets reach: counts what they do there. Only these are linked with
# a fuzzer.
macro(asyncd_count_coverage)
  if(ASYNCD_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
endmacro()

# For what no message passes through, such as what runs at the start, and is much to compile: it is
# optimised less.
function(asyncd_in_no_hurry)
  if(ASYNCD_SANITIZE)
    set(how_far -O0)
  elseif(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT MSVC)
    set(how_far -O1)
  endif()
  foreach(target IN LISTS ARGN)
    target_compile_options(${target} PRIVATE ${how_far})
  endforeach()
endfunction()

# asyncd_library(name [DATA_PATH] SOURCES ... LINK ...): a part of asyncd, included as "core/...",
# "backends/..." or "sdk/asyncd.h". DATA_PATH: every message passes through it.
function(asyncd_library name)
  cmake_parse_arguments(PART "DATA_PATH" "" "SOURCES;LINK" ${ARGN})
  if(PART_SOURCES)
    add_library(${name} STATIC ${PART_SOURCES})
    if(PART_DATA_PATH AND ASYNCD_LINK_TIME_OPTIMIZATION)
      set_target_properties(${name} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
    endif()
    set(scope PUBLIC)
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${name} ${scope} ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/plugins)
  target_link_libraries(${name} ${scope} ${PART_LINK})
  asyncd_keep_apart(${PART_SOURCES})
endfunction()
