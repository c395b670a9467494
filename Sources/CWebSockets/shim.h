// The functions of libwebsockets that psparty uses, as a table that is filled when it is loaded, and a wrapper for a nested
// macro, which Swift cannot import.
#pragma once
// Import the C library's types from Glibc, not from this module: files without this import need the same types.
#pragma clang module import SwiftGlibc
#include <dlfcn.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

static const size_t party_lws_pre = LWS_PRE;

#define PARTY_LWS_FUNCTIONS(DO)                                                                                        \
    DO(lws_add_http_header_by_name)                                                                                    \
    DO(lws_callback_on_writable)                                                                                       \
    DO(lws_cancel_service)                                                                                             \
    DO(lws_client_connect_via_info)                                                                                    \
    DO(lws_close_reason)                                                                                               \
    DO(lws_create_context)                                                                                             \
    DO(lws_create_vhost)                                                                                               \
    DO(lws_get_context)                                                                                                \
    DO(lws_get_library_version)                                                                                        \
    DO(lws_get_opaque_user_data)                                                                                       \
    DO(lws_get_socket_fd)                                                                                              \
    DO(lws_hdr_copy)                                                                                                   \
    DO(lws_hdr_custom_copy)                                                                                            \
    DO(lws_http_client_http_response)                                                                                  \
    DO(lws_is_final_fragment)                                                                                          \
    DO(lws_is_first_fragment)                                                                                          \
    DO(lws_rx_flow_control)                                                                                            \
    DO(lws_service)                                                                                                    \
    DO(lws_set_log_level)                                                                                              \
    DO(lws_set_opaque_user_data)                                                                                       \
    DO(lws_set_timeout)                                                                                                \
    DO(lws_sul_schedule)                                                                                               \
    DO(lws_validity_confirmed)                                                                                         \
    DO(lws_write)

#define PARTY_LWS_FIELD(name) __typeof__(name) *name;
struct party_lws {
    PARTY_LWS_FUNCTIONS(PARTY_LWS_FIELD)
};

// The library file for these headers. The number in its name is the ABI version, which the headers do not define.
#if LWS_LIBRARY_VERSION_MAJOR == 4 && LWS_LIBRARY_VERSION_MINOR == 1
#define PARTY_LWS_FILE "libwebsockets.so.17"
#elif LWS_LIBRARY_VERSION_MAJOR == 4 && LWS_LIBRARY_VERSION_MINOR == 2
#define PARTY_LWS_FILE "libwebsockets.so.18"
#elif LWS_LIBRARY_VERSION_MAJOR == 4 && LWS_LIBRARY_VERSION_MINOR == 3
#define PARTY_LWS_FILE "libwebsockets.so.19"
#else
#define PARTY_LWS_FILE "libwebsockets.so"
#endif

// Whether a version string of libwebsockets, like "4.1.6-", belongs to the same series as these headers.
static inline int party_lws_fits(const char *version) {
    char *rest;
    if (strtol(version, &rest, 10) != LWS_LIBRARY_VERSION_MAJOR || *rest != '.') return 0;
    return strtol(rest + 1, &rest, 10) == LWS_LIBRARY_VERSION_MINOR;
}

// Fills the table. Returns NULL, or the reason for a failure.
#define PARTY_LWS_FIND(name)                                                                                           \
    lws->name = (__typeof__(name) *)dlsym(library, #name);                                                             \
    if (!lws->name) return dlerror();
static inline const char *party_lws_load(struct party_lws *lws) {
    void *library = dlopen(PARTY_LWS_FILE, RTLD_LAZY | RTLD_LOCAL);
    if (!library) return dlerror();
    PARTY_LWS_FUNCTIONS(PARTY_LWS_FIND)
    // The layout of structures differs between series.
    if (!party_lws_fits((lws->lws_get_library_version)())) return "it is of another version than psparty was built for";
    return NULL;
}
