// kv: a store in memory that speaks memcached's text protocol. For listeners with framing =
// "handler".
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "asyncd.hpp"
#include "kv/answer.h"
#include "kv/command.h"
#include "kv/store.h"

namespace {

using kv::Command;
using kv::Line;

kv::Time now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool asks_for_keys(std::string_view bytes) {
  return bytes.starts_with("get ") || bytes.starts_with("gets ");
}

struct Kv {
  static constexpr const char* summary = "A store in memory that speaks memcached's text protocol";
  static constexpr asyncd_option options[] = {
      asyncd::size_option("memory", "64MiB",
                          "how much the items may take; those not used for longest make room"),
      asyncd::size_option("item_size", "1000KiB",
                          "the largest value; the listener's max_message is 3KiB more, at least")};

  explicit Kv(const asyncd::options& given)
      : store(std::make_unique<kv::Store>(given.size("memory"), given.size("item_size"))),
        started(now()) {}

  // A command is a line, and its data where it has some. Bytes that cannot become a line are a
  // message, too, so that there is an answer to them.
  asyncd::frame on_frame(std::string_view bytes) const noexcept {
    const std::size_t longest = asks_for_keys(bytes) ? kv::longest_get : kv::longest_line;
    const Line line = kv::find_line(bytes.substr(0, longest));
    if (line.total == 0)
      return bytes.size() < longest ? asyncd::frame::more()
                                    : asyncd::frame::message(0, longest, longest);
    const std::size_t total = line.total + data_size(kv::parse_command(line.text));
    return bytes.size() < total ? asyncd::frame::more(total)
                                : asyncd::frame::message(0, total, total);
  }

  void on_message(std::string_view message, asyncd::reply& reply) const {
    const Line line = kv::find_line(message);
    if (line.total == 0) return refuse(reply, "CLIENT_ERROR line too long", true);
    const Command command = kv::parse_command(line.text);
    if (!command.mistake.empty())
      return command.noreply ? reply.no_reply() : refuse(reply, command.mistake, false);
    std::string_view data = message.substr(line.total);
    if (has_data(command)) {
      if (data_size(command) == 0) {
        // What the key had before is not what the client believes it to have.
        store->shard_of(command.key).remove(command.key, now());
        return refuse(reply, "SERVER_ERROR object too large for cache", true);
      }
      if (!data.ends_with(kv::line_end)) return refuse(reply, "CLIENT_ERROR bad data chunk", false);
      data.remove_suffix(kv::line_end.size());
    }
    kv::answer(command, data, *store, now(), started, reply);
  }

 private:
  // With its end; 0, too, where it is too large: it is not waited for, and nothing after it can be
  // understood.
  std::size_t data_size(const Command& command) const {
    if (!has_data(command) || command.bytes > store->longest_value()) return 0;
    return static_cast<std::size_t>(command.bytes) + kv::line_end.size();
  }

  static void refuse(asyncd::reply& reply, std::string_view why, bool close) {
    kv::say(reply, why);
    if (close) reply.close_after();
  }

  std::unique_ptr<kv::Store> store;
  kv::Time started;
};

}  // namespace

ASYNCD_EXPORT_HANDLERS(Kv);
