/* usage: tls_stream PORT WARMUP SECONDS
 *
 * Reads from one connection over TLS, as fast as it can; the rate is in bytes per second. */
#include "tls.h"

static char scratch[1 << 16];

int main(int argc, char **argv)
{
    int port = (int)number(argv, argc, 1, 1, 65535);
    double warmup = number(argv, argc, 2, 0, 60), seconds = number(argv, argc, 3, 0.01, 600);
    int epoll = epoll_create1(0);
    uint64_t bytes = 0;
    struct epoll_event event;
    SSL *ssl = tls_connect(tls_context(), port);

    watch(epoll, SSL_get_fd(ssl), EPOLLIN, 0);
    struct window w = window_from(warmup, seconds);
    for (int64_t t = now(); t < w.end; t = now()) {
        int n = tls_read(ssl, scratch, sizeof scratch);
        if (!n)
            epoll_wait(epoll, &event, 1, 1000);
        else if (t >= w.begin)
            bytes += (uint64_t)n;
    }
    printf("{\"rate\": %.1f}\n", (double)bytes * (double)SECOND / (double)(w.end - w.begin));
    return 0;
}
