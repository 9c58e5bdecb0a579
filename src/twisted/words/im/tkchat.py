"""The Instance Messenger in a window of Tk.

On the left are the conversations, on the right what is said in the one that is chosen, and below
what one types; the commands are those of the terminal. `twisted.internet.tksupport` lets the window
and the reactor live together.

``python -m twisted.words.im.tkchat`` runs it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, cast

from twisted.internet import tksupport
from twisted.words.im._command import run
from twisted.words.im._shell import Shell
from twisted.words.im.baseaccount import AccountManager

try:
    import tkinter
except ImportError:  # It is a package of its own in Debian.
    tkinter = None  # type: ignore[assignment]  # so that what needs none of it works

__all__ = ["TkChat", "show"]

#: Lines of a conversation that are kept.
MAX_LINES = 2000


class TkChat(Shell):
    """A window with all conversations.

    Args:
        root: the window.
        accounts: the accounts that there are.
        quit: called when one has had enough; also when the window is closed.

    Attributes:
        names: the list of conversations.
        lines: what is said in the one that is chosen.
        entry: what is typed.
    """

    def __init__(
        self, root: tkinter.Tk, accounts: AccountManager, quit: Callable[[], object]
    ) -> None:
        super().__init__(accounts, quit)
        self._said: dict[Any, list[str]] = {None: []}
        root.title("Instance Messenger")
        root.protocol("WM_DELETE_WINDOW", lambda: self.do_quit(""))
        self.names = tkinter.Listbox(root, width=20, exportselection=False)
        self.names.pack(side=tkinter.LEFT, fill=tkinter.Y)
        self.names.bind("<<ListboxSelect>>", self._picked)
        self.lines = tkinter.Text(root, state=tkinter.DISABLED, wrap=tkinter.WORD)
        self.lines.pack(fill=tkinter.BOTH, expand=True)
        self.entry = tkinter.Entry(root)
        self.entry.pack(fill=tkinter.X)
        self.entry.bind("<Return>", self._entered)
        self.entry.focus_set()
        self._list()
        self.write(None, "The Instance Messenger. /help lists the commands.")

    def write(self, talk: Any, line: str) -> None:
        """Show a line, and keep it."""
        kept = self._said.setdefault(talk, [])
        kept.append(line)
        del kept[:-MAX_LINES]
        # What is of no conversation is an answer to what was typed: it is shown at once, too.
        if talk is self.current or talk is None:
            self._append([line])

    def opened(self, talk: Any) -> None:
        """A conversation has begun."""
        self._said.setdefault(talk, [])
        super().opened(talk)
        self._list()

    def closed(self, talk: Any) -> None:
        """A conversation is over."""
        self._said.pop(talk, None)
        super().closed(talk)
        self._list()

    def choose(self, talk: Any) -> None:
        """Show a conversation."""
        super().choose(talk)
        self.lines.configure(state=tkinter.NORMAL)
        self.lines.delete("1.0", tkinter.END)
        self.lines.configure(state=tkinter.DISABLED)
        self._append(self._said.setdefault(talk, []))
        self._list()

    def _append(self, lines: list[str]) -> None:
        self.lines.configure(state=tkinter.NORMAL)
        for line in lines:
            self.lines.insert(tkinter.END, line + "\n")
        extra = int(self.lines.index("end-1c").partition(".")[0]) - MAX_LINES
        if extra > 0:
            self.lines.delete("1.0", f"{extra}.0")
        self.lines.configure(state=tkinter.DISABLED)
        self.lines.see(tkinter.END)

    def _list(self) -> None:
        """List the conversations, with the chosen one marked."""
        self.names.delete(0, tkinter.END)
        for talk in self._said:
            self.names.insert(tkinter.END, "(messages)" if talk is None else talk.title)
        self.names.selection_set(list(self._said).index(self.current))

    def _picked(self, event: Any) -> None:
        """A conversation was chosen by the mouse."""
        picked = self.names.curselection()  # type: ignore[no-untyped-call]  # in typeshed
        if picked:
            self.choose(list(self._said)[picked[0]])

    def _entered(self, event: Any) -> None:
        """A line was typed."""
        line = self.entry.get()
        self.entry.delete(0, tkinter.END)
        self.typed(line)


def show(accounts: AccountManager, quit: Callable[[], None]) -> TkChat:
    """Open a window, and log on with the accounts that want it.

    Raises:
        RuntimeError: there is no tkinter.
    """
    if tkinter is None:
        raise RuntimeError("There is no tkinter: install it (in Debian, python3-tk).")
    root = tkinter.Tk()
    chat = TkChat(root, accounts, quit)
    tksupport.install(cast(Any, root))
    for name, account in accounts.accounts.items():
        if account.autoLogin:
            chat.typed(f"/connect {name}")
    return chat


if __name__ == "__main__":
    run(sys.argv[1:], show)
