// Library: a shared library of the system's loader. Never unloaded: code of it may still be running
// at the process's end, and an unload that is not provably idle is worth less than its memory. So a
// content is loaded once in a process, and is there again when a file comes back to it. Start-up
// and reload only; shared by its handlers.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/plugin/library_file.h"

namespace asyncd {

class Library {
 public:
  // Loads the very bytes that were checked, from a copy where the system allows it and the library
  // too. Errors: 65, with the system's own words where the system refuses; 71: no room for the
  // copy.
  static Result<std::shared_ptr<const Library>> open(const LibraryFile& file);

  // Whether `open` would only give what this process has loaded before.
  static bool is_loaded(const LibraryFile& file);

  const std::string& digest() const { return digest_; }

  // What of it there is but one in a process: a newer version of it, loaded beside it, will share
  // that.
  const std::vector<std::string>& unique_symbols() const { return unique_symbols_; }

  // A warning where it shares such with an older version of the same file; or empty.
  const std::string& shared_with_older() const { return shared_with_older_; }

  // Null where there is none.
  const void* symbol(const char* name) const;

 private:
  Library(void* code, std::string digest, std::vector<std::string> unique_symbols)
      : code_(code), digest_(std::move(digest)), unique_symbols_(std::move(unique_symbols)) {}

  void* code_;  // the system loader's handle
  std::string digest_;
  std::vector<std::string> unique_symbols_;
  std::string shared_with_older_;
  std::shared_ptr<const void> held_;
};

}  // namespace asyncd
