#include "core/plugin/handler.h"

#include "core/plugin/checking/checking_host.h"
#include "core/session/service.h"
#include "core/text/escape.h"

namespace asyncd {

bool checks_handlers() { return ASYNCD_CHECK_HANDLERS; }

Handler::Handler(const HandlerDescription& description, std::vector<Value> values, Report report)
    : description_(description),
      values_(std::move(values)),
      called_(description.hooks),
      lines_(description.name, lines_a_second),
      host_(make_host(lines_)) {
  if (report != nullptr && !asynchronous()) {
    const auto checking =
        std::make_shared<CheckingHost>(description.hooks, description.name, report);
    called_ = checking->hooks();
    self_ = checking.get();
    checking_ = checking;
  }
  hooks_ = called_;
  if (serial()) make_serial();
}

// Has it called with the handler's lock.
template <auto hook, class Outcome, class... Arguments>
void Handler::make_serial(Outcome (*asyncd_handler::*)(void*, Arguments...)) {
  if (hooks_.*hook == nullptr) return;
  hooks_.*hook = [](void* self, Arguments... arguments) {
    auto& handler = *static_cast<Handler*>(self);
    const std::lock_guard lock(handler.gate_.hooks());
    return (handler.called_.*hook)(handler.self_, arguments...);
  };
}

void Handler::make_serial() {
  make_serial<&asyncd_handler::message>(&asyncd_handler::message);
  make_serial<&asyncd_handler::worker_create>(&asyncd_handler::worker_create);
  make_serial<&asyncd_handler::worker_destroy>(&asyncd_handler::worker_destroy);
  make_serial<&asyncd_handler::connection_open>(&asyncd_handler::connection_open);
  make_serial<&asyncd_handler::connection_close>(&asyncd_handler::connection_close);
  make_serial<&asyncd_handler::cancel>(&asyncd_handler::cancel);
  make_serial<&asyncd_handler::frame>(&asyncd_handler::frame);
}

Result<std::unique_ptr<Handler>> Handler::create(const HandlerDescription& description,
                                                 std::vector<Value> values, Report report) {
  std::unique_ptr<Handler> handler(new Handler(description, std::move(values), report));
  HandlerSetup setup{};
  setup.size = sizeof(asyncd_setup);
  setup.host = &handler->host_;
  setup.description = &handler->description_;
  setup.values = &handler->values_;
  try {
    const auto create = handler->called_.create;
    handler->created_ = create == nullptr || create(&setup, &handler->self_) == 0;
  } catch (const std::exception& failure) {
    setup.refusal = std::string("it has thrown: ") + failure.what();
  } catch (...) {
    setup.refusal = "it has thrown what is no std::exception";
  }
  if (!handler->created_ && setup.refusal.empty()) setup.refusal = "it gave no reason";
  if (!setup.refusal.empty())
    return Error{ExitCode::handler_rejected,
                 "handler '" + description.name +
                     "' refuses to be served: " + text::shown(setup.refusal, 4096)};
  return handler;
}

// Another version of a library has its functions elsewhere.
bool Handler::is(const HandlerDescription& description, const std::vector<Value>& values) const {
  return description.name == description_.name &&
         description.hooks.message == description_.hooks.message && values == values_;
}

Handler::~Handler() {
  if (created_) call_quietly(called_.destroy, self_);
}

}  // namespace asyncd
