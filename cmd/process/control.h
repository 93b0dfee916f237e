// Control: what an operator tells the running process, by signals on POSIX systems and by console
// events on Windows. Made before any thread, and used by the main thread alone, but for end_process
// and tell_supervisor(Error), which any thread may call.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace asyncd {

// Things that must hold before anything is opened: standard streams that exist and carry bytes as
// they are, failed writes that are errors and not signals, and no signal that the parent blocked or
// ignored, but for those of terminals.
void prepare_process();

enum class Request : std::uint8_t {
  none,       // the wait is over
  terminate,  // drain; TERM, or PWR where the system has it
  interrupt,  // drain, or stop when one is under way; INT
  quit,       // stop now; QUIT
  reload,     // HUP
  reopen,     // open the log again, and write the books into it; USR1
  unused,     // another one that the system would end or stop the process for
};

// From here on requests to reload and to reopen are kept: they never end a process that does not
// serve yet. Nor does a signal that means nothing here. What the parent ignored of the signals of
// terminals is not ignored any more.
void hold_reloads();

// From here on requests are kept until wait_for_request takes them, in place of what the system
// would do.
void hold_requests();
Request wait_for_request(Duration wait);
std::string unused_signal();  // the name of the last one that was

// Where the process stands, for what started and supervises it: Windows' service manager.
enum class ProcessState : std::uint8_t { serving, stopping };
// stopping: again and again while it lasts, as a sign of life
void tell_supervisor(ProcessState state);
void tell_supervisor(const Error& failure);  // for where standard error is not read
// Ends the process whatever its threads do, but not behind the supervisor's back.
[[noreturn]] void end_process(ExitCode code);

// Whether standard error is a terminal that may be coloured.
bool stderr_is_terminal();

// As many open files as the system grants without asking further; returns the limit.
std::uint64_t raise_descriptor_limit();

}  // namespace asyncd
