#include "cmd/serve/privileges.h"

namespace asyncd {

// As a service it runs as LocalService, else as the user who starts it.
Privileges own_privileges() { return {}; }

}  // namespace asyncd
