// Framers: however a stream is cut into pieces, its messages are the same, none is over the limit,
// and none is more than what was given. Input: kind (l, r, f, p or h), a size, the limit, a seed,
// then the stream.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/session/framer.h"
#include "core/session/limits.h"
#include "frame_hook.h"
#include "fuzz.h"
#include "tests/support/random.h"

namespace {

using asyncd::Frame;
using asyncd::Framing;
using asyncd::FramingKind;
using fuzz::Exact;
using fuzz::require;

struct Choice {
  Framing framing;
  std::uint64_t max_message = 0;
};

Choice choose(fuzz::Input& input) {
  const std::size_t kind = std::string_view("lrfph").find(static_cast<char>(input.byte()));
  const std::size_t size = input.small(), limit = input.small();
  Choice choice;
  choice.framing.kind = kind == std::string_view::npos
                            ? FramingKind::line
                            : std::array{FramingKind::line, FramingKind::raw, FramingKind::fixed,
                                         FramingKind::length, FramingKind::handler}[kind];
  choice.framing.message_size = 1 + size % 32;
  choice.framing.prefix_size = 1U << (size % 4);
  choice.framing.prefix_order =
      (size & 4) != 0 ? asyncd::ByteOrder::little : asyncd::ByteOrder::big;
  choice.max_message = limit == 255 ? asyncd::unlimited_count : std::max<std::size_t>(limit, 1);
  // the configuration sees to it
  if (choice.framing.kind == FramingKind::fixed) choice.max_message = 32;
  return choice;
}

// A stream as it was cut: its messages, and what came after them.
struct Cut {
  std::vector<std::string> messages;
  Frame::Status end = Frame::Status::complete;

  bool operator==(const Cut&) const = default;
};

// Does with a framer what a session does.
class Reader {
 public:
  Reader(const asyncd::Framer& framer, const Choice& choice, fuzz::FrameHook& hook)
      : framer_(framer), choice_(choice), hook_(hook) {}

  void give(std::string_view piece, bool ended) {
    rest_ += piece;
    while (!rest_.empty() && cut_.end == Frame::Status::complete && take(ended)) {
    }
  }
  const Cut& cut() const { return cut_; }

 private:
  bool take(bool ended) {
    const Exact input(rest_);
    const std::size_t asked = hook_.asked;
    const Frame frame = framer_.next(input.view(), scanned_, ended);
    if (input.view().size() < scanned_ && !ended)
      require(hook_.asked == asked, "the hook is not asked earlier than it said");
    check(frame, input.view(), ended);
    check_scanned(frame, ended);
    scanned_ = frame.scanned;
    if (frame.status == Frame::Status::need_more) return false;
    if (frame.status != Frame::Status::complete) {
      cut_.end = frame.status;
      return false;
    }
    cut_.messages.emplace_back(frame.message);
    rest_.erase(0, frame.total);
    return true;
  }

  void check(const Frame& frame, std::string_view input, bool ended) const {
    if (ended)
      require(frame.status != Frame::Status::need_more, "no more is waited for at the end");
    if (frame.status != Frame::Status::complete) return;
    require(frame.total > 0 && frame.total <= input.size(), "a message takes what is there");
    require(frame.message.size() <= choice_.max_message, "no message is over the limit");
    const bool inside = frame.message.empty() ||
                        (frame.message.data() >= input.data() &&
                         frame.message.data() + frame.message.size() <= input.data() + frame.total);
    require(inside, "a message lies in its frame");
    require(frame.scanned == 0, "nothing of the next message has been looked at");
  }

  // What was looked at before need not be looked at again, and makes no difference.
  void check_scanned(const Frame& frame, bool ended) const {
    constexpr std::size_t quick = 200;
    if (hook_.lied || choice_.framing.kind == FramingKind::raw || rest_.size() > quick) return;
    const Exact input(rest_);
    const Frame anew = framer_.next(input.view(), 0, ended);
    require(
        anew.status == frame.status && anew.total == frame.total && anew.message == frame.message,
        "with what was looked at before it is the same as without");
    if (choice_.framing.kind != FramingKind::line || scanned_ < 2) return;
    Exact spoilt(rest_);
    std::fill_n(spoilt.data(), scanned_ - 1, '\n');  // the last byte may be the CR of a line's end
    const Frame blind = framer_.next(spoilt.view(), scanned_, ended);
    require(blind.status == frame.status && blind.total == frame.total,
            "what was looked at is not looked at again");
  }

  const asyncd::Framer& framer_;
  const Choice& choice_;
  fuzz::FrameHook& hook_;
  std::string rest_;
  std::size_t scanned_ = 0;
  Cut cut_;
};

class Target {
 public:
  explicit Target(fuzz::Input& input)
      : choice_(choose(input)), random_(input.byte()), stream_(input.take(2000)) {
    framer_ = asyncd::make_framer(choice_.framing, choice_.max_message, hook_.hooks(), &hook_);
  }

  void run() {
    const Cut whole = read({stream_.size()}, true);
    std::vector<Cut> others{read({stream_.size()}, false),
                            read(std::vector<std::size_t>(stream_.size(), 1), false),
                            read(some_pieces(), random_.chance(50))};
    // Every place of a short stream.
    const std::size_t places = stream_.size() <= 100 ? stream_.size() : 0;
    for (std::size_t first = 1; first < places; ++first)
      others.push_back(read({first, stream_.size() - first}, false));
    if (choice_.framing.kind == FramingKind::raw || hook_.lied) return;
    for (const Cut& other : others)
      require(other == whole, "however the stream is cut, its messages are the same");
  }

 private:
  // The end comes with the last piece, or after it.
  Cut read(const std::vector<std::size_t>& pieces, bool ends_with_last) {
    Reader reader(*framer_, choice_, hook_);
    std::string_view rest = stream_;
    for (const std::size_t piece : pieces) {
      reader.give(rest.substr(0, piece), ends_with_last && piece == rest.size());
      rest.remove_prefix(piece);
    }
    reader.give("", true);
    if (choice_.framing.kind == FramingKind::raw) check_raw(pieces, reader.cut());
    return reader.cut();
  }

  void check_raw(const std::vector<std::size_t>& pieces, const Cut& cut) const {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < cut.messages.size(); ++i) {
      fuzz::require_same(cut.messages[i], stream_.substr(begin, pieces[i]), "a piece is a message");
      begin += pieces[i];
    }
    require(cut.end == Frame::Status::too_long || begin == stream_.size(),
            "every piece is a message");
  }

  std::vector<std::size_t> some_pieces() {
    std::vector<std::size_t> pieces;
    for (std::size_t left = stream_.size(); left > 0; left -= pieces.back())
      pieces.push_back(std::min(left, random_.between(1, 20)));
    return pieces;
  }

  Choice choice_;
  asyncd::test::Random random_;
  std::string_view stream_;
  fuzz::FrameHook hook_;
  std::unique_ptr<const asyncd::Framer> framer_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  Target(input).run();
  return 0;
}
