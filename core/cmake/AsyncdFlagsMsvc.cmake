# Flags for Microsoft's compiler, which by default takes neither the standard nor UTF-8 at its word.
add_compile_options(/W4 /permissive- /utf-8 /bigobj
  "$<$<COMPILE_LANGUAGE:CXX>:/Zc:__cplusplus;/EHsc>")
# What the other compilers do not warn of either: conversions to smaller integers (4244, 4267),
# constant conditions in templates (4127), and padding where it is asked for (4324).
add_compile_options(/wd4244 /wd4267 /wd4127 /wd4324)
# The C library's functions are those of the standard.
add_compile_definitions(_CRT_SECURE_NO_WARNINGS _CRT_NONSTDC_NO_WARNINGS)
# A switch over an enum is where its values are listed; one that is forgotten there is an error
# (4062).
add_compile_options(/we4062)
if(ASYNCD_WERROR)
  add_compile_options(/WX)
endif()
if(ASYNCD_SANITIZE OR ASYNCD_FUZZ)
  message(FATAL_ERROR "ASYNCD_SANITIZE and ASYNCD_FUZZ are for GCC and Clang")
endif()
