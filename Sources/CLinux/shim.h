// What Swift's view of the C library lacks.
#pragma once
#include <malloc.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

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

// Makes a pipe hold that many bytes; where the system or the user's share of memory does not allow it, it stays as it is. The
// name of 1031, F_SETPIPE_SZ, is again one of GNU's extensions.
static inline void party_widen_pipe(int descriptor, int bytes) {
    syscall(SYS_fcntl, descriptor, 1031, bytes);
}
