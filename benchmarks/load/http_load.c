/* usage: http_load PORT WARMUP SECONDS CONNECTIONS DEPTH PATH [BYTES | @FILE]
 *
 * Each connection stays open, sends DEPTH requests for PATH at once, waits until all are answered
 * with 200, and sends again. With BYTES, they are POSTs of that much JSON; with FILE, of the XML in
 * it. The latency is that of the whole set. */
#include "load.h"

enum { BUFFER = 65536, MAX_DEPTH = 64, MAX_BODY = 16384, MAX_REQUEST = MAX_BODY + 512 };

struct connection { int fd; int unanswered; int filled; long left; int64_t sent; char buffer[BUFFER + 1]; };

static char requests[MAX_DEPTH * MAX_REQUEST];
static int requests_size;

static int read_body(const char *name, char *body)
{
    FILE *file = fopen(name, "r");
    size_t size = file ? fread(body, 1, MAX_BODY, file) : 0;
    if (!size || size == MAX_BODY)
        die(name);
    fclose(file);
    body[size] = 0;
    return (int)size;
}

static void make_requests(const char *path, const char *name, int bytes, int depth)
{
    static char body[MAX_BODY + 1], request[MAX_REQUEST];
    const char *rest = "Host: 127.0.0.1\r\nUser-Agent: load\r\nAccept: */*\r\n";
    int size;
    if (name) {
        bytes = read_body(name, body);
    } else if (bytes) {
        memset(body, 'x', (size_t)bytes);
        memcpy(body, "{\"text\": \"", 10);
        memcpy(body + bytes - 2, "\"}", 2);
    }
    if (bytes) {
        size = snprintf(request, sizeof request,
                        "POST %s HTTP/1.1\r\n%sContent-Type: %s\r\n"
                        "Content-Length: %d\r\n\r\n%s", path, rest,
                        name ? "text/xml" : "application/json", bytes, body);
    } else {
        size = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n%s\r\n", path, rest);
    }
    for (int i = 0; i < depth; i++, requests_size += size)
        memcpy(requests + requests_size, request, (size_t)size);
}

static void send_requests(struct connection *c, int depth)
{
    c->unanswered = depth;
    c->sent = now();
    if (send(c->fd, requests, (size_t)requests_size, MSG_NOSIGNAL) != requests_size)
        die("send");
}

/* The length of the head at `from`, which ends with a NUL, and of its body; 0 if it is not all there. */
static int read_head(const char *from, long *body)
{
    const char *end = strstr(from, "\r\n\r\n"), *length = strcasestr(from, "\r\nContent-Length: ");
    if (!end)
        return 0;
    if (strncmp(from, "HTTP/1.1 200 ", 13) || !length || length > end) {
        fprintf(stderr, "not the response that was expected: %.60s\n", from);
        exit(1);
    }
    *body = atol(length + 18);
    return (int)(end + 4 - from);
}

static void take_responses(struct connection *c)
{
    char *at = c->buffer, *until = c->buffer + c->filled;
    *until = 0;
    while (c->unanswered) {
        int head;
        if (!c->left) {
            if (!(head = read_head(at, &c->left)))
                break;
            at += head;
        }
        long there = until - at < c->left ? until - at : c->left;
        at += there;
        c->left -= there;
        if (c->left)
            break;
        c->unanswered--;
    }
    c->filled = (int)(until - at);
    memmove(c->buffer, at, (size_t)c->filled);
}

int main(int argc, char **argv)
{
    int port = (int)number(argv, argc, 1, 1, 65535);
    double warmup = number(argv, argc, 2, 0, 60), seconds = number(argv, argc, 3, 0.01, 600);
    int count = (int)number(argv, argc, 4, 1, 10000);
    int depth = (int)number(argv, argc, 5, 1, MAX_DEPTH);
    if (argc < 7)
        die("no path");
    const char *name = argc > 7 && *argv[7] == '@' ? argv[7] + 1 : NULL;
    int bytes = argc > 7 && !name ? (int)number(argv, argc, 7, 16, MAX_BODY) : 0;
    int epoll = epoll_create1(0);
    static struct latencies latencies;
    struct connection *connections = calloc((size_t)count, sizeof *connections);
    struct epoll_event events[256];

    make_requests(argv[6], name, bytes, depth);
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
