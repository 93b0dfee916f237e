#include "core/accept/refusal.h"

namespace asyncd {

namespace {

struct Words {
  std::string_view to_client;
  std::string_view to_operator;
};

Words words_for(RejectReason reason) {
  switch (reason) {
    case RejectReason::full:
      return {"too many connections", "max_connections are open"};
    case RejectReason::address_full:
      return {"too many connections from your address",
              "the address has max_connections_per_ip open"};
    case RejectReason::threads_busy:
      return {"too many connections",
              "no thread of the backend is free; give it more, or choose another backend"};
    case RejectReason::descriptor_too_large:
      return {"too many connections",
              "select cannot watch descriptors beyond its ceiling; another backend can"};
    case RejectReason::no_thread:
      return {"too many connections",
              "the system grants no further thread; lower max_threads or raise its limit"};
    case RejectReason::no_memory:
      return {"out of memory", "there is no memory for it"};
    case RejectReason::no_worker:
      return {"the handler cannot be used", "the handler's worker_create has refused"};
    case RejectReason::stopping:
      break;
  }
  return {"shutting down", "asyncd is stopping"};
}

}  // namespace

std::string_view explain(RejectReason reason) { return words_for(reason).to_operator; }

Refusal::Refusal(const Framer& framer, RejectReason reason) : size_(framer.prefix_size()) {
  append("error: ");
  append(words_for(reason).to_client);
  framer.write_prefix(bytes_.data(), size_ - framer.prefix_size());
  if (framer.has_line_end()) append("\n");
}

}  // namespace asyncd
