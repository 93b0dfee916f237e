#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "cmd/serve/privileges.h"

namespace asyncd {

namespace {

// By number.
constexpr std::array<std::string_view, 41> names{"chown",
                                                 "dac_override",
                                                 "dac_read_search",
                                                 "fowner",
                                                 "fsetid",
                                                 "kill",
                                                 "setgid",
                                                 "setuid",
                                                 "setpcap",
                                                 "linux_immutable",
                                                 "net_bind_service",
                                                 "net_broadcast",
                                                 "net_admin",
                                                 "net_raw",
                                                 "ipc_lock",
                                                 "ipc_owner",
                                                 "sys_module",
                                                 "sys_rawio",
                                                 "sys_chroot",
                                                 "sys_ptrace",
                                                 "sys_pacct",
                                                 "sys_admin",
                                                 "sys_boot",
                                                 "sys_nice",
                                                 "sys_resource",
                                                 "sys_time",
                                                 "sys_tty_config",
                                                 "mknod",
                                                 "lease",
                                                 "audit_write",
                                                 "audit_control",
                                                 "setfcap",
                                                 "mac_override",
                                                 "mac_admin",
                                                 "syslog",
                                                 "wake_alarm",
                                                 "block_suspend",
                                                 "audit_read",
                                                 "perfmon",
                                                 "bpf",
                                                 "checkpoint_restore"};

constexpr int most_capabilities = 64;

// Those that the process has or may give itself.
std::uint64_t permitted_capabilities() {
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0) return 0;
  return std::uint64_t{data[1].permitted} << 32 | data[0].permitted;
}

std::string name_of(int capability) {
  const auto index = static_cast<std::size_t>(capability);
  return index < names.size() ? std::string(names[index]) : std::to_string(capability);
}

std::string list(std::uint64_t permitted) {
  std::string text;
  bool all = true;
  for (int i = 0; i < most_capabilities && ::prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; ++i) {
    if ((permitted >> i & 1) == 0)
      all = false;
    else if (i != CAP_NET_BIND_SERVICE)
      text += (text.empty() ? "" : ",") + name_of(i);
  }
  return all ? "all" : text;
}

}  // namespace

Privileges own_privileges() { return {::geteuid() == 0, list(permitted_capabilities())}; }

}  // namespace asyncd
