/* usage: udp_echo PORT WARMUP SECONDS OUTSTANDING SIZE
 *
 * Keeps OUTSTANDING datagrams under way; each carries the time when it was sent. When nothing has
 * come for a tenth of a second, what is out counts as lost. */
#include "load.h"

enum { MOST = 128, LARGEST = 2048 };

static char datagrams[MOST][LARGEST];
static struct iovec pieces[MOST];
static struct mmsghdr messages[MOST];

static int send_datagrams(int fd, int count)
{
    int64_t t = now();
    for (int i = 0; i < count; i++)
        memcpy(datagrams[i], &t, sizeof t);
    count = sendmmsg(fd, messages, (unsigned)count, 0);
    if (count < 0)
        die("sendmmsg");
    return count;
}

int main(int argc, char **argv)
{
    int port = (int)number(argv, argc, 1, 1, 65535);
    double warmup = number(argv, argc, 2, 0, 60), seconds = number(argv, argc, 3, 0.01, 600);
    int outstanding = (int)number(argv, argc, 4, 1, MOST);
    int size = (int)number(argv, argc, 5, sizeof(int64_t), LARGEST);
    static struct latencies latencies;
    struct timeval patience = {.tv_usec = 100000};
    uint64_t lost = 0;
    int out = 0, fd = connect_to(port, SOCK_DGRAM);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (int i = 0; i < MOST; i++) {
        pieces[i] = (struct iovec){.iov_base = datagrams[i], .iov_len = (size_t)size};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
    }
    struct window w = window_from(warmup, seconds);
    for (int64_t t = now(), sent; t < w.end; t = now()) {
        if (out < outstanding)
            out += send_datagrams(fd, outstanding - out);
        int got = recvmmsg(fd, messages, MOST, MSG_WAITFORONE, NULL);
        if (got < 0 && errno != EAGAIN)
            die("recvmmsg");
        t = now();
        int counts = t >= w.begin && t < w.end;
        if (got < 0) {
            lost += counts ? (uint64_t)out : 0;
            out = 0;
        }
        for (int i = 0; i < got && counts; i++) {
            memcpy(&sent, datagrams[i], sizeof sent);
            record(&latencies, t - sent);
        }
        out -= got > 0 ? (got < out ? got : out) : 0;
    }
    report(&latencies, w, lost);
    return 0;
}
