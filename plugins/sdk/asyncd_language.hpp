// asyncd_language.hpp: a part of every header of the C++ SDK: what a compiler has to be told before
// it understands them.
//
// Role: one line that says what to add, in the place of pages of errors. A C++ that is older, or
// has no exceptions, can use the C interface, asyncd.h.
#ifndef ASYNCD_LANGUAGE_HPP
#define ASYNCD_LANGUAGE_HPP

// Microsoft's compiler tells in __cplusplus only where it is asked to.
#ifdef _MSVC_LANG
#define ASYNCD_LANGUAGE _MSVC_LANG
#else
#define ASYNCD_LANGUAGE __cplusplus
#endif

// Other compilers go on after an #error: an #include that cannot be found ends them.
#if ASYNCD_LANGUAGE <= 201703L
#error \
    "asyncd's C++ headers need C++20: add -std=c++20 (/std:c++20), or write the handler over asyncd.h"
#include "asyncd: see the #error above"
#elif !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#error \
    "asyncd's C++ headers need exceptions: leave out -fno-exceptions (add /EHsc), or write the handler over asyncd.h"
#include "asyncd: see the #error above"
#endif

#undef ASYNCD_LANGUAGE

#endif  // ASYNCD_LANGUAGE_HPP
