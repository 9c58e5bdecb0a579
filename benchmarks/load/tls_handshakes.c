/* usage: tls_handshakes PORT WARMUP SECONDS CONNECTIONS SIZE
 *
 * CONNECTIONS at a time: connect, agree on TLS with nothing kept from earlier connections, send SIZE
 * bytes, wait until the server has sent them back and ended TLS, and start over. What is counted is
 * whole lives of a connection.
 *
 * The answer proves that the server is done with the handshake, which in TLS 1.3 ends after the
 * client's. The server closes first, so that TIME_WAIT is its own. */
#include "tls.h"

struct connection { SSL *ssl; int got; int64_t born; };

static char payload[16384], scratch[16384];

static void begin(struct connection *c, SSL_CTX *context, int epoll, int port, uint32_t tag)
{
    c->born = now();
    c->got = -1;
    c->ssl = SSL_new(context);
    SSL_set_fd(c->ssl, connect_to(port, SOCK_STREAM));
    SSL_set_connect_state(c->ssl);
    tls_unblock(c->ssl);
    watch(epoll, SSL_get_fd(c->ssl), EPOLLIN, tag);
}

/* Go on; whether the server has ended TLS. */
static int go_on(struct connection *c, int size)
{
    int n;
    if (c->got < 0) {
        if (SSL_do_handshake(c->ssl) != 1) {
            if (SSL_get_error(c->ssl, -1) != SSL_ERROR_WANT_READ)
                die("SSL_do_handshake");
            return 0;
        }
        c->got = 0;
        if (SSL_write(c->ssl, payload, size) != size)
            die("SSL_write");
    }
    while ((n = SSL_read(c->ssl, scratch, sizeof scratch)) > 0)
        c->got += n;
    switch (SSL_get_error(c->ssl, n)) {
    case SSL_ERROR_WANT_READ:
        return 0;
    case SSL_ERROR_ZERO_RETURN:
        if (c->got == size)
            return 1;
    }
    die("SSL_read");
    return 0;
}

int main(int argc, char **argv)
{
    int port = (int)number(argv, argc, 1, 1, 65535);
    double warmup = number(argv, argc, 2, 0, 60), seconds = number(argv, argc, 3, 0.01, 600);
    int count = (int)number(argv, argc, 4, 1, 1000), size = (int)number(argv, argc, 5, 1, sizeof payload);
    int epoll = epoll_create1(0);
    static struct latencies latencies;
    struct connection *connections = calloc((size_t)count, sizeof *connections);
    struct epoll_event events[256];
    SSL_CTX *context = tls_context();

    memset(payload, 'x', sizeof payload);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    struct window w = window_from(warmup, seconds);
    for (int i = 0; i < count; i++) {
        begin(&connections[i], context, epoll, port, (uint32_t)i);
        go_on(&connections[i], size);
    }
    while (now() < w.end) {
        int ready = epoll_wait(epoll, events, 256, 1000);
        for (int i = 0; i < ready; i++) {
            struct connection *c = &connections[events[i].data.u32];
            if (!go_on(c, size))
                continue;
            int64_t t = now();
            if (t >= w.begin && t < w.end)
                record(&latencies, t - c->born);
            SSL_shutdown(c->ssl);
            close(SSL_get_fd(c->ssl));
            SSL_free(c->ssl);
            begin(c, context, epoll, port, events[i].data.u32);
            go_on(c, size);
        }
    }
    report(&latencies, w, 0);
    return 0;
}
