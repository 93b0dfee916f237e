// How lines of the log look, as text and as JSON. Any thread.
#pragma once

#include "core/log/log.h"

namespace asyncd::log {

// Aligned so that an atomic of it needs no lock.
struct alignas(2) Style {
  bool json = false;
  bool color = false;  // of text
};

std::string format_text(Level level, std::string_view message, Fields fields, std::string_view time,
                        bool color);
std::string format_json(Level level, Event event, std::string_view message, Fields fields,
                        std::string_view time);

// The line in the given style, with the present time in UTC and without its end.
std::string format_line(Style style, Level level, Event event, std::string_view message,
                        Fields fields);

}  // namespace asyncd::log
