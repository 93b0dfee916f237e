# What the toolchains by zig share; each sets ASYNCD_ZIG_TARGET before.
execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/zig
                OUTPUT_VARIABLE zig OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(CMAKE_C_COMPILER ${zig}/zig-cc)
set(CMAKE_CXX_COMPILER ${zig}/zig-c++)
set(CMAKE_AR ${zig}/zig-ar)
set(CMAKE_RANLIB ${zig}/zig-ranlib)
set(CMAKE_C_COMPILER_TARGET ${ASYNCD_ZIG_TARGET})
set(CMAKE_CXX_COMPILER_TARGET ${ASYNCD_ZIG_TARGET})
set(CMAKE_FIND_ROOT_PATH ${zig})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# Its builds are not debugged, and zig compiles libc++ for the first program that is linked:
# without debug information that takes less, and handlers, which are read whole and copied, are a
# tenth as long.
foreach(kind IN ITEMS EXE MODULE SHARED)
  set(CMAKE_${kind}_LINKER_FLAGS_INIT -s)
endforeach()
