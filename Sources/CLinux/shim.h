// What Swift's view of the C library lacks.
#pragma once
#include <malloc.h>
#include <signal.h>

// Whether the signal is ignored: Swift cannot compare functions.
static inline int party_ignores(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

// How many pools of memory glibc may keep for the threads of the process. Elsewhere it does nothing.
static inline void party_limit_arenas(int count) {
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, count);
#endif
}
