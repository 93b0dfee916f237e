# Linux on x86-64 with libc++ in place of libstdc++, by zig; the C library is no newer than Debian
# 12's.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(ASYNCD_ZIG_TARGET x86_64-linux-gnu.2.36)
include(${CMAKE_CURRENT_LIST_DIR}/zig.cmake)
