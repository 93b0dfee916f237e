// Ends as a defect would end it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "abort") std::abort();
  // The address is not null, which a compiler would see through, but no process owns it either.
  const volatile std::uintptr_t nowhere = 16;
  *reinterpret_cast<volatile int*>(nowhere) = 1;
  return 0;
}
