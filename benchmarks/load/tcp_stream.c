/* usage: tcp_stream PORT WARMUP SECONDS
 *
 * Takes what one connection brings, as fast as it comes; the rate is in bytes per second. */
#include "load.h"

int main(int argc, char **argv)
{
    int port = (int)number(argv, argc, 1, 1, 65535);
    double warmup = number(argv, argc, 2, 0, 60), seconds = number(argv, argc, 3, 0.01, 600);
    static char scratch[1 << 20];
    uint64_t bytes = 0;
    int fd = connect_to(port, SOCK_STREAM);
    struct window w = window_from(warmup, seconds);

    for (int64_t t = now(); t < w.end; t = now()) {
        /* MSG_TRUNC on TCP drops the bytes uncopied: the receiver must not be the bottleneck. */
        ssize_t n = recv(fd, scratch, sizeof scratch, MSG_TRUNC);
        errno = n ? errno : 0;
        if (n <= 0)
            die("recv");
        if (t >= w.begin)
            bytes += (uint64_t)n;
    }
    printf("{\"rate\": %.1f}\n", (double)bytes * (double)SECOND / (double)(w.end - w.begin));
    return 0;
}
