// Complaints: what the checking host tells of a handler in an examination, on whatever thread, kept
// until it is asked for.
#pragma once

#include <string>

#include "cmd/handler_check/findings.h"
#include "core/plugin/checking/violation.h"

namespace asyncd {

// a fatal one is told at once, and ends the process
void note_complaint(const Violation& violation);
std::string take_complaints();  // since the last time; empty: none
void tell_last_words_to(FindingsWriter& findings);

}  // namespace asyncd
