"""A chat server: users and groups, for clients of IRC and of Perspective Broker alike.

An `InMemoryWordsRealm` has the users and groups. A `twisted.cred.portal.Portal` over it, with
checkers, says who may log in; `IRCFactory` and, for Perspective Broker, `PBChatFactory` are the
front ends; a `twisted.spread.pb.PBServerFactory` around the portal is one, too, without limits on
connections. `WordsLimits` has the limits on what anybody may ask for.
"""

from twisted.words.service._groups import Group as Group
from twisted.words.service._ircuser import IRCFactory as IRCFactory
from twisted.words.service._ircuser import IRCUser as IRCUser
from twisted.words.service._limits import DEFAULT_LIMITS as DEFAULT_LIMITS
from twisted.words.service._limits import WordsLimits as WordsLimits
from twisted.words.service._pbclient import AvatarReference as AvatarReference
from twisted.words.service._pbclient import PBGroupReference as PBGroupReference
from twisted.words.service._pbclient import PBMind as PBMind
from twisted.words.service._pbfactory import PBChatFactory as PBChatFactory
from twisted.words.service._pbserver import ChatAvatar as ChatAvatar
from twisted.words.service._pbserver import PBGroup as PBGroup
from twisted.words.service._pbserver import PBMindReference as PBMindReference
from twisted.words.service._pbserver import PBUser as PBUser
from twisted.words.service._realm import InMemoryWordsRealm as InMemoryWordsRealm
from twisted.words.service._realm import RealmWatcher as RealmWatcher
from twisted.words.service._realm import WordsRealm as WordsRealm
from twisted.words.service._users import User as User

__all__ = [
    "DEFAULT_LIMITS",
    "AvatarReference",
    "ChatAvatar",
    "Group",
    "IRCFactory",
    "IRCUser",
    "InMemoryWordsRealm",
    "PBChatFactory",
    "PBGroup",
    "PBGroupReference",
    "PBMind",
    "PBMindReference",
    "PBUser",
    "RealmWatcher",
    "User",
    "WordsLimits",
    "WordsRealm",
]
