/* What the load generators share: arguments, a clock, sockets, latencies, the report.
 *
 * Every generator loads one server on the loopback for `warmup` seconds that do not count and
 * `seconds` that do, and prints one line of JSON. It dies by SIGALRM if it should ever hang.
 */
#ifndef LOAD_H
#define LOAD_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const int64_t SECOND = 1000000000;
enum { GRACE_SECONDS = 20 };

static inline void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, errno ? strerror(errno) : "the server closed the connection");
    exit(1);
}

static inline int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static inline double number(char **argv, int argc, int index, double low, double high)
{
    double value = index < argc ? atof(argv[index]) : -1;
    if (value < low || value > high) {
        fprintf(stderr, "%s: argument %d must be between %g and %g\n", argv[0], index, low, high);
        exit(2);
    }
    return value;
}

/* The part of the run that counts: [begin, end). */
struct window { int64_t begin, end; };

static inline struct window window_from(double warmup, double seconds)
{
    struct window w;
    alarm((unsigned)(warmup + seconds) + GRACE_SECONDS);
    w.begin = now() + (int64_t)(warmup * (double)SECOND);
    w.end = w.begin + (int64_t)(seconds * (double)SECOND);
    return w;
}

static inline int connect_to(int port, int type)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, type, 0);
    if (fd < 0)
        die("socket");
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
        die("connect");
    return fd;
}

static inline void watch(int epoll, int fd, uint32_t events, uint32_t tag)
{
    struct epoll_event event = {.events = events, .data.u32 = tag};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        die("epoll_ctl");
}

/* Latencies, in buckets of one sixteenth of a power of two (at most 6 % wide). */
enum { SUB = 16, BUCKETS = 64 * SUB };

struct latencies { uint64_t count, buckets[BUCKETS]; };

static inline void record(struct latencies *l, int64_t nanoseconds)
{
    uint64_t n = nanoseconds < SUB ? SUB : (uint64_t)nanoseconds;
    int power = 63 - __builtin_clzll(n);
    l->buckets[power * SUB + (int)((n >> (power - 4)) & (SUB - 1))]++;
    l->count++;
}

static inline double percentile(const struct latencies *l, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)l->count), seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
        seen += l->buckets[i];
        if (seen > wanted)
            return (double)(SUB + i % SUB) / SUB * (double)(1ULL << (i / SUB)) / 1000;
    }
    return 0;
}

static inline void report(const struct latencies *l, struct window w, uint64_t lost)
{
    printf("{\"rate\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"count\": %llu, \"lost\": %llu}\n",
           (double)l->count * (double)SECOND / (double)(w.end - w.begin),
           percentile(l, 0.50), percentile(l, 0.99),
           (unsigned long long)l->count, (unsigned long long)lost);
}

#endif
