// The frame hook of the framers' fuzz target, as a handler could have it: the first byte says how a
// message is framed.
//   #N  N bytes follow; the hook says how many it needs   <  a head up to '>', a message up to ';'
//   ~   an answer made of the next three bytes: mostly a lie
//   else a message up to ';', without any '!'
#pragma once

#include <cstddef>

#include "sdk/asyncd.h"

namespace fuzz {

struct FrameHook {
  std::size_t asked = 0;  // how often
  bool lied = false;      // then what it says depends on how the stream is cut

  const asyncd_handler& hooks() const;  // its `self` is this
};

}  // namespace fuzz
