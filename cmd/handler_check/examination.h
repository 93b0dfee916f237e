// Examination: what `asyncd handler check` does with a library, in a process that need not survive
// it: loads it, makes its handlers, gives them what users and clients might, and holds them to the
// rules of asyncd.h meanwhile. Main thread, which starts others for a while.
#pragma once

#include <memory>
#include <string>

#include "cmd/handler_check/findings.h"
#include "core/config/config.h"
#include "core/plugin/handler.h"
#include "core/session/service.h"

namespace asyncd {

class Examination {
 public:
  Examination(FindingsWriter& findings, const Config& config, std::uint64_t seed);

  // 0: all is well; else the code that a start of asyncd would end with, 65 where it would not
  // notice.
  ExitCode examine(const std::string& path);

 private:
  using ServicePointer = std::shared_ptr<const Service>;

  bool examine_handler(HandlerDescription& handler);
  bool examine_options();
  bool examine_life_cycle();
  bool examine_messages(bool deferred);
  bool examine_frames();

  static std::string with_prefix(const Service& service, std::string_view message);
  bool asynchronous() const { return (handler_->hooks.flags & ASYNCD_ASYNC) != 0; }
  Result<ServicePointer> make(const std::vector<Value>& values,
                              FramingKind framing = FramingKind::length) const;
  // what goes wrong in a worker's life, or empty
  std::string live(const ServicePointer& service) const;
  // true: there is no complaint
  bool finish(const std::string& complaint, const std::string& note = {});

  FindingsWriter& findings_;
  const Config& config_;
  const std::uint64_t seed_;
  const HandlerDescription* handler_ = nullptr;
  std::vector<Value> values_;
};

}  // namespace asyncd
