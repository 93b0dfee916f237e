#include "cmd/send/feed.h"

#include "core/files/open_file.h"
#include "core/text/escape.h"
#include "core/text/path_text.h"

namespace asyncd::send {

namespace {

constexpr std::size_t piece = 256 << 10;

class TextFeed final : public Feed {
 public:
  explicit TextFeed(std::shared_ptr<const std::string> text) : text_(std::move(text)) {}

  std::string_view pending() override { return std::string_view(*text_).substr(taken_); }
  void take(std::size_t bytes) override { taken_ += bytes; }
  bool ended() const override { return taken_ == text_->size(); }
  std::optional<std::uint64_t> size() const override { return text_->size(); }

 private:
  const std::shared_ptr<const std::string> text_;
  std::size_t taken_ = 0;
};

class FileFeed final : public Feed {
 public:
  FileFeed(std::string path, OpenFile file, const Framing& framing)
      : path_(std::move(path)), file_(std::move(file)), writer_(framing) {
    if (file_.is_regular() && writer_.passes()) size_ = file_.size();
  }

  std::string_view pending() override {
    while (taken_ == framed_.size() && !read_all_ && !error_) read_on();
    return std::string_view(framed_).substr(taken_);
  }
  void take(std::size_t bytes) override { taken_ += bytes; }
  bool ended() const override { return read_all_ && taken_ == framed_.size(); }
  std::optional<std::uint64_t> size() const override { return size_; }
  const std::optional<Error>& error() const override { return error_; }

 private:
  void read_on() {
    framed_.clear();
    taken_ = 0;
    const Result<std::string> read = file_.read(piece);
    if (!read) {
      error_ = {ExitCode::not_found,
                "cannot read on in '" + text::printable(path_) + "': " + read.error().message};
      return;
    }
    Result<void> written = writer_.write(*read, framed_);
    read_all_ = read->size() < piece;
    if (written && read_all_) written = writer_.end(framed_);
    if (!written) error_ = written.error();
  }

  const std::string path_;
  OpenFile file_;
  MessageWriter writer_;
  std::string framed_;
  std::size_t taken_ = 0;
  bool read_all_ = false;
  std::optional<std::uint64_t> size_;
  std::optional<Error> error_;
};

}  // namespace

std::unique_ptr<Feed> feed_text(std::shared_ptr<const std::string> text) {
  return std::make_unique<TextFeed>(std::move(text));
}

Result<std::unique_ptr<Feed>> feed_file(const std::string& path, const Framing& framing) {
  Result<OpenFile> file = OpenFile::open_source(path_of(path));
  if (!file)
    return Error{ExitCode::not_found,
                 "cannot read '" + text::printable(path) + "': " + file.error().message};
  return std::unique_ptr<Feed>(std::make_unique<FileFeed>(path, std::move(*file), framing));
}

}  // namespace asyncd::send
