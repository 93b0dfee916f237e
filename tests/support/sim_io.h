// SimIo: what the connections of a SimLoop read and write: at once or later, in pieces, in vain,
// and with the failure of one of them. Owned by the loop; one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/io/deliver.h"
#include "tests/support/sim_lent_input.h"
#include "tests/support/sim_operations.h"
#include "tests/support/sim_peer.h"
#include "tests/support/sim_rules.h"

namespace asyncd::test {

template <class Connection>
class SimIo {
 public:
  using What = SimOperations::What;
  using Operation = SimOperations::Operation;

  SimIo(SimWorld& world, SimRules& rules, const SimSlots<Connection>& connections,
        std::uint64_t input_buffer)
      : world_(world),
        rules_(rules),
        connections_(connections),
        input_buffer_(static_cast<std::size_t>(input_buffer)) {}

  // 1 is the first receive or send; 0: none
  void fail_operation(std::uint64_t number) { failing_ = number; }
  std::uint64_t operations() const { return begun_; }
  // that would have met another connection
  std::uint64_t stale_events() const { return stale_events_; }

  void check(Connection& connection, What what, std::string_view called) {
    rules_.check_request(subject_of(connection), pending(connection, what), called);
  }
  // Counts an operation of this client; true: it is the one that is to fail.
  bool fails(SimPeer& peer) {
    if (++begun_ != failing_) return false;
    peer.faulted = true;
    return true;
  }

  // `waited`: there is nothing more to wait for.
  bool receive(Connection& connection, bool failing, bool waited) {
    const auto& channel = connection.channel();
    const bool settled = waited || ((failing || channel.peer->wire().readable()) &&
                                    world_.random.chance(world_.style.inline_reads));
    if (settled) {
      settle_read(connection, failing);
      return true;
    }
    const Instant at = world_.delayed();
    const bool in_vain = world_.random.chance(world_.style.vain_reads);
    operations_.begin({channel.name, What::read, at, failing, in_vain, {}, {}});
    return false;
  }

  bool send(Connection& connection, std::string_view output) {
    SimPeer& peer = *connection.channel().peer;
    if (output.empty()) rules_.complain(subject_of(connection), "send of nothing");
    if (fails(peer)) {
      connection.on_send_failed(CloseReason::io_error);
      return true;
    }
    const IoResult result = peer.take_output(part_of(output), world_.now);
    if (result.status == IoResult::Status::reset) {
      connection.on_send_failed(CloseReason::client_reset);
      return true;
    }
    if (result.bytes == output.size()) {
      connection.on_sent(result.bytes);
      return true;
    }
    connection.on_partly_sent(result.bytes);
    const std::string_view unsent = output.substr(result.bytes);
    operations_.begin({connection.channel().name, What::send, world_.delayed(), false, false,
                       unsent, std::string(unsent)});
    return false;
  }

  bool yield(Connection& connection) {
    if (world_.blocks() || world_.random.chance(world_.style.inline_yields)) return true;
    operations_.begin(
        {connection.channel().name, What::turn, world_.delayed(), false, false, {}, {}});
    return false;
  }

  void close(Connection& connection) { operations_.give_up(connection.channel().name); }

  bool pending(Connection& connection, What what) const {
    return operations_.pending(connection.channel().name, what);
  }
  bool any_pending(Connection& connection) const {
    return operations_.any_of(connection.channel().name);
  }
  void take_back_input() { lent_.take_back(); }

  // A deadline is over, but the client has sent something meanwhile, as core/io/deliver.h has it.
  bool is_late_with_input(Connection& connection) const {
    return world_.now >= connection.session().deadline() &&
           connection.channel().peer->wire().readable();
  }

  // Completes one operation that may complete, and has its connection pumped. False: there is none.
  template <class Pump>
  bool complete_one(Pump pump) {
    const auto event = operations_.next_event([this](const Operation& one) { return may(one); });
    if (!event) return false;
    const std::optional<Operation> operation = operations_.take(*event);
    if (!operation) {
      if (connections_.reused(event->owner)) ++stale_events_;
      return true;
    }
    Connection* const connection = connections_.find(operation->owner);
    if (connection == nullptr) return true;  // the rules have complained already
    complete(*connection, *operation);
    pump(*connection);
    return true;
  }
  Instant soonest() const {
    return operations_.soonest([this](const Operation& one) { return may(one); });
  }

 private:
  // Without further events.
  bool may(const Operation& operation) const {
    Connection* const connection = connections_.find(operation.owner);
    if (connection == nullptr || connection->closed()) return true;
    const SimWire& wire = connection->channel().peer->wire();
    switch (operation.what) {
      case What::read:
        return wire.readable() || operation.in_vain || operation.fails;
      case What::send:
        return wire.writable();
      case What::turn:
        break;
    }
    return true;
  }

  void complete(Connection& connection, const Operation& operation) {
    switch (operation.what) {
      case What::read:
        return complete_read(connection, operation);
      case What::send:
        if (!connection.closed() && operation.unsent != operation.unsent_copy)
          rules_.complain(subject_of(connection), "output that was not acknowledged has changed");
        return connection.on_writable();
      case What::turn:
        return connection.on_turn();
    }
  }

  // A wait does not end in vain where there is something, and its client would be called late for
  // that.
  void complete_read(Connection& connection, const Operation& operation) {
    if (connection.closed())
      complete_read_of_closed(connection);
    else if (operation.in_vain && !is_late_with_input(connection))
      connection.on_idle();
    else
      settle_read(connection, operation.fails);
  }

  // Given up, failed, or it came too late: the driver may mind none of them.
  void complete_read_of_closed(Connection& connection) {
    switch (world_.random.between(0, 3)) {
      case 0:
        return connection.on_idle();
      case 1:
        return connection.on_bytes({});
      case 2:
        return connection.on_eof();
      default:
        return connection.on_read_failed(CloseReason::client_reset);
    }
  }

  // Lends what there is, or a part of it, or tells how the client has ended.
  void settle_read(Connection& connection, bool failing) {
    if (failing) return connection.on_read_failed(CloseReason::io_error);
    SimPeer& peer = *connection.channel().peer;
    std::size_t size = std::clamp<std::size_t>(peer.wire().unread(), 1, input_buffer_);
    if (world_.random.chance(world_.style.short_reads))
      size = world_.random.between(1, std::min<std::size_t>(size, 8));
    const std::span<char> input = lent_.lend(size);
    deliver(connection, peer.give_input(input, world_.now), input.data());
  }

  std::string_view part_of(std::string_view output) {
    std::string_view part = output;
    if (world_.random.chance(world_.style.short_sends))
      part = output.substr(0, world_.random.between(1, output.size()));
    if (world_.random.chance(world_.style.refused_sends)) part = {};
    return part;
  }

  SimWorld& world_;
  SimRules& rules_;
  const SimSlots<Connection>& connections_;
  const std::size_t input_buffer_;
  SimOperations operations_{world_};
  SimLentInput lent_;
  std::uint64_t begun_ = 0;
  std::uint64_t failing_ = 0;
  std::uint64_t stale_events_ = 0;
};

}  // namespace asyncd::test
