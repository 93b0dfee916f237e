// Where this program, the user's own data and other files are. Start-up only.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace asyncd {

// Whether the folder of a program is its own, so that libraries in it may be taken for the
// program's.
bool owns_its_folder(const std::filesystem::path& program);

// The user's folder for data of programs; empty where there is none. `environment` is getenv, or a
// test's.
std::filesystem::path user_data_folder(
    const std::function<std::optional<std::string>(std::string_view)>& environment);

}  // namespace asyncd
