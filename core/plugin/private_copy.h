// A library's bytes where no program alters them any more, under a name that the system's loader
// has not seen in this process: so it loads a changed file beside the old one. Start-up and reload
// only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace asyncd {

struct PrivateCopy {
  std::string path;
  std::shared_ptr<const void> until_loaded;  // what may go once the system's loader has it
  std::shared_ptr<const void> afterwards;    // what is of use longer, to debuggers
};

// `original` is the file that the bytes are of. Nothing where this system has no place for a copy;
// 71: no room.
Result<std::optional<PrivateCopy>> make_private_copy(std::string_view bytes,
                                                     const std::string& original);

// Whether a copy would find the libraries that it needs: false where it looks for them beside
// itself.
bool may_be_copied(std::string_view bytes);

// Whether the system lets no program write to a file that is loaded, so that the first one needs no
// copy.
bool is_locked_while_loaded();

// Removes what processes that have ended could not remove themselves. Before the first copy of this
// one.
void remove_left_copies();

}  // namespace asyncd
