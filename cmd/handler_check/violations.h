// The violations that the checking host finds in an examination, on any thread, kept until the
// examination asks for them.
#pragma once

#include <string>

#include "cmd/handler_check/findings.h"
#include "core/plugin/checking/violation.h"

namespace asyncd {

void note_violation(const Violation& violation);  // reports a fatal one and ends the process
std::string take_violations();                    // since the last time; empty: none
void report_fatal_violations_to(FindingsWriter& findings);

}  // namespace asyncd
