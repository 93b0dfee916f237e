#include "core/system/standard_streams.h"

namespace asyncd {

namespace {

constexpr std::size_t many = std::size_t{64} << 10;

struct Output {
  std::string waiting;
  std::string failure;  // empty: none yet
};

Output& output() {
  static Output output;
  return output;
}

void write_waiting(Output& out) {
  if (out.failure.empty() && !out.waiting.empty())
    out.failure = is_output_closed() ? "it is closed" : write_output(out.waiting);
  out.waiting.clear();
}

Result<void> result_of(const std::string& failure) {
  if (failure.empty()) return {};
  return Error{ExitCode::failure, "cannot write to standard output: " + failure};
}

}  // namespace

void print(std::string_view text) {
  Output& out = output();
  out.waiting += text;
  if (out.waiting.size() >= many) write_waiting(out);
}

Result<void> flush_output() {
  write_waiting(output());
  return result_of(output().failure);
}

Result<void> check_output() {
  return result_of(is_output_closed() ? "it is closed" : output().failure);
}

}  // namespace asyncd
