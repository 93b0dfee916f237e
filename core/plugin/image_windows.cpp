#include "core/plugin/image.h"

namespace asyncd {

bool is_cut_off(const std::string&) { return false; }  // the system's loader finds that out itself

}  // namespace asyncd
