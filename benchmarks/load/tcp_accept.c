/* usage: tcp_accept PORT WARMUP SECONDS CONNECTIONS SIZE
 *
 * CONNECTIONS at a time: connect, send SIZE bytes, wait until the server has sent them back and
 * closed, and start over. What is counted is whole lives of a connection.
 *
 * The kernel does most of the work of a new loopback connection on the client's core, so the client
 * is frugal: it waits for its connections in turn, one read each, which ends with the server's close.
 * The server closes first, so that TIME_WAIT is its own and never uses up the client's ports. */
#include "load.h"

struct connection { int fd; int64_t born; };

static char payload[65536], scratch[65537];

static void begin(struct connection *c, int port, int size)
{
    c->born = now();
    c->fd = connect_to(port, SOCK_STREAM);
    if (send(c->fd, payload, (size_t)size, MSG_NOSIGNAL) != size)
        die("send");
}

int main(int argc, char **argv)
{
    int port = (int)number(argv, argc, 1, 1, 65535);
    double warmup = number(argv, argc, 2, 0, 60), seconds = number(argv, argc, 3, 0.01, 600);
    int count = (int)number(argv, argc, 4, 1, 1000), size = (int)number(argv, argc, 5, 1, sizeof payload);
    static struct latencies latencies;
    struct connection *connections = calloc((size_t)count, sizeof *connections);

    memset(payload, 'x', sizeof payload);
    struct window w = window_from(warmup, seconds);
    for (int i = 0; i < count; i++)
        begin(&connections[i], port, size);
    for (int i = 0; now() < w.end; i = (i + 1) % count) {
        struct connection *c = &connections[i];
        if (recv(c->fd, scratch, (size_t)size + 1, MSG_WAITALL) != size)
            die("recv");
        close(c->fd);
        int64_t t = now();
        if (t >= w.begin && t < w.end)
            record(&latencies, t - c->born);
        begin(c, port, size);
    }
    report(&latencies, w, 0);
    return 0;
}
