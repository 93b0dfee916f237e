#include "core/session/handler_connection.h"

namespace asyncd {

HandlerConnection::HandlerConnection(const Service& service, void* worker,
                                     const ConnectionInfo& info, HookMark* mark)
    : service_(service), info_(info), worker_(worker), mark_(mark) {
  opened_ = succeeds(service_.hooks->connection_open, service_.self, worker_, &connection_);
}

HandlerConnection::~HandlerConnection() {
  if (opened_) call_quietly(service_.hooks->connection_close, service_.self, worker_, connection_);
}

void HandlerConnection::prepare(Call& call, std::string_view message, Session& session) const {
  call.size = sizeof(asyncd_call);
  call.host = service_.host;
  call.message = message.data();
  call.message_size = message.size();
  call.worker = worker_;
  call.connection = connection_;
  call.session = &session;
  call.connection_info = &info_;
}

// A handler must not throw, and the SDK sees to it. One that does all the same has failed.
std::int32_t HandlerConnection::call(Call& call) const {
  std::int32_t outcome = ASYNCD_HANDLER_FAILED;
  try {
    outcome = service_.hooks->message(service_.self, &call);
  } catch (...) {
    outcome = ASYNCD_HANDLER_FAILED;
  }
  if (mark_ != nullptr) mark_->on_next_hook();
  return outcome;
}

}  // namespace asyncd
