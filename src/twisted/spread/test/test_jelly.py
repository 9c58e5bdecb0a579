"""Tests of jelly: what objects become, what is made of expressions, and what is not."""

from __future__ import annotations

import datetime
import decimal
import sys
import types
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.python.reflect import qual
from twisted.spread import jelly
from twisted.spread.jelly import (
    DummySecurityOptions,
    InsecureJelly,
    Jellyable,
    SecurityOptions,
    Unjellyable,
    Unpersistable,
)
from twisted.trial import unittest

SCALARS: Any = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.binary(max_size=20)
    | st.text(max_size=20)
    | st.dates()
    | st.times()
    | st.datetimes()
    | st.timedeltas()
    | st.decimals(allow_nan=False, allow_infinity=False).filter(
        lambda d: not d.is_zero() or not d.is_signed()
    )
)
HASHABLE: Any = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.frozensets(inner, max_size=4),
    max_leaves=8,
)
VALUES: Any = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(HASHABLE, inner, max_size=4)
        | st.sets(HASHABLE, max_size=4)
    ),
    max_leaves=20,
)
NAMES = b"""
None boolean unicode list tuple dictionary set frozenset reference dereference persistent
unpersistable datetime date time timedelta decimal class module function method instance remote
cached local lcache os.system os.path.join twisted.spread.pb.CopyableFailure
""".split()
SEXPS: Any = st.recursive(
    st.integers(-3, 3) | st.floats() | st.binary(max_size=9) | st.sampled_from([b"true", b"1 2 3"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(
            st.sampled_from(NAMES),
            st.lists(inner, max_size=4),
        ).map(lambda pair: [pair[0], *pair[1]])
    ),
    max_leaves=20,
)


class Plain:
    """A class that says nothing of how it is sent."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)

    def method(self) -> str:
        return "called"


class Stated:
    """A class with a state of its own."""

    def __getstate__(self) -> Any:
        return [1, 2]

    def __setstate__(self, state: Any) -> None:
        self.state = state


class Slotted:
    """A class that has neither attributes nor a state."""

    __slots__ = ()


class Sent(Jellyable):
    """A class whose objects can be sent."""


class Received(Unjellyable):
    """What is made of them here."""


def allowing(*classes: type) -> SecurityOptions:
    """Options that allow instances of some classes."""
    options = SecurityOptions()
    options.allowBasicTypes()
    options.allowInstancesOf(*classes)
    return options


def back(value: Any, taster: Any = None) -> Any:
    """What is received when a value is sent."""
    taster = taster or jelly.globalSecurity
    return jelly.unjelly(jelly.jelly(value, taster), taster)


class FormTests(unittest.SynchronousTestCase):
    """How values are written: other programs read it."""

    FORMS: list[tuple[Any, Any]] = [
        (1, 1),
        (-(2**70), -(2**70)),
        (1.5, 1.5),
        (b"bytes", b"bytes"),
        ("\u1234", [b"unicode", b"\xe1\x88\xb4"]),
        (True, [b"boolean", b"true"]),
        (False, [b"boolean", b"false"]),
        (None, [b"None"]),
        ([1, "a"], [b"list", 1, [b"unicode", b"a"]]),
        ((1, b"a"), [b"tuple", 1, b"a"]),
        ({"a": 1, 2: "b"}, [b"dictionary", [[b"unicode", b"a"], 1], [2, [b"unicode", b"b"]]]),
        ({1}, [b"set", 1]),
        (frozenset([1]), [b"frozenset", 1]),
        (datetime.datetime(2020, 1, 2, 3, 4, 5, 6), [b"datetime", b"2020 1 2 3 4 5 6"]),
        (datetime.date(2020, 1, 2), [b"date", b"2020 1 2"]),
        (datetime.time(1, 2, 3, 4), [b"time", b"1 2 3 4"]),
        (datetime.timedelta(1, 2, 3), [b"timedelta", b"1 2 3"]),
        (datetime.timedelta(days=-1), [b"timedelta", b"-1 0 0"]),
        (decimal.Decimal("1.25"), [b"decimal", 125, -2]),
        (decimal.Decimal("-12e5"), [b"decimal", -12, 5]),
    ]

    def test_written(self) -> None:
        """Each value has one form."""
        for value, form in self.FORMS:
            self.assertEqual(jelly.jelly(value), form)

    def test_read(self) -> None:
        """Each form has one value, of the same type."""
        for value, form in self.FORMS:
            found = jelly.unjelly(form, jelly.globalSecurity)
            self.assertEqual((found, type(found)), (value, type(value)))

    def test_instance(self) -> None:
        """An instance is the name of its class and its state."""
        self.assertEqual(
            jelly.jelly(Plain(x=1)),
            [qual(Plain).encode(), [b"dictionary", [[b"unicode", b"x"], 1]]],
        )
        self.assertEqual(jelly.jelly(Stated()), [qual(Stated).encode(), [b"list", 1, 2]])

    def test_code(self) -> None:
        """Classes, modules and functions are names."""
        name = qual(Plain).encode()
        self.assertEqual(jelly.jelly(Plain), [b"class", name])
        self.assertEqual(jelly.jelly(types), [b"module", b"types"])
        self.assertEqual(jelly.jelly(back), [b"function", f"{__name__}.back".encode()])
        method = jelly.jelly(Plain().method)
        self.assertEqual(method, [b"method", b"method", [name, [b"dictionary"]], [b"class", name]])

    def test_noForm(self) -> None:
        """What has none is refused with a sentence that tells what to send."""
        zone = datetime.UTC
        for value in (datetime.datetime(2020, 1, 1, tzinfo=zone), datetime.time(1, tzinfo=zone)):
            self.assertIn(
                "isoformat", str(self.assertRaises(NotImplementedError, jelly.jelly, value))
            )
        self.assertRaises(ValueError, jelly.jelly, decimal.Decimal("NaN"))
        self.assertRaises(InsecureJelly, jelly.jelly, Slotted())

    def test_persistent(self) -> None:
        """What is kept elsewhere goes by what its keeper calls it."""
        one = Plain()
        sexp = jelly.jelly([one, 1], persistentStore=lambda o, _: "id" if o is one else None)
        self.assertEqual(sexp, [b"list", [b"persistent", "id"], 1])
        self.assertIs(jelly.unjelly(sexp, persistentLoad=lambda _id, _: one)[0], one)
        self.assertIsInstance(jelly.unjelly(sexp)[0], Unpersistable)

    def test_unpersistable(self) -> None:
        """What others could not send is told apart from what they sent."""
        found = jelly.unjelly([b"unpersistable", b"a lock"], jelly.globalSecurity)
        self.assertEqual(found.reason, "Unpersistable data: a lock")


class SameTests(unittest.SynchronousTestCase):
    """What goes comes back."""

    @settings(deadline=None, max_examples=60)
    @given(VALUES)
    def test_anyValue(self, value: Any) -> None:
        """Any value of the types that PB names."""
        self.assertEqual(back(value), value)

    def test_shared(self) -> None:
        """What is met twice is one object, and is written once."""
        inner = ["x" * 1000]
        found = back([inner, (inner, {"k": inner})])
        self.assertIs(found[0], found[1][0])
        self.assertIs(found[0], found[1][1]["k"])
        self.assertLess(len(str(jelly.jelly([inner] * 10))), 1500)

    def test_equalIsNotSame(self) -> None:
        """What is equal is two objects."""
        found = back([[1], [1]])
        self.assertIsNot(found[0], found[1])

    def test_cycles(self) -> None:
        """Lists, dictionaries, sets of what has them, and tuples can be part of themselves."""
        items: list[Any] = []
        items.append(items)
        found = back(items)
        self.assertIs(found[0], found)

        table: dict[str, Any] = {}
        table["self"] = table
        found = back(table)
        self.assertIs(found["self"], found)

        pair: tuple[list[Any], int] = ([], 1)
        pair[0].append(pair)
        found = back(pair)
        self.assertIs(found[0][0], found)

        deeper: tuple[Any, ...] = ([],)
        deeper[0].append((deeper, 2))
        found = back(deeper)
        self.assertIs(found[0][0][0], found)

    def test_cyclesThroughKeys(self) -> None:
        """So can what is a key, or in a set, by way of an instance."""
        one: Any = Plain()
        pair = (one, 1)
        one.table, one.members = {pair: "v"}, {pair}
        found = back(pair, allowing(Plain))
        self.assertEqual(found[0].table, {found: "v"})
        self.assertEqual(found[0].members, {found})
        frozen = frozenset([one])
        one.frozen = frozen
        found = back(frozen, allowing(Plain))
        (member,) = found
        self.assertIs(member.frozen, found)

    def test_instances(self) -> None:
        """Instances that are allowed come back, with what they refer to."""
        one: Any = Plain(name="one")
        two: Any = Plain(name="two")
        one.other, two.other = two, one
        found = back(one, allowing(Plain))
        self.assertIs(found.other.other, found)
        self.assertEqual((found.name, found.other.name), ("one", "two"))

    def test_state(self) -> None:
        """A state of its own is given to `__setstate__`."""
        self.assertEqual(back(Stated(), allowing(Stated)).state, [1, 2])

    def test_method(self) -> None:
        """A method is one of the instance that came with it."""
        options = allowing(Plain)
        options.allowTypes("method")
        self.assertEqual(back(Plain().method, options)(), "called")

    def test_code(self) -> None:
        """Classes and modules that are allowed come back; so do functions of such modules."""
        options = allowing(Plain)
        options.allowTypes("function")
        options.allowModules(types)
        for thing in (Plain, types, back):
            self.assertIs(back(thing, options), thing)

    def test_forward(self) -> None:
        """An object can be meant before it comes."""
        sexp = [b"list", [b"dereference", 1], [b"reference", 1, [b"tuple", 1, 2]]]
        self.assertEqual(jelly.unjelly(sexp), [(1, 2), (1, 2)])


class RegistryTests(unittest.SynchronousTestCase):
    """What is made of other programs' classes."""

    def setUp(self) -> None:
        for registry in (jelly.unjellyableRegistry, jelly.unjellyableFactoryRegistry):
            before = dict(registry)
            self.addCleanup(registry.update, before)
            self.addCleanup(registry.clear)
        allowed = jelly.globalSecurity.allowedTypes
        self.patch(jelly.globalSecurity, "allowedTypes", set(allowed))

    def test_class(self) -> None:
        """A registered class is made, and takes the state; cycles go through it."""
        jelly.setUnjellyableForClass(Sent, Received)
        one = Sent()
        one.__dict__.update(q=1, me=one, others=[one])
        found = back(one)
        self.assertIsInstance(found, Received)
        self.assertEqual(found.q, 1)
        self.assertIs(found.me, found)
        self.assertIs(found.others[0], found)

    def test_name(self) -> None:
        """The class may be known by its name alone, as text or bytes."""
        for name in ("their.Thing", b"their.Thing"):
            jelly.setUnjellyableForClass(name, Received)
            found = jelly.unjelly([b"their.Thing", [b"dictionary", [[b"unicode", b"a"], 1]]])
            self.assertEqual((type(found), found.a), (Received, 1))

    def test_factory(self) -> None:
        """A factory makes what it likes of the state."""
        jelly.setUnjellyableFactoryForClass("their.Thing", lambda state: ("made", state))
        self.assertEqual(jelly.unjelly([b"their.Thing", 7], jelly.globalSecurity), ("made", 7))

    def test_tree(self) -> None:
        """All classes of a module that descend from one are registered."""
        module = types.ModuleType("shapes")
        module.__dict__.update(Received=Received, Plain=Plain, number=1)
        jelly.setUnjellyableForClassTree(module, Unjellyable)
        jelly.setUnjellyableForClassTree(module, Unjellyable, "theirs")
        self.assertIs(jelly.unjellyableRegistry[b"shapes.Received"], Received)
        self.assertIs(jelly.unjellyableRegistry[b"theirs.Received"], Received)
        self.assertNotIn(b"shapes.Plain", jelly.unjellyableRegistry)

    def test_notRegistered(self) -> None:
        """What was not registered is refused, with the name."""
        sexp = jelly.jelly(Sent())
        error = self.assertRaises(InsecureJelly, jelly.unjelly, sexp, jelly.globalSecurity)
        self.assertIn(qual(Sent), str(error))


class SecurityTests(unittest.SynchronousTestCase):
    """Nothing is made that is not listed."""

    def refuse(self, sexp: Any, taster: Any = None) -> str:
        """Read an expression that is refused, and return why."""
        taster = taster or jelly.globalSecurity
        return str(self.assertRaises(InsecureJelly, jelly.unjelly, sexp, taster))

    def test_modulesAndClasses(self) -> None:
        """No code can be named, be it there or not."""
        for sexp in (
            [b"module", b"os"],
            [b"class", b"os._wrap_close"],
            [b"function", b"os.system"],
            [b"os.system", [b"dictionary"]],
            [b"subprocess.Popen", [b"dictionary"]],
            [b"no.such.Thing", [b"dictionary"]],
            [b"instance", [b"class", b"subprocess.Popen"], [b"dictionary"]],
            [b"method", b"system", [b"None"], [b"module", b"os"]],
        ):
            self.refuse(sexp)

    def test_nothingIsImported(self) -> None:
        """What is refused has not been imported."""
        sys.modules.pop("this", None)
        self.refuse([b"this.Zen", [b"dictionary"]])
        self.refuse([b"module", b"this"])
        self.assertNotIn("this", sys.modules)

    def test_otherClassesOfTheModule(self) -> None:
        """That one class is allowed allows no other of its module, nor its base classes."""
        options = allowing(Plain)
        for name in (qual(Stated), qual(Sent)):
            self.refuse([name.encode(), [b"dictionary"]], options)
            self.refuse([b"class", name.encode()], options)

    def test_reexported(self) -> None:
        """Nor what the module has from elsewhere."""
        self.refuse([f"{__name__}.sys.exit".encode(), [b"dictionary"]], allowing(Plain))
        self.refuse([f"{__name__}.SecurityOptions".encode(), [b"dictionary"]], allowing(Plain))
        options = allowing(Plain)
        options.allowTypes("function")
        self.refuse([b"function", f"{__name__}.Plain".encode()], options)

    def test_types(self) -> None:
        """Types that are not allowed are not made, though they were harmless."""
        options = SecurityOptions()
        self.refuse([b"list"], options)
        options.allowTypes("list")
        self.assertEqual(jelly.unjelly([b"list"], options), [])

    def test_immutables(self) -> None:
        """Values are always allowed."""
        for value in (None, True, "text", datetime.date(2020, 1, 1), frozenset([1])):
            self.assertEqual(back(value, SecurityOptions()), value)

    def test_isAllowed(self) -> None:
        """The options answer what they were told; names are text or bytes."""
        options = allowing(Plain)
        self.assertTrue(options.isClassAllowed(Plain))
        self.assertFalse(options.isClassAllowed(type("Plainer", (Plain,), {})))
        self.assertTrue(options.isModuleAllowed(__name__))
        self.assertTrue(options.isModuleAllowed(__name__.encode()))
        self.assertFalse(options.isModuleAllowed("os"))
        self.assertTrue(options.isTypeAllowed("dictionary"))
        self.assertFalse(options.isTypeAllowed(b"function"))

    def test_dummy(self) -> None:
        """One's own data may name anything."""
        found = jelly.unjelly(jelly.jelly([Plain(x=1), types]))
        self.assertEqual((found[0].x, found[1]), (1, types))
        dummy = DummySecurityOptions()
        self.assertTrue(dummy.isTypeAllowed("x") and dummy.isModuleAllowed("x"))

    def test_notToBeSent(self) -> None:
        """An instance that nobody said can be sent is refused where it would be sent."""
        error = self.assertRaises(InsecureJelly, jelly.jelly, [Plain()], jelly.globalSecurity)
        self.assertIn("pb.Copyable", str(error))

    @settings(deadline=None, max_examples=120)
    @given(SEXPS)
    def test_anyExpression(self, sexp: Any) -> None:
        """Any expression is a value, or an InsecureJelly."""
        try:
            jelly.unjelly(sexp, jelly.globalSecurity)
        except InsecureJelly:
            pass

    def test_shapes(self) -> None:
        """An expression of the wrong shape is refused with its beginning."""
        for sexp in (
            [],
            [1],
            [[b"list"]],
            [b"unicode"],
            [b"unicode", b"\xff"],
            [b"unicode", 1],
            [b"boolean", b"maybe"],
            [b"dictionary", [1]],
            [b"dictionary", 1],
            [b"dictionary", [[b"list"], 1]],
            [b"set", [b"list"]],
            [b"frozenset", [b"set"]],
            [b"reference", b"1", [b"list"]],
            [b"reference", 1],
            [b"dereference", [b"list"]],
            [b"datetime", b"2020 13 1 0 0 0 0"],
            [b"datetime", b"1 2"],
            [b"date", b"99999999999999999999 1 1"],
            [b"timedelta", b"99999999999999999999 1 1"],
            [b"decimal", b"1"],
            [b"decimal", 1, 2_000_000_000],
            [b"time", 5],
        ):
            self.refuse(sexp)

    def test_neverKnown(self) -> None:
        """What is part of itself where nothing can be, or is never told, is refused."""
        for sexp in (
            [b"dereference", 1],
            [b"list", [b"dereference", 1]],
            [b"reference", 1, [b"tuple", [b"dereference", 1]]],
            [b"reference", 1, [b"dereference", 1]],
            [b"reference", 1, [b"frozenset", [b"tuple", [b"dereference", 1]]]],
        ):
            self.refuse(sexp)
