// Report: results as one page of HTML that needs nothing else, or as one drawing. Pure functions.
#pragma once

#include <span>
#include <string>

#include "cmd/bench/show/results.h"

namespace asyncd::bench {

std::string report_page(std::span<const Results> results);
std::string report_drawing(std::span<const Results> results);  // SVG: the charts alone

}  // namespace asyncd::bench
