"""Have more threads than usual, or fewer."""

from twisted.internet import reactor

pool = reactor.getThreadPool()
print("from", pool.min, "to", pool.max, "threads")
reactor.suggestThreadPoolSize(30)
print("from", pool.min, "to", pool.max, "threads")
