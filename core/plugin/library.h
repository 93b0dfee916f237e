// Library: a shared library of the system's loader. Never unloaded: code of it may still be running at the process's
// end, and an unload that is not provably idle is worth less than its memory. Start-up and reload only.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace asyncd {

class Library {
 public:
  // The error is of ExitCode::handler_rejected and has the system's own words.
  static Result<Library> open(const std::string& path);

  // Null where there is none.
  const void* symbol(const char* name) const;

  static std::string_view suffix();  // ".so", ".dylib" or ".dll"

 private:
  explicit Library(void* handle) : handle_(handle) {}

  void* handle_;
};

}  // namespace asyncd
