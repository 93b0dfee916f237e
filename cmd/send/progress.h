// Progress: how far everything has come, on standard error: lines that are drawn over and over on a
// terminal, else a line for each server now and then. One thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cmd/send/sender.h"

namespace asyncd::send {

class Progress {
 public:
  enum class Form : std::uint8_t { none, block, lines };
  using Write = std::function<void(const std::string&)>;

  Progress(Form form, Write write) : form_(form), write_(std::move(write)) {}

  void show(const std::vector<ServerStatus>& statuses);
  void hide();  // before anything else is printed

 private:
  void draw(std::span<const ServerStatus> statuses);

  const Form form_;
  const Write write_;
  std::size_t drawn_ = 0;  // lines
};

// "127.0.0.1:8080  [####    ]  50 %  50.0 MiB sent, 49.9 MiB received"
std::string describe(const ServerStatus& status);

}  // namespace asyncd::send
