// Handler: a described handler brought to life with its options: create has been called, destroy will be. Lives
// through reloads that change neither its library nor its options; immutable, so that all threads may call its hooks as
// its declared concurrency allows.
#pragma once

#include <memory>
#include <mutex>

#include "core/plugin/plugin.h"

namespace asyncd {

class Handler {
 public:
  // `values` in the order of the description's options. 65: refused, with the handler's own words.
  static Result<std::unique_ptr<Handler>> create(const HandlerDescription& description, std::vector<Value> values);

  ~Handler();
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;

  // Whether create would only make the same once more.
  bool is(const HandlerDescription& description, const std::vector<Value>& values) const;

  const std::string& name() const { return description_.name; }
  // With its library, of which a reload sees by the digest whether it is another one.
  const HandlerDescription& description() const { return description_; }
  const asyncd_handler& hooks() const { return hooks_; }
  void* self() { return serial() ? this : self_; }  // what the hooks get

 private:
  Handler(const HandlerDescription& description, std::vector<Value> values);
  bool serial() const { return description_.hooks.concurrency == ASYNCD_SERIAL; }
  void make_serial();

  HandlerDescription description_;
  std::vector<Value> values_;
  asyncd_handler hooks_;  // those of a serial handler go through its lock
  void* self_ = nullptr;
  bool created_ = false;
  std::mutex one_at_a_time_;
};

// The functions that handlers get in calls.
const asyncd_host& host_functions();

}  // namespace asyncd
