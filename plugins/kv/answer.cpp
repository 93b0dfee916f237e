#include "kv/answer.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <utility>

namespace kv {
namespace {

void append_number(asyncd::reply& reply, std::uint64_t number) {
  std::array<char, 20> digits;
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  reply.append({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void append_item(asyncd::reply& reply, const Item& item, bool with_version) {
  reply.append("VALUE ");
  reply.append(item.key);
  for (const std::uint64_t number : {std::uint64_t{item.flags}, std::uint64_t{item.value.size()}}) {
    reply.append(' ');
    append_number(reply, number);
  }
  if (with_version) {
    reply.append(' ');
    append_number(reply, item.version);
  }
  reply.append(line_end);
  say(reply, item.value);
}

void get(const Command& command, Store& store, Time now, asyncd::reply& reply) {
  std::string_view keys = command.key;
  for (std::string_view key; !(key = take_word(keys)).empty();)
    store.shard_of(key).get(
        key, now, [&](const Item& item) { append_item(reply, item, command.verb == Verb::gets); });
  say(reply, "END");
}

void put(const Command& command, std::string_view data, Store& store, Time now,
         asyncd::reply& reply) {
  switch (store.shard_of(command.key).store(command, data, expiry_at(command.expiry, now), now)) {
    case Stored::stored:
      return say(reply, "STORED");
    case Stored::not_stored:
      return say(reply, "NOT_STORED");
    case Stored::exists:
      return say(reply, "EXISTS");
    case Stored::not_found:
      return say(reply, "NOT_FOUND");
    case Stored::too_large:
      return say(reply, "SERVER_ERROR object too large for cache");
  }
}

void add(const Command& command, Store& store, Time now, asyncd::reply& reply) {
  std::uint64_t result = 0;
  switch (store.shard_of(command.key).add(command, now, result)) {
    case Added::added:
      append_number(reply, result);
      return reply.append(line_end);
    case Added::not_found:
      return say(reply, "NOT_FOUND");
    case Added::not_a_number:
      return say(reply, "CLIENT_ERROR cannot increment or decrement non-numeric value");
  }
}

void stats(const Store& store, Time now, Time started, asyncd::reply& reply) {
  const Counts counts = store.counts();
  const std::initializer_list<std::pair<std::string_view, std::uint64_t>> numbers = {
      {"uptime", static_cast<std::uint64_t>(now - started)},
      {"time", static_cast<std::uint64_t>(now)},
      {"cmd_get", counts.get_hits + counts.get_misses},
      {"cmd_set", counts.sets},
      {"cmd_flush", counts.flushes},
      {"cmd_touch", counts.touches},
      {"get_hits", counts.get_hits},
      {"get_misses", counts.get_misses},
      {"delete_hits", counts.delete_hits},
      {"delete_misses", counts.delete_misses},
      {"cmd_incr", counts.increments},
      {"cas_misses", counts.cas_misses},
      {"cas_hits", counts.cas_hits},
      {"cas_badval", counts.cas_bad},
      {"bytes", counts.bytes},
      {"curr_items", counts.items},
      {"total_items", counts.stored},
      {"evictions", counts.evictions},
      {"limit_maxbytes", store.memory()}};
  reply.append("STAT version ");
  say(reply, version);
  for (const auto& [name, number] : numbers) {
    reply.append("STAT ");
    reply.append(name);
    reply.append(' ');
    append_number(reply, number);
    reply.append(line_end);
  }
  say(reply, "END");
}

void carry_out(const Command& command, std::string_view data, Store& store, Time now, Time started,
               asyncd::reply& reply) {
  switch (command.verb) {
    case Verb::get:
    case Verb::gets:
      return get(command, store, now, reply);
    case Verb::remove:
      return say(reply,
                 store.shard_of(command.key).remove(command.key, now) ? "DELETED" : "NOT_FOUND");
    case Verb::increment:
    case Verb::decrement:
      return add(command, store, now, reply);
    case Verb::touch:
      return say(reply,
                 store.shard_of(command.key).touch(command.key, expiry_at(command.expiry, now), now)
                     ? "TOUCHED"
                     : "NOT_FOUND");
    case Verb::flush_all:
      store.flush(command.expiry > 0 ? expiry_at(command.expiry, now) : now, now);
      return say(reply, "OK");
    case Verb::stats:
      return stats(store, now, started, reply);
    case Verb::version:
      reply.append("VERSION ");
      return say(reply, version);
    case Verb::verbosity:
      return say(reply, "OK");
    case Verb::quit:
      reply.no_reply();
      return reply.close_after();
    case Verb::set:
    case Verb::add:
    case Verb::replace:
    case Verb::append:
    case Verb::prepend:
    case Verb::cas:
      return put(command, data, store, now, reply);
    case Verb::unknown:
      return;  // an answer already
  }
}

}  // namespace

void say(asyncd::reply& reply, std::string_view line) {
  reply.append(line);
  reply.append(line_end);
}

void answer(const Command& command, std::string_view data, Store& store, Time now, Time started,
            asyncd::reply& reply) {
  try {
    carry_out(command, data, store, now, started, reply);
  } catch (const std::bad_alloc&) {
    say(reply, "SERVER_ERROR out of memory storing object");
  }
  if (command.noreply) reply.no_reply();
}

}  // namespace kv
