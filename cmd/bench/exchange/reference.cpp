#include "cmd/bench/exchange/reference.h"

#include <optional>

#include "cmd/messages/message_writer.h"
#include "core/accept/connection_info.h"
#include "core/io/workers.h"
#include "core/operations/inline_operations.h"
#include "core/server/generation.h"
#include "core/session/session.h"

namespace asyncd::bench {

namespace {

constexpr Duration longest_recording = std::chrono::milliseconds(500);
constexpr std::size_t largest_tape = std::size_t{64} << 20;
constexpr std::size_t least_messages = 1024;

Error unusable(std::uint64_t number, const std::string& why) {
  return {ExitCode::usage,
          "message " + std::to_string(number) + " of --data cannot be sent: " + why};
}

Result<std::string> framed(const Framing& framing, std::string_view message, std::uint64_t number) {
  if (framing.kind == FramingKind::fixed && message.size() != framing.message_size)
    return unusable(number, "it has " + std::to_string(message.size()) +
                                " bytes, and the framing wants " +
                                std::to_string(framing.message_size));
  std::string result;
  const Result<void> written = MessageWriter(framing).write_message(message, result);
  if (!written) return unusable(number, written.error().message);
  return result;
}

// A client's connection to the handler, without a network. What the handler waits for, this thread
// waits for.
class Dialogue final : private OutputSender {
 public:
  explicit Dialogue(const std::shared_ptr<const Service>& service)
      : service_(service), worker_(service), operations_(completions_, nobody_stops_, *this) {}

  bool ok() const { return worker_.ok(); }

  // What the handler sends back for one message; nothing where this was no whole message.
  std::optional<std::string> ask(std::string_view request) {
    if (!session_ || session_->wants_shutdown() || session_->finished())
      session_.emplace(*service_, pool_, worker_.state(), nobody_, Clock::now(),
                       CallOwner{&operations_, nullptr});
    const SessionCounters before = session_->counters();
    reply_.clear();
    session_->on_bytes(request);
    do {
      while (session_->run(Clock::now())) {
      }
      send_output(nullptr);
    } while (session_->needs_turn() && !session_->finished() && !session_->wants_shutdown());
    refused_ = session_->counters().errors_sent != before.errors_sent;
    if (session_->counters().messages_received != before.messages_received + 1 && !refused_)
      return std::nullopt;
    return reply_;
  }

  bool refused() const { return refused_; }  // the last message

 private:
  CloseReason send_output(void*) override {
    for (std::string_view out; !(out = session_->pending_output()).empty();) {
      reply_ += out;
      session_->on_sent(out.size(), Clock::now());
    }
    return CloseReason::none;
  }

  const std::shared_ptr<const Service> service_;
  BufferPool pool_;
  const Worker worker_;
  const ConnectionInfo nobody_;
  CompletionHandles completions_;
  const StopFlag nobody_stops_;
  InlineOperations operations_;
  std::optional<Session> session_;
  std::string reply_;
  bool refused_ = false;
};

}  // namespace

Result<Reference> Reference::load(const ListenerConfig& listener, const Config& config,
                                  const Loader& loader) {
  const Result<std::shared_ptr<Handler>> handler =
      loader.load(listener.handler, config, listener.handler_origin);
  if (!handler) return handler.error();
  Reference reference(listener.framing);
  Limits limits = listener.limits;
  limits.messages_per_connection = unlimited_count;
  Result<std::shared_ptr<const Service>> service = make_service(*handler, listener.framing, limits);
  if (!service) return service.error();
  reference.service_ = std::move(*service);
  return reference;
}

Result<Recording> Reference::record(Data& data, Random& random, std::size_t depth) const {
  Recording recording;
  std::optional<Dialogue> dialogue;
  if (service_) dialogue.emplace(service_);
  if (dialogue && !dialogue->ok())
    return Error{ExitCode::failure, "the handler's worker_create refuses to begin"};
  Tape& tape = recording.tape;
  const Instant enough = Clock::now() + longest_recording;
  for (std::size_t number = 1; number <= data.variety(); ++number) {
    const Result<std::string> request = framed(framing_, data.next(random), number);
    if (!request) return request.error();
    if (request->empty()) return unusable(number, "it is empty, which this framing cannot say");
    std::optional<std::string> reply = dialogue ? dialogue->ask(*request) : std::string();
    if (!reply) return unusable(number, "it is not one whole message in this framing");
    if (dialogue && dialogue->refused()) {
      if (recording.refused++ == 0) recording.refusal = *reply;
    }
    if (dialogue && reply->empty()) ++recording.silent;
    tape.add(*request, *reply);
    if (Clock::now() >= enough || tape.requests().size() + tape.replies().size() >= largest_tape)
      break;
  }
  // Of a long tape each connection sees another part; and it must be longer than what is under way.
  recording.refused = recording.refused * 100 / tape.size();
  recording.silent = recording.silent * 100 / tape.size();
  tape.repeat_to(std::max(least_messages, 2 * depth));
  return recording;
}

}  // namespace asyncd::bench
