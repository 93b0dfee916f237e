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

struct StagedClient : session_test::Turns<StagedClient> {
  explicit StagedClient(const asyncd::Framing& framing = {}, const asyncd::Limits& limits = {})
      : service(session_test::make_service(handler, framing, limits)), session(plan(), now) {}

  // The client's side. What goes over the wire.
  std::string says(std::string_view plain) { return cipher.encode(plain); }
  std::string says(Cipher::Word word) { return cipher.encode(word); }

  bool turn() {
    if (session.wants_last_look(now)) session.on_last_look(unread);
    const bool more = session.run(now);
    if (session.wants_taken())
      session.on_taken({session.sent_on_wire() - kept_by_system, kept_by_system != 0}, now);
    return more;
  }
  // Says both hellos and forgets the answers.
  void open() { talk(asyncd::test::client_hellos); }
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
