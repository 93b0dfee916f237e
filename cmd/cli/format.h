// How times, counts and sizes are shown to people. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/clock.h"

namespace asyncd {

std::string show_time(Duration time);  // three digits and a unit: "412 us", "1.23 ms", "10.0 s"
std::string show_count(double count);  // "1,234,567"
std::string show_connections(std::uint64_t count);  // "1 connection", "1,000 connections"
std::string show_bytes(std::uint64_t bytes);        // "12.3 MiB"
std::string show_percent(double part);              // of 1: "98.4 %"
std::string show_ratio(double ratio);               // "1.83x"; of an endless one "no end"

}  // namespace asyncd
