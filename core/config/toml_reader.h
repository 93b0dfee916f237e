// From the text of a configuration file to what it gives, by way of toml++, which is seen nowhere
// else. Start-up only; one thread.
#pragma once

#include "core/config/given.h"
#include "core/config/problems.h"
#include "core/config/source_text.h"

namespace asyncd {

// Adds the file's values to `given` and its unknown tables and wrong shapes to `problems`. `source`
// has passed check_source. The result is an error where the text is not TOML: then nothing else of
// it can be trusted.
Result<void> read_toml(const SourceText& source, GivenConfig& given, Problems& problems);

// What a TOML reader's complaint means, in a user's words. `description` is the reader's own.
Error explain_syntax_error(const SourceText& source, Position position,
                           std::string_view description);

}  // namespace asyncd
