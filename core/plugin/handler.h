// Handler: a described handler brought to life with its options: create has been called, destroy
// will be. Lives through reloads that change neither its library nor its options; immutable, so
// that all threads may call its hooks as its declared concurrency allows.
#pragma once

#include <memory>

#include "core/operations/serial_gate.h"
#include "core/plugin/checking/violation.h"
#include "core/plugin/host.h"

namespace asyncd {

// Whether this build holds handlers to the rules of asyncd.h, and tells what they break.
bool checks_handlers();
inline Report usual_report() { return checks_handlers() ? log_violation : nullptr; }

class Handler {
 public:
  // `values` in the order of the description's options; `report` is called with what the handler
  // does wrong, and null has it do unchecked what it does. 65: refused, with the handler's own
  // words.
  static Result<std::unique_ptr<Handler>> create(const HandlerDescription& description,
                                                 std::vector<Value> values,
                                                 Report report = usual_report());

  ~Handler();
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;

  // Whether create would only make the same once more.
  bool is(const HandlerDescription& description, const std::vector<Value>& values) const;

  const std::string& name() const { return description_.name; }
  // With its library, of which a reload sees by the digest whether it is another one.
  const HandlerDescription& description() const { return description_; }
  const asyncd_handler& hooks() const { return hooks_; }
  const asyncd_host& host() const { return host_; }
  SerialGate* gate() { return serial() && asynchronous() ? &gate_ : nullptr; }
  void* self() { return serial() ? this : self_; }  // what the hooks get

 private:
  Handler(const HandlerDescription& description, std::vector<Value> values, Report report);
  bool asynchronous() const { return (description_.hooks.flags & ASYNCD_ASYNC) != 0; }
  bool serial() const { return description_.hooks.concurrency == ASYNCD_SERIAL; }
  template <auto hook, class Outcome, class... Arguments>
  void make_serial(Outcome (*asyncd_handler::*)(void*, Arguments...));
  void make_serial();

  HandlerDescription description_;
  std::vector<Value> values_;
  asyncd_handler called_;           // its own hooks, or in their place
  std::shared_ptr<void> checking_;  // a CheckingHost's; null where nothing is checked
  asyncd_handler hooks_{};          // those of a serial handler go through its lock
  log::SourceLimit lines_;          // of its own in the log
  const HandlerHost host_;
  void* self_ = nullptr;
  bool created_ = false;
  SerialGate gate_;
};

}  // namespace asyncd
