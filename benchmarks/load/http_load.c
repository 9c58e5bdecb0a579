/* usage: http_load PORT WARMUP SECONDS CONNECTIONS DEPTH
 *
 * Each connection stays open, sends DEPTH requests at once, waits until all are answered with 200,
 * and sends again. The latency is that of the whole set. */
#include "load.h"

enum { BUFFER = 65536, MAX_DEPTH = 64 };

struct connection { int fd; int unanswered; int filled; int64_t sent; char buffer[BUFFER + 1]; };

static const char request[] =
    "GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: load\r\nAccept: */*\r\n\r\n";
static char requests[MAX_DEPTH * sizeof request];

static void send_requests(struct connection *c, int depth)
{
    int size = depth * (int)(sizeof request - 1);
    c->unanswered = depth;
    c->sent = now();
    if (send(c->fd, requests, (size_t)size, MSG_NOSIGNAL) != size)
        die("send");
}

/* The length of the response at `from`, which ends with a NUL; 0 if it is not all there. */
static int response_length(const char *from, const char *until)
{
    const char *end = strstr(from, "\r\n\r\n"), *length = strcasestr(from, "\r\nContent-Length: ");
    if (!end)
        return 0;
    if (strncmp(from, "HTTP/1.1 200 ", 13) || !length || length > end) {
        fprintf(stderr, "not the response that was expected: %.60s\n", from);
        exit(1);
    }
    int total = (int)(end + 4 - from) + atoi(length + 18);
    return until - from < total ? 0 : total;
}

static void take_responses(struct connection *c)
{
    char *at = c->buffer, *until = c->buffer + c->filled;
    *until = 0;
    for (int taken; c->unanswered && (taken = response_length(at, until)); at += taken)
        c->unanswered--;
    c->filled = (int)(until - at);
    memmove(c->buffer, at, (size_t)c->filled);
}

int main(int argc, char **argv)
{
    int port = (int)number(argv, argc, 1, 1, 65535);
    double warmup = number(argv, argc, 2, 0, 60), seconds = number(argv, argc, 3, 0.01, 600);
    int count = (int)number(argv, argc, 4, 1, 10000);
    int depth = (int)number(argv, argc, 5, 1, MAX_DEPTH);
    int epoll = epoll_create1(0);
    static struct latencies latencies;
    struct connection *connections = calloc((size_t)count, sizeof *connections);
    struct epoll_event events[256];

    for (int i = 0; i < depth; i++)
        memcpy(requests + i * (int)(sizeof request - 1), request, sizeof request - 1);
    for (int i = 0; i < count; i++) {
        connections[i].fd = connect_to(port, SOCK_STREAM);
        watch(epoll, connections[i].fd, EPOLLIN, (uint32_t)i);
    }
    struct window w = window_from(warmup, seconds);
    for (int i = 0; i < count; i++)
        send_requests(&connections[i], depth);
    for (int64_t t = now(); t < w.end; t = now()) {
        int ready = epoll_wait(epoll, events, 256, 1000);
        for (int i = 0; i < ready; i++) {
            struct connection *c = &connections[events[i].data.u32];
            ssize_t n = recv(c->fd, c->buffer + c->filled, (size_t)(BUFFER - c->filled), 0);
            errno = n ? errno : 0;
            if (n <= 0)
                die("recv");
            c->filled += (int)n;
            take_responses(c);
            if (c->unanswered)
                continue;
            t = now();
            if (t >= w.begin && t < w.end)
                for (int k = 0; k < depth; k++)
                    record(&latencies, t - c->sent);
            send_requests(c, depth);
        }
    }
    report(&latencies, w, 0);
    return 0;
}
