#include "core/plugin/checking/checked_functions.h"

#include <cstdint>

#include "core/plugin/checking/running_hook.h"

namespace asyncd {

namespace {

void complain_of_use(const std::string& function, const asyncd_call* call) {
  const LentCall::Misuse misuse = LentCall::condemn(call);
  const std::string what = "it called " + function + " with " + std::string(misuse.of);
  if (RunningHook* hook = RunningHook::here(); hook != nullptr) return hook->complain(what);
  misuse.report({.handler = misuse.handler,
                 .hook = "none",
                 .what = what + ", on a thread where no hook runs",
                 .connection = misuse.connection ? &*misuse.connection : nullptr});
}

// The running hook where `call` is its own; else null, and the misuse is reported.
RunningHook* hook_of(const asyncd_call* call, const char* function) {
  RunningHook* hook = RunningHook::here();
  if (hook != nullptr && call != nullptr && call == hook->call()) return hook;
  complain_of_use(function, call);
  return nullptr;
}

RunningHook* hook_of(const asyncd_setup* setup, const char* function) {
  RunningHook* hook = RunningHook::here();
  if (hook != nullptr && setup != nullptr && setup == hook->setup()) return hook;
  const std::string what =
      std::string("it called ") + function + " with a setup that is not of a running create";
  if (hook != nullptr)
    hook->complain(what);
  else
    log_violation({.handler = "unknown", .hook = "none", .what = what});
  return nullptr;
}

// No object is larger than PTRDIFF_MAX.
bool is_text(RunningHook& hook, const char* function, const char* text, uint64_t size) {
  if (size <= PTRDIFF_MAX && (text != nullptr || size == 0)) return true;
  hook.complain(std::string("it gave ") + function + (text == nullptr ? " no text" : " a text") +
                " of " + std::to_string(size) + " bytes");
  return false;
}

int32_t checked_reply_reserve(asyncd_call* call, uint64_t bytes) {
  RunningHook* hook = hook_of(call, "host_reply_reserve");
  if (hook == nullptr) return -1;
  if (call->reply_size <= call->window_size) return hook->call()->reserve(bytes);
  hook->complain("it called host_reply_reserve with a reply_size of " +
                 std::to_string(call->reply_size) + ", but its window has " +
                 std::to_string(call->window_size) + " bytes");
  return -1;
}

void checked_write_log(asyncd_call* call, int32_t level, const char* text, uint64_t size) {
  RunningHook* hook = RunningHook::here();
  if (hook == nullptr || (call != nullptr && call != hook->call()))
    return complain_of_use("host_log", call);
  if (!is_text(*hook, "host_log", text, size)) return;
  if (level < ASYNCD_LOG_DEBUG || level > ASYNCD_LOG_ERROR)
    hook->complain("it gave host_log the unknown level " + std::to_string(level));
  if (hook->functions() != nullptr)
    hook->functions()->host_log(call == nullptr ? nullptr : &hook->call()->real(), level, text,
                                size);
}

int64_t checked_option_integer(asyncd_setup* setup, const char* key) {
  RunningHook* hook = hook_of(setup, "host_option_integer");
  if (hook == nullptr) return 0;
  if (key != nullptr) return hook->functions()->host_option_integer(hook->real_setup(), key);
  hook->complain("it gave host_option_integer no key");
  return 0;
}

const char* checked_option_text(asyncd_setup* setup, const char* key, uint64_t* size) {
  if (size != nullptr) *size = 0;
  RunningHook* hook = hook_of(setup, "host_option_text");
  if (hook == nullptr) return "";
  if (key != nullptr && size != nullptr)
    return hook->functions()->host_option_text(hook->real_setup(), key, size);
  hook->complain(key == nullptr ? "it gave host_option_text no key"
                                : "it gave host_option_text no place for the size");
  return "";
}

int32_t checked_refuse(asyncd_setup* setup, const char* why, uint64_t size) {
  RunningHook* hook = hook_of(setup, "host_refuse");
  if (hook == nullptr || !is_text(*hook, "host_refuse", why, size)) return 1;
  return hook->functions()->host_refuse(hook->real_setup(), why, size);
}

}  // namespace

const asyncd_host& checked_functions() {
  static constexpr asyncd_host functions = {.size = sizeof(asyncd_host),
                                            .abi_minor = ASYNCD_ABI_MINOR,
                                            .host_reply_reserve = checked_reply_reserve,
                                            .host_log = checked_write_log,
                                            .host_option_integer = checked_option_integer,
                                            .host_option_text = checked_option_text,
                                            .host_refuse = checked_refuse};
  return functions;
}

}  // namespace asyncd
