"""What users and their connections may ask of a chat server, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordsLimits:
    """What one server, one group, one user and one connection may cost.

    Give one to `WordsRealm` as `limits`. Sizes are in bytes of UTF-8, times in seconds.

    Attributes:
        nameBytes: the name of a user. Clients of IRC align columns by it.
        groupNameBytes: the name of a group, without the ``#`` of IRC.
        topicBytes: a topic. It goes out in one line of IRC with what surrounds it.
        reasonBytes: why somebody left, was sent away, or is away.
        keyBytes: the key of a group.
        messageBytes: what is said at a time. To clients of IRC it goes in as many lines as it
            takes, so this is how many lines one message can become, too.
        maskBytes: a mask in a list of those who are banned, excepted or invited.
        realNameBytes: what users say of themselves when they log in.
        groupsPerUser: how many one may be in at a time.
        membersPerGroup: how many may be in one at a time. None for no limit.
        masksPerGroup: how many masks a group may have, in all its lists.
        invitationsPerGroup: how many may be invited and have not come; the oldest lapse.
        groups: how many may be made on request, in all. Those nobody is in are let go.
        users: how many may be made on request, in all.
        changesPerLine: how many modes one command may change that take a name or a mask.
        targetsPerLine: how many groups or users one command may name.
        lineBytes: a line from a client of IRC, without tags: RFC 2812 says 512, with CR LF.
            A longer one is refused. What we send has at most 512.
        floodBurst: how many lines or calls a client may send, and be served, at once.
        floodRate: how many of them a second it may send for long. What one sends who sends more
            waits, at first here, and then, by the flow control of TCP, there. None for no limit.
        queueBytes: what may wait for a client that does not read; it is disconnected then.
        unansweredCalls: how many calls a peer of Perspective Broker may leave unanswered; it is
            disconnected then.
        connections: how many there may be by one factory; more are told so and closed.
        connectionsPerAddress: how many of them from one address. None for no limit, since proxies,
            bouncers and networks behind one address are common.
        loginSeconds: how long a client has to log in.
        idleSeconds: how long a client may be silent before it is asked for a sign of life.
        answerSeconds: how long it has for the answer.
        badLogins: how many wrong passwords one connection may try.
    """

    nameBytes: int = 30
    groupNameBytes: int = 50
    topicBytes: int = 390
    reasonBytes: int = 255
    keyBytes: int = 32
    messageBytes: int = 8192
    maskBytes: int = 100
    realNameBytes: int = 100
    groupsPerUser: int = 100
    membersPerGroup: int | None = 10_000
    masksPerGroup: int = 100
    invitationsPerGroup: int = 100
    groups: int = 10_000
    users: int = 100_000
    changesPerLine: int = 6
    targetsPerLine: int = 20
    lineBytes: int = 512
    floodBurst: int = 50
    floodRate: float | None = 10
    queueBytes: int = 1024 * 1024
    unansweredCalls: int = 1000
    connections: int = 10_000
    connectionsPerAddress: int | None = None
    loginSeconds: float = 60
    idleSeconds: float = 120
    answerSeconds: float = 60
    badLogins: int = 3


# The public path, for pickles and messages; `dataclass` would look for the module.
WordsLimits.__module__ = "twisted.words.service"

#: What holds unless something else is said.
DEFAULT_LIMITS = WordsLimits()
