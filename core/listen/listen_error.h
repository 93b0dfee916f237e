// Why a socket cannot listen, in words for the operator.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/listen/listen_address.h"

namespace asyncd {

// `error` is the system's number. 77: no permission; 71: no descriptor or memory; 73: else.
Error cannot_listen(const ListenAddress& address, int error);

// The path of a unix socket is of no use.
inline Error refused_path(const ListenAddress& address, std::string_view cause) {
  return {ExitCode::cannot_create,
          "cannot listen on " + address.to_string() + ": " + std::string(cause)};
}

}  // namespace asyncd
