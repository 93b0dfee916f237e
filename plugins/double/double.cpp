// double: replies with twice a decimal integer, exactly.
#include "asyncd.hpp"
#include "integer/big.h"
#include "integer/digits.h"
#include "integer/refuse.h"
#include "integer/scan.h"

namespace {

// What scan_small() leaves: 19 digits and more, and what is not an integer.
void answer_any(std::string_view message, asyncd::reply& reply) {
  const integer::Scanned scanned = integer::scan(message);
  if (scanned.fault != integer::Fault::none) return integer::refuse(scanned, reply);
  if (scanned.digits.empty()) return reply.append('0');
  char* const to = reply.reserve(scanned.digits.size() + 2);
  if (to == nullptr) return;
  char* end = to;
  if (scanned.negative) *end++ = '-';
  end = integer::write_double(end, scanned.digits);
  reply.commit(static_cast<std::uint64_t>(end - to));
}

struct Double {
  static constexpr const char* summary = "Replies with twice an integer, exactly";

  void on_message(std::string_view message, asyncd::reply& reply) const noexcept {
    const integer::Small small = integer::scan_small(message);
    if (!small.found) [[unlikely]]
      return answer_any(message, reply);
    char* const to = reply.reserve(20);
    if (to == nullptr) return;
    char* end = to;
    if (small.negative && small.magnitude != 0) *end++ = '-';
    end = integer::write_number(end, 2 * small.magnitude);
    reply.commit(static_cast<std::uint64_t>(end - to));
  }
};

}  // namespace

ASYNCD_EXPORT_HANDLERS(Double);
