#include "cmd/cli/help.h"

#include "cmd/cli/command_line.h"

namespace asyncd {
namespace {

constexpr std::string_view example_lines = R"(Examples:
  asyncd --handler=echo                                    serve echo on 127.0.0.1:8080
  asyncd --handler=square --backend=select --listen=:9000  another I/O model, on all addresses
  asyncd config --default > asyncd.toml                    a file with every setting
)";

}  // namespace

std::string help_text() {
  return "Usage: asyncd [COMMAND] [OPTION]...\nPut a handler on the network, on the I/O model of "
         "your choice.\n" +
         help_of(grammar()) + "\n" + std::string(example_lines);
}

std::string help_text(Command command) {
  const Subcommand* const row = find_row(command);
  return row != nullptr && row->has_help() ? help_of(grammar(), *row) : help_text();
}

}  // namespace asyncd
