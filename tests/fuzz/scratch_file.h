// A file for code that reads files, with the bytes of one input after the other. Gone with its
// owner, or with the folder of temporary files where a target ends the process.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>

#include "core/text/path_text.h"
#include "fuzz.h"

namespace fuzz {

class ScratchFile {
 public:
  ScratchFile()
      : path_(std::filesystem::temp_directory_path() /
              ("asyncd-fuzz-" + std::to_string(std::random_device()()))) {
    std::ofstream(path_, std::ios::binary);
  }
  ~ScratchFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  // Over what is there: a file that is emptied first is one that ext4 takes to the disk each time.
  void write(std::string_view bytes) const {
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    require(static_cast<bool>(file), "there is room for temporary files");
    std::filesystem::resize_file(path_, bytes.size());
  }
  std::string name() const { return asyncd::path_text(path_); }

 private:
  std::filesystem::path path_;
};

}  // namespace fuzz
