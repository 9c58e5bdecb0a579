/* usage: tls_echo PORT WARMUP SECONDS CONNECTIONS SIZE
 *
 * As tcp_echo, over TLS. */
#include "tls.h"

struct connection { SSL *ssl; int got; int64_t sent; };

static char payload[16384], scratch[16384];

static void send_message(struct connection *c, int size)
{
    c->got = 0;
    c->sent = now();
    if (SSL_write(c->ssl, payload, size) != size)
        die("SSL_write");
}

int main(int argc, char **argv)
{
    int port = (int)number(argv, argc, 1, 1, 65535);
    double warmup = number(argv, argc, 2, 0, 60), seconds = number(argv, argc, 3, 0.01, 600);
    int count = (int)number(argv, argc, 4, 1, 15000), size = (int)number(argv, argc, 5, 1, sizeof payload);
    int epoll = epoll_create1(0);
    static struct latencies latencies;
    struct connection *connections = calloc((size_t)count, sizeof *connections);
    struct epoll_event events[256];
    SSL_CTX *context = tls_context();

    memset(payload, 'x', sizeof payload);
    for (int i = 0; i < count; i++) {
        connections[i].ssl = tls_connect(context, port);
        watch(epoll, SSL_get_fd(connections[i].ssl), EPOLLIN, (uint32_t)i);
    }
    struct window w = window_from(warmup, seconds);
    for (int i = 0; i < count; i++)
        send_message(&connections[i], size);
    for (int64_t t = now(); t < w.end; t = now()) {
        int ready = epoll_wait(epoll, events, 256, 1000);
        for (int i = 0; i < ready; i++) {
            struct connection *c = &connections[events[i].data.u32];
            for (int n; c->got < size && (n = tls_read(c->ssl, scratch, sizeof scratch)) > 0;)
                c->got += n;
            if (c->got < size)
                continue;
            t = now();
            if (t >= w.begin && t < w.end)
                record(&latencies, t - c->sent);
            send_message(c, size);
        }
    }
    report(&latencies, w, 0);
    return 0;
}
