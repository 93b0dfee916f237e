# The libraries that asyncd is built on, as the system or vcpkg has them installed.
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)

# Of toml++ the headers are enough, also where it was built as a library. It is described to CMake,
# or to pkg-config alone. Headers of others are system headers: our warnings are not for them.
find_package(tomlplusplus CONFIG QUIET)
if(TARGET tomlplusplus::tomlplusplus)
  set(TOMLPLUSPLUS_INCLUDE_DIRS
    $<TARGET_PROPERTY:tomlplusplus::tomlplusplus,INTERFACE_INCLUDE_DIRECTORIES>)
else()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(TOMLPLUSPLUS REQUIRED tomlplusplus)
endif()
add_library(asyncd_toml INTERFACE)
target_include_directories(asyncd_toml SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE_DIRS})
target_compile_definitions(asyncd_toml INTERFACE TOML_HEADER_ONLY=1)

# Likewise.
find_path(NLOHMANN_JSON_INCLUDE_DIR nlohmann/json.hpp REQUIRED)
add_library(asyncd_json INTERFACE)
target_include_directories(asyncd_json SYSTEM INTERFACE ${NLOHMANN_JSON_INCLUDE_DIR})

find_path(ASIO_INCLUDE_DIR asio.hpp REQUIRED)
add_library(asyncd_asio INTERFACE)
target_include_directories(asyncd_asio SYSTEM INTERFACE ${ASIO_INCLUDE_DIR})
target_link_libraries(asyncd_asio INTERFACE Threads::Threads)

function(asyncd_add_googletest)
  find_package(GTest REQUIRED)
endfunction()
