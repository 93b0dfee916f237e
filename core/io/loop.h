// Loop: what a backend must be able to do for one connection. It moves bytes and keeps time; it
// knows no framing, no handler and no policy.
//
// receive, send and yield answer *true*: done, the driver has been told (on_bytes, on_eof, on_sent,
// on_idle, on_*_failed), or *false*: pending; the driver is told later (on_writable rather than
// on_sent for a send) and then pumped. A loop never pumps a driver from within these functions. All
// of it happens on the thread of the loop.
#pragma once

#include <concepts>
#include <string_view>

#include "core/accept/stats.h"
#include "core/base/clock.h"
#include "core/base/taken.h"
#include "core/net/socket.h"
#include "core/session/hook_mark.h"
#include "core/session/operations.h"

namespace asyncd {

template <class Loop>
class Driver;

template <class L>
concept Loop = requires(L& loop, Driver<L>& driver, Socket socket, std::string_view output,
                        Instant deadline) {
  // what the loop keeps in each connection: its socket, its pending operations
  typename L::Channel;
  { loop.open_channel(std::move(socket)) } -> std::same_as<typename L::Channel>;
  { loop.now() } -> std::same_as<Instant>;
  // some milliseconds late at most, but for next to nothing
  { loop.roughly_now() } -> std::same_as<Instant>;
  { loop.receive(driver) } -> std::same_as<bool>;
  // `output` stays where it is until it has been acknowledged
  { loop.send(driver, output) } -> std::same_as<bool>;
  { loop.yield(driver) } -> std::same_as<bool>;  // let the others have their turn
  // where its sessions mark each hook by itself; null: none does
  { loop.hook_mark() } -> std::same_as<HookMark*>;
  // of the handlers' calls; null: there are none
  { loop.call_operations() } -> std::convertible_to<Operations*>;
  // of what happens on the loop's connections
  { loop.tally() } -> std::same_as<Stats::Tally&>;
  // its handler's hooks may be called from then on
  {loop.on_hooks(driver, deadline)};
  {loop.on_hooks_over(driver)};  // until now
  {loop.shutdown_write(driver)};
  // Bytes that have arrived, and the driver has not been told of.
  { loop.unread(driver) } -> std::same_as<std::size_t>;
  { loop.taken(driver) } -> std::same_as<Taken>;  // by the client, of all that it was sent
  // once, and nothing else afterwards; the loop then owns the rest. By a reset where the
  // session was cut off
  {loop.close(driver)};
  {loop.arm(driver, deadline)};  // the loop pumps the driver at that time, or somewhat later
};

}  // namespace asyncd
