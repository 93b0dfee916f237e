// asyncd send: from its command line to its exit code.

#include "cmd/send/command.h"
#include "cmd/cli/report.h"
#include "cmd/process/control.h"
#include "cmd/send/options.h"
#include "cmd/send/progress.h"
#include "cmd/send/standard_input.h"
#include "core/system/standard_streams.h"

namespace asyncd::send {

namespace {

constexpr Duration between_shows = std::chrono::milliseconds(200);
constexpr Duration between_lines = std::chrono::seconds(1);
constexpr Duration before_first_show = std::chrono::seconds(1);  // what is quick needs no progress

void write_to_terminal(const std::string& text) { print_error(text); }

Progress::Form form_of(const SendOptions& options) {
  if (options.progress == ProgressKind::plain) return Progress::Form::lines;
  if (options.progress == ProgressKind::none || !stderr_is_terminal()) return Progress::Form::none;
  return stderr_draws(options.sources) ? Progress::Form::block : Progress::Form::lines;
}

// All that is sent and printed; made once.
class Sending {
 public:
  Sending(const SendOptions& options, Framing framing)
      : options_(options),
        framing_(framing),
        form_(form_of(options)),
        progress_(form_, write_to_terminal) {}

  int run();

 private:
  Result<void> prepare();
  Result<void> add_servers(Sender& sender);
  Result<std::unique_ptr<Feed>> make_feed() const;
  void print(std::string_view bytes);
  Result<void> work(Sender& sender);

  const SendOptions& options_;
  const Framing framing_;
  const Progress::Form form_;
  Progress progress_;
  std::optional<Waker> waker_;  // before input_, whose thread may wake until that ends
  std::optional<StandardInput> input_;
  std::shared_ptr<const std::string> text_;
};

Result<void> Sending::prepare() {
  if (options_.file) return {};
  if (options_.data.empty()) {
    input_.emplace(framing_, *waker_);
    return {};
  }
  const MessageWriter writer(framing_);
  std::string text;
  for (const std::string& message : options_.data)
    if (Result<void> written = writer.write_message(message, text); !written) return written;
  text_ = std::make_shared<const std::string>(std::move(text));
  return {};
}

Result<std::unique_ptr<Feed>> Sending::make_feed() const {
  if (options_.file) return feed_file(*options_.file, framing_);
  return input_ ? input_->feed() : feed_text(text_);
}

Result<void> Sending::add_servers(Sender& sender) {
  for (const std::string& name : options_.addresses) {
    Result<std::unique_ptr<Feed>> feed = make_feed();
    if (!feed) return feed.error();
    Result<std::vector<Endpoint>> endpoints = resolve(*parse_address(name));
    if (!endpoints) {
      sender.add_failed(name, endpoints.error().message);
      continue;
    }
    auto replies = std::make_unique<Replies>(options_.addresses.size() > 1 ? name : "", framing_,
                                             [this](std::string_view text) { print(text); });
    sender.add(name, std::move(*endpoints), std::move(*feed), std::move(replies));
  }
  return input_ ? input_->start() : Result<void>();
}

void Sending::print(std::string_view bytes) {
  progress_.hide();
  asyncd::print(bytes);
}

Result<void> Sending::work(Sender& sender) {
  const Duration between = form_ == Progress::Form::lines ? between_lines : between_shows;
  Instant show_at = Clock::now() + before_first_show;
  bool shown = false;
  while (sender.work(between_shows)) {
    if (Result<void> printed = flush_output(); !printed) return printed;
    if (const Instant now = Clock::now(); now >= show_at) {
      progress_.show(sender.statuses());
      show_at = now + between;
      shown = true;
    }
  }
  if (shown) progress_.show(sender.statuses());
  return flush_output();
}

int Sending::run() {
  Result<Waker> waker = Waker::create();
  if (!waker) return complain(waker.error());
  waker_ = std::move(*waker);
  Result<Poller> poller = Poller::create();
  if (!poller) return complain(poller.error());
  if (Result<void> prepared = prepare(); !prepared) return complain(prepared.error());
  Sender sender(std::move(*poller), *waker_, options_.timeout);
  if (Result<void> added = add_servers(sender); !added) return complain(added.error());
  if (Result<void> worked = work(sender); !worked) return complain(worked.error());
  int code = 0;
  for (const ServerStatus& status : sender.statuses())
    if (!status.failure.empty())
      code = complain({ExitCode::failure, status.name + ": " + status.failure});
  return code;
}

Result<Framing> framing_of(const Sources& sources) {
  const Result<Loaded> loaded = load_and_warn(sources);
  if (!loaded) return loaded.error();
  return loaded->config.listeners.front().framing;
}

}  // namespace

}  // namespace asyncd::send

namespace asyncd {

int send_command(const Options& options) {
  std::vector<const char*> arguments;  // behind the word send
  for (std::size_t i = 1; i < options.arguments.size(); ++i)
    arguments.push_back(options.arguments[i].c_str());
  Result<send::SendOptions> parsed = send::parse_send_options(arguments);
  if (!parsed) return complain(parsed.error());
  if (parsed->help) {
    print(send::send_help());
    return 0;
  }
  parsed->sources.environment = options.sources.environment;
  const Result<Framing> framing = send::framing_of(parsed->sources);
  if (!framing) return complain(framing.error());
  return send::Sending(*parsed, *framing).run();
}

}  // namespace asyncd
