// Counts the program's calls of operator new: linking count_allocations.cpp replaces it. For
// one thread.
#pragma once

#include <cstddef>

std::size_t count_allocations();
