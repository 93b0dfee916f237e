// ConnectionLoop: what every event loop does for its connections, whatever tells it that they are
// ready. It takes in the connections that the accepting thread hands over, gives each its turns,
// obeys the stop flag, and forgets those that have ended. A connection stays on the loop that it
// was given to, so nothing is locked. All functions on the loop's thread but for those that say
// otherwise.
//
// `LoopType` derives from it and is a Loop. Beyond that it has:
//   refuses(Socket)        why it has no room for one more connection, or empty
//   on_turns()             a turn is due: the loop calls take_turns after it has looked at sockets
//   make_room(count)       reserves its own lists for so many connections
//   forget(Connection)     the connection is destroyed next
//   has_input(Connection, Instant)    whether input has come that the connection does not know of
//   end()                  nothing is left to be done: run returns
//   Channel::index         where this keeps the connection's place in its list
//   of_a_connection()      the bytes that each connection takes
#pragma once

#include <atomic>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/deadline_wheel.h"
#include "core/base/require.h"
#include "core/base/stop_flag.h"
#include "core/io/driver.h"
#include "core/io/intake.h"
#include "core/io/workers.h"
#include "core/operations/deferred_operations.h"
#include "core/operations/reactor.h"

namespace asyncd {

template <class LoopType>
class ConnectionLoop : protected Reactor {
 public:
  using Connection = Driver<LoopType>;

  ConnectionLoop(const ConnectionLoop&) = delete;
  ConnectionLoop& operator=(const ConnectionLoop&) = delete;

  // Any thread, as long as the loop runs.
  void hand_over(NewConnection&& connection) {  // std::bad_alloc: `connection` is as it was
    if (intake_.add(std::move(connection))) wake();
    if (stop_flag_.stopping()) turn_away();  // the thread that stopped it may have looked before
  }
  void release() {
    released_ = true;
    wake();
  }  // no connection will be handed over any more
  void announce() {
    news_ = true;
    wake();
  }                                   // the listener has a new service
  void wake() noexcept override = 0;  // for the stop flag, too

  // Any thread. A loop that is in a handler's hook begins with no connection. The accepting thread
  // can take back the connections that wait in its intake; once the stop flag says stop, they are
  // turned away.
  bool held_up(Instant now) const { return record_.held_up(now); }
  bool has_waiting() const { return !intake_.empty(); }
  std::optional<NewConnection> take_back() { return intake_.take(); }
  void turn_away() {
    while (std::optional<NewConnection> connection = intake_.take())
      listener_.reject(std::move(*connection), RejectReason::stopping);
  }

  Instant now() const override { return Clock::now(); }
  Instant roughly_now() const { return coarse_now(); }
  bool yield(Connection& connection) {
    if (turns_.empty()) loop().on_turns();
    turns_.push_back(&connection);
    return false;
  }
  void on_hooks(Connection& connection, Instant now) {
    record_.enter(connection.service(), connection.info().id, now);
  }
  void on_hooks_over(Connection&) { record_.leave(); }
  HookMark* hook_mark() { return nullptr; }
  Operations* call_operations() { return &operations_; }
  Stats::Tally& tally() { return tally_; }

 protected:
  // `number` is the loop's, in the log. Once wake may be called, the loop's constructor calls
  // enter, and its destructor begins with leave.
  ConnectionLoop(Listener& listener, const StopFlag& stop_flag, std::uint64_t number)
      : listener_(listener),
        stop_flag_(stop_flag),
        tally_(listener.stats()),
        wheel_(Clock::now()),
        record_(listener, HookRecord::Kind::loop, number),
        workers_(listener.services(), &record_),
        buffer_(static_cast<std::size_t>(listener.service()->limits.input_buffer)),
        operations_(*this, listener.completions(), listener.offload()) {}
  ~ConnectionLoop() override = default;

  void enter() {
    pool_.emplace(BufferPool::default_cache, &listener_.memory(), [this] { wake(); });
    pool_->account().take(buffer_.size());
  }
  void leave() {
    operations_.end();
    pool_.reset();
  }

  void begin() {
    own_thread_.claim();
    workers_.refresh();
  }
  void finish() { workers_.clear(); }

  // After a thread has called wake.
  void on_wake() {
    const bool last = released_;  // connections handed over before are in the intake
    // One by one, because each may have a hook called that does not return.
    while (std::optional<NewConnection> connection = intake_.take()) adopt(std::move(*connection));
    if (stop_flag_.phase() != obeyed_) obey_stop_flag();
    if (news_.exchange(false)) refresh();
    operations_.run();
    heed_memory();
    may_end_ = last || stop_flag_.stopping();
    end_when_unused();
  }

  // Pumps, and forgets the connection once it has ended and no operation of it is pending.
  void pump(Connection& connection) {
    ASYNCD_REQUIRE(own_thread_.is_current(), "a connection is served on its loop's thread only");
    connection.pump();
    if (!connection.over()) return;
    const EndedConnection ended = connection.ended();
    const std::size_t index = connection.channel().index;
    connections_[index] = connections_.back();
    connections_[index]->channel().index = index;
    connections_.pop_back();
    loop().forget(connection);
    {
      const InHook closes(&record_, connection.service(), ended.info.id);
      delete &connection;
    }
    pool_->account().give(LoopType::of_a_connection());
    if (connections_.empty()) pool_->trim(BufferPool::least_cache);
    listener_.on_closed(ended);
    end_when_unused();
  }

