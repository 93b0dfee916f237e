// The test of sample-name: a fake host in the place of asyncd gives it messages, in both of the
// ways in which asyncd serves handlers that wait. Its time is its own: an hour takes none.
#include <chrono>
#include <iostream>

#include "fake_host.hpp"

namespace {

int failures = 0;

void expect(const asyncd::fake_answer& found, const asyncd::fake_answer& wanted) {
  if (found == wanted) return;
  ++failures;
  std::cerr << "wanted " << wanted << "\nfound  " << found << "\n";
}

void test(asyncd::fake_mode mode) {
  asyncd::fake_host host(asyncd_plugin_v1, {{"delay", "10s"}}, mode);
  expect(host.send("world"), asyncd::fake_reply("Hello, world!"));
  expect(host.send(""), asyncd::fake_error("say who you are"));
  if (host.now() != std::chrono::seconds(10)) {
    ++failures;
    std::cerr << "it has not slept for 10 s, but for " << host.now().count() << " ns\n";
  }

  asyncd::fake_host polite(asyncd_plugin_v1, {{"greeting", "Good day"}, {"delay", "0s"}}, mode);
  expect(polite.send("Ada"), asyncd::fake_reply("Good day, Ada!"));
}

}  // namespace

int main() {
  test(asyncd::fake_mode::immediate);
  test(asyncd::fake_mode::deferred);
  return failures == 0 ? 0 : 1;
}
