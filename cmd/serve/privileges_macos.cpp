#include <unistd.h>

#include "cmd/serve/privileges.h"

namespace asyncd {

Privileges own_privileges() { return {::geteuid() == 0, {}}; }

}  // namespace asyncd
