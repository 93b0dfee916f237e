// The client's side of a CipherStage: bytes of the wire to plain ones and back. It says both hellos
// at once, pings once, and takes an end without a closing word for a reset.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "core/net/socket.h"
#include "tests/support/cipher_stage.h"

namespace asyncd::test {

class CipherClient {
 public:
  std::string hello();
  std::string encode(std::string_view plain) { return out_.encode(plain); }
  std::string end() { return out_.encode(Cipher::Word::close); }

  // As receive_some, in plain bytes. An empty buffer asks what there is.
  using Receive = std::function<IoResult(std::span<char>)>;
  IoResult receive(std::span<char> buffer, const Receive& receive_wire);

 private:
  void decode(std::string_view wire);

  Cipher in_;
  Cipher out_;
  std::string heard_;  // of the server's hellos
  std::string plain_;
  bool ended_ = false;   // the closing word has come
  bool broken_ = false;  // the wire means nothing
};

}  // namespace asyncd::test
