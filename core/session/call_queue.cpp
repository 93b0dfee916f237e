#include "core/session/call_queue.h"

#include <algorithm>
#include <new>

namespace asyncd {

CallQueue::CallQueue(const Service& service, BufferPool& pool, const CallOwner& owner)
    : service_(service),
      pool_(pool),
      owner_(owner),
      most_in_flight_(service.hooks->concurrency == ASYNCD_REENTRANT
                          ? static_cast<std::uint32_t>(service.limits.max_in_flight)
                          : 1) {}

CallQueue::Added CallQueue::add(std::string_view message) {
  static_assert(sizeof(AsyncCall) + least_window <= 512 - 16,
                "a short message no longer fits half a KiB");
  const std::size_t head = sizeof(AsyncCall) + message.size();
  const BufferPool::Block block = pool_.acquire(head + least_window);
  AsyncCall& call = *::new (block.data) AsyncCall(pool_);
  call.block = block;
  call.deferred = true;
  call.first_window = block.capacity - head;
  char* const copy = block.data + sizeof(AsyncCall);
  message.copy(copy, message.size());
  call.window = call.own_window().data();
  call.window_size = call.first_window;
  call.owner = owner_;
  (last_ == nullptr ? first_ : last_->next) = &call;
  last_ = &call;
  bytes_ += block.capacity;
  ++in_flight_;
  return {call, {copy, message.size()}};
}

void CallQueue::remove(AsyncCall& call) {
  AsyncCall* before = nullptr;
  for (AsyncCall* other = first_; other != &call; other = other->next) before = other;
  (before == nullptr ? first_ : before->next) = call.next;
  if (last_ == &call) last_ = before;
  --in_flight_;
  bytes_ -= call.block.capacity + call.larger.capacity();
  call.owner.operations->release(call);
  const BufferPool::Block block = call.block;
  call.~AsyncCall();
  pool_.release(block);
}

void CallQueue::remove_ended() {
  for (AsyncCall* call = first_; call != nullptr;) {
    AsyncCall* const next = call->next;
    if (call->state == AsyncCall::State::finished) remove(*call);
    call = next;
  }
}

void CallQueue::cancel(AsyncCall& call) {
  if (call.cancelled) return;
  call.cancelled = true;
  const bool begun = service_.gate == nullptr || call.entered;  // else the handler has not seen it
  if (begun) call_quietly(service_.hooks->cancel, service_.self, &call);
  call.owner.operations->cancel(call);
}

void CallQueue::cancel_all() {
  for (AsyncCall* call = first_; call != nullptr; call = call->next)
    if (call->state == AsyncCall::State::pending) cancel(*call);
}

void CallQueue::expire(Instant now) {
  for (AsyncCall* call = first_; call != nullptr; call = call->next) {
    if (!call->may_expire() || now < call->deadline) continue;
    call->timed_out = true;
    cancel(*call);
  }
}

Instant CallQueue::deadline() const {
  Instant soonest = never;
  for (const AsyncCall* call = first_; call != nullptr; call = call->next)
    if (call->may_expire()) soonest = std::min(soonest, call->deadline);
  return soonest;
}

void CallQueue::enlarge_window(AsyncCall& call, std::uint64_t bytes) {
  Buffer larger(pool_);
  std::copy_n(call.own_window().data(), call.reply_size,
              larger.reserve(static_cast<std::size_t>(bytes)));
  bytes_ += larger.capacity() - call.larger.capacity();
  call.larger.swap(larger);
  call.window = call.own_window().data();
  call.window_size = call.own_window().size();
}

void* CallQueue::allocate(std::uint64_t bytes) noexcept {
  try {
    const BufferPool::Block block = pool_.acquire(static_cast<std::size_t>(bytes));
    bytes_ += block.capacity;
    return block.data;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void CallQueue::release(void* memory, std::uint64_t bytes) noexcept {
  const std::size_t capacity = BufferPool::capacity_for(static_cast<std::size_t>(bytes));
  bytes_ -= capacity;
  pool_.release({static_cast<char*>(memory), capacity});
}

}  // namespace asyncd
