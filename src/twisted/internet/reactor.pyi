# At run time the module is replaced by the reactor, whose methods programs call as if they
# were functions of the module; this tells type checkers so.
from twisted.internet.posixbase import PosixReactorBase

_reactor: PosixReactorBase

addReader = _reactor.addReader
addSystemEventTrigger = _reactor.addSystemEventTrigger
addWriter = _reactor.addWriter
adoptDatagramPort = _reactor.adoptDatagramPort
adoptStreamConnection = _reactor.adoptStreamConnection
adoptStreamPort = _reactor.adoptStreamPort
callFromThread = _reactor.callFromThread
callInThread = _reactor.callInThread
callLater = _reactor.callLater
callWhenRunning = _reactor.callWhenRunning
connectSSL = _reactor.connectSSL
connectTCP = _reactor.connectTCP
connectUNIX = _reactor.connectUNIX
connectUNIXDatagram = _reactor.connectUNIXDatagram
crash = _reactor.crash
disconnectAll = _reactor.disconnectAll
fireSystemEvent = _reactor.fireSystemEvent
getDelayedCalls = _reactor.getDelayedCalls
getReaders = _reactor.getReaders
getThreadPool = _reactor.getThreadPool
getWriters = _reactor.getWriters
installNameResolver = _reactor.installNameResolver
installResolver = _reactor.installResolver
iterate = _reactor.iterate
listenMulticast = _reactor.listenMulticast
listenSSL = _reactor.listenSSL
listenTCP = _reactor.listenTCP
listenUDP = _reactor.listenUDP
listenUNIX = _reactor.listenUNIX
listenUNIXDatagram = _reactor.listenUNIXDatagram
nameResolver = _reactor.nameResolver
removeAll = _reactor.removeAll
removeReader = _reactor.removeReader
removeSystemEventTrigger = _reactor.removeSystemEventTrigger
removeWriter = _reactor.removeWriter
resolve = _reactor.resolve
resolver = _reactor.resolver
run = _reactor.run
running = _reactor.running
seconds = _reactor.seconds
spawnProcess = _reactor.spawnProcess
startRunning = _reactor.startRunning
stop = _reactor.stop
suggestThreadPoolSize = _reactor.suggestThreadPoolSize
threadCallQueue = _reactor.threadCallQueue
threadpool = _reactor.threadpool
usingThreads = _reactor.usingThreads
wakeUp = _reactor.wakeUp
waker = _reactor.waker
