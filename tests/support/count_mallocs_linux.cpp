#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

#include "tests/support/count_mallocs.h"

namespace asyncd::test {

namespace {

std::atomic<std::uint64_t> mallocs{0};
thread_local bool counted = true;

void count() {
  if (counted) mallocs.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

std::uint64_t mallocs_counted() { return mallocs; }

void do_not_count_this_thread() { counted = false; }

}  // namespace asyncd::test

#if defined(ASYNCD_SANITIZED)

// Of sanitizer/allocator_interface.h, which GCC does not bring along.
extern "C" int __sanitizer_install_malloc_and_free_hooks(
    void (*on_malloc)(const volatile void* memory, std::size_t),
    void (*on_free)(const volatile void* memory));

namespace {

const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { asyncd::test::count(); }, [](const volatile void*) {});

}  // namespace

#else

// glibc's own, by the names that it keeps for those who replace the others.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept {
  asyncd::test::count();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  asyncd::test::count();
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  asyncd::test::count();
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  asyncd::test::count();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  asyncd::test::count();
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
}

#endif
