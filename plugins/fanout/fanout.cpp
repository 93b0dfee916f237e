// fanout: sends the message as a line to several servers at once, and replies with their answers,
// joined in order.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "asyncd_async.hpp"

namespace {

constexpr std::size_t most_upstreams = 64;
constexpr std::size_t longest_answer = 64 * 1024;

std::vector<std::string> addresses_in(std::string_view text) {
  std::vector<std::string> addresses;
  for (std::size_t at = 0; (at = text.find_first_not_of(' ', at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    addresses.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return addresses;
}

// What one server has answered, or, where it has failed, why.
struct Answer {
  explicit Answer(asyncd::call call) : text(call.allocator<char>()) {}

  void set(std::string_view bytes, bool is_failure) {
    text.assign(bytes.begin(), bytes.end());
    failed = is_failure;
  }

  std::vector<char, asyncd::call_allocator<char>> text;
  bool failed = false;
};

// The address is told already, and what was tried there is of no use to the client.
std::string reason_of(const asyncd::operation_error& failure) {
  if (failure.result() == asyncd::operation_result::timed_out) return "timed out";
  return failure.error() ? failure.error().message() : failure.what();
}

struct Fanout {
  static constexpr const char* summary =
      "Sends the line to several servers at once, and joins their answers";
  static constexpr asyncd_option options[] = {
      asyncd::text_option("upstreams", "", "the servers' addresses, with spaces between them"),
      asyncd::text_option("separator", " ", "what comes between two answers"),
      asyncd::duration_option("timeout", "5s",
                              "how long a server may take to accept, and then to answer")};

  explicit Fanout(const asyncd::options& given)
      : upstreams(addresses_in(given.text("upstreams"))),
        separator(given.text("separator")),
        timeout(given.duration("timeout")) {
    if (upstreams.empty())
      throw std::invalid_argument("upstreams must name at least one server, \"host:port\"");
    if (upstreams.size() > most_upstreams)
      throw std::invalid_argument("upstreams may name at most " + std::to_string(most_upstreams) +
                                  " servers");
    if (timeout.count() <= 0) throw std::invalid_argument("timeout must be more than 0s");
  }

  asyncd::task<> on_message(asyncd::call call) const {
    if (call.message().find('\n') != std::string_view::npos) {
      call.error("a message for several servers must be one line");
      co_return;
    }
    std::vector<char, asyncd::call_allocator<char>> line(
        call.message().begin(), call.message().end(), call.allocator<char>());
    line.push_back('\n');
    std::vector<Answer, asyncd::call_allocator<Answer>> answers(upstreams.size(), Answer(call),
                                                                call.allocator<Answer>());
    std::vector<asyncd::task<>, asyncd::call_allocator<asyncd::task<>>> asking(
        call.allocator<asyncd::task<>>());
    asking.reserve(upstreams.size());
    for (std::size_t i = 0; i < upstreams.size(); ++i)
      asking.push_back(ask(call, upstreams[i], {line.data(), line.size()}, answers[i]));
    co_await asyncd::when_all(asking);
    for (asyncd::task<>& each : asking) each.take();
    join(call, answers);
  }

 private:
  // A server that fails is an answer, too; only the end of the whole call is not.
  asyncd::task<> ask(asyncd::call call, std::string_view upstream, std::string_view line,
                     Answer& answer) const {
    try {
      asyncd::stream stream = co_await call.connect(upstream, timeout);
      co_await stream.write(line, timeout);
      const std::optional<std::string_view> said =
          co_await stream.read_until("\n", longest_answer, timeout);
      answer.set(said.value_or("it has ended the connection without an answer"), !said);
      co_await stream.close();
    } catch (const asyncd::operation_error& failure) {
      if (failure.result() == asyncd::operation_result::cancelled) throw;
      answer.set(reason_of(failure), true);
    }
  }

  void join(asyncd::call call, std::span<const Answer> answers) const {
    const auto failed = std::find_if(answers.begin(), answers.end(),
                                     [](const Answer& each) { return each.failed; });
    if (failed != answers.end()) {
      call.error("upstream ");
      call.append(upstreams[static_cast<std::size_t>(failed - answers.begin())]);
      call.append(": ");
      call.append({failed->text.data(), failed->text.size()});
      return;
    }
    for (const Answer& each : answers) {
      if (&each != answers.data()) call.append(separator);
      call.append({each.text.data(), each.text.size()});
    }
  }

  std::vector<std::string> upstreams;
  std::string separator;
  std::chrono::nanoseconds timeout;
};

}  // namespace

ASYNCD_EXPORT_HANDLERS(Fanout);
