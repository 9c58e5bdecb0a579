"""Objects as source, and as trees."""

from __future__ import annotations

import io
import math
import pickle
import types
import warnings
from collections import deque
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twisted.persisted import aot, styles
from twisted.persisted.aot import jellyToAOT, jellyToSource, unjellyFromAOT, unjellyFromSource
from twisted.persisted.test._things import Growing, Key, Plain, Stateful, objects
from twisted.trial.unittest import SynchronousTestCase

#: Machines may be busy, and slow.
UNHURRIED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

MODULE = "twisted.persisted.test._things"

literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Global:
    """Is one of a kind, by a name."""

    it: Global

    def __reduce__(self) -> str:
        return "GLOBAL"


GLOBAL = Global.it = Global()


class TreeTests(SynchronousTestCase):
    """Objects go out and come back: here as trees, in subclasses in other forms."""

    def again(self, thing: Any) -> Any:
        return unjellyFromAOT(jellyToAOT(thing))

    @given(literals)
    @UNHURRIED
    def test_literals(self, thing: Any) -> None:
        """Whatever literals there are."""
        self.checkLiteral(thing)

    def test_objects(self) -> None:
        """Equal to what went out, and of the same type."""
        for thing in objects():
            again = self.again(thing)
            self.assertIs(type(again), type(thing), thing)
            isMethod = isinstance(thing, types.MethodType)
            self.assertEqual(again() if isMethod else again, thing() if isMethod else thing)

    def test_nan(self) -> None:
        """What is not equal to itself is what it was, too."""
        self.assertTrue(math.isnan(self.again(float("nan"))))
        self.assertTrue(math.isnan(self.again(complex(1, float("nan"))).imag))

    def checkLiteral(self, thing: Any) -> None:
        """What is made of literals comes back."""
        # repr, since not all are equal to themselves.
        self.assertEqual(repr(self.again(thing)), repr(thing))

    def test_identity(self) -> None:
        """One object stays one, and two stay two."""
        one, two = Plain(), Plain()
        a, b, c, d = self.again([one, two, one, {"x": two}])
        self.assertIs(a, c)
        self.assertIs(b, d["x"])
        self.assertIsNot(a, b)

    def test_cycles(self) -> None:
        """Parts that mean the whole, in whatever there is."""
        inList: list[Any] = []
        inList.append(inList)
        again = self.again(inList)
        self.assertIs(again[0], again)
        inDict: dict[Any, Any] = {}
        inDict["x"] = inDict
        again = self.again(inDict)
        self.assertIs(again["x"], again)
        inTuple: Any = ([], 2)
        inTuple[0].append((inTuple, inTuple))
        again = self.again(inTuple)
        self.assertIs(again[0][0][0], again)
        self.assertIs(again[0][0][1], again)
        inDeque: deque[Any] = deque()
        inDeque.append([inDeque])
        again = self.again(inDeque)
        self.assertIs(again[0][0], again)

    def test_cyclesOfInstances(self) -> None:
        """Objects, their states and their methods."""
        plain = Plain()
        plain.me, plain.a = [plain], plain.method
        again = self.again(plain)
        self.assertIs(again.me[0], again)
        self.assertIs(again.a.__self__, again)
        stateful = Stateful()
        stateful.parts = (stateful, [stateful])
        again = self.again(stateful)
        self.assertIs(again.parts[0], again)
        self.assertIs(again.parts[1][0], again)

    def test_cyclesOfKeys(self) -> None:
        """A key of a dictionary that has the dictionary."""
        key = Key("k")
        inKey: dict[Any, Any] = {key: 1}
        key.where = inKey  # type: ignore[attr-defined]  # of no class
        again = self.again(inKey)
        self.assertIs(next(iter(again)).where, again)
        self.assertEqual(again[Key("k")], 1)
        tupled: Any = ({},)
        tupled[0][tupled[:0], 1] = tupled
        again = self.again(tupled)
        self.assertIs(again[0][(), 1], again)

    def test_unkeepable(self) -> None:
        """What cannot be kept is told as it goes out."""

        class Local:
            """Cannot be found by its name."""

        for thing in (Local, Local(), [lambda: 0], iter([lambda: 0])):
            self.assertRaises(TypeError, self.again, thing)

    def test_deep(self) -> None:
        """So is what is nested too deeply."""
        thing: list[Any] = []
        for _ in range(100_000):
            thing = [thing]
        self.assertRaises(ValueError, self.again, thing)


