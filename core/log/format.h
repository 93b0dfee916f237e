// How lines of the log look. Pure functions, any thread.
#pragma once

#include "core/log/log.h"

namespace asyncd::log {

// Aligned as a whole, because it is read and written atomically.
struct alignas(2) Style {
  bool json = false;
  bool color = false;  // of text
};

std::string format_text(Level level, std::string_view message, Fields fields, std::string_view time,
                        bool color);
std::string format_json(Level level, Event event, std::string_view message, Fields fields,
                        std::string_view time);

// One or the other, with the time that it is.
std::string format_line(Style style, Level level, Event event, std::string_view message,
                        Fields fields);

}  // namespace asyncd::log
