#include "cmd/messages/message_writer.h"

#include "sdk/asyncd.h"

namespace asyncd {

namespace {

constexpr std::size_t longest_line = std::size_t{64} << 20;

}  // namespace

MessageWriter::MessageWriter(const Framing& framing)
    : framing_(framing),
      framer_(passes() ? nullptr : make_framer(framing, SIZE_MAX, asyncd_handler{}, nullptr)) {}

Result<void> MessageWriter::write_message(std::string_view message, std::string& out) const {
  if (passes()) {
    out += message;
    if (traits_of(framing_.kind).ends_lines) out += '\n';
    return {};
  }
  if (message.size() > framer_->longest_reply())
    return Error{ExitCode::failure,
                 "a message of " + std::to_string(message.size()) +
                     " bytes cannot be sent: its length does not fit into a prefix of " +
                     std::to_string(framing_.prefix_size) + " bytes"};
  const std::size_t begin = out.size();
  out.resize(begin + framer_->prefix_size());
  framer_->write_prefix(out.data() + begin, message.size());
  out += message;
  return {};
}

Result<void> MessageWriter::write(std::string_view bytes, std::string& out) {
  if (passes()) {
    out += bytes;
    if (!bytes.empty()) in_line_ = bytes.back() != '\n';
    return {};
  }
  for (std::size_t end; (end = bytes.find('\n')) != bytes.npos; bytes.remove_prefix(end + 1)) {
    line_ += bytes.substr(0, end);
    if (line_.ends_with('\r')) line_.pop_back();  // as in line framing
    if (Result<void> written = write_message(line_, out); !written) return written;
    line_.clear();
  }
  line_ += bytes;
  if (line_.size() <= longest_line) return {};
  return Error{ExitCode::failure,
               "a line is longer than 64 MiB, and with this framing each is one message"};
}

Result<void> MessageWriter::end(std::string& out) {
  if (passes() && in_line_ && traits_of(framing_.kind).ends_lines) out += '\n';
  return passes() || line_.empty() ? Result<void>() : write_message(line_, out);
}

}  // namespace asyncd
