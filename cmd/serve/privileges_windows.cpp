#include "cmd/serve/privileges.h"

namespace asyncd {

// As a service it runs as LocalService, else as whoever starts it.
Privileges own_privileges() { return {}; }

}  // namespace asyncd
