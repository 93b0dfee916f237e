#include "support.h"

#include <algorithm>
#include <cstring>

namespace checking_test {

namespace {

Play* playing = nullptr;
const asyncd::ConnectionInfo info{.id = 7};

void note(const asyncd::Violation& violation) {
  told().push_back({std::string(violation.handler), std::string(violation.hook),
                    std::string(violation.what), violation.fatal,
                    violation.connection == nullptr ? 0 : violation.connection->id});
}

template <class Function, class... Arguments>
auto act(const Function& function, Arguments... arguments) -> decltype(function(arguments...)) {
  if (function) return function(arguments...);
  return decltype(function(arguments...))();
}

Script& script_of(void* self) { return *static_cast<Script*>(self); }

asyncd_handler scripted_hooks(std::uint32_t concurrency) {
  asyncd_handler hooks{};
  hooks.size = sizeof hooks;
  hooks.concurrency = concurrency;
  hooks.name = "scripted";
  hooks.create = [](asyncd_setup* setup, void** self) {
    *self = &playing->script;
    return act(playing->script.create, setup);
  };
  hooks.destroy = [](void* self) { act(script_of(self).destroy); };
  hooks.worker_create = [](void* self, void**) { return act(script_of(self).worker_create); };
  hooks.worker_destroy = [](void* self, void*) { act(script_of(self).worker_destroy); };
  hooks.connection_open = [](void* self, void*, void**) {
    return act(script_of(self).connection_open);
  };
  hooks.connection_close = [](void* self, void*, void*) { act(script_of(self).connection_close); };
  hooks.message = [](void* self, asyncd_call* call) { return act(script_of(self).message, call); };
  hooks.frame = [](void* self, const char* bytes, std::uint64_t size, asyncd_frame* frame) {
    return act(script_of(self).frame, bytes, size, frame);
  };
  return hooks;
}

}  // namespace

std::vector<Told>& told() {
  static std::vector<Told> all;
  return all;
}

std::string last_told() {
  return told().empty() ? "" : told().back().hook + ": " + told().back().what;
}

// A session's call, with a window of its own.
struct Play::Served : asyncd::Call {
  std::string room = std::string(256, '\0');
};

Play::Play(std::uint32_t concurrency) : hooks_(scripted_hooks(concurrency)) {
  playing = this;
  told().clear();
  functions.size = sizeof functions;
  functions.host_reply_reserve = [](asyncd_call* call, std::uint64_t bytes) {
    auto& served = *static_cast<Served*>(call);
    if (bytes <= served.room.size()) return 0;
    if (bytes > playing->most_reply) return -1;
    served.room.resize(std::max<std::size_t>(bytes, 2 * served.room.size()));
    served.window = served.room.data();
    served.window_size = served.room.size();
    return 0;
  };
  functions.host_log = [](asyncd_call* call, std::int32_t, const char* text, std::uint64_t size) {
    playing->log.push_back((call == nullptr ? "" : "with call: ") +
                           std::string(text, static_cast<std::size_t>(size)));
  };
  functions.host_option_integer = [](asyncd_setup*, const char* key) {
    return std::int64_t{key[0]};
  };
  functions.host_option_text = [](asyncd_setup*, const char* key, std::uint64_t* size) {
    *size = std::strlen(key);
    return key;
  };
  functions.host_refuse = [](asyncd_setup*, const char* why, std::uint64_t size) {
    playing->refusal.assign(why, static_cast<std::size_t>(size));
    return 1;
  };
  checking_ = std::make_unique<CheckingHost>(hooks_, "scripted", note);
  self_ = checking_.get();
}

Play::~Play() { playing = nullptr; }

std::int32_t Play::create() {
  asyncd_setup setup{sizeof(asyncd_setup), 0, &functions};
  return checking_->hooks().create(&setup, &self_);
}

void Play::destroy() { checking_->hooks().destroy(self_); }

void* Play::begin_worker() {
  void* worker = nullptr;
  return checking_->hooks().worker_create(self_, &worker) == 0 ? worker : nullptr;
}

void Play::end_worker(void* worker) { checking_->hooks().worker_destroy(self_, worker); }

void* Play::open(void* worker) {
  void* connection = nullptr;
  return checking_->hooks().connection_open(self_, worker, &connection) == 0 ? connection : nullptr;
}

void Play::close(void* worker, void* connection) {
  checking_->hooks().connection_close(self_, worker, connection);
}

std::string Play::send(void* worker, void* connection, std::string_view message) {
  const std::string lent(message);
  Served call{};
  call.size = sizeof(asyncd_call);
  call.host = &functions;
  call.message = lent.data();
  call.message_size = lent.size();
  call.window = call.room.data();
  call.window_size = call.room.size();
  call.worker = worker;
  call.connection = connection;
  call.connection_info = &info;
  const std::int32_t outcome = checking_->hooks().message(self_, &call);
  if (outcome == ASYNCD_NO_REPLY) return "<nothing>";
  if (outcome != ASYNCD_REPLY && outcome != ASYNCD_ERROR) return "<failed>";
  const std::string close = (call.flags & ASYNCD_CLOSE) != 0 ? "<close>" : "";
  return (outcome == ASYNCD_ERROR ? "error: " : "") + call.room.substr(0, call.reply_size) + close;
}

asyncd_frame Play::find(std::string_view bytes, std::int32_t& outcome) {
  asyncd_frame frame{};
  frame.size = sizeof frame;
  outcome = checking_->hooks().frame(self_, bytes.data(), bytes.size(), &frame);
  return frame;
}

void Play::begin() {
  if (create() != 0) return;
  worker_ = begin_worker();
  connection_ = worker_ == nullptr ? nullptr : open(worker_);
}

void Play::end() {
  if (connection_ != nullptr) close(worker_, connection_);
  if (worker_ != nullptr) end_worker(worker_);
  worker_ = connection_ = nullptr;
  destroy();
}

}  // namespace checking_test
