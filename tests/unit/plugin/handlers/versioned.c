/* A handler that exists in versions, for the tests of loading: it replies with the one that it is.
 * With NEIGHBOUR it needs a library beside itself; with UNIQUE it has a variable of which there is
 * one in a process. */
#include "asyncd.h"

/* Written where the compiler cannot look into it, so that a test may write another version into the
 * file. */
extern char version[];
char version[] = "version " VERSION;

#ifdef NEIGHBOUR
int neighbour(void);
ASYNCD_VISIBLE int ask_neighbour(void) { return neighbour(); }
#endif
#ifdef UNIQUE
__asm__(
    ".data\n.globl only_one\n.type only_one,%gnu_unique_object\n.size only_one,4\nonly_one: .long "
    "1\n.text\n");
extern int only_one;
ASYNCD_VISIBLE int* ask_only_one(void) { return &only_one; }
#endif

static int32_t on_message(void* self, struct asyncd_call* call) {
  (void)self;
  return asyncd_reply_text(call, version, sizeof version - 1);
}

static const struct asyncd_handler versioned = {.size = sizeof versioned,
                                                .concurrency = ASYNCD_REENTRANT,
                                                .name = "versioned",
                                                .version = version,
                                                .message = on_message};

static const struct asyncd_handler* const handlers[] = {&versioned};

const struct asyncd_plugin asyncd_plugin_v1 = {.size = sizeof asyncd_plugin_v1,
                                               .abi_minor = ASYNCD_ABI_MINOR,
                                               .handler_count = 1,
                                               .handlers = handlers};
