#include "frame_hook.h"

#include <cstdint>
#include <string_view>

namespace fuzz {

namespace {

// A whole frame, or how many bytes it takes at least.
void answer(asyncd_frame& frame, std::size_t available, std::size_t head, std::size_t message,
            std::size_t tail) {
  const std::size_t total = head + message + tail;
  if (available < total) {
    frame.needed = total;
    return;
  }
  frame.message_offset = head;
  frame.message_size = message;
  frame.total = total;
}

void frame_counted(std::string_view input, asyncd_frame& frame) {
  if (input.size() < 2)
    frame.needed = 2;
  else
    answer(frame, input.size(), 2, static_cast<unsigned char>(input[1]), 0);
}

// Small numbers, and those just below the largest.
std::uint64_t claimed(char byte) {
  const auto value = static_cast<signed char>(byte);
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}

void lie(std::string_view input, FrameHook& hook, asyncd_frame& frame) {
  hook.lied = true;
  if (input.size() < 4) {
    frame.needed = 4;
    return;
  }
  frame.message_offset = claimed(input[1]);
  frame.message_size = claimed(input[2]);
  frame.total = frame.needed = claimed(input[3]);
}

std::int32_t find_frame(void* self, const char* bytes, std::uint64_t size, asyncd_frame* frame) {
  auto& hook = *static_cast<FrameHook*>(self);
  ++hook.asked;
  const std::string_view input(bytes, static_cast<std::size_t>(size));
  if (input[0] == '#') {
    frame_counted(input, *frame);
    return 0;
  }
  if (input[0] == '~') {
    lie(input, hook, *frame);
    return 0;
  }
  std::size_t begin = 0;
  if (input[0] == '<') {
    begin = input.find('>') + 1;
    if (begin == 0) return 0;
  }
  const std::size_t end = input.find(';', begin);
  if (input.substr(begin, end - begin).find('!') != input.npos) return -1;
  if (end != input.npos) answer(*frame, input.size(), begin, end - begin, 1);
  return 0;
}

}  // namespace

const asyncd_handler& FrameHook::hooks() const {
  static const asyncd_handler handler = [] {
    asyncd_handler made{};
    made.size = sizeof made;
    made.frame = find_frame;
    return made;
  }();
  return handler;
}

}  // namespace fuzz
