// What the log needs of a file, and what each system calls it. Handles are plain values: their
// owner is Output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace asyncd::log {

using FileHandle = std::intptr_t;  // a descriptor or a HANDLE

extern const std::string_view line_end;

// Opens it for appending; makes it where it is not there. Children of the process do not inherit
// it.
std::error_code open_file(const std::filesystem::path& path, FileHandle& file);
// What open_file would say, as far as can be told without making a file or disturbing one that is
// no plain file.
std::error_code try_file(const std::filesystem::path& path);
void close_file(FileHandle file);

FileHandle standard_error();

// On the thread that writes, before all else.
void begin_writing();

// Writes `written` bytes, which may be fewer than there are, and waits where the reader is slow.
std::error_code write_file(FileHandle file, std::string_view bytes, std::size_t& written);

bool same_file(FileHandle one, FileHandle other);

}  // namespace asyncd::log
