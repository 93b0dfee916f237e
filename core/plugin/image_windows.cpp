#include "core/plugin/image.h"

namespace asyncd {

bool is_cut_off(std::string_view) { return false; }  // the system's loader finds that out itself

std::vector<std::string> unique_symbols(std::string_view) { return {}; }  // there are none

}  // namespace asyncd
