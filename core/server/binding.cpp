#include "core/server/binding.h"

#include <algorithm>
#include <iterator>

#include "core/net/socket_creation.h"
#include "core/server/mistakes.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

using Place = ListenSockets::Place;

// A listener of the next generation, and where it listens.
struct Plan {
  Generation::Part* part;
  std::vector<ListenAddress> wanted;
  bool any_port = false;  // the system chooses one, the same for all

  bool covers(const ListenAddress& address) const {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const ListenAddress& one) { return one.covers(address); });
  }
};

// One of those that serve now.
struct Present {
  const Listener* listener;
  std::string configured;  // its address, as the user has written it
  bool goes_on;
  std::vector<Place> places;
};

class Binding {
 public:
  Binding(std::vector<Present> present, std::vector<LeavingListener> leaving,
          Generation& generation)
      : present_(std::move(present)), leaving_(std::move(leaving)), generation_(generation) {}

  Result<void> run() {
    for (Generation::Part& part : generation_.parts) mistakes_.note(named(part, plan(part)));
    for (std::size_t i = 0; i < plans_.size(); ++i)
      if (!plans_[i].part->goes_on) mistakes_.note(named(*plans_[i].part, check_apart(i)));
    if (mistakes_.found()) return mistakes_.all();
    for (Plan& plan : plans_)
      if (!plan.part->goes_on) mistakes_.note(named(*plan.part, bind_all(plan)));
    if (mistakes_.found()) return mistakes_.all();
    for (const Present& present : present_)
      if (!present.goes_on) mistakes_.note(hand_over_rest(present));
    if (mistakes_.found()) return mistakes_.all();
    return {};
  }

 private:
  static Result<void> named(const Generation::Part& part, Result<void> result) {
    if (result) return result;
    return Error{result.error().code,
                 "listener '" + part.config.name + "': " + result.error().message};
  }

  const Present* find_present(const std::string& name) const {
    const auto found = std::find_if(present_.begin(), present_.end(), [&](const Present& one) {
      return one.listener->name() == name;
    });
    return found == present_.end() ? nullptr : &*found;
  }

  Result<void> plan(Generation::Part& part) {
    const Present* before = find_present(part.config.name);
    Plan plan{&part, {}};
    if (part.goes_on) {
      for (const Place& place : before->places)
        if (!place.leaving) plan.wanted.push_back(place.address);
    } else {
      const Result<Address> address = parse_address(part.config.address);
      if (!address) return address.error();
      Result<std::vector<ListenAddress>> wanted = listen_addresses(*address);
      if (!wanted) return wanted.error();
      if (wanted->size() + 2 > ListenSockets::most)
        return Error{ExitCode::cannot_create,
                     "cannot listen on " + address->to_string() + ": the name has " +
                         std::to_string(wanted->size()) + " addresses; name some of them"};
      plan.wanted = std::move(*wanted);
      plan.any_port = port_is_chosen_by_system(part.config.address);
      if (plan.any_port && before != nullptr && !before->places.empty() &&
          port_is_chosen_by_system(before->configured))
        keep_port(plan, *before);
    }
    plans_.push_back(std::move(plan));
    return {};
  }

  // A port that the system has chosen stays the listener's of that name, as long as it listens on
  // one of its addresses.
  static void keep_port(Plan& plan, const Present& before) {
    const std::uint16_t port = before.places.front().address.ip.port;
    std::vector<ListenAddress> kept = plan.wanted;
    for (ListenAddress& one : kept) one.ip.port = port;
    const bool meet = std::any_of(kept.begin(), kept.end(), [&](const ListenAddress& one) {
      return std::any_of(before.places.begin(), before.places.end(),
                         [&](const Place& place) { return one.overlaps(place.address); });
    });
    if (!meet) return;
    plan.wanted = std::move(kept);
    plan.any_port = false;
  }

  // Two listeners cannot have the same clients.
  Result<void> check_apart(std::size_t index) const {
    for (std::size_t i = 0; i < plans_.size(); ++i) {
      if (i == index || (i > index && !plans_[i].part->goes_on)) continue;
      for (const ListenAddress& one : plans_[index].wanted)
        for (const ListenAddress& other : plans_[i].wanted)
          if (one.overlaps(other) && (one.is_unix() || one.ip.port != 0))
            return Error{ExitCode::cannot_create,
                         "cannot listen on " + one.to_string() + ": asyncd's own listener '" +
                             plans_[i].part->config.name + "' has " + other.to_string() +
                             "; give one of them another address, or leave one out"};
    }
    return {};
  }

  Result<void> bind_all(Plan& plan) {
    constexpr int most_tries = 20;  // others may have the port on another of the addresses
    for (int i = 1;; ++i) {
      Result<void> bound = try_all(plan);
      if (bound) break;
      if (!plan.any_port || plan.wanted.size() == 1 || i == most_tries) return bound;
      plan.part->place.sockets.clear();
      plan.part->left_out.clear();
    }
    std::vector<std::string> names;
    for (const ListenSocket& socket : plan.part->place.sockets) names.push_back(socket.name());
    plan.part->place.address =
        text::join(std::vector<std::string_view>(names.begin(), names.end()), ",");
    return {};
  }