  bool has_turns() const { return !turns_.empty(); }
  void take_turns() {
    turns_now_.swap(turns_);
    for (Connection* connection : turns_now_) {
      connection->on_turn();
      pump(*connection);
    }
    turns_now_.clear();
  }

  // Those whose time is over. What has arrived is told before a deadline is thought of.
  void expire(Instant now) {
    wheel_.advance(now, [this, now](DeadlineWheel::Node& node) {
      auto& connection = static_cast<Connection&>(node);
      if (loop().has_input(connection, now))
        wheel_.arm(connection, now + DeadlineWheel::tick);
      else
        pump(connection);
    });
  }

  // Nothing will be done any more, so nothing may keep the loop running.
  bool unused() const { return may_end_ && connections_.empty(); }

  DeadlineWheel& wheel() { return wheel_; }
  const DeadlineWheel& wheel() const { return wheel_; }
  DeferredOperations& operations() { return operations_; }
  std::vector<char>& buffer() { return buffer_; }
  bool has_connections() const { return !connections_.empty(); }

 private:
  LoopType& loop() { return static_cast<LoopType&>(*this); }

  void on_hook(void* driver, Instant now) override {
    on_hooks(*static_cast<Connection*>(driver), now);
  }
  void resume(void* driver) override {
    auto& connection = *static_cast<Connection*>(driver);
    on_hooks_over(connection);
    pump(connection);
  }

  void adopt(NewConnection connection) {
    if (stop_flag_.stopping())
      return listener_.reject(std::move(connection), RejectReason::stopping);
    Connection* made = make(std::move(connection));
    if (made == nullptr) return;
    if (stop_flag_.draining() || listener_.services().has_retired(made->service())) drain(*made);
    pump(*made);
  }

  // Null, and the client rejected: the handler has no worker here, the loop has no room, or memory
  // is short, the system's for watching sockets included.
  Connection* make(NewConnection connection) {
    if (const std::optional<RejectReason> why = loop().refuses(connection.socket)) {
      listener_.reject(std::move(connection), *why);
      return nullptr;
    }
    Workers::Place place = workers_.enter(connection.service);
    if (!place.ok()) {
      listener_.reject(std::move(connection), place.why());
      return nullptr;
    }
    try {
      const InHook opens(&record_, *connection.service, connection.info.id);
      make_room();
      auto made =
          std::make_unique<Connection>(loop(), std::move(connection), std::move(place), *pool_);
      made->channel().index = connections_.size();
      connections_.push_back(made.get());
      pool_->account().take(LoopType::of_a_connection());
      return made.release();
    } catch (const std::exception&) {
      listener_.reject(std::move(connection), RejectReason::no_memory);
      return nullptr;
    }
  }

  // For one more connection, in every list that it may be in: while it serves nothing allocates.
  void make_room() {
    if (connections_.size() < connections_.capacity()) return;
    const std::size_t count = 2 * connections_.size() + 16;
    loop().make_room(count);
    for (auto* list : {&turns_, &turns_now_, &connections_}) list->reserve(count);
  }

  void obey_stop_flag() {
    obeyed_ = stop_flag_.phase();
    if (obeyed_ == StopFlag::Phase::retired) return;
    // Backwards, because pump takes connections out that have ended, each replaced by the last.
    for (std::size_t i = connections_.size(); i-- > 0;) tell(*connections_[i]);
  }

  void refresh() {
    workers_.refresh();
    for (std::size_t i = connections_.size(); i-- > 0;)
      if (listener_.services().has_retired(connections_[i]->service())) tell(*connections_[i]);
  }

  // While memory is short: those end that have to, and those are looked at again that were not
  // read.
  void heed_memory() {
    if (!pool_->account().has_news()) return;
    {
      MemoryRound round(pool_->account());
      for (std::size_t i = connections_.size(); i-- > 0;)
        if (connections_[i]->heed(round)) pump(*connections_[i]);
    }
    pool_->trim(0);
  }

  void tell(Connection& connection) {
    if (stop_flag_.stopping())
      connection.fail(CloseReason::stopped);
    else
      drain(connection);
    pump(connection);
  }

  void drain(Connection& connection) {
    connection.on_drain(stop_flag_.draining() ? stop_flag_.drain_began() : now());
  }

  void end_when_unused() {
    if (unused()) loop().end();
  }

  OwnThread own_thread_;
  Listener& listener_;
  const StopFlag& stop_flag_;
  Stats::Tally tally_;
  Intake intake_;
  std::atomic<bool> released_{false};
  std::atomic<bool> news_{false};
  bool may_end_ = false;  // no connection will be handed over
  StopFlag::Phase obeyed_ = StopFlag::Phase::serving;
  DeadlineWheel wheel_;
  std::optional<BufferPool> pool_;
  HookRecord record_;
  Workers workers_;
  std::vector<char> buffer_;
  std::vector<Connection*> connections_;
  std::vector<Connection*> turns_;  // have more to do at once
  std::vector<Connection*> turns_now_;
  DeferredOperations operations_;
};

}  // namespace asyncd
