#include "core/operations/upstream.h"

#include <string_view>
#include <utility>

#include "core/net/socket.h"

namespace asyncd {

void fail(asyncd_op& op, int error) {
  op.result = ASYNCD_FAILED;
  op.error = error;
}

bool read_address(asyncd_op& op, Address& address) {
  op.stream = nullptr;
  constexpr std::uint64_t longest = 1024;
  if (op.data != nullptr && op.data_size <= longest) {
    Result<Address> parsed = parse_address({op.data, static_cast<std::size_t>(op.data_size)});
    if (parsed) {
      address = std::move(*parsed);
      return true;
    }
  }
  fail(op, 0);
  return false;
}

bool read_upstream(asyncd_op& op, NativeSocket socket) {
  const IoResult result = receive_some(socket, {op.data, static_cast<std::size_t>(op.data_size)});
  switch (result.status) {
    case IoResult::Status::would_block:
      return false;
    case IoResult::Status::ok:
      op.result = ASYNCD_OK;
      op.transferred = result.bytes;
      return true;
    case IoResult::Status::eof:
      op.result = ASYNCD_END;
      return true;
    case IoResult::Status::reset:
    case IoResult::Status::failed:
      break;
  }
  fail(op, result.error);
  return true;
}

bool write_upstream(asyncd_op& op, NativeSocket socket) {
  while (op.transferred < op.data_size) {
    const std::string_view rest(op.data + op.transferred,
                                static_cast<std::size_t>(op.data_size - op.transferred));
    const IoResult result = send_some(socket, rest);
    if (result.status == IoResult::Status::would_block) return false;
    if (result.status != IoResult::Status::ok) {
      fail(op, result.error);
      return true;
    }
    op.transferred += result.bytes;
  }
  op.result = ASYNCD_OK;
  return true;
}

void add_stream(AsyncCall& call, std::unique_ptr<asyncd_stream> stream) {
  stream->next = call.streams;
  call.streams = stream.release();
}

void drop_stream(AsyncCall& call, asyncd_stream* stream) {
  asyncd_stream** link = &call.streams;
  while (*link != stream) link = &(*link)->next;
  *link = stream->next;
  delete stream;
}

bool owns(const AsyncCall& call, const asyncd_stream* stream) {
  for (const asyncd_stream* one = call.streams; one != nullptr; one = one->next)
    if (one == stream) return true;
  return false;
}

}  // namespace asyncd
