// What the tests of loading share: versions of a handler as the build made them, and what one of
// them says it is.
#pragma once

#include <filesystem>
#include <string>

#include "core/plugin/plugin.h"
#include "tests/support/temporary_folder.h"

namespace asyncd::test {

// For the test that runs: in the build's folder, because Windows keeps what is loaded until the
// process has ended.
std::filesystem::path scratch_folder();

// The bytes of "versioned_1", "tied_2", ...
std::string library_bytes(const std::string& name);

// "library.so" in the folder, as this system names libraries.
std::filesystem::path library_path(const TemporaryFolder& folder);

// Reads and loads what is at the path; a failure is one of the test, and the result then has no
// handler.
Plugin loaded_plugin(const std::filesystem::path& path);

// Its message instead.
std::string refusal(const std::filesystem::path& path);

// "version 0001", by calling its code.
std::string answer_of(const Plugin& plugin);

}  // namespace asyncd::test
