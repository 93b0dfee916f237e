#include "cmd/asyncd/send/feed.h"

#include <filesystem>
#include <fstream>

#include "core/base/path_text.h"
#include "core/base/text.h"

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
  FileFeed(std::string path, std::ifstream file, const Framing& framing)
      : path_(std::move(path)), file_(std::move(file)), writer_(framing), read_(piece, '\0') {
    std::error_code unknown;
    const std::uintmax_t size = std::filesystem::file_size(path_of(path_), unknown);
    if (!unknown && writer_.passes()) size_ = size;
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
    file_.read(read_.data(), static_cast<std::streamsize>(read_.size()));
    Result<void> written = writer_.write({read_.data(), static_cast<std::size_t>(file_.gcount())}, framed_);
    read_all_ = !file_;
    if (file_.bad()) written = Error{ExitCode::not_found, "cannot read on in '" + text::printable(path_) + "'"};
    if (written && read_all_) written = writer_.end(framed_);
    if (!written) error_ = written.error();
  }

  const std::string path_;
  std::ifstream file_;
  MessageWriter writer_;
  std::string read_;
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
  std::ifstream file(path_of(path), std::ios::binary);
  if (!file || std::filesystem::is_directory(path_of(path)))
    return Error{ExitCode::not_found, "cannot read '" + text::printable(path) + "'"};
  return std::unique_ptr<Feed>(std::make_unique<FileFeed>(path, std::move(file), framing));
}

}  // namespace asyncd::send
