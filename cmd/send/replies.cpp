#include "cmd/send/replies.h"

#include "sdk/asyncd.h"

namespace asyncd::send {

namespace {

constexpr std::size_t longest_line = std::size_t{1} << 20;      // longer ones are printed in pieces
constexpr std::size_t longest_message = std::size_t{64} << 20;  // no server means more than that

}  // namespace

Replies::Replies(std::string name, const Framing& framing, Print print)
    : name_(std::move(name)),
      framer_(traits_of(framing.kind).is_counted
                  ? make_framer(framing, longest_message, asyncd_handler{}, nullptr)
                  : nullptr),
      print_(std::move(print)) {}

bool Replies::add(std::string_view bytes) {
  if (name_.empty() && framer_ == nullptr) {
    print_(bytes);
  } else if (rest_.empty()) {
    rest_ = bytes.substr(print_whole(bytes));
  } else {
    rest_ += bytes;
    rest_.erase(0, print_whole(rest_));
  }
  return !strange_;
}

// How many bytes of them have been printed.
std::size_t Replies::print_whole(std::string_view bytes) {
  return framer_ != nullptr ? print_messages(bytes) : print_lines(bytes);
}

void Replies::end() {
  if (!rest_.empty()) print_line(rest_);
  rest_.clear();
}

void Replies::print_line(std::string_view line) {
  std::string whole = name_.empty() ? "" : name_ + ": ";
  print_(whole.append(line).append("\n"));
}

std::size_t Replies::print_lines(std::string_view bytes) {
  std::size_t done = 0;
  for (std::size_t end; (end = bytes.find('\n', done)) != bytes.npos; done = end + 1)
    print_line(bytes.substr(done, end - done));
  for (; bytes.size() - done >= longest_line; done += longest_line)
    print_line(bytes.substr(done, longest_line));
  return done;
}

std::size_t Replies::print_messages(std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const Frame frame = framer_->next(bytes.substr(done), 0, false);
    strange_ = frame.status == Frame::Status::too_long;
    if (frame.status != Frame::Status::complete) break;
    print_line(frame.message);
    done += frame.total;
  }
  return done;
}

}  // namespace asyncd::send
