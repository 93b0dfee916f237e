# Flags for GCC and Clang, whatever the system.

# Designated initialisers that leave out what has a default are wanted, so that warning is off.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wundef
                    "$<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor;-Wold-style-cast>"
                     "$<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>")
# g++ 12 sees overlapping copies in std::string's operator+ where there are none (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)
endif()
# A switch over an enum is where its values are listed; one that is forgotten there is an error.
add_compile_options(-Werror=switch)
if(ASYNCD_WERROR)
  add_compile_options(-Werror)
endif()

add_compile_options(-fstack-protector-strong)
add_link_options(-fstack-protector-strong)
if(ASYNCD_SANITIZE)
  add_compile_options(-fsanitize=${ASYNCD_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ASYNCD_SANITIZE})
  # A program with a sanitizer is large, and without addresses to be adapted it starts in four
  # fifths of the time.
  add_link_options("$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>")
  if(ASYNCD_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio's reference counts use a fence, which ThreadSanitizer does not follow.
    add_compile_options(-Wno-tsan)
  elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Coroutines lie in sections of their own, from which Clang 14 cannot name what this check keeps
    # before a function.
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=function>)
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Some distributions' compilers define it by themselves.
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(ASYNCD_FUZZ)
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_FLAGS -fsanitize=fuzzer)
  check_cxx_source_compiles(
    "extern \"C\" int LLVMFuzzerTestOneInput(const char*, decltype(sizeof 0)) { return 0; }"
    ASYNCD_HAS_LIBFUZZER)
  unset(CMAKE_REQUIRED_FLAGS)
  if(NOT ASYNCD_HAS_LIBFUZZER)
    message(FATAL_ERROR
      "ASYNCD_FUZZ needs Clang with libFuzzer (on Debian clang and libclang-rt-dev); "
                        "without it the fuzz targets replay their corpora")
  endif()
endif()
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

# Addresses of functions are looked up when the program starts, and can then no longer be
# overwritten.
if(ASYNCD_KERNEL STREQUAL "linux")
  add_link_options(-Wl,-z,relro,-z,now)
endif()
