/* usage: websocket_echo PORT WARMUP SECONDS CONNECTIONS SIZE
 *
 * Each connection asks for WebSocket at /websocket, sends a text of SIZE bytes, waits until it is
 * back, and sends again: one message is under way on each connection at all times. */
#include "load.h"

enum { LARGEST = 65535 };

struct connection { int fd; int got; int64_t sent; };

static const char request[] =
    "GET /websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
static unsigned char frame[LARGEST + 8], scratch[LARGEST + 8];
static int frame_size;

static void make_frame(int size)
{
    frame[frame_size++] = 0x81;
    if (size < 126) {
        frame[frame_size++] = (unsigned char)(0x80 | size);
    } else {
        frame[frame_size++] = 0x80 | 126;
        frame[frame_size++] = (unsigned char)(size >> 8);
        frame[frame_size++] = (unsigned char)size;
    }
    memcpy(frame + frame_size, mask, 4);
    frame_size += 4;
    for (int i = 0; i < size; i++)
        frame[frame_size++] = 'x' ^ mask[i % 4];
}

static void shake_hands(int fd)
{
    char answer[4096];
    int filled = 0;
    if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) != sizeof request - 1)
        die("send");
    do {
        ssize_t n = recv(fd, answer + filled, sizeof answer - 1 - (size_t)filled, 0);
        if (n <= 0)
            die("recv");
        answer[filled += (int)n] = 0;
    } while (!strstr(answer, "\r\n\r\n"));
    if (strncmp(answer, "HTTP/1.1 101 ", 13)) {
        fprintf(stderr, "not the answer that was expected: %.60s\n", answer);
        exit(1);
    }
}

static void send_message(struct connection *c)
{
    c->got = 0;
    c->sent = now();
    if (send(c->fd, frame, (size_t)frame_size, MSG_NOSIGNAL) != frame_size)
        die("send");
}

int main(int argc, char **argv)
{
    int port = (int)number(argv, argc, 1, 1, 65535);
    double warmup = number(argv, argc, 2, 0, 60), seconds = number(argv, argc, 3, 0.01, 600);
    int count = (int)number(argv, argc, 4, 1, 15000), size = (int)number(argv, argc, 5, 1, LARGEST);
    int epoll = epoll_create1(0);
    static struct latencies latencies;
    struct connection *connections = calloc((size_t)count, sizeof *connections);
    struct epoll_event events[256];

    make_frame(size);
    for (int i = 0; i < count; i++) {
        connections[i].fd = connect_to(port, SOCK_STREAM);
        shake_hands(connections[i].fd);
        watch(epoll, connections[i].fd, EPOLLIN, (uint32_t)i);
    }
    struct window w = window_from(warmup, seconds);
    for (int i = 0; i < count; i++)
        send_message(&connections[i]);
    for (int64_t t = now(); t < w.end; t = now()) {
        int ready = epoll_wait(epoll, events, 256, 1000);
        for (int i = 0; i < ready; i++) {
            struct connection *c = &connections[events[i].data.u32];
            ssize_t n = recv(c->fd, scratch, sizeof scratch, 0);
            errno = n ? errno : 0;
            if (n <= 0)
                die("recv");
            c->got += (int)n;
            if (c->got < frame_size - 4)
                continue;
            if (c->got > frame_size - 4) {
                fprintf(stderr, "more came back than was sent\n");
                return 1;
            }
            t = now();
            if (t >= w.begin && t < w.end)
                record(&latencies, t - c->sent);
            send_message(c);
        }
    }
    report(&latencies, w, 0);
    return 0;
}
