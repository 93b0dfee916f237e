// SHA-256, by which a file is known to be the one that was meant. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

namespace asyncd {

// The digest in hexadecimal, as sha256sum prints it: 64 digits, letters in lower case.
std::string sha256(std::string_view bytes);

}  // namespace asyncd
