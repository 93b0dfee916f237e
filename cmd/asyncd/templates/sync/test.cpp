// The test of sample-name: a fake host in the place of asyncd gives it messages.
#include <iostream>

#include "fake_host.hpp"

namespace {

int failures = 0;

void expect(const asyncd::fake_answer& found, const asyncd::fake_answer& wanted) {
  if (found == wanted) return;
  ++failures;
  std::cerr << "wanted " << wanted << "\nfound  " << found << "\n";
}

}  // namespace

int main() {
  asyncd::fake_host host(asyncd_plugin_v1);
  expect(host.send("world"), asyncd::fake_reply("Hello, world!"));
  expect(host.send(""), asyncd::fake_error("say who you are"));

  asyncd::fake_host polite(asyncd_plugin_v1, {{"greeting", "Good day"}});
  expect(polite.send("Ada"), asyncd::fake_reply("Good day, Ada!"));
  return failures == 0 ? 0 : 1;
}
