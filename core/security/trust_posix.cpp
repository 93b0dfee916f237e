#include "core/security/trust_posix.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

#include "core/files/start_folder.h"
#include "core/text/escape.h"
#include "core/text/path_text.h"

namespace asyncd {

namespace {

namespace fs = std::filesystem;

constexpr uid_t root = 0;
constexpr int most_links = 40;  // as many as the system follows

std::string user_name(uid_t user) {
  std::array<char, 4096> space;
  passwd entry{};
  passwd* found = nullptr;
  const bool known =
      ::getpwuid_r(user, &entry, space.data(), space.size(), &found) == 0 && found != nullptr;
  return known ? entry.pw_name : std::to_string(user);
}

std::string group_name(gid_t id) {
  std::array<char, 4096> space;
  group entry{};
  group* found = nullptr;
  const bool known =
      ::getgrgid_r(id, &entry, space.data(), space.size(), &found) == 0 && found != nullptr;
  return known ? entry.gr_name : std::to_string(id);
}

std::string mode_text(mode_t mode) {
  std::string digits;
  for (int shift = 9; shift >= 0; shift -= 3)
    digits += static_cast<char>('0' + (mode >> shift & 7));
  return "mode " + digits;
}

std::string kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "the folder";
  return S_ISLNK(mode) ? "the link" : "the file";
}

bool is_read_only(int answer, const struct statvfs& found) {
  return answer == 0 && (found.f_flag & ST_RDONLY) != 0;
}

// Of what is open.
Standing standing_of(const fs::path& path, const struct stat& found, int descriptor) {
  struct statvfs system {};
  return {.path = path_text(path),
          .owner = found.st_uid,
          .group = found.st_gid,
          .mode = found.st_mode,
          .acl = acl_of(descriptor),
          .read_only = is_read_only(::fstatvfs(descriptor, &system), system)};
}

// Of what has this name in `folder`: a link is on the file system of that.
Standing standing_of(const fs::path& path, const struct stat& found, const fs::path& folder) {
  const bool is_link = S_ISLNK(found.st_mode);
  struct statvfs system {};
  return {.path = path_text(path),
          .owner = found.st_uid,
          .group = found.st_gid,
          .mode = found.st_mode,
          .acl = is_link ? std::nullopt : acl_of(path),
          .read_only = is_read_only(::statvfs((is_link ? folder : path).c_str(), &system), system)};
}

Error refusal(const std::string& why) {
  return {ExitCode::permission, "not to be trusted: " + why +
                                    "; to trust any user, as in development: "
                                    "-o security.trust=any"};
}

// Follows a path as the system does, and judges all that it comes by: a user who may alter a folder
// or a link on the way may put another file in the place of the one that is meant.
class Walk {
 public:
  explicit Walk(uid_t reader) : reader_(reader) {}

  // What is at the end of an absolute path.
  Result<struct stat> to(const fs::path& path) {
    fs::path here = path.root_path();
    std::deque<fs::path> ahead(path.begin(), path.end());
    struct stat found {};
    for (int links = 0; !ahead.empty();) {
      const fs::path step = std::move(ahead.front());
      ahead.pop_front();
      if (step.empty() || step == ".") continue;
      const fs::path next = step == ".." ? here.parent_path() : here / step;
      if (::lstat(next.c_str(), &found) != 0 || links > most_links)
        return refusal("it is being replaced; try again");
      if (Result<void> passed = pass(standing_of(next, found, here)); !passed)
        return passed.error();
      if (!S_ISLNK(found.st_mode)) {
        here = next;
        continue;
      }
      ++links;
      std::error_code gone;
      const fs::path target = fs::read_symlink(next, gone);
      ahead.insert(ahead.begin(), target.begin(), target.end());
    }
    return found;
  }

  Result<void> pass(const Standing& standing) {
    const Verdict verdict = judge(standing, reader_);
    if (verdict.trusted == Verdict::Trusted::no) return refusal(verdict.why);
    if (verdict.trusted == Verdict::Trusted::doubtful && doubt_.empty()) doubt_ = verdict.why;
    return {};
  }

