#include "cmd/send/standard_input.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

#include "core/system/standard_streams.h"

namespace asyncd::send {

namespace {

constexpr std::size_t read_size = 64 << 10;
constexpr std::size_t longest_window = 4 << 20;

}  // namespace

// Pieces are numbered from the beginning; those that all have taken are dropped.
class StandardInput::Window {
 public:
  Window(const Framing& framing, Waker& waker) : writer_(framing), waker_(&waker) {}

  void read_all();
  void end();  // no thread is to be woken any more

  std::size_t add_reader();
  void remove_reader(std::size_t reader);
  std::string_view at(std::size_t reader, std::size_t offset);
  void advance(std::size_t reader);  // to the next piece
  bool ended(std::size_t reader);
  const std::optional<Error>& error() const { return shown_error_; }

 private:
  bool add(std::string bytes);
  void finish(std::optional<Error> error);
  void drop_taken();

  std::mutex mutex_;
  std::condition_variable room_;
  MessageWriter writer_;  // the reading thread's
  Waker* waker_;
  std::deque<std::string> pieces_;
  std::size_t first_ = 0;  // number of the front piece
  std::size_t bytes_ = 0;
  std::vector<std::size_t> readers_;  // number of the piece that each is at
  bool read_all_ = false;
  std::optional<Error> error_;
  std::optional<Error> shown_error_;  // the main thread's copy
};

class StandardInput::WindowFeed final : public Feed {
 public:
  explicit WindowFeed(std::shared_ptr<Window> window)
      : window_(std::move(window)), reader_(window_->add_reader()) {}
  ~WindowFeed() override { window_->remove_reader(reader_); }

  std::string_view pending() override { return window_->at(reader_, taken_); }
  void take(std::size_t bytes) override {
    taken_ += bytes;
    if (!window_->at(reader_, taken_).empty()) return;
    window_->advance(reader_);
    taken_ = 0;
  }
  bool ended() const override { return window_->ended(reader_); }
  const std::optional<Error>& error() const override { return window_->error(); }

 private:
  const std::shared_ptr<Window> window_;
  const std::size_t reader_;
  std::size_t taken_ = 0;  // of its piece
};

constexpr std::size_t gone = SIZE_MAX;

void StandardInput::Window::read_all() {
  std::string buffer(read_size, '\0');
  for (;;) {
    const Result<std::size_t> size = read_input(buffer);
    if (!size) return finish(size.error());
    std::string bytes;
    const Result<void> written =
        *size == 0 ? writer_.end(bytes)
                   : writer_.write(std::string_view(buffer).substr(0, *size), bytes);
    if (!written) return finish(written.error());
    if (!add(std::move(bytes))) return;
    if (*size == 0) return finish(std::nullopt);
  }
}

// False: the readers have ended.
bool StandardInput::Window::add(std::string bytes) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return bytes_ < longest_window || waker_ == nullptr; });
  if (waker_ == nullptr) return false;
  if (bytes.empty()) return true;
  bytes_ += bytes.size();
  pieces_.push_back(std::move(bytes));
  waker_->wake();
  return true;
}

void StandardInput::Window::finish(std::optional<Error> error) {
  const std::lock_guard lock(mutex_);
  read_all_ = true;
  error_ = std::move(error);
  if (waker_ != nullptr) waker_->wake();
}

void StandardInput::Window::end() {
  const std::lock_guard lock(mutex_);
  waker_ = nullptr;
  room_.notify_one();
}

std::size_t StandardInput::Window::add_reader() {
  const std::lock_guard lock(mutex_);
  readers_.push_back(first_);
  return readers_.size() - 1;
}

void StandardInput::Window::remove_reader(std::size_t reader) {
  const std::lock_guard lock(mutex_);
  readers_[reader] = gone;
  drop_taken();
}

std::string_view StandardInput::Window::at(std::size_t reader, std::size_t offset) {
  const std::lock_guard lock(mutex_);
  if (error_) shown_error_ = error_;
  const std::size_t index = readers_[reader] - first_;
  return index == pieces_.size() ? std::string_view()
                                 : std::string_view(pieces_[index]).substr(offset);
}

void StandardInput::Window::advance(std::size_t reader) {
  const std::lock_guard lock(mutex_);
  ++readers_[reader];
  drop_taken();
}

bool StandardInput::Window::ended(std::size_t reader) {
  const std::lock_guard lock(mutex_);
  return read_all_ && !error_ && readers_[reader] == first_ + pieces_.size();
}

void StandardInput::Window::drop_taken() {
  const std::size_t slowest = *std::min_element(readers_.begin(), readers_.end());
  for (; !pieces_.empty() && first_ < slowest; ++first_) {
    bytes_ -= pieces_.front().size();
    pieces_.pop_front();
  }
  if (bytes_ < longest_window) room_.notify_one();
}

StandardInput::StandardInput(const Framing& framing, Waker& waker)
    : window_(std::make_shared<Window>(framing, waker)) {}

StandardInput::~StandardInput() { window_->end(); }

Result<void> StandardInput::start() {
  try {
    std::thread([window = window_] { window->read_all(); }).detach();
    return {};
  } catch (const std::system_error& failure) {
    return Error{ExitCode::os_limit, std::string("cannot start a thread: ") + failure.what()};
  }
}

std::unique_ptr<Feed> StandardInput::feed() const { return std::make_unique<WindowFeed>(window_); }

}  // namespace asyncd::send
