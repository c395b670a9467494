// What psparty uses of libcurl, as a table that is filled when libcurl is loaded, and typed doors to what Swift cannot
// import of it: variadic setters and getters.
#pragma once
// Swift then knows the C library's types by Glibc, not by this module, for which files that do not import it would lack them.
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

// Fills the table. Returns NULL, or why it cannot. The number is that of the interface: it has been 4 since 2006.
#define PARTY_CURL_FIND(name)                                                                                          \
    curl->name = (__typeof__(name) *)dlsym(library, #name);                                                            \
    if (!curl->name) return dlerror();
static inline const char *party_curl_load(struct party_curl *curl) {
    void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
    if (!library) return dlerror();
    PARTY_CURL_FUNCTIONS(PARTY_CURL_FIND)
    return NULL;
}

// The names in parentheses are the table's fields, not the macros of the same names in <curl/curl.h>.
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
// The size first: curl copies as many bytes as it knows of. The bytes may not be NULL, or curl would read standard input.
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
// In terms of void *: were the types of curl's sockets imported from here, Swift would know sockaddr and its kin by this
// module alone. The third argument is a struct curl_sockaddr, and the result a descriptor, or -1.
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