  Result<void> try_all(Plan& plan) {
    Result<void> last;
    std::uint16_t port = 0;
    for (ListenAddress one : plan.wanted) {
      if (plan.any_port) one.ip.port = port;
      Result<ListenSocket> socket = take_or_bind(one);
      if (socket) {
        port = socket->address().ip.port;
        plan.part->place.sockets.push_back(std::move(*socket));
        continue;
      }
      last = socket.error();
      if (plan.wanted.size() == 1 || one.is_unix() || has_family(one.ip.family)) return last;
      plan.part->left_out.push_back(one.to_string());
    }
    return plan.part->place.sockets.empty() ? last : Result<void>();
  }

  Result<ListenSocket> take_or_bind(const ListenAddress& wanted) const {
    std::vector<ListenSocket> overlapping;
    const Present* in_the_way = nullptr;
    for (const Present& present : present_) {
      if (!present.goes_on && present.listener->sockets().is_at(wanted))
        return present.listener->sockets().duplicate(wanted);
      for (const Place& place : present.places) {
        if (!place.address.overlaps(wanted)) continue;
        Result<ListenSocket> copy = present.listener->sockets().duplicate(place.address);
        if (!copy) return copy.error();
        overlapping.push_back(std::move(*copy));
        in_the_way = &present;
      }
    }
    Result<ListenSocket> socket = ListenSocket::bind(wanted, std::move(overlapping));
    if (in_the_way == nullptr) {
      if (!socket) return explain(wanted, socket.error());
      if (Result<void> listening = socket->listen(); !listening)
        return explain(wanted, listening.error());
      return socket;
    }
    if (socket || can_share_ports()) return socket;
    return Error{ExitCode::cannot_create,
                 socket.error().message + "; asyncd's own listener '" +
                     in_the_way->listener->name() + "' has " + in_the_way->listener->address() +
                     ", and this system does not let both listen at a time: restart asyncd"};
  }

  Error explain(const ListenAddress& wanted, const Error& error) const {
    for (const LeavingListener& leaving : leaving_)
      for (const Place& place : leaving.places)
        if (place.address.overlaps(wanted))
          return {error.code, "cannot listen on " + wanted.to_string() +
                                  ": asyncd's own listener '" + leaving.name +
                                  "', which is no longer configured, has clients waiting there; "
                                  "reload again once it has ended (the log has its books "
                                  "then)"};
    return error;
  }

  // Sockets of a present listener that no next listener took. A next listener whose address
  // covers one keeps it: no queued client is lost, and the system prefers the exact address.
  // Else a next listener that has other sockets of the old one accepts the clients in its queue.
  // If there is none, the old listener's own backend accepts them.
  Result<void> hand_over_rest(const Present& present) {
    for (const Place& place : present.places) {
      const bool taken = std::any_of(plans_.begin(), plans_.end(), [&](const Plan& plan) {
        return std::any_of(
            plan.part->place.sockets.begin(), plan.part->place.sockets.end(),
            [&](const ListenSocket& socket) { return socket.address() == place.address; });
      });
      if (taken) continue;
      const auto keeps = [&](const Plan& plan) {
        return !plan.part->goes_on && plan.covers(place.address);
      };
      const auto follows = [&](const Plan& plan) {
        return !plan.part->goes_on && meets(plan, present);
      };
      const auto keeper = std::find_if(plans_.begin(), plans_.end(), keeps);
      const auto successor =
          keeper != plans_.end() ? keeper : std::find_if(plans_.begin(), plans_.end(), follows);
      if (successor == plans_.end()) continue;
      Result<ListenSocket> copy = present.listener->sockets().duplicate(place.address);
      if (!copy) return copy.error();
      Generation::Part& part = *successor->part;
      if (part.place.sockets.size() + part.place.leaving.size() == ListenSockets::most) continue;
      (keeper != plans_.end() ? part.place.sockets : part.place.leaving)
          .push_back(std::move(*copy));
    }
    return {};
  }

  static bool meets(const Plan& plan, const Present& present) {
    return std::any_of(present.places.begin(), present.places.end(), [&](const Place& place) {
      return std::any_of(
          plan.part->place.sockets.begin(), plan.part->place.sockets.end(),
          [&](const ListenSocket& socket) { return socket.address().overlaps(place.address); });
    });
  }

  std::vector<Present> present_;
  std::vector<LeavingListener> leaving_;
  Generation& generation_;
  std::vector<Plan> plans_;
  Mistakes mistakes_;
};

}  // namespace

Result<void> bind_generation(Generation& generation, const std::vector<Served>& served,
                             std::vector<LeavingListener> leaving) {
  std::vector<Present> present;
  for (const Served& one : served) {
    const bool goes_on = std::any_of(generation.parts.begin(), generation.parts.end(),
                                     [&](const Generation::Part& next) {
                                       return next.goes_on && next.config.name == one.config.name;
                                     });
    present.push_back(
        {one.listener.get(), one.config.address, goes_on, one.listener->sockets().places()});
  }
  return Binding(std::move(present), std::move(leaving), generation).run();
}

}  // namespace asyncd
