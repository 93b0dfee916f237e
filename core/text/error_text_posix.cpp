#include <system_error>

#include "core/text/error_text.h"

namespace asyncd {

std::string error_text(int error) { return std::generic_category().message(error); }

}  // namespace asyncd
