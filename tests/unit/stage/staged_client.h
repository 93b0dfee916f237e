// A client behind a CipherStage and the driver of its wire, in virtual time, without a socket.
#pragma once

#include <string>
#include <string_view>

#include "core/stage/staged_session.h"
#include "tests/support/cipher_stage.h"
#include "tests/unit/session/support.h"

namespace stage_test {

using asyncd::CloseReason;
using asyncd::test::Cipher;
using asyncd::test::CipherStages;

inline constexpr asyncd::Duration handshake_timeout = std::chrono::seconds(7);

struct StagedClient {
  explicit StagedClient(const asyncd::Framing& framing = {}, const asyncd::Limits& limits = {})
      : service(session_test::make_service(handler, framing, limits)), session(plan(), now) {}

  // The client's side. What goes over the wire.
  std::string hello() const { return "hello1hello2"; }
  std::string says(std::string_view plain) { return cipher.encode(plain); }
  std::string says(Cipher::Word word) { return cipher.encode(word); }

  // One turn. The bytes are gone after it, so that a sanitizer sees who looks at them later.
  bool give(std::string_view wire) {
    const std::string lent(wire);
    session.on_bytes(lent);
    return turn();
  }
  bool turn() {
    if (session.wants_last_look(now)) session.on_last_look(unread);
    const bool more = session.run(now);
    if (session.wants_taken())
      session.on_taken({session.sent_on_wire() - kept_by_system, kept_by_system != 0}, now);
    return more;
  }
  void wait(asyncd::Duration time) {
    now += time;
    turn();
  }
  // The network takes so many bytes.
  std::string take(std::size_t most = std::string::npos) {
    std::string taken;
    while (taken.size() < most) {
      const std::string_view pending = session.pending_output().substr(0, most - taken.size());
      if (pending.empty()) break;
      taken += pending;
      session.on_sent(pending.size(), now);
    }
    return taken;
  }
  // As many turns as there are to do, while the client reads everything.
  std::string finish_turns() {
    std::string taken;
    do taken += take();
    while (turn() || !session.pending_output().empty());
    return taken;
  }
  std::string talk(std::string_view wire) {
    give(wire);
    return finish_turns();
  }
  // Says both hellos and forgets the answers.
  void open() { talk(hello()); }
  std::string end() {
    session.on_eof();
    turn();
    return finish_turns();
  }

  // What the server's bytes after its hellos mean; the words are left in `words`.
  std::string meaning(std::string_view wire) {
    std::string plain;
    if (!from_server.decode(wire, plain, words)) plain += "<nonsense>";
    return plain;
  }

  asyncd::SessionPlan plan() {
    service->stages = std::make_shared<CipherStages>(handshake_timeout);
    return {*service, pool, nullptr, info, {}, nullptr};
  }

  session_test::Handler handler;
  std::unique_ptr<asyncd::Service> service;
  asyncd::BufferPool pool;
  asyncd::ConnectionInfo info;
  asyncd::Instant now = asyncd::Instant{} + std::chrono::hours(1);
  std::size_t unread = 0;
  std::size_t kept_by_system = 0;
  Cipher cipher;
  Cipher from_server;
  std::string words;
  asyncd::StagedSession session;
};

}  // namespace stage_test
