// Loads the handler libraries that the build made, for the tests of plugins. They stay loaded until
// the program ends.
#pragma once

#include <string>

#include "sdk/asyncd.h"

// The library of a handler that ships ("square"), or of an example ("reverse"). Throws where it
// cannot be loaded.
const asyncd_plugin& load_shipped_plugin(const std::string& name);
const asyncd_plugin& load_example_plugin(const std::string& name);
