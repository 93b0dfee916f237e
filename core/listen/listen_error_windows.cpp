#include "core/listen/listen_error.h"

#include "core/text/error_text.h"
#include "system_sockets.h"

namespace asyncd {

Error cannot_listen(const ListenAddress& address, int error) {
  std::string message = "cannot listen on " + address.to_string() + ": " + error_text(error);
  // "Access denied" is of another's exclusive port, and of the ranges that Hyper-V, WSL and Docker
  // have reserved.
  const bool port_denied = error == WSAEACCES && !address.is_unix();
  if (error == WSAEADDRINUSE)
    message += "; another process listens there: stop it, or choose another port";
  if (port_denied)
    message +=
        "; another process has the port, or Windows keeps it for itself ('netsh interface ipv4 "
        "show excludedportrange protocol=tcp' lists those): choose another port";
  if (error == WSAEADDRNOTAVAIL) message += "; this machine has no such address";
  if (error == WSAEAFNOSUPPORT) message += "; this Windows has no sockets of that kind";
  const bool denied = error == WSAEACCES && !port_denied;
  const bool exhausted =
      error == WSAEMFILE || error == WSAENOBUFS || error == WSA_NOT_ENOUGH_MEMORY;
  const ExitCode other = exhausted ? ExitCode::os_limit : ExitCode::cannot_create;
  return {denied ? ExitCode::permission : other, std::move(message)};
}

}  // namespace asyncd
