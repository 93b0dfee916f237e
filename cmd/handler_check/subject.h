// Subject: the handler under examination: makes it, and reports findings about it. Main thread;
// `make` is for any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cmd/handler_check/findings.h"
#include "core/config/config.h"
#include "core/plugin/handler.h"
#include "core/session/service.h"

namespace asyncd {

class Subject {
 public:
  // All outlive it.
  Subject(FindingsWriter& findings, const Config& config, const HandlerDescription& handler,
          std::uint64_t seed)
      : findings_(findings), config_(config), handler_(handler), seed_(seed) {}

  const HandlerDescription& handler() const { return handler_; }
  bool asynchronous() const { return (handler_.hooks.flags & ASYNCD_ASYNC) != 0; }
  std::uint64_t seed() const { return seed_; }

  // The values of its options that the configuration gives it.
  Result<void> read_values();
  const std::vector<Value>& values() const { return values_; }

  // Makes the handler with these values, or with its own.
  Result<std::shared_ptr<const Service>> make(const std::vector<Value>& values,
                                              FramingKind framing = FramingKind::length) const;
  Result<std::shared_ptr<const Service>> make(FramingKind framing = FramingKind::length) const {
    return make(values_, framing);
  }

  void begin(std::string_view point) { findings_.begin(handler_.name, point); }
  void at(std::string_view step) { findings_.at(step); }
  // The point has been examined. True: nothing is `wrong`, and no rule was violated meanwhile.
  bool finish(const std::string& wrong, const std::string& note = {});

 private:
  FindingsWriter& findings_;
  const Config& config_;
  const HandlerDescription& handler_;
  const std::uint64_t seed_;
  std::vector<Value> values_;
};

}  // namespace asyncd
