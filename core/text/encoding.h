// What bytes that are not UTF-8 seem to be. Pure function, any thread.
#pragma once

#include <string_view>

namespace asyncd::text {

// "UTF-16 (little-endian)" and its like: what the bytes seem to be that are not UTF-8; or empty.
std::string_view foreign_encoding(std::string_view bytes);

}  // namespace asyncd::text