class SourceTests(TreeTests):
    def again(self, thing: Any) -> Any:
        return unjellyFromSource(str(jellyToSource(thing)))

    @given(literals)
    @UNHURRIED
    def test_literals(self, thing: Any) -> None:
        """Whatever literals there are."""
        self.checkLiteral(thing)

    def test_tooManyBrackets(self) -> None:
        """Python's parser has a limit, which is told when there still is the object."""
        thing: list[Any] = []
        for _ in range(200):
            thing = [thing]
        self.assertIn("brackets", str(self.assertRaises(ValueError, self.again, thing)))

    def test_form(self) -> None:
        """It can be read, and edited."""
        thing = Plain(name="finger", users={b"moshez": b"Happy"})
        self.assertEqual(
            jellyToSource(thing),
            f"""app=Instance('{MODULE}.Plain',
  name='finger',
  users={{
    b'moshez':b'Happy',
  }},
)""",
        )
        edited = f"# mine\napp = Instance('{MODULE}.Plain', name='f', users={{b'a': b'b'}})\n"
        self.assertEqual(unjellyFromSource(edited), Plain(name="f", users={b"a": b"b"}))

    def test_earlier(self) -> None:
        """The form of other versions, which has its brackets elsewhere."""
        source = f"app=[\n  Ref(1,\n    Instance('{MODULE}.Plain',\n      a=1,)),\n  Deref(1),\n  ]"
        one, other = unjellyFromSource(source)
        self.assertIs(one, other)
        self.assertEqual(one, Plain(a=1))

    def test_files(self) -> None:
        """Sources are written to files, and read from them."""
        file = io.StringIO()
        self.assertIsNone(jellyToSource([1], file))
        self.assertEqual(unjellyFromSource(io.StringIO(file.getvalue())), [1])

    def test_versioned(self) -> None:
        """What is loaded is upgraded when that is asked for."""
        self.addCleanup(styles.versionedsToUpgrade.clear)
        thing = Growing()
        thing.x = 1
        again = self.again(thing)
        styles.doUpgrade()
        self.assertEqual(vars(again), {"x": 1})

    def test_notRun(self) -> None:
        """What is not a tree is not run, and told by its line."""
        for bad in (
            "app=__import__('os')",
            "app=print('x')",
            "app=[x for x in ()]",
            "app=(lambda: 0)()",
            "app=f'{1}'",
            "app=1 if 1 else 2",
            "app=2**9999999999",
            "app='a'*10",
            "app='a'+'b'",
            "app=-'a'",
            "app=-True",
            "app=~1",
            "app=not 1",
            "app=unknown",
            "app=Plain.x",
            "app=Instance.__init__('x')",
            "app={**{}}",
            "app={[]: 1}",
            "app={1}",
            "app=[*[1]]",
            "import os\napp=1",
            "app=1; print(1)",
            "app=x=1",
            "app,=1",
            "app: int = 1",
            "del app",
            "'docstring'\napp=1",
        ):
            error = self.assertRaises(ValueError, unjellyFromSource, bad)
            self.assertRegex(str(error), r"^line \d: ", bad)

    def test_noTree(self) -> None:
        """What cannot be read, or does not say anything, is an error of the same kind."""
        deep = "[" * 100_000
        for bad in ("", "x", "app=", "app=\0", "\ud800", deep, "app=" + "-" * 50_000 + "1", "ap=1"):
            self.assertRaises(ValueError, unjellyFromSource, bad)

    def test_wrong(self) -> None:
        """Constructors are called as they are meant to be."""
        for bad in (
            "Instance()",
            "Instance(1)",
            "Instance('int', 1, x=2)",
            "Instance('int', *[])",
            "Instance('int', **{})",
            "Class()",
            "Class(1)",
            "Class('a', 'b')",
            "Module(b'os')",
            "Function(None)",
            "Ref(1)",
            "Ref('1', 2)",
            "Ref(1, 2, 3)",
            "Deref('1')",
            "Deref()",
            "InstanceMethod('a', 'b')",
            "InstanceMethod(1, 'b', 2)",
            "Copyreg('a')",
            "Copyreg(1, ())",
        ):
            self.assertRaises(ValueError, unjellyFromSource, f"app={bad}")

    def test_notFound(self) -> None:
        """What is named has to be there, and be what it is said to be."""
        for bad in (
            "Class('never.heard')",
            "Class('')",
            "Class('os')",
            "Class('os.getcwd')",
            "Function('os.never')",
            "Module('never')",
            "Instance('os')",
            "Instance('builtins.len')",
            "Instance('builtins.object', x=1)",
            "Instance('builtins.object', 1)",
            f"Instance('{MODULE}.Plain', (1, 2))",
            "InstanceMethod('never', 'builtins.int', 1)",
            "Copyreg('os', ())",
            "Copyreg('builtins.int', 1)",
            "Copyreg('builtins.int', ('x',))",
            "Copyreg('builtins.list', (), None, 1)",
            "Copyreg('builtins.list', (), None, [1], 1)",
            "Copyreg('builtins.list', (), None, None, None, None)",
        ):
            error = self.assertRaises(ValueError, unjellyFromSource, f"app={bad}")
            self.assertIsNotNone(error.__cause__, bad)

    def test_numbers(self) -> None:
        """A number is of one object; what has none is not there."""
        for bad in (
            "Deref(1)",
            "[Ref(1, []), Deref(2)]",
            "[Ref(1, []), Ref(1, [])]",
            "Ref(1, Deref(1))",
            "Ref(1, (Deref(1),))",
            "[Deref(1), Ref(1, Deref(1))]",
        ):
            self.assertRaises(ValueError, unjellyFromSource, f"app={bad}")
        one, other = unjellyFromSource("app=[Deref(1), Ref(1, [2])]")
        self.assertIs(one, other)

    def test_keys(self) -> None:
        """A key may be meant before it is there; what cannot be one is told."""
        made = unjellyFromSource("app=[{Deref(1): Deref(2)}, Ref(1, (3,)), Ref(2, [4])]")
        self.assertEqual(made, [{(3,): [4]}, (3,), [4]])
        self.assertIs(made[0][made[1]], made[2])
        for bad in ("{([],): 1}", "{Ref(1, []): 1}", "{Deref(1): Ref(1, [])}"):
            self.assertRaises(ValueError, unjellyFromSource, f"app={bad}")

    def test_slots(self) -> None:
        """A state of two parts is that of attributes and of slots, each a dictionary or nothing."""
        for bad in ("(1, None)", "(None, 1)", "({}, [])"):
            source = f"app=Instance('{MODULE}.Plain', {bad})"
            self.assertRaises(ValueError, unjellyFromSource, source)
        source = f"app=Instance('{MODULE}.Plain', ({{'a': 1}}, {{'me': 2}}))"
        self.assertEqual(unjellyFromSource(source), Plain(a=1, me=2))

    def test_globals(self) -> None:
        """Objects that say by which name they are found, if they are."""
        self.assertIs(self.again(Global.it), Global.it)
        self.assertRaises(TypeError, jellyToSource, Global())

    @given(st.text() | st.text("[](){}'\",:=1appRefDrInstance \n"))
    @UNHURRIED
    def test_anything(self, source: str) -> None:
        """Any text is an object, or a ValueError."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the parser's, of numbers that run into words
            for text in (source, f"app={source}"):
                try:
                    unjellyFromSource(text)
                except ValueError:
                    pass


class PartTests(SynchronousTestCase):
    """What a tree is made of."""

    def test_tree(self) -> None:
        """Literals are themselves; the others say what they are."""
        tree = jellyToAOT([1, Plain(a=1), Plain])
        self.assertIsInstance(tree, aot.Ref)
        one, instance, cls = tree.obj
        self.assertEqual(
            (one, instance.obj.klass, cls.name), (1, f"{MODULE}.Plain", f"{MODULE}.Plain")
        )

    def test_noTree(self) -> None:
        """Other objects are no part of a tree."""
        self.assertRaises(ValueError, unjellyFromAOT, [Plain()])
        self.assertRaises(ValueError, unjellyFromAOT, {1})
        self.assertRaises(TypeError, aot.prettify, [Plain()])
        self.assertRaises(TypeError, aot.getSource, {1})

    def test_ref(self) -> None:
        """A reference is said once what it is, and has one number."""
        ref = aot.Ref()
        ref.setObj([])
        self.assertEqual(ref.getSource(), "[]")
        ref.setRef(1)
        self.assertEqual(ref.getSource(), "Ref(1, [])")
        self.assertRaises(ValueError, ref.setRef, 2)
        self.assertRaises(ValueError, ref.setObj, [])

    def test_dictToKW(self) -> None:
        """Keys that are names are arguments, in their order."""
        self.assertEqual(aot.dictToKW({"b": 1, "a": []}), "a=[],\nb=1,\n")
        for key in ("a b", "", "class", "self", 1, b"a", "\xe4", "className"):
            self.assertRaises(aot.NonFormattableDict, aot.dictToKW, {key: 1})

    def test_indentify(self) -> None:
        """By brackets, but not by those in strings."""
        self.assertEqual(
            aot.indentify("[\n1,\n'[',\n(\n2,\n),\n]"), "[\n  1,\n  '[',\n  (\n    2,\n  ),\n]"
        )
        self.assertRaises(SyntaxError, aot.indentify, "[")
        self.assertEqual(repr(aot.NoStateObj), "NoStateObj")
        self.assertRaises(ValueError, aot.indentify, "[" * 200 + "]" * 200)

    def test_pickled(self) -> None:
        """A tree goes by its public names."""
        self.assertEqual(pickle.loads(pickle.dumps(aot.Class("a.B"))).name, "a.B")


class UnjellierTests(SynchronousTestCase):
    """The parts of which programs make readers of their own."""

    def test_attribute(self) -> None:
        """Attributes, and what is called in the end."""
        unjellier, thing, called = aot.AOTUnjellier(), Plain(), list[Any]()
        unjellier.unjellyAttribute(thing, "x", [aot.Ref(1, [1])])
        unjellier.callAfter(called.append, unjellier.unjellyAO(aot.Deref(1)))
        unjellier.callAfter(called.append, 2)
        self.assertEqual(called, [])
        self.assertEqual(unjellier.unjelly(3), 3)
        self.assertEqual(called, [[1], 2])
        self.assertIs(called[0], vars(thing)["x"][0])

    def test_later(self) -> None:
        """What is to be made last."""
        unjellier = aot.AOTUnjellier()
        made = [promise := unjellier.unjellyLater(aot.Deref(1))]
        promise.addDependant(made, 0)
        self.assertEqual(unjellier.unjelly(aot.Ref(1, [1])), [1])
        self.assertEqual(made, [[1]])
