// What the system says of a connection that cannot be made.
#pragma once

namespace asyncd {

// Whether it tells of an error only, and not that the socket is writable.
extern const bool failed_connect_is_not_writable;

}  // namespace asyncd
