"""The listings of the chapters on servers and clients run, against plain sockets."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import BinaryIO

from twisted.protocols.test._programs import PATIENCE, ExampleCase, ServerCase


class ServerExampleTests(ServerCase):
    """Each program of the chapter on servers."""

    chapter = "ch02_servers"

    def test_echo(self) -> None:
        for name in ("echo.py", "wire_echo.py"):
            with self.server(name) as port, self.connect(port) as connection:
                self.assertEqual(self.answer(connection, b"hello", 5), b"hello")
                self.assertEqual(self.answer(connection, b"again", 5), b"again")

    def test_qotd(self) -> None:
        apple = b"An apple a day keeps the doctor away\r\n"
        for name, expected in [
            ("qotd.py", apple),
            ("qotd_function.py", apple),
            ("qotd_factory.py", b"configurable quote\r\n"),
        ]:
            with self.server(name) as port:
                self.assertEqual(self.ask(port), expected)
                self.assertEqual(self.ask(port), expected)

    def test_otherQuotes(self) -> None:
        for name in ("qotd_function.py", "qotd_factory.py"):
            with self.server(name, "mine") as port:
                self.assertEqual(self.ask(port), b"mine\r\n")

    def test_countingEcho(self) -> None:
        with self.server("counting_echo.py", 1) as port:
            with self.connect(port) as connection:
                self.assertEqual(self.answer(connection, b"hello", 5), b"hello")
                self.assertEqual(self.ask(port), b"Too many connections, try later")
                # The one turned away is counted no longer; the first is.
                self.assertEqual(self.ask(port), b"Too many connections, try later")
                connection.shutdown(socket.SHUT_WR)
                self.assertEqual(connection.recv(1), b"")
            with self.connect(port) as connection:
                self.assertEqual(self.answer(connection, b"hello", 5), b"hello")

    def test_answer(self) -> None:
        with self.server("answer.py") as port, self.connect(port) as connection:
            self.assertEqual(self.answer(connection, b"How are you?\r\n", 6), b"Fine\r\n")
            unknown = b"I don't know what you mean\r\n"
            self.assertEqual(self.answer(connection, b"What?\r\n", len(unknown)), unknown)

    def test_logfile(self) -> None:
        path = Path(self.mktemp())
        with self.server("logfile.py", path) as port:
            self.assertEqual(self.ask(port, b"one\r\ntwo\r\nthree"), b"")
        self.assertEqual(path.read_bytes(), b"one\ntwo\n")

    def test_all(self) -> None:
        """None is left out of the tests above."""
        self.assertEqual(
            self.names(),
            {
                "answer.py",
                "counting_echo.py",
                "echo.py",
                "logfile.py",
                "qotd.py",
                "qotd_factory.py",
                "qotd_function.py",
                "wire_echo.py",
            },
        )


class ClientExampleTests(ExampleCase):
    """Each program of the chapter on clients."""

    chapter = "ch02_clients"

    def setUp(self) -> None:
        super().setUp()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listening.close)
        self.listening.settimeout(PATIENCE)
        self.where = ("127.0.0.1", self.listening.getsockname()[1])

    def accept(self) -> socket.socket:
        connection, _ = self.listening.accept()
        self.addCleanup(connection.close)
        connection.settimeout(PATIENCE)
        return connection

    def reader(self, connection: socket.socket) -> BinaryIO:
        return connection.makefile("rb")

    def test_show(self) -> None:
        program = self.start("show.py", *self.where)
        with self.accept() as connection:
            connection.sendall(b"one\ntwo\n")
        self.assertEqual(self.finish(program), "one\ntwo\n")

    def test_welcome(self) -> None:
        program = self.start("welcome.py", *self.where)
        with self.accept() as connection:
            self.assertEqual(self.reader(connection).read(), b"Hello server, I am the client!\r\n")
        self.assertEqual(self.finish(program), "")

    def test_greeter(self) -> None:
        program = self.start("greeter.py", *self.where, 0.01)
        with self.accept() as connection:
            self.assertEqual(
                self.reader(connection).read(),
                b"MESSAGE Hello\nMESSAGE This is sent in a second\n",
            )
        self.assertEqual(self.finish(program), "")

    def test_echoClient(self) -> None:
        program = self.start("echo_client.py", *self.where)
        with self.accept() as connection:
            connection.sendall(b"hello\n")
        self.assertEqual(
            self.finish(program),
            "Started to connect.\nConnected.\nhello\n"
            "Lost connection. Reason: Connection was closed cleanly.\n",
        )

    def test_nobodyListens(self) -> None:
        self.listening.close()
        for name in ("show.py", "welcome.py", "greeter.py", "echo_client.py"):
            said = self.finish(self.start(name, *self.where))
            self.assertIn("Connection was refused by other side", said, name)

    def test_reconnectByHand(self) -> None:
        program = self.start("reconnect_by_hand.py", *self.where)
        for greeting in (b"one\n", b"two\n"):
            with self.accept() as connection:
                connection.sendall(greeting)
        with self.accept():
            self.assertEqual(self.finish(program, interrupt=True), "one\ntwo\n")

    def test_reconnecting(self) -> None:
        program = self.start("reconnecting.py", *self.where, 0.01)
        for greeting in (b"one\n", b"two\n"):
            with self.accept() as connection:
                connection.sendall(greeting)
        # The third attempt is a proof that the two before it have been reported.
        with self.accept():
            said = self.finish(program, interrupt=True)
        connected = "Started to connect.\nConnected.\nResetting reconnection delay\n"
        lost = "Lost connection. Reason: Connection was closed cleanly.\n"
        expected = f"{connected}one\n{lost}{connected}two\n{lost}"
        self.assertEqual(said[: len(expected)], expected)

    def test_all(self) -> None:
        """None is left out of the tests above."""
        self.assertEqual(
            self.names(),
            {
                "echo_client.py",
                "greeter.py",
                "reconnect_by_hand.py",
                "reconnecting.py",
                "show.py",
                "welcome.py",
            },
        )
