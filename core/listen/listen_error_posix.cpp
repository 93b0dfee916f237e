#include "core/listen/listen_error.h"

#include <cerrno>

#include "core/text/error_text.h"

namespace asyncd {

Error cannot_listen(const ListenAddress& address, int error) {
  std::string message = "cannot listen on " + address.to_string() + ": " + error_text(error);
  const bool unix_path = address.is_unix();
  if (error == EADDRINUSE)
    message += "; another process listens there: stop it, or choose another " +
               std::string(unix_path ? "name" : "port");
  if (error == EADDRNOTAVAIL)
    message += "; this machine has no such address: choose one of its own";
  if (unix_path && error == ENOENT)
    message += "; its folder is not there: make it, or choose another path";
  if (unix_path && error == EACCES)
    message += "; asyncd's user may not write in its folder: let it, or choose another path";
  if (error == EACCES && address.ip.port != 0 && address.ip.port < 1024)
    message += "; ports below 1024 need root or the capability CAP_NET_BIND_SERVICE";
  const bool denied = error == EACCES || error == EPERM;
  const bool exhausted = error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
  const ExitCode other = exhausted ? ExitCode::os_limit : ExitCode::cannot_create;
  return {denied ? ExitCode::permission : other, std::move(message)};
}

}  // namespace asyncd
