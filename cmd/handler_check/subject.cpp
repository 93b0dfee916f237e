#include "cmd/handler_check/subject.h"

#include "cmd/handler_check/violations.h"
#include "core/config/load.h"
#include "core/server/generation.h"

namespace asyncd {

Result<void> Subject::read_values() {
  const auto given = config_.handlers.find(handler_.name);
  const std::span<const RawOption> raw =
      given == config_.handlers.end() ? std::span<const RawOption>() : given->second.options;
  Result<std::vector<Value>> values =
      resolve_options(handler_.options, raw, "handler '" + handler_.name + "'");
  if (!values) return values.error();
  values_ = std::move(*values);
  return {};
}

Result<std::shared_ptr<const Service>> Subject::make(const std::vector<Value>& values,
                                                     FramingKind framing) const {
  Result<std::unique_ptr<Handler>> created = Handler::create(handler_, values, note_violation);
  if (!created) return created.error();
  return make_service(std::move(*created), {.kind = framing, .prefix_size = 4}, Limits{});
}

bool Subject::finish(const std::string& wrong, const std::string& note) {
  std::string told = take_violations();
  if (told.empty()) told = wrong;
  if (told.empty())
    findings_.passed(note);
  else
    findings_.failed(told);
  return told.empty();
}

}  // namespace asyncd
