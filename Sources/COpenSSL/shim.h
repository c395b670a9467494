// What Swift cannot import from OpenSSL: function-like macros.
#pragma once
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline int party_ssl_require_tls12(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}
static const uint64_t party_openssl_no_atexit = OPENSSL_INIT_NO_ATEXIT;
