/* TLS over the sockets of load.h: a client that trusts anybody. */
#ifndef TLS_H
#define TLS_H

#include "load.h"
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

static inline SSL_CTX *tls_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context)
        die("SSL_CTX_new");
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY);
    return context;
}

static inline void tls_unblock(SSL *ssl)
{
    int fd = SSL_get_fd(ssl);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* A connection that has agreed, and does not block from now on. */
static inline SSL *tls_connect(SSL_CTX *context, int port)
{
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, connect_to(port, SOCK_STREAM));
    if (SSL_connect(ssl) != 1)
        die("SSL_connect");
    tls_unblock(ssl);
    return ssl;
}

/* How many bytes have come; 0 for none yet. */
static inline int tls_read(SSL *ssl, char *buffer, int size)
{
    int n = SSL_read(ssl, buffer, size);
    if (n > 0)
        return n;
    if (SSL_get_error(ssl, n) != SSL_ERROR_WANT_READ)
        die("SSL_read");
    return 0;
}

#endif
