#include "cmd/cli/report.h"
#include "cmd/service/service.h"

namespace asyncd {

int service_command(const Options&) {
  return complain(
      {ExitCode::backend_unavailable,
       "services of this kind exist on Windows only; here systemd or launchd runs 'asyncd run'"});
}

}  // namespace asyncd
