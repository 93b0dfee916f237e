// Exact square and double of a decimal integer of any size up to the limit, on less than 8 KiB of
// stack: no allocation, and a bounded amount of work. Pure functions.
#pragma once

#include <string_view>

namespace integer {

// Both take digits without a leading zero, at least one and at most max_digits, and return the end
// of what they wrote.

// Writes at most twice as many digits.
char* write_square(char* to, std::string_view digits);

// Writes at most one digit more.
char* write_double(char* to, std::string_view digits);

}  // namespace integer
