/* Preloaded into asyncd by test_shim.py: a network that gives and takes little at a time, and a
 * system that is slow.
 *
 *   SHIM_READ=N, SHIM_WRITE=N   one to N bytes for each recv and send: the system is asked for
 * less, nothing is made up SHIM_DELAY_US=N             every seventh call takes so much longer
 *   SHIM_CLOCK=N                the wall clock jumps between N seconds ahead and N seconds behind
 *   SHIM_COUNTS=FILE            how often each of these has come to pass, four numbers of 64 bits
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Under other names, because the C library's headers may know these as something else already. */
#define REPLACES(name) __asm__(#name)

enum { reads, writes, delays, jumps, count_kinds };
enum { most_descriptors = 1 << 16, delayed_of = 7 };

typedef ssize_t (*recv_function)(int, void*, size_t, int);
typedef ssize_t (*send_function)(int, const void*, size_t, int);
typedef int (*accept_function)(int, struct sockaddr*, socklen_t*, int);
typedef int (*epoll_function)(int, int, int, struct epoll_event*);
typedef int (*clock_function)(clockid_t, struct timespec*);

static recv_function real_recv;
static send_function real_send;
static accept_function real_accept;
static epoll_function real_epoll;
static clock_function real_clock;
static uint64_t most_read, most_written, delay_us, clock_jump;
static atomic_uint_fast64_t own_counts[count_kinds];
static atomic_uint_fast64_t* counts = own_counts;
static atomic_uint calls;

/* How each descriptor is watched. */
static struct {
  int epoll;
  struct epoll_event event;
} watched[most_descriptors];

static uint64_t number(const char* name) {
  const char* text = getenv(name);
  return text != NULL ? strtoull(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void) {
  *(void**)&real_recv = dlsym(RTLD_NEXT, "recv");
  *(void**)&real_send = dlsym(RTLD_NEXT, "send");
  *(void**)&real_accept = dlsym(RTLD_NEXT, "accept4");
  *(void**)&real_epoll = dlsym(RTLD_NEXT, "epoll_ctl");
  *(void**)&real_clock = dlsym(RTLD_NEXT, "clock_gettime");
  most_read = number("SHIM_READ");
  most_written = number("SHIM_WRITE");
  delay_us = number("SHIM_DELAY_US");
  clock_jump = number("SHIM_CLOCK");
  const char* path = getenv("SHIM_COUNTS");
  const int file = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void* shared = mmap(NULL, sizeof own_counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared != MAP_FAILED) counts = shared;
  close(file);
}

static void delay(unsigned call) {
  if (delay_us == 0 || call % delayed_of != 0) return;
  counts[delays]++;
  usleep((useconds_t)delay_us);
}

static size_t clamp(size_t size, uint64_t most, unsigned call, int kind) {
  const size_t limit = most != 0 ? 1 + call * 7919u % most : size;
  if (size <= limit) return size;
  counts[kind]++;
  return limit;
}

/* A loop that waits for edges takes a short read for the end of what is there; the system, that
 * would have more, tells it of the rest as if it had come just now. */
static void announce_rest(int fd) {
  if (fd < 0 || fd >= most_descriptors || watched[fd].epoll == 0) return;
  struct epoll_event event = watched[fd].event;
  real_epoll(watched[fd].epoll - 1, EPOLL_CTL_MOD, fd, &event);
}

ssize_t shim_recv(int fd, void* buffer, size_t size, int flags) REPLACES(recv);
ssize_t shim_recv(int fd, void* buffer, size_t size, int flags) {
  const unsigned call = calls++;
  const size_t clamped = clamp(size, most_read, call, reads);
  delay(call);
  const ssize_t count = real_recv(fd, buffer, clamped, flags);
  if (count > 0 && clamped < size) announce_rest(fd);
  return count;
}

ssize_t shim_recv_chk(int fd, void* buffer, size_t size, size_t room, int flags)
    REPLACES(__recv_chk);
ssize_t shim_recv_chk(int fd, void* buffer, size_t size, size_t room, int flags) {
  if (size > room) abort();
  return shim_recv(fd, buffer, size, flags);
}

ssize_t shim_send(int fd, const void* buffer, size_t size, int flags) REPLACES(send);
ssize_t shim_send(int fd, const void* buffer, size_t size, int flags) {
  const unsigned call = calls++;
  delay(call);
  return real_send(fd, buffer, clamp(size, most_written, call, writes), flags);
}

int shim_accept(int fd, struct sockaddr* peer, socklen_t* size, int flags) REPLACES(accept4);
int shim_accept(int fd, struct sockaddr* peer, socklen_t* size, int flags) {
  delay(calls++);
  return real_accept(fd, peer, size, flags);
}

int shim_epoll(int epoll, int operation, int fd, struct epoll_event* event) REPLACES(epoll_ctl);
int shim_epoll(int epoll, int operation, int fd, struct epoll_event* event) {
  if (fd >= 0 && fd < most_descriptors && operation != EPOLL_CTL_DEL) {
    watched[fd].event = *event;
    watched[fd].epoll = epoll + 1;
  }
  return real_epoll(epoll, operation, fd, event);
}

int shim_clock(clockid_t clock, struct timespec* now) REPLACES(clock_gettime);
int shim_clock(clockid_t clock, struct timespec* now) {
  if (real_clock == NULL) begin(); /* another library's beginning may come first */
  const int result = real_clock(clock, now);
  if (clock == CLOCK_REALTIME && clock_jump != 0) {
    const unsigned call = (unsigned)counts[jumps]++;
    now->tv_sec += call % 2 == 0 ? (time_t)clock_jump : -(time_t)clock_jump;
  }
  return result;
}
