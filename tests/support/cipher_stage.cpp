#include "tests/support/cipher_stage.h"

#include <utility>

namespace asyncd::test {

std::string Cipher::encode(std::string_view plain) {
  std::string wire;
  for (const char byte : plain) {
    wire += static_cast<char>(byte ^ next_key());
    if (wire.back() == escape) wire += static_cast<char>(Word::literal);
  }
  return wire;
}

std::string Cipher::encode(Word word) { return {escape, static_cast<char>(word)}; }

bool Cipher::decode(std::string_view wire, std::string& plain, std::string& words) {
  for (const char byte : wire) {
    if (!escaped_ && byte == escape) {
      escaped_ = true;
      continue;
    }
    const bool is_word = std::exchange(escaped_, false);
    if (is_word && byte != static_cast<char>(Word::literal)) {
      if (std::string_view("cpo").find(byte) == std::string_view::npos) return false;
      words += byte;
    } else {
      plain += static_cast<char>((is_word ? escape : byte) ^ next_key());
    }
  }
  return true;
}

void CipherStage::receive(std::string_view bytes, Buffer& plain, Buffer& wire) {
  shake_hands(bytes, wire);
  if (bytes.empty() || failure_ != CloseReason::none) return;
  std::string text;
  std::string words;
  const bool known = !ended_ && in_.decode(bytes, text, words);
  plain.append(text);
  if (!known) {
    wire.append("?");
    return fail();
  }
  for (const char word : words) {
    if (word == static_cast<char>(Cipher::Word::ping)) wire.append(out_.encode(Cipher::Word::pong));
    if (word == static_cast<char>(Cipher::Word::close)) ended_ = true;
  }
}

void CipherStage::shake_hands(std::string_view& bytes, Buffer& wire) {
  while (!is_open() && !bytes.empty() && failure_ == CloseReason::none) {
    const std::string_view hello = client_hellos.substr(hellos_ * hello_size, hello_size);
    const std::string_view part = bytes.substr(0, hello.size() - heard_.size());
    heard_ += part;
    bytes.remove_prefix(part.size());
    if (!hello.starts_with(heard_)) {
      wire.append("?");
      return fail();
    }
    if (heard_.size() < hello.size()) return;
    heard_.clear();
    wire.append(server_hellos.substr(hellos_++ * hello_size, hello_size));
  }
}

void CipherStage::on_wire_end() {
  if (!ended_) fail();
}

void CipherStage::on_time(Instant) { failure_ = CloseReason::handshake_timeout; }

void CipherStage::send(std::string_view plain, Buffer& wire) { wire.append(out_.encode(plain)); }

void CipherStage::send_end(Buffer& wire) { wire.append(out_.encode(Cipher::Word::close)); }

}  // namespace asyncd::test
