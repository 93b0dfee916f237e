/* Preloaded into asyncd by test_addresses.py: a resolver and a system as other machines have them.
 *
 *   NAMES_MANY=ADDRESS,...      what the name "many.test" comes to, in this order
 *   NAMES_NO_IPV6=socket        the system knows no such sockets
 *   NAMES_NO_IPV6=address       it does, but no interface has an address for them
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Under other names, because the C library's headers may know these as something else already. */
#define REPLACES(name) __asm__(#name)

typedef int (*getaddrinfo_function)(const char*, const char*, const struct addrinfo*,
                                    struct addrinfo**);
typedef int (*socket_function)(int, int, int);
typedef int (*bind_function)(int, const struct sockaddr*, socklen_t);

static int lacks_ipv6(const char* what) {
  const char* mode = getenv("NAMES_NO_IPV6");
  return mode != NULL && strcmp(mode, what) == 0;
}

int names_getaddrinfo(const char* name, const char* service, const struct addrinfo* hints,
                      struct addrinfo** list) REPLACES(getaddrinfo);
int names_getaddrinfo(const char* name, const char* service, const struct addrinfo* hints,
                      struct addrinfo** list) {
  getaddrinfo_function real = NULL;
  *(void**)&real = dlsym(RTLD_NEXT, "getaddrinfo");
  const char* many = getenv("NAMES_MANY");
  if (name == NULL || many == NULL || strcmp(name, "many.test") != 0)
    return real(name, service, hints, list);
  char addresses[1024] = "";
  strncpy(addresses, many, sizeof addresses - 1);
  struct addrinfo** end = list;
  char* rest = NULL;
  for (const char* one = strtok_r(addresses, ",", &rest); one != NULL;
       one = strtok_r(NULL, ",", &rest)) {
    const int failure = real(one, service, hints, end);
    if (failure != 0) return failure;
    while (*end != NULL) end = &(*end)->ai_next;
  }
  return 0;
}

int names_socket(int family, int type, int protocol) REPLACES(socket);
int names_socket(int family, int type, int protocol) {
  socket_function real = NULL;
  *(void**)&real = dlsym(RTLD_NEXT, "socket");
  if (family != AF_INET6 || !lacks_ipv6("socket")) return real(family, type, protocol);
  errno = EAFNOSUPPORT;
  return -1;
}

int names_bind(int fd, const struct sockaddr* address, socklen_t size) REPLACES(bind);
int names_bind(int fd, const struct sockaddr* address, socklen_t size) {
  bind_function real = NULL;
  *(void**)&real = dlsym(RTLD_NEXT, "bind");
  const int is_specific =
      address->sa_family == AF_INET6 &&
      !IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6*)(const void*)address)->sin6_addr);
  if (!is_specific || !lacks_ipv6("address")) return real(fd, address, size);
  errno = EADDRNOTAVAIL;
  return -1;
}
