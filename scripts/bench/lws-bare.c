/* The least that a libwebsockets client can do with a push stream: it writes each message as a line, as it came.
 * What psparty is compared with: the same library, the same settings, no JSON.
 * Arguments: host, port, path, bearer token. */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char out[1 << 21];
static size_t filled;
static int ended;
static const char *token;

static void flush_out(void) {
    for (size_t done = 0; done < filled;) {
        ssize_t count = write(1, out + done, filled - done);
        if (count <= 0) exit(1);
        done += (size_t)count;
    }
    filled = 0;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len) {
    (void)user;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: {
        unsigned char **place = in;
        char value[4096];
        int count = snprintf(value, sizeof value, "Bearer %s", token);
        return lws_add_http_header_by_name(wsi, (const unsigned char *)"Authorization:", (unsigned char *)value, count,
                                           place, *place + len);
    }
    case LWS_CALLBACK_CLIENT_RECEIVE:
        if (filled + len + 1 > sizeof out) flush_out();
        memcpy(out + filled, in, len);
        filled += len;
        if (lws_is_final_fragment(wsi)) out[filled++] = '\n';
        break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        fprintf(stderr, "lws-bare: %s\n", in ? (char *)in : "no connection");
        exit(1);
    case LWS_CALLBACK_CLIENT_CLOSED:
        ended = 1;
        break;
    default:
        break;
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    token = argv[4];
    lws_set_log_level(LLL_ERR, NULL);
    static struct lws_protocols protocols[2] = {{.name = "push", .callback = callback, .rx_buffer_size = 65536}};
    struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN,
                                             .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
                                             .protocols = protocols,
                                             .gid = -1,
                                             .uid = -1,
                                             .fd_limit_per_thread = 32,
                                             .pt_serv_buf_size = 65536};
    struct lws_context *context = lws_create_context(&info);
    if (!context) return 1;
    struct lws_client_connect_info connect = {.context = context,
                                              .address = argv[1],
                                              .port = atoi(argv[2]),
                                              .path = argv[3],
                                              .host = argv[1],
                                              .protocol = "np-pushpacket",
                                              .local_protocol_name = "push",
                                              .alpn = "http/1.1",
                                              .ssl_connection = LCCSCF_USE_SSL | LCCSCF_ALLOW_SELFSIGNED |
                                                                LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK |
                                                                LCCSCF_ALLOW_INSECURE};
    if (!lws_client_connect_via_info(&connect)) return 1;
    while (!ended && lws_service(context, 0) >= 0) flush_out();
    return 0;
}
