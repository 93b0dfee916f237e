// Reference: the server's handler, loaded into this process, to say what must come back; and the
// framing in which both sides speak. Start-up only; one thread.
#pragma once

#include <memory>

#include "cmd/bench/exchange/data.h"
#include "cmd/bench/exchange/tape.h"
#include "core/config/config.h"
#include "core/plugin/loader.h"
#include "core/session/service.h"

namespace asyncd::bench {

// A tape, and what there is to say of it.
struct Recording {
  Tape tape;
  std::uint64_t refused = 0;  // percent of the messages that the handler answers with an error
  std::uint64_t silent = 0;   // ... and of those that it does not answer
  std::string refusal;        // the first of these errors
};

class Reference {
 public:
  // Without a handler the replies stay unknown.
  explicit Reference(const Framing& framing) : framing_(framing) {}

  static Result<Reference> load(const ListenerConfig& listener, const Config& config,
                                const Loader& loader);

  // Messages of the data, and the replies, until there are as many as are of use or time is up; at
  // least one. The error says which message cannot be sent.
  Result<Recording> record(Data& data, Random& random, std::size_t depth) const;

  const Framing& framing() const { return framing_; }

 private:
  Framing framing_;
  std::shared_ptr<const Service> service_;
};

}  // namespace asyncd::bench
