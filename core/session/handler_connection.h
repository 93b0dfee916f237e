// HandlerConnection: what a handler knows of a connection: its own state, the calls' common part,
// and the hooks. Runs connection_open when made and connection_close in the end. Belongs to the
// session's thread; all references outlive it.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/session/call.h"
#include "core/session/hook_mark.h"
#include "core/session/service.h"

namespace asyncd {

class HandlerConnection {
 public:
  // `mark` is null where hooks are not watched one by one.
  HandlerConnection(const Service& service, void* worker, const ConnectionInfo& info,
                    HookMark* mark);
  ~HandlerConnection();
  HandlerConnection(const HandlerConnection&) = delete;
  HandlerConnection& operator=(const HandlerConnection&) = delete;

  bool is_open() const { return opened_; }  // connection_open has succeeded
  void prepare(Call& call, std::string_view message, Session& session) const;
  std::int32_t call(Call& call) const;  // the message hook; what it throws is ASYNCD_HANDLER_FAILED

 private:
  const Service& service_;
  const ConnectionInfo& info_;
  void* const worker_;
  HookMark* const mark_;
  void* connection_ = nullptr;
  bool opened_ = false;
};

}  // namespace asyncd
