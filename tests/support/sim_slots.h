// SimSlots: memory for the connections of a SimLoop, used again at once, the last freed first, as a
// system does with descriptors: code that remembers a slot finds another connection in it, unless
// it remembers the generation, too. Owned by the loop; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace asyncd::test {

struct SimName {
  std::size_t slot = 0;
  std::uint64_t generation = 0;
  bool operator==(const SimName&) const = default;
};

template <class T>
class SimSlots {
 public:
  SimSlots() = default;
  SimSlots(const SimSlots&) = delete;
  SimSlots& operator=(const SimSlots&) = delete;
  ~SimSlots() {
    for (const auto& slot : slots_)
      if (slot->made != nullptr) std::destroy_at(slot->made);
  }

  // What the next one made will be called. Afterwards making it needs no memory but its own.
  SimName next() {
    if (free_.empty()) {
      free_.push_back(slots_.size());
      slots_.push_back(std::make_unique<Slot>());
      free_.reserve(slots_.size());
    }
    return {free_.back(), slots_[free_.back()]->generation};
  }
  template <class... Arguments>
  T& make(Arguments&&... arguments) {
    Slot& slot = *slots_[next().slot];
    slot.made = ::new (slot.memory) T(std::forward<Arguments>(arguments)...);
    free_.pop_back();
    ++size_;
    return *slot.made;
  }
  void end(SimName name) {
    Slot& slot = *slots_[name.slot];
    std::destroy_at(std::exchange(slot.made, nullptr));
    std::memset(slot.memory, '~', sizeof slot.memory);
    ++slot.generation;
    free_.push_back(name.slot);
    --size_;
  }

  T* find(SimName name) const {
    const Slot& slot = *slots_[name.slot];
    return slot.generation == name.generation ? slot.made : nullptr;
  }
  bool reused(SimName name) const {
    const Slot& slot = *slots_[name.slot];
    return slot.generation != name.generation && slot.made != nullptr;
  }
  std::size_t size() const { return size_; }

  // `use` may end the one that it gets, and make others.
  template <class Use>
  void for_each(Use use) const {
    for (std::size_t i = slots_.size(); i-- > 0;)
      if (slots_[i]->made != nullptr) use(*slots_[i]->made);
  }

 private:
  struct Slot {
    T* made = nullptr;
    std::uint64_t generation = 0;
    alignas(T) std::byte memory[sizeof(T)];
  };

  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<std::size_t> free_;
  std::size_t size_ = 0;
};

}  // namespace asyncd::test
