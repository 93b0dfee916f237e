#include <windows.h>

#include <thread>

#include "core/system/cores.h"

namespace asyncd {

namespace {

Cores cores_in(HANDLE process) {
  DWORD_PTR own = 0, all = 0;
  Cores cores;
  if (::GetProcessAffinityMask(process, &own, &all) == 0) return cores;
  for (unsigned core = 0; core < sizeof own * 8; ++core)
    if ((own >> core & 1) != 0) cores.push_back(core);
  return cores;
}

}  // namespace

Cores own_cores() { return cores_in(::GetCurrentProcess()); }

// A job object's hard cap, as containers have it, is in hundredths of a per cent of the machine.
std::optional<double> own_core_quota() {
  JOBOBJECT_CPU_RATE_CONTROL_INFORMATION rate{};
  constexpr DWORD capped =
      JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP;
  const bool known = ::QueryInformationJobObject(nullptr, JobObjectCpuRateControlInformation, &rate,
                                                 sizeof rate, nullptr) != 0;
  if (!known || (rate.ControlFlags & capped) != capped || rate.CpuRate == 0) return std::nullopt;
  return rate.CpuRate / 10'000.0 * std::thread::hardware_concurrency();
}

bool move_to(const Cores& cores) {
  DWORD_PTR mask = 0;
  for (const unsigned core : cores) mask |= DWORD_PTR{1} << core;
  return ::SetProcessAffinityMask(::GetCurrentProcess(), mask) != 0;
}

Cores cores_of(std::uint64_t id) {
  const HANDLE process =
      ::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, static_cast<DWORD>(id));
  if (process == nullptr) return {};
  Cores cores = cores_in(process);
  ::CloseHandle(process);
  return cores;
}

}  // namespace asyncd
