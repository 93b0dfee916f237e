// The layout as C++20 sees it, and what the structs promise to be.
#include <type_traits>

#include "layout.h"

static_assert(std::is_standard_layout_v<asyncd_host> && std::is_trivial_v<asyncd_host>);
static_assert(std::is_standard_layout_v<asyncd_call> && std::is_trivial_v<asyncd_call>);
static_assert(std::is_standard_layout_v<asyncd_setup> && std::is_trivial_v<asyncd_setup>);
static_assert(std::is_standard_layout_v<asyncd_option> && std::is_trivial_v<asyncd_option>);
static_assert(std::is_standard_layout_v<asyncd_frame> && std::is_trivial_v<asyncd_frame>);
static_assert(std::is_standard_layout_v<asyncd_handler> && std::is_trivial_v<asyncd_handler>);
static_assert(std::is_standard_layout_v<asyncd_plugin> && std::is_trivial_v<asyncd_plugin>);
