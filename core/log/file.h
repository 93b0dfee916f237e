// What the log needs of files, which each system has in its own way. Handles are plain values;
// Sink owns them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace asyncd::log {

using FileHandle = std::intptr_t;  // a descriptor or a HANDLE

extern const std::string_view line_end;

// Opens the file for appending, and makes it where there is none. Child processes do not inherit
// it.
std::error_code open_file(const std::filesystem::path& path, FileHandle& file);
// What open_file would answer, as far as that is known without making a file, and without opening
// one that is no plain file.
std::error_code try_file(const std::filesystem::path& path);
void close_file(FileHandle file);

FileHandle standard_error();

// The thread that writes calls it first.
void begin_writing();

// Writes `written` bytes, which may be fewer than there are. Waits where the reader is slow.
std::error_code write_file(FileHandle file, std::string_view bytes, std::size_t& written);

bool same_file(FileHandle one, FileHandle other);

}  // namespace asyncd::log
