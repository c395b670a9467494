// The functions of libcurl that psparty uses, as a table that is filled when libcurl is loaded, and typed wrappers for the
// variadic setters and getters, which Swift cannot import.
#pragma once
// Import the C library's types from Glibc, not from this module: files without this import need the same types.
#pragma clang module import SwiftGlibc
#include <curl/curl.h>
#include <dlfcn.h>

#define PARTY_CURL_FUNCTIONS(DO)                                                                                       \
    DO(curl_global_init)                                                                                               \
    DO(curl_version_info)                                                                                              \
    DO(curl_easy_init)                                                                                                 \
    DO(curl_easy_cleanup)                                                                                              \
    DO(curl_easy_setopt)                                                                                               \
    DO(curl_easy_getinfo)                                                                                              \
    DO(curl_easy_strerror)                                                                                             \
    DO(curl_easy_perform)                                                                                              \
    DO(curl_easy_recv)                                                                                                 \
    DO(curl_easy_send)                                                                                                 \
    DO(curl_slist_append)                                                                                              \
    DO(curl_slist_free_all)                                                                                            \
    DO(curl_multi_init)                                                                                                \
    DO(curl_multi_cleanup)                                                                                             \
    DO(curl_multi_add_handle)                                                                                          \
    DO(curl_multi_remove_handle)                                                                                       \
    DO(curl_multi_perform)                                                                                             \
    DO(curl_multi_poll)                                                                                                \
    DO(curl_multi_wakeup)                                                                                              \
    DO(curl_multi_info_read)                                                                                           \
    DO(curl_multi_strerror)

#define PARTY_CURL_FIELD(name) __typeof__(name) *name;
struct party_curl {
    PARTY_CURL_FUNCTIONS(PARTY_CURL_FIELD)
};

// Fills the table. Returns NULL, or the reason for a failure. 4 is the ABI version of libcurl since 2006.
#define PARTY_CURL_FIND(name)                                                                                          \
    curl->name = (__typeof__(name) *)dlsym(library, #name);                                                            \
    if (!curl->name) return dlerror();
static inline const char *party_curl_load(struct party_curl *curl) {
    void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
    if (!library) return dlerror();
    PARTY_CURL_FUNCTIONS(PARTY_CURL_FIND)
    return NULL;
}

// Parentheses select the table's fields instead of the macros of the same names in <curl/curl.h>.
static inline CURLcode party_curl_set_long(const struct party_curl *curl, CURL *handle, CURLoption option, long value) {
    return (curl->curl_easy_setopt)(handle, option, value);
}
static inline CURLcode party_curl_set_string(
    const struct party_curl *curl, CURL *handle, CURLoption option, const char *value) {
    return (curl->curl_easy_setopt)(handle, option, value);
}
static inline CURLcode party_curl_set_pointer(
    const struct party_curl *curl, CURL *handle, CURLoption option, void *value) {
    return (curl->curl_easy_setopt)(handle, option, value);
}
// Set the size first: curl copies that many bytes. The bytes must not be NULL, or curl reads standard input.
static inline CURLcode party_curl_set_body(
    const struct party_curl *curl, CURL *handle, const void *bytes, curl_off_t count) {
    CURLcode code = (curl->curl_easy_setopt)(handle, CURLOPT_POSTFIELDSIZE_LARGE, count);
    return code ? code : (curl->curl_easy_setopt)(handle, CURLOPT_COPYPOSTFIELDS, (const char *)bytes);
}
static inline CURLcode party_curl_set_writer(
    const struct party_curl *curl, CURL *handle, CURLoption option,
    size_t (*callback)(char *, size_t, size_t, void *)) {
    return (curl->curl_easy_setopt)(handle, option, callback);
}
static inline CURLcode party_curl_set_before_request(
    const struct party_curl *curl, CURL *handle, int (*callback)(void *, char *, char *, int, int)) {
    return (curl->curl_easy_setopt)(handle, CURLOPT_PREREQFUNCTION, callback);
}
static inline CURLcode party_curl_set_tls_setup(
    const struct party_curl *curl, CURL *handle, CURLcode (*callback)(CURL *, void *, void *)) {
    return (curl->curl_easy_setopt)(handle, CURLOPT_SSL_CTX_FUNCTION, callback);
}
static inline CURLcode party_curl_get_long(const struct party_curl *curl, CURL *handle, CURLINFO info, long *value) {
    return (curl->curl_easy_getinfo)(handle, info, value);
}
static inline CURLcode party_curl_get_time(
    const struct party_curl *curl, CURL *handle, CURLINFO info, curl_off_t *microseconds) {
    return (curl->curl_easy_getinfo)(handle, info, microseconds);
}
static inline CURLcode party_curl_get_socket(const struct party_curl *curl, CURL *handle, curl_socket_t *descriptor) {
    return (curl->curl_easy_getinfo)(handle, CURLINFO_ACTIVESOCKET, descriptor);
}
// Uses void *, because importing curl's socket types would make Swift import sockaddr and related types from this module.
// The third argument is a struct curl_sockaddr; the result is a descriptor, or -1.
static inline CURLcode party_curl_set_open_socket(
    const struct party_curl *curl, CURL *handle, int (*callback)(void *, unsigned int, void *)) {
    return (curl->curl_easy_setopt)(handle, CURLOPT_OPENSOCKETFUNCTION, (curl_opensocket_callback)(void *)callback);
}
static inline CURLcode party_curl_set_progress(
    const struct party_curl *curl, CURL *handle,
    int (*callback)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t)) {
    CURLcode code = (curl->curl_easy_setopt)(handle, CURLOPT_NOPROGRESS, 0L);
    return code ? code : (curl->curl_easy_setopt)(handle, CURLOPT_XFERINFOFUNCTION, callback);
}
