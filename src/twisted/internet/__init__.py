"""The engine: event loops, transports, Deferreds, timers and threads."""
