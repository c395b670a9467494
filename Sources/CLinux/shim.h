// Functions of the C library and the kernel that Swift cannot import.
#pragma once
// Import the C library's types from Glibc, not from this module: files without this import need the same types.
#pragma clang module import SwiftGlibc
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// Whether the signal is ignored. Swift cannot compare function pointers.
static inline int party_ignores(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

// Sets the maximum number of malloc arenas in glibc, and from which size on a block has pages of its own, which free(3) gives back to
// the system. Does nothing with other C libraries.
static inline void party_tune_allocator(int arenas, int large_block) {
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, arenas);
    mallopt(M_MMAP_THRESHOLD, large_block);
    mallopt(M_TRIM_THRESHOLD, large_block);
#endif
}

// Maps the program's data for writing in one call (MADV_POPULATE_WRITE, 23, since Linux 5.14). Otherwise each page is copied
// at its first write, and with a second thread each copy interrupts that thread's processor.
static inline void party_map_data(void) {
    extern char __data_start[], _end[];
    unsigned long page = 4096, start = (unsigned long)__data_start & ~(page - 1);
    syscall(SYS_madvise, start, ((unsigned long)_end - start + page - 1) & ~(page - 1), 23);
}

// Sets the capacity of a pipe in bytes. If the system or the user's pipe limit does not allow it, the capacity stays. 1031 is
// F_SETPIPE_SZ, which is declared only with _GNU_SOURCE.
static inline void party_widen_pipe(int descriptor, int bytes) {
    syscall(SYS_fcntl, descriptor, 1031, bytes);
}

// write(2) that never blocks, even without O_NONBLOCK: pwritev2 at the current position (-1) with RWF_NOWAIT (8), both declared
// only with _GNU_SOURCE. Pipes support it since Linux 6.4 (and 6.1 in Debian 12); otherwise it fails with EOPNOTSUPP.
static inline long party_write_without_waiting(int descriptor, const void *bytes, unsigned long count) {
    struct iovec part = {(void *)bytes, count};
    return syscall(SYS_pwritev2, descriptor, &part, 1L, -1L, -1L, 8);
}

// Reads directory entries (struct linux_dirent64) into the buffer, as many as fit; 0 at the end. readdir(3) always reads 32 kB.
static inline long party_read_entries(int descriptor, void *buffer, unsigned long size) {
    return syscall(SYS_getdents64, descriptor, buffer, size);
}

// Closes every descriptor from `first` on in a program that is started, and none here. A GNU extension since glibc 2.34.
static inline void party_close_in_program(posix_spawn_file_actions_t *actions, int first) {
    extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
    posix_spawn_file_actions_addclosefrom_np(actions, first);
}

// The default stack size of a thread.
static inline void party_set_stack_size(long bytes) {
#ifdef __GLIBC__
    extern int pthread_setattr_default_np(const pthread_attr_t *);
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return;
    if (pthread_attr_setstacksize(&attributes, (size_t)bytes) == 0) pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
#endif
}

static inline void *party_await_end(void *latch) {
    pthread_mutex_lock((pthread_mutex_t *)latch);
    pthread_mutex_unlock((pthread_mutex_t *)latch);
    return NULL;
}

// Whether this many threads, at most 16, can run at the same time besides this one.
static inline _Bool party_threads_start(int count) {
    pthread_mutex_t latch = PTHREAD_MUTEX_INITIALIZER;
    pthread_t threads[16];
    int started = 0;
    pthread_mutex_lock(&latch);
    while (started < count && started < 16 && pthread_create(&threads[started], NULL, party_await_end, &latch) == 0) started++;
    pthread_mutex_unlock(&latch);
    for (int index = 0; index < started; index++) pthread_join(threads[index], NULL);
    return started == count;
}

// Resets inherited signal settings: with SIGCHLD ignored, children have no exit status; SIGXFSZ is ignored, so that a write
// beyond the file size limit fails with an error instead of ending the process.
static inline void party_reset_signals(void) {
    signal(SIGCHLD, SIG_DFL);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

// dup3 is declared only with _GNU_SOURCE. With O_CLOEXEC, a program started at the same time does not inherit the descriptor.
static inline int party_dup3(int descriptor, int other, int flags) {
    return (int)syscall(SYS_dup3, descriptor, other, flags);
}

// The commit that the program was built from, or NULL. `make` links an object file that defines it; other builds have none.
static inline const char *party_built_from(void) {
    extern const char party_commit[] __attribute__((weak));
    return party_commit;
}
