/* usage: tcp_echo PORT WARMUP SECONDS CONNECTIONS SIZE
 *
 * Each connection sends SIZE bytes, waits until they are back, and sends again: one message is
 * under way on each connection at all times. */
#include "load.h"

struct connection { int fd; int got; int64_t sent; };

static char payload[65536], scratch[65536];

static void send_message(struct connection *c, int size)
{
    c->got = 0;
    c->sent = now();
    if (send(c->fd, payload, (size_t)size, MSG_NOSIGNAL) != size)
        die("send");
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

    memset(payload, 'x', sizeof payload);
    for (int i = 0; i < count; i++) {
        connections[i].fd = connect_to(port, SOCK_STREAM);
        watch(epoll, connections[i].fd, EPOLLIN, (uint32_t)i);
    }
    struct window w = window_from(warmup, seconds);
    for (int i = 0; i < count; i++)
        send_message(&connections[i], size);
    for (int64_t t = now(); t < w.end; t = now()) {
        int ready = epoll_wait(epoll, events, 256, 1000);
        for (int i = 0; i < ready; i++) {
            struct connection *c = &connections[events[i].data.u32];
            ssize_t n = recv(c->fd, scratch, sizeof scratch, 0);
            errno = n ? errno : 0;
            if (n <= 0)
                die("recv");
            c->got += (int)n;
            if (c->got < size)
                continue;
            if (c->got > size) {
                fprintf(stderr, "more came back than was sent\n");
                return 1;
            }
            t = now();
            if (t >= w.begin && t < w.end)
                record(&latencies, t - c->sent);
            send_message(c, size);
        }
    }
    report(&latencies, w, 0);
    return 0;
}
