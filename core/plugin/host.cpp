#include "core/plugin/host.h"

#include <algorithm>

#include "core/accept/listener.h"
#include "core/log/log.h"
#include "core/operations/completion_handles.h"
#include "core/session/async_call.h"
#include "core/session/service.h"
#include "core/session/session.h"

namespace asyncd {

namespace {

// What a handler gives as a text. No object is larger than PTRDIFF_MAX: such a size has run below
// zero.
std::string_view text_of(const char* text, uint64_t size) {
  if (text == nullptr) return {};
  if (size > PTRDIFF_MAX) return "(a text of an impossible size)";
  return {text, static_cast<std::size_t>(size)};
}

// Null, and the handler refused, where it asks for what it has not declared.
template <class T>
const T* option_value(asyncd_setup* c_setup, const char* key) {
  if (key == nullptr) key = "";
  HandlerSetup& setup = *static_cast<HandlerSetup*>(c_setup);
  const auto& options = setup.description->options;
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const Setting& option) { return option.key == key; });
  const T* value = nullptr;
  if (found != options.end())
    value = std::get_if<T>(&(*setup.values)[static_cast<std::size_t>(found - options.begin())]);
  if (value == nullptr)
    setup.refusal =
        "it asks for the option '" + std::string(key) + "', which it does not declare so";
  return value;
}

int64_t option_integer(asyncd_setup* setup, const char* key) {
  const auto* value = option_value<std::int64_t>(setup, key);
  return value == nullptr ? 0 : *value;
}

const char* option_text(asyncd_setup* setup, const char* key, uint64_t* size) {
  const auto* value = option_value<std::string>(setup, key);
  if (size != nullptr) *size = value == nullptr ? 0 : value->size();
  return value == nullptr ? "" : value->data();
}

int32_t refuse(asyncd_setup* setup, const char* why, uint64_t size) {
  static_cast<HandlerSetup*>(setup)->refusal = text_of(why, size);
  return 1;
}

void log_line(const Call& call, log::Level level, std::string_view line) {
  const ConnectionInfo& info = *call.connection_info;
  // Without a listener there are no others: it is `asyncd call`.
  if (info.listener == nullptr) return log::write(level, "handler", line);
  // the handler may have spoilt what is the call's
  const Service& service = call.session->service();
  if (!static_cast<const HandlerHost*>(service.host)->lines->allow(Clock::now())) return;
  try {
    log::write(level, "handler", line,
               {{"handler", service.handler_name},
                {"peer", info.peer.to_string()},
                {"conn", info.id},
                {"listener", info.listener->name()}});
  } catch (const std::bad_alloc&) {
    log::write(level, "handler", line, {{"conn", info.id}});
  }
}

void write_log(asyncd_call* c_call, int32_t level, const char* text, uint64_t size) noexcept {
  // Lines without a call: it is not known which handler they are from.
  static log::SourceLimit lines_without_call("unknown", lines_a_second);
  const int32_t known = std::clamp<int32_t>(level, ASYNCD_LOG_DEBUG, ASYNCD_LOG_ERROR);
  const auto log_level = static_cast<log::Level>(known);
  if (!log::enabled(log_level)) return;
  const std::string_view line = text_of(text, size);
  if (c_call != nullptr)
    log_line(*static_cast<Call*>(c_call), log_level, line);
  else if (lines_without_call.allow(Clock::now()))
    log::write(log_level, "handler", line);
}

int32_t post(uint64_t ticket) { return CompletionHandles::post(ticket); }

}  // namespace

HandlerHost make_host(log::SourceLimit& lines) {
  return {{.size = sizeof(asyncd_host),
           .abi_minor = ASYNCD_ABI_MINOR,
           .host_reply_reserve = session_reply_reserve,
           .host_log = write_log,
           .host_option_integer = option_integer,
           .host_option_text = option_text,
           .host_refuse = refuse,
           .host_submit = session_submit,
           .host_finish = session_finish_call,
           .host_ticket = session_open_ticket,
           .host_post = post,
           .host_allocate = session_allocate,
           .host_release = session_release},
          &lines};
}

}  // namespace asyncd
