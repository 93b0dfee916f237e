# Writes OUTPUT, a header with the commit of SOURCE, where it has become another one. Run by each
# build: a measurement says which commit it was of.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit "unknown")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
// Written by each build.
#pragma once

#include <string_view>

namespace asyncd::build_info {

inline constexpr std::string_view commit = "@commit@";

}  // namespace asyncd::build_info
]])
