// The exit codes that users and scripts rely on. Where sysexits.h has a code for a case, that one
// is used.
#pragma once

namespace asyncd {

enum class ExitCode : int {
  ok = 0,
  failure = 1,               // at run time
  usage = 2,                 // the command line
  handler_rejected = 65,     // ABI, validation, not survived being loaded, refused by its create
  not_found = 66,            // handler, configuration or other file; or it is no regular file
  backend_unavailable = 69,  // on this system
  os_limit = 71,             // descriptors, threads, memory
  cannot_create = 73,        // bind, socket file, log file
  drain_deadline = 75,       // connections were cut
  permission = 77,
  config_invalid = 78,
  bench_invalid = 98,    // a measurement that cannot be trusted
  bench_threshold = 99,  // --fail-if
};

}  // namespace asyncd
