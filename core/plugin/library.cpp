#include "core/plugin/library.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <vector>

#include "core/plugin/image.h"
#include "core/plugin/private_copy.h"
#include "core/plugin/system_loader.h"
#include "core/text/path_text.h"

namespace asyncd {

namespace {

// One load by the system's loader, of which nothing is ever undone.
struct Load {
  std::string path;
  std::string digest;
  bool copied;
  void* code;
  std::vector<std::string> unique_symbols;
  std::weak_ptr<const Library> library;
};

// The system's loader is one for the process, and so are its loads.
struct Loads {
  Loads() { remove_left_copies(); }

  std::mutex one_at_a_time;
  std::vector<Load> all;
};

Loads& loads() {
  static Loads one;
  return one;
}

// From its own place a library may have found others there, so a twin elsewhere is not the same.
bool is_load_of(const Load& load, const LibraryFile& file) {
  return load.digest == file.digest && (load.copied || load.path == file.path);
}

// Where the system's loader is to find the file: a copy, or its own place if nothing was loaded
// from there before.
Result<PrivateCopy> choose_place(const LibraryFile& file, bool place_is_taken) {
  const bool may_move = may_be_copied(file.bytes);
  if (may_move && (place_is_taken || !is_locked_while_loaded())) {
    Result<std::optional<PrivateCopy>> copy = make_private_copy(file.bytes, file.path);
    if (!copy) return copy.error();
    if (copy->has_value()) return std::move(**copy);
  }
  if (place_is_taken)
    return Error{
        ExitCode::handler_rejected,
        std::string(
            "it has changed since asyncd loaded it, and only a restart can load it again: ") +
            (may_move ? "this system has no place for a copy beside the old one"
                      : "it needs libraries of its own folder, which a copy would not find")};
  return PrivateCopy{file.path, nullptr, nullptr};
}

std::string shared_symbols(const Load& load, const std::vector<Load>& older) {
  for (const Load& other : older) {
    if (other.path != load.path) continue;
    for (const std::string& symbol : load.unique_symbols)
      if (std::find(other.unique_symbols.begin(), other.unique_symbols.end(), symbol) !=
          other.unique_symbols.end())
        return "the version that is loaded already and this one share '" + symbol +
               "', a unique symbol; restart asyncd, and build the handler with -fno-gnu-unique";
  }
  return "";
}

std::vector<Load>::iterator find_load(std::vector<Load>& all, const LibraryFile& file) {
  return std::find_if(all.begin(), all.end(),
                      [&](const Load& load) { return is_load_of(load, file); });
}

}  // namespace

bool Library::is_loaded(const LibraryFile& file) {
  const std::lock_guard lock(loads().one_at_a_time);
  return find_load(loads().all, file) != loads().all.end();
}

Result<std::shared_ptr<const Library>> Library::open(const LibraryFile& file) {
  const std::lock_guard lock(loads().one_at_a_time);
  std::vector<Load>& all = loads().all;
  const auto known = find_load(all, file);
  if (known != all.end()) {
    std::shared_ptr<const Library> library = known->library.lock();
    if (library == nullptr)
      library.reset(new Library(known->code, file.digest, known->unique_symbols));
    known->library = library;
    return library;
  }
  const bool place_is_taken = std::any_of(all.begin(), all.end(), [&](const Load& load) {
    return !load.copied && load.path == file.path;
  });
  const Result<PrivateCopy> place = choose_place(file, place_is_taken);
  if (!place) return place.error();
  const Result<void*> code = load_code(place->path, file.path);
  if (!code) return code.error();
  Load load{.path = file.path,
            .digest = file.digest,
            .copied = place->path != file.path,
            .code = *code,
            .unique_symbols = asyncd::unique_symbols(file.bytes),
            .library = {}};
  const bool was_replaced = !load.copied && !file.file.is_still_at(path_of(file.path));
  if (was_replaced) load.digest.clear();  // what was loaded is not known
  std::shared_ptr<Library> library(new Library(*code, file.digest, load.unique_symbols));
  library->shared_with_older_ = shared_symbols(load, all);
  library->held_ = place->afterwards;
  load.library = library;
  all.push_back(std::move(load));
  if (was_replaced)
    return Error{ExitCode::handler_rejected,
                 "it was replaced while it was being loaded; restart asyncd"};
  return std::shared_ptr<const Library>(std::move(library));
}

const void* Library::symbol(const char* name) const { return find_symbol(code_, name); }

}  // namespace asyncd