  const std::string& doubt() const { return doubt_; }

 private:
  uid_t reader_;
  std::string doubt_;
};

}  // namespace

namespace {

// One who may write beside the owner, and how to take that from him.
struct Writer {
  std::string name;
  std::string cure;  // to be followed by the path
  bool any_user = true;
};

// By the mode's bits, or by what the list says in place of those of the group.
std::vector<Writer> writers_of(const Standing& standing, uid_t reader) {
  std::vector<Writer> writers;
  const bool by_group = standing.acl ? standing.acl->group_of_file : (standing.mode & S_IWGRP) != 0;
  const bool by_all = standing.acl ? standing.acl->others : (standing.mode & S_IWOTH) != 0;
  const std::string letters = std::string(by_group ? "g" : "") + (by_all ? "o" : "");
  if (by_all) writers.push_back({"everybody", "chmod " + letters + "-w"});
  if (standing.acl) {
    for (const uid_t user : standing.acl->users)
      if (user != root && user != reader)
        writers.push_back({"the user " + user_name(user), "setfacl -x u:" + user_name(user)});
    for (const gid_t group : standing.acl->groups)
      writers.push_back(
          {"the group " + group_name(group), "setfacl -x g:" + group_name(group), false});
  }
  if (by_group) writers.push_back({"the group " + group_name(standing.group), "chmod g-w", false});
  return writers;
}

}  // namespace

Verdict judge(const Standing& standing, uid_t reader) {
  using Trusted = Verdict::Trusted;
  if (standing.read_only) return {};
  const std::string mode = mode_text(standing.mode);
  const std::string path = " " + text::printable(standing.path, 4096);
  if (standing.owner != root && standing.owner != reader)
    return {Trusted::no, kind_of(standing.mode) + path + " belongs to the user " +
                             user_name(standing.owner) + " (" + mode + "), and asyncd runs as " +
                             user_name(reader) + ": chown " + user_name(reader) + path};
  // Everybody may write a link, to no effect. In a sticky folder everybody may write what is
  // theirs, and nothing else.
  if (S_ISLNK(standing.mode) || (S_ISDIR(standing.mode) && (standing.mode & S_ISVTX) != 0))
    return {};
  const std::vector<Writer> writers = writers_of(standing, reader);
  if (writers.empty()) return {};
  const auto any_user =
      std::find_if(writers.begin(), writers.end(), [](const Writer& one) { return one.any_user; });
  const Writer& worst = any_user != writers.end() ? *any_user : writers.front();
  return {worst.any_user || reader == root ? Trusted::no : Trusted::doubtful,
          kind_of(standing.mode) + path + " may be written by " + worst.name + " (owner " +
              user_name(standing.owner) + ", " + mode + "): " + worst.cure + path};
}

Result<std::string> check_trust_as(uid_t reader, const OpenFile& file, const fs::path& path) {
  struct stat opened {};
  if (::fstat(static_cast<int>(file.handle()), &opened) != 0)
    return refusal("the system does not tell whose it is");
  // Only root makes devices, and a socket that is open already has no name by which others could
  // alter it.
  if (S_ISCHR(opened.st_mode) || S_ISSOCK(opened.st_mode)) return std::string();
  Walk walk(reader);
  if (Result<void> passed = walk.pass(standing_of(path, opened, static_cast<int>(file.handle())));
      !passed)
    return passed.error();
  // What has no name, such as a pipe between two programs, cannot be replaced.
  if (!S_ISREG(opened.st_mode) || opened.st_nlink == 0) return walk.doubt();
  const Result<struct stat> found = walk.to(absolute_path(path));
  if (!found) return found.error();
  if (found->st_dev != opened.st_dev || found->st_ino != opened.st_ino)
    return refusal("it is being replaced; try again");
  return walk.doubt();
}

Result<std::string> check_trust(const OpenFile& file, const fs::path& path, Trust trust) {
  if (trust == Trust::any) return std::string();
  return check_trust_as(::geteuid(), file, path);
}

}  // namespace asyncd
