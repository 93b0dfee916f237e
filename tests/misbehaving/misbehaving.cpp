// misbehaving: the handler of the tests that does everything wrong. A message names a misdeed of
// the message hook, or is echoed; the options `hook` and `how` name one of another hook. It is
// written as a stranger would, over asyncd.h alone, so that nothing catches what it throws.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "misdeeds.h"

namespace {

using namespace std::chrono_literals;

struct Misbehaving {
  std::string hook, how;
  std::atomic<unsigned> workers{0};
};

int32_t serve(asyncd_call* call) { return asyncd_reply_text(call, "served", 6); }

std::string_view message_of(const asyncd_call& call) { return {call.message, call.message_size}; }

// What it leaves behind, and is still there when it has been destroyed. The thread has no
// thread_local: at the process's end LeakSanitizer trips over those of libraries.
struct Leftover {
  ~Leftover() { ++count; }
  static inline std::atomic<int> count{0};
};
thread_local Leftover left_on_this_thread;
Leftover left_in_the_library;

int32_t leave_something_behind(asyncd_call* call) {
  left_on_this_thread = Leftover();
  static const int registered = std::atexit([] { ++Leftover::count; });
  std::thread([] {
    for (;;) {
      ++Leftover::count;
      std::this_thread::sleep_for(1ms);
    }
  }).detach();
  return registered == 0 ? serve(call) : int32_t{ASYNCD_NO_REPLY};
}

int32_t use_another_thread(asyncd_call* call) {
  std::thread([call] {
    call->host->host_log(call, ASYNCD_LOG_DEBUG, "elsewhere", 9);
    (void)call->host->host_reply_reserve(call, 1000);
  }).join();
  return serve(call);
}

// "hang until FILE": does not return before that file exists. That it hangs another file tells,
// FILE.hangs.
bool hang(std::string_view how) {
  constexpr std::string_view until = "hang until ";
  if (how.substr(0, until.size()) != until) return false;
  const std::string file(how.substr(until.size()));
  std::error_code ignored;
  std::ofstream(file + ".hangs").put('\n');
  while (!std::filesystem::exists(file, ignored)) std::this_thread::sleep_for(5ms);
  return true;
}

int32_t on_message(void* self, asyncd_call* call) {
  const std::string deed(message_of(*call));
  if (hang(deed)) return serve(call);
  if (deed == "throw") throw std::runtime_error("a stranger's mistake");
  if (deed == "throw a number") throw 42;
  if (deed == "throw for want of memory") throw std::bad_alloc();
  if (deed == "another thread") return use_another_thread(call);
  if (deed == "leave something behind") return leave_something_behind(call);
  if (deed == "itself") {
    static thread_local int depth = 0;
    if (++depth < 100) return on_message(self, call);
    depth = 0;
    return serve(call);
  }
  if (deed == "exit") std::exit(0);
  if (deed == "abort") std::abort();
  if (deed == "crash") std::raise(SIGSEGV);
  const int32_t outcome = misdeed_in_c(call);
  return outcome != unknown_misdeed ? outcome
                                    : asyncd_reply_text(call, call->message, call->message_size);
}

// What every hook may do; else what it answers.
int32_t misbehave(const Misbehaving& handler, std::string_view hook) {
  if (handler.hook != hook) return 0;
  if (handler.how == "throw") throw std::runtime_error("a stranger's mistake");
  if (handler.how == "throw a number") throw 42;
  if (handler.how == "exit") std::exit(0);
  while (handler.how == "hang") std::this_thread::sleep_for(1s);
  hang(handler.how);
  return handler.how == "refuse" ? 77 : 0;
}

std::string option(asyncd_setup* setup, const char* key) {
  uint64_t size = 0;
  const char* const text = setup->host->host_option_text(setup, key, &size);
  return {text, size};
}

int32_t create(asyncd_setup* setup, void** self) {
  auto handler = std::make_unique<Misbehaving>();
  handler->hook = option(setup, "hook");
  handler->how = option(setup, "how");
  if (handler->hook == "create") {
    uint64_t size = 0;
    if (handler->how == "ask for what is not there")
      (void)setup->host->host_option_integer(setup, "absent");
    if (handler->how == "ask for nothing")
      (void)setup->host->host_option_text(setup, nullptr, &size);
    if (handler->how == "refuse and go on") (void)setup->host->host_refuse(setup, "full moon", 9);
    if (handler->how == "refuse below zero")
      return setup->host->host_refuse(setup, "full moon", UINT64_MAX);
  }
  const int32_t outcome = misbehave(*handler, "create");
  if (outcome == 0) *self = handler.release();
  return outcome;
}

void destroy(void* self) {
  const std::unique_ptr<Misbehaving> handler(static_cast<Misbehaving*>(self));
  misbehave(*handler, "destroy");
}

int32_t worker_create(void* self, void**) {
  Misbehaving& handler = *static_cast<Misbehaving*>(self);
  const bool second = handler.workers++ % 2 == 1;
  if (handler.hook == "worker_create" && handler.how == "refuse every second")
    return second ? 77 : 0;
  return misbehave(handler, "worker_create");
}

void worker_destroy(void* self, void*) {
  misbehave(*static_cast<Misbehaving*>(self), "worker_destroy");
}

int32_t connection_open(void* self, void*, void**) {
  return misbehave(*static_cast<Misbehaving*>(self), "connection_open");
}

void connection_close(void* self, void*, void*) {
  misbehave(*static_cast<Misbehaving*>(self), "connection_close");
}

int32_t frame(void* self, const char* bytes, uint64_t size, asyncd_frame* found) {
  const Misbehaving& handler = *static_cast<Misbehaving*>(self);
  found->total = found->message_size = size;
  if (handler.hook != "frame") return 0;
  if (handler.how == "more than there is") found->total = size + 1;
  if (handler.how == "far more than there is") found->total = UINT64_MAX;
  if (handler.how == "a message beyond its frame") found->message_offset = 1;
  if (handler.how == "a message far beyond its frame")
    found->message_offset = found->message_size = UINT64_MAX;
  if (handler.how == "never") found->total = found->message_size = 0;
  if (handler.how == "less than there is") {
    found->total = found->message_size = 0;
    found->needed = 1;
  }
  if (handler.how == "write") const_cast<char*>(bytes)[0] = 'x';
  return misbehave(handler, "frame");
}

constexpr asyncd_option options[] = {
    {sizeof(asyncd_option), ASYNCD_OPTION_TEXT, "hook", "",
     "the hook that misbehaves, besides message"},
    {sizeof(asyncd_option), ASYNCD_OPTION_TEXT, "how", "", "what it does"}};

constexpr asyncd_handler described(const char* name, uint32_t concurrency) {
  asyncd_handler handler{};
  handler.size = sizeof handler;
  handler.concurrency = concurrency;
  handler.option_count = 2;
  handler.name = name;
  handler.summary = "Does everything wrong, for tests";
  handler.options = options;
  handler.create = create;
  handler.destroy = destroy;
  handler.worker_create = worker_create;
  handler.worker_destroy = worker_destroy;
  handler.connection_open = connection_open;
  handler.connection_close = connection_close;
  handler.message = on_message;
  handler.frame = frame;
  return handler;
}

constexpr asyncd_handler reentrant = described("misbehaving", ASYNCD_REENTRANT);
constexpr asyncd_handler serial = described("misbehaving-serially", ASYNCD_SERIAL);
constexpr const asyncd_handler* handlers[] = {&reentrant, &serial};

}  // namespace

const asyncd_plugin asyncd_plugin_v1 = {sizeof(asyncd_plugin), ASYNCD_ABI_MINOR, 2, 0, handlers};
