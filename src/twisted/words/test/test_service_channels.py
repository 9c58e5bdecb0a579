"""Tests of channels: what clients of IRC see of the groups of the chat server."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from twisted.words.service import WordsLimits
from twisted.words.service._irclines import LINE_BYTES
from twisted.words.test._chat import QUICK, Server, source


class ChannelTests(SynchronousTestCase):
    """Channels: coming, going, talking."""

    def setUp(self) -> None:
        self.server = Server(QUICK)

    def test_join(self) -> None:
        alice, bob = self.server.login("alice"), self.server.login("bob")
        self.assertEqual(
            alice.answers("JOIN #Python"),
            [
                f"{source('alice')} JOIN #Python",
                "353 alice = #Python :@alice",
                "366 alice #Python :End of /NAMES list",
            ],
        )
        self.assertEqual(
            bob.answers("JOIN #python")[:2],
            [f"{source('bob')} JOIN #Python", "353 bob = #Python :@alice bob"],
        )
        self.assertEqual(alice.heard(), [f"{source('bob')} JOIN #Python"])
        self.assertEqual(bob.answers("JOIN #PYTHON"), [])

    def test_joinMany(self) -> None:
        self.server.realm.limits = self.server.factory.limits = WordsLimits(
            floodRate=None, targetsPerLine=2
        )
        alice = self.server.login("alice")
        numbers = alice.numbers("JOIN #a,,#b,#b,#c")
        self.assertEqual(numbers, ["407", *["JOIN", "353", "366"] * 2])
        self.assertEqual(alice.numbers("JOIN 0"), ["PART", "PART"])
        self.assertEqual(self.server.realm.groups, {})

    def test_cannotJoin(self) -> None:
        alice = self.server.login("alice")
        self.server.realm.createGroupOnRequest = False
        self.assertEqual(
            alice.numbers("JOIN", "JOIN :", "JOIN #none", "JOIN plain", "JOIN #", "JOIN &x"),
            ["461", "461", "403", "403", "403", "403"],
        )
        self.server.realm.createGroupOnRequest = True
        self.assertEqual(alice.numbers("JOIN #a:b", "JOIN #" + "x" * 51), ["696", "696"])
        self.assertEqual(self.server.realm.groups, {})

    def test_part(self) -> None:
        alice, bob = self.server.login("alice", "#a"), self.server.login("bob", "#a")
        alice.heard()
        self.assertEqual(bob.answers("PART #a :see you"), [f"{source('bob')} PART #a :see you"])
        self.assertEqual(alice.heard(), [f"{source('bob')} PART #a :see you"])
        self.assertEqual(bob.numbers("PART #a", "PART", "PART #none"), ["442", "461", "442"])
        self.assertEqual(alice.answers("PART #a"), [f"{source('alice')} PART #a"])
        self.assertEqual(self.server.realm.groups, {})

    def test_talk(self) -> None:
        alice, bob = self.server.login("alice", "#a"), self.server.login("bob", "#a")
        alice.heard()
        self.assertEqual(bob.answers("PRIVMSG #a :hello, world"), [])
        self.assertEqual(alice.heard(), [f"{source('bob')} PRIVMSG #a :hello, world"])
        bob.say("NOTICE #a :psst", "PRIVMSG Alice :\x01ACTION waves\x01", "NOTICE alice :x")
        self.assertEqual(
            alice.heard(),
            [
                f"{source('bob')} NOTICE #a :psst",
                f"{source('bob')} PRIVMSG alice :\x01ACTION waves\x01",
                f"{source('bob')} NOTICE alice :x",
            ],
        )

    def test_passesThrough(self) -> None:
        """Markup, colours, other questions of CTCP and other alphabets are text like any other."""
        alice, bob = self.server.login("alice", "#a"), self.server.login("bob", "#a")
        alice.heard()
        for text in (
            "<script>alert(1)</script>",
            "\x02\x0304,05red\x1f",
            "\x01VERSION\x01",
            "日本é",
        ):
            bob.say(f"PRIVMSG #a :{text}")
            self.assertEqual(alice.heard(), [f"{source('bob')} PRIVMSG #a :{text}"])

    def test_latin1(self) -> None:
        """Bytes that are no UTF-8 are read as Latin-1, and sent on as UTF-8."""
        alice, bob = self.server.login("alice", "#a"), self.server.login("bob", "#a")
        alice.heard()
        bob.send(b"PRIVMSG #a :caf\xe9\r\n")
        self.assertEqual(alice.heard(), [f"{source('bob')} PRIVMSG #a :café"])

    def test_targets(self) -> None:
        alice, bob = self.server.login("alice", "#a"), self.server.login("bob", "#a")
        alice.heard()
        bob.say("PRIVMSG #a,alice :x")
        self.assertEqual(len(alice.heard()), 2)
        self.assertEqual(
            bob.numbers("PRIVMSG", "PRIVMSG alice", "PRIVMSG alice :", "PRIVMSG : :x"),
            ["411", "412", "412", "412"],
        )
        self.assertEqual(bob.numbers("PRIVMSG nobody :x", "PRIVMSG #none :x"), ["401", "403"])
        alice.leave()
        self.assertEqual(bob.answers("PRIVMSG alice :x")[0], "401 bob alice :No such nick/channel")

    def test_notices(self) -> None:
        """Nothing answers a notice: no error, nobody who is away, and no service."""
        alice, bob = self.server.login("alice", "#a"), self.server.login("bob")
        alice.say("AWAY :lunch", "MODE #a +m")
        alice.heard()
        many = ",".join(f"n{number}" for number in range(50))
        wrong = ["NOTICE", "NOTICE alice", "NOTICE nobody :x", "NOTICE #none :x", "NOTICE #a :x"]
        wrong += ["NOTICE NickServ :x", f"NOTICE {many} :x"]
        self.assertEqual(bob.answers(*wrong), [])
        self.assertEqual(bob.answers("NOTICE #a,nobody,alice :x"), [])
        self.assertEqual(alice.heard(), [f"{source('bob')} NOTICE alice :x"])

    def test_long(self) -> None:
        """What does not fit into one line when it has a longer name before it becomes two."""
        alice, bob = self.server.login("alice", "#a"), self.server.login("bob", "#a")
        alice.heard()
        text = "é" * 245
        bob.say(f"PRIVMSG #a :{text}")
        lines = alice.heard()
        self.assertEqual(len(lines), 2)
        before = f"{source('bob')} PRIVMSG #a :"
        self.assertEqual("".join(line.removeprefix(before) for line in lines), text)
        for line in lines:
            self.assertLessEqual(len(line.encode()) + 2, LINE_BYTES)

    def test_outside(self) -> None:
        """Who is not in a channel does not speak in it, unless it lets them."""
        alice, bob = self.server.login("alice", "#a"), self.server.login("bob")
        self.assertEqual(bob.numbers("PRIVMSG #a :x"), ["442"])
        alice.say("MODE #a -n")
        alice.heard()
        self.assertEqual(bob.numbers("PRIVMSG #a :x"), [])
        self.assertEqual(alice.heard(), [f"{source('bob')} PRIVMSG #a :x"])

    def test_quit(self) -> None:
        """Who shares two channels hears of it once."""
        alice = self.server.login("alice", "#a", "#b")
        bob = self.server.login("bob", "#a", "#b")
        alice.heard()
        self.assertEqual(bob.answers("QUIT :bye"), ["ERROR :Closing link: bye"])
        self.assertEqual(alice.heard(), [f"{source('bob')} QUIT :bye"])
        self.assertTrue(bob.transport.disconnecting)
        bob.leave()
        self.assertEqual(alice.heard(), [])
        self.assertEqual(alice.numbers("PRIVMSG bob :x"), ["401"])

    def test_lost(self) -> None:
        alice, bob = self.server.login("alice", "#a"), self.server.login("bob", "#a")
        alice.heard()
        bob.leave()
        self.assertEqual(alice.heard(), [f"{source('bob')} QUIT :Connection closed"])
        self.assertEqual(self.server.factory.count, 1)
        self.server.login("bob")

    def test_topic(self) -> None:
        alice, bob = self.server.login("alice", "#a"), self.server.login("bob", "#a")
        alice.heard()
        self.assertEqual(bob.answers("TOPIC #a"), ["331 bob #a :No topic is set"])
        self.assertEqual(bob.numbers("TOPIC #a :mine"), ["482"])
        self.assertEqual(alice.answers("TOPIC #a :mine"), [f"{source('alice')} TOPIC #a :mine"])
        self.assertEqual(bob.heard(), [f"{source('alice')} TOPIC #a :mine"])
        self.assertEqual(bob.numbers("TOPIC #a"), ["332", "333"])
        alice.say("MODE #a -t")
        self.assertEqual(bob.numbers("TOPIC #a :ours"), ["TOPIC"])
        self.assertEqual(bob.numbers("TOPIC #a :" + "x" * 391), ["696"])
        carol = self.server.login("carol")
        self.assertEqual(
            carol.numbers("TOPIC #a :hers", "TOPIC #none", "TOPIC"), ["442", "403", "461"]
        )
        self.assertEqual(carol.numbers("TOPIC #a"), ["332", "333"])
        alice.say("MODE #a +s", "TOPIC #a :")
        self.assertEqual(carol.numbers("TOPIC #a"), ["442"])
        self.assertEqual(bob.numbers("TOPIC #a"), ["331"])

    def test_kick(self) -> None:
        alice, bob = self.server.login("alice", "#a"), self.server.login("bob", "#a")
        alice.heard()
        self.assertEqual(bob.numbers("KICK #a alice"), ["482"])
        self.assertEqual(
            alice.answers("KICK #a bob :for fun"), [f"{source('alice')} KICK #a bob :for fun"]
        )
        self.assertEqual(bob.heard(), [f"{source('alice')} KICK #a bob :for fun"])
        self.assertEqual(bob.numbers("PRIVMSG #a :x"), ["442"])
        self.assertEqual(
            alice.numbers("KICK #a bob", "KICK #a", "KICK #b x"), ["441", "461", "442"]
        )
        bob.say("JOIN #a")
        alice.heard()
        self.assertEqual(alice.answers("KICK #a bob"), [f"{source('alice')} KICK #a bob :alice"])

    def test_away(self) -> None:
        alice, bob = self.server.login("alice"), self.server.login("bob")
        self.assertEqual(alice.numbers("AWAY :at lunch"), ["306"])
        self.assertEqual(bob.answers("PRIVMSG alice :x"), ["301 bob alice :at lunch"])
        self.assertEqual(bob.answers("NOTICE alice :x"), [])
        self.assertEqual(alice.numbers("AWAY :" + "x" * 256), ["696"])
        self.assertEqual(alice.numbers("AWAY"), ["305"])
        self.assertEqual(bob.answers("PRIVMSG alice :x"), [])


class ModeTests(SynchronousTestCase):
    """Modes, as clients ask for them."""

    def setUp(self) -> None:
        self.server = Server(QUICK)
        self.alice = self.server.login("alice", "#a")
        self.bob = self.server.login("bob", "#a")
        self.alice.heard()

    def test_show(self) -> None:
        self.assertEqual(self.alice.answers("MODE #a")[0], "324 alice #a +nt")
        self.alice.say("MODE #a +kl secret 9")
        self.assertEqual(self.bob.answers("MODE #a")[0], "324 bob #a +ntkl secret 9")
        carol = self.server.login("carol")
        self.assertEqual(carol.answers("MODE #a")[0], "324 carol #a +ntkl * 9")
        self.assertEqual(carol.numbers("MODE #a +m", "MODE #none", "MODE"), ["442", "403", "461"])

    def test_change(self) -> None:
        line = f"{source('alice')} MODE #a +mv-t+k bob key"
        self.assertEqual(self.alice.answers("MODE #a +mv-t+k BOB key"), [line])
        self.assertEqual(self.bob.heard(), [line])
        self.assertEqual(self.alice.answers("MODE #a +m"), [])
        self.assertEqual(
            self.alice.numbers("MODE #a +X", "MODE #a +o nobody", "MODE #a +l x"),
            ["472", "441", "696"],
        )
        self.assertEqual(self.bob.numbers("MODE #a -m"), ["482"])

    def test_long(self) -> None:
        """Many long changes become more lines than one."""
        masks = [f"{letter * 90}!*@*" for letter in "abcdef"]
        lines = self.alice.answers("MODE #a +bbb " + " ".join(masks[:3]))
        lines += self.alice.answers("MODE #a +bbb " + " ".join(masks[3:]))
        changes = [(True, "b", mask) for mask in masks]
        group = self.server.realm.groups["a"]
        group.tell("modesChanged", (group, None, changes))
        lines = self.alice.heard()
        self.assertEqual(len(lines), 2)
        self.assertEqual([line.split()[3] for line in lines], ["+bbbbb", "+b"])
        self.assertEqual([word for line in lines for word in line.split()[4:]], masks)

    def test_ban(self) -> None:
        self.alice.say("MODE #a +b bob", "MODE #a +e x")
        self.assertEqual(self.bob.numbers("PRIVMSG #a :x"), ["MODE", "MODE", "404"][2:])
        listed = self.bob.answers("MODE #a b")
        self.assertEqual(listed[0].split()[:5], ["367", "bob", "#a", "bob!*@*", "alice"])
        self.assertEqual(self.bob.numbers("MODE #a +b"), ["367", "368"])
        self.assertEqual(self.bob.numbers("MODE #a eI"), ["348", "349", "347"])
        self.bob.say("PART #a")
        self.assertEqual(self.bob.numbers("JOIN #a"), ["474"])
        self.alice.say("MODE #a -b bob!*@*")
        self.assertEqual(self.bob.numbers("JOIN #a")[0], "JOIN")

    def test_moderated(self) -> None:
        self.alice.say("MODE #a +m")
        self.assertEqual(self.bob.numbers("PRIVMSG #a :x"), ["404"])
        self.alice.say("MODE #a +v bob")
        self.bob.heard()
        self.assertEqual(self.bob.numbers("PRIVMSG #a :x"), [])
        self.assertIn("353 bob = #a :@alice +bob", self.bob.answers("NAMES #a"))

    def test_invite(self) -> None:
        carol = self.server.login("carol")
        self.alice.say("MODE #a +ik key")
        self.assertEqual(carol.numbers("JOIN #a"), ["473"])
        self.assertEqual(self.bob.numbers("INVITE carol #a"), ["482"])
        self.assertEqual(self.alice.answers("INVITE carol #a"), ["341 alice carol #a"])
        self.assertEqual(carol.heard(), [f"{source('alice')} INVITE carol :#a"])
        self.assertEqual(carol.numbers("JOIN #a")[0], "JOIN")
        self.assertEqual(
            self.alice.numbers("INVITE carol #a", "INVITE dave #a", "INVITE dave", "INVITE a #b"),
            ["443", "401", "461", "442"],
        )

    def test_key(self) -> None:
        carol = self.server.login("carol")
        self.alice.say("MODE #a +k key")
        self.assertEqual(carol.numbers("JOIN #a wrong", "JOIN #b,#a x,key")[:2], ["475", "JOIN"])
        self.assertIn("carol", self.server.realm.groups["a"].users)

    def test_limit(self) -> None:
        carol = self.server.login("carol")
        self.alice.say("MODE #a +l 2")
        self.assertEqual(carol.numbers("JOIN #a"), ["471"])

    def test_multiPrefix(self) -> None:
        self.alice.say("MODE #a +v alice", "CAP REQ :multi-prefix")
        self.assertIn("353 alice = #a :@+alice bob", self.alice.answers("NAMES #a"))
        self.assertIn("353 bob = #a :@alice bob", self.bob.answers("NAMES #a"))

    def test_hidden(self) -> None:
        """Others do not hear of a secret channel."""
        carol = self.server.login("carol")
        self.alice.say("MODE #a +s")
        self.assertEqual(carol.numbers("LIST"), ["323"])
        self.assertEqual(carol.numbers("LIST #a"), ["323"])
        self.assertEqual(carol.numbers("NAMES #a"), ["366"])
        self.assertEqual(carol.numbers("WHO #a"), ["315"])
        self.assertEqual(carol.numbers("MODE #a b"), ["442"])
        self.assertNotIn("319", carol.numbers("WHOIS alice"))
        self.assertEqual(self.bob.numbers("LIST"), ["MODE", "322", "323"][1:])
        self.assertIn("319", self.bob.numbers("WHOIS alice"))

    def test_user(self) -> None:
        self.assertEqual(self.alice.answers("MODE alice"), ["221 alice +i"])
        self.assertEqual(self.alice.numbers("MODE alice +i", "MODE alice +o"), ["501"])
        self.assertEqual(self.alice.numbers("MODE bob +i"), ["502"])
