// A stage made for tests, with all that a stage may have: a handshake of two round trips, a cipher
// that works byte by byte, pings that it answers itself, and a closing word.
//
// The wire, from either side: "hello1" and "HELLO1", then "hello2" and "HELLO2" (the client's in
// small letters), then bytes that are ciphered by their position. After an escape byte comes what
// is meant: an escape byte itself, the closing word, a ping, or a pong.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/stage/stage.h"

namespace asyncd::test {

// One direction of the wire once both have said hello.
class Cipher {
 public:
  static constexpr char escape = '\x1b';
  enum class Word : char { literal = 'e', close = 'c', ping = 'p', pong = 'o' };

  std::string encode(std::string_view plain);
  std::string encode(Word word);

  bool is_within_escape() const { return escaped_; }

  // Appends what `wire` means to `plain`, and the words to `words`; false: it means nothing.
  bool decode(std::string_view wire, std::string& plain, std::string& words);

 private:
  char next_key() { return static_cast<char>(1 + position_++ % 7); }

  std::size_t position_ = 0;
  bool escaped_ = false;
};

// Two hellos of hello_size bytes each.
inline constexpr std::string_view client_hellos = "hello1hello2";
inline constexpr std::string_view server_hellos = "HELLO1HELLO2";
inline constexpr std::size_t hello_size = 6;

class CipherStage final : public Stage {
 public:
  explicit CipherStage(Instant deadline) : deadline_(deadline) {}

  void receive(std::string_view bytes, Buffer& plain, Buffer& wire) override;
  void on_wire_end() override;
  bool is_open() const override { return hellos_ == 2; }
  bool has_ended() const override { return ended_; }
  CloseReason failure() const override { return failure_; }
  Instant deadline() const override { return is_open() ? never : deadline_; }
  void on_time(Instant now) override;
  bool is_within_record() const override { return in_.is_within_escape(); }
  void send(std::string_view plain, Buffer& wire) override;
  void send_end(Buffer& wire) override;

 private:
  void shake_hands(std::string_view& bytes, Buffer& wire);
  void fail() { failure_ = CloseReason::stage_failed; }

  const Instant deadline_;
  std::string heard_;  // of a hello
  std::size_t hellos_ = 0;
  Cipher in_;
  Cipher out_;
  bool ended_ = false;
  CloseReason failure_ = CloseReason::none;
};

class CipherStages final : public StageMaker {
 public:
  explicit CipherStages(Duration handshake_timeout = unlimited_time)
      : handshake_timeout_(handshake_timeout) {}

  std::unique_ptr<Stage> make(Instant now) const override {
    return std::make_unique<CipherStage>(after(now, handshake_timeout_));
  }

 private:
  const Duration handshake_timeout_;
};

}  // namespace asyncd::test
