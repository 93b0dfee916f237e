/* The layout as C11 sees it. */
#include "layout.h"

/* The inline functions are compiled here too. */
int32_t use_the_inline_functions(struct asyncd_call* call);
int32_t use_the_inline_functions(struct asyncd_call* call) {
  return asyncd_reply_append(call, "a", 1) + asyncd_reply_text(call, "b", 1) +
         asyncd_error_text(call, "c", 1);
}
