"""Pages of models, views and controllers."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from zope.interface import Interface, implementer
from zope.interface.verify import verifyObject

from twisted.internet.defer import Deferred, succeed
from twisted.python import components
from twisted.web import server
from twisted.web.resource import IResource, Resource
from twisted.web.template import Tag, XMLString, tags
from twisted.web.test._pages import FlattenCase
from twisted.web.test.test_server import SiteTestCase
from twisted.web.woven import controller, interfaces, model, page, view, widgets

HOSTILE = "<script>alert('hi')</script> & \"you\""
ESCAPED = "&lt;script&gt;alert('hi')&lt;/script&gt; &amp; \"you\""


class IUsers(Interface):
    """Knows users."""

    def getUsers() -> Any:
        """A Deferred of their names."""


@implementer(IUsers)
class Users:
    """Knows two users, or others."""

    def __init__(self, *names: bytes) -> None:
        self.names = list(names)

    def getUsers(self) -> Deferred[list[bytes]]:
        """A Deferred of their names."""
        return succeed(self.names)


class UsersModel(model.MethodModel):
    """As the documentation makes one."""

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        self.service = args[0]

    def wmfactory_users(self, request: Any) -> Any:
        return self.service.getUsers()


class UserPage(page.Page):
    """What there is about one user."""

    template: str | bytes | None = """<html><head><title view="Text" model="user"/></head>
    <body><h1 view="Text" model="user"/><p view="Text" model="status"/></body></html>"""

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        self.user, self.status = kwargs["user"], kwargs["status"]

    def wmfactory_user(self, request: Any) -> Any:
        return self.user

    def wmfactory_status(self, request: Any) -> Any:
        return self.status


class FilePage(UserPage):
    """The same, by a template in a file."""

    template = None


class UsersPage(page.Page):
    """A list of users."""

    template = """<html><head><title>Users</title></head><body>
    <h1>Users</h1>
    <ul model="users" view="List">
    <li pattern="listItem"><a view="Anchor"/></li>
    <li pattern="emptyList">Nobody</li>
    </ul></body></html>"""

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        self.service = args[0]

    def getDynamicChild(self, path: bytes, request: Any) -> Any:
        known = path in self.service.names
        return UserPage(user=path, status=HOSTILE) if known else None

    def wchild_about(self, request: Any) -> Any:
        return UserPage(user="about", status="this")


class WovenCase(SiteTestCase):
    """Tests with a page as the root of a site."""

    def show(self, root: Any, path: bytes = b"/") -> str:
        """The body of what is at a path, if it is a page."""
        self.root = root
        self.connect()
        head, _, body = self.get(path, b"Connection: close\r\n").partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 200 "), head)
        self.assertIn(b"Content-Type: text/html; charset=utf-8", head)
        if b"chunked" in head:
            body = b"".join(body.split(b"\r\n")[1::2])
        return body.decode()

    def made(self, template: str, **models: Any) -> Any:
        """A page with a template, that shows some models."""
        names: dict[str, Any] = {"template": template}
        for name, value in models.items():
            names[f"wmfactory_{name}"] = lambda self, request, value=value: value
        return type("Made", (page.Page,), names)()

    def shown(self, template: str, **models: Any) -> str:
        """What a template shows of some models."""
        said = self.show(self.made(f"<p>{template}</p>", **models))
        self.assertTrue(said.startswith("<!DOCTYPE html>\n<p>"), said)
        return said.removeprefix("<!DOCTYPE html>\n<p>").removesuffix("</p>")

    def assertFails(self, kind: type[Exception], said: str, root: Any) -> None:
        """A page fails with 500, says nothing of why, and the log does."""
        self.root = root
        self.connect()
        answer = self.get(b"/")
        self.assertTrue(answer.startswith(b"HTTP/1.1 500 "), answer)
        self.assertNotIn(kind.__name__.encode(), answer)
        [failure] = self.flushLoggedErrors()
        self.assertRegex(failure.getErrorMessage(), said)


class PageTests(WovenCase):
    """The pages of the documentation, and what children pages have."""

    def setUp(self) -> None:
        super().setUp()
        self.patch(components, "ALLOW_DUPLICATES", True)
        components.registerAdapter(UsersModel, IUsers, interfaces.IModel)
        components.registerAdapter(UsersPage, IUsers, IResource)
        self.addCleanup(self.forget)

    def forget(self) -> None:
        registry = components.getRegistry()
        registry.unregister([IUsers], interfaces.IModel, "")
        registry.unregister([IUsers], IResource, "")

    def test_list(self) -> None:
        """A list has an element for each item, shown by what the adapted model knows."""
        said = self.show(IResource(Users(b"moshez", b"shawn")))
        self.assertIn('<li><a href="./moshez">moshez</a></li><li><a href="./shawn">shawn<', said)
        for directive in ("view", "model", "pattern", "Nobody"):
            self.assertNotIn(directive, said)

    def test_emptyList(self) -> None:
        said = self.show(IResource(Users()))
        self.assertIn("<li>Nobody</li>", said)
        self.assertEqual(said.count("<li>"), 1)

    def test_dynamicChild(self) -> None:
        """A child is made for the name; what it shows is escaped, in the title as elsewhere."""
        name = b"<b>&amp;\xc3\xbc\xff/"
        said = self.show(IResource(Users(name)), b"/%3Cb%3E&amp;%c3%bc%FF%2f")
        self.assertIn("<title>&lt;b&gt;&amp;amp;ü�/</title>", said)
        self.assertIn("<h1>&lt;b&gt;&amp;amp;ü�/</h1>", said)
        self.assertIn(f"<p>{ESCAPED}</p>", said)

    def test_anchor(self) -> None:
        """A link leads to the child of that name, whatever the name is."""
        for name, address in (
            (b"a/../b", "./a%2F..%2Fb"),
            (b"javascript:alert(1)", "./javascript%3Aalert%281%29"),
            (b'"><script>', "./%22%3E%3Cscript%3E"),
            (b"\xff?#", "./%FF%3F%23"),
            (b"//elsewhere", "./%2F%2Felsewhere"),
        ):
            root = IResource(Users(name))
            self.assertIn(f'<a href="{address}">', self.show(root))
            path = b"/" + address.removeprefix("./").encode()
            self.assertIn(f"<p>{ESCAPED}</p>", self.show(root, path))

    def test_children(self) -> None:
        """A child that was put there is before one that has a method, and that before others."""
        root = IResource(Users(b"about"))
        self.assertIn("<p>this</p>", self.show(root, b"/about"))
        root.putChild(b"about", UserPage(user="that", status="put"))
        self.assertIn("<p>put</p>", self.show(root, b"/about"))

    def test_index(self) -> None:
        """The child without a name is the page, or what it says."""
        self.assertIn("Users", self.show(IResource(Users()), b"//"))

        class Folder(UsersPage):
            def wchild_index(self, request: Any) -> Any:
                return UserPage(user="index", status="of this")

        self.assertIn("<p>of this</p>", self.show(Folder(Users())))

    def test_noChild(self) -> None:
        """Who is not known is 404; nothing but what is meant to be is reached by a name."""
        self.root = UsersPage(Users())
        self.connect()
        for name in (b"nobody", b"getUsers", b"__class__", b"service", b"%ff", b"x.y"):
            self.assertTrue(self.get(b"/" + name).startswith(b"HTTP/1.1 404 "), name)

    def test_post(self) -> None:
        """A form is answered with the page, too."""
        self.root = UsersPage(Users(b"moshez"))
        self.connect()
        said = self.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=b")
        self.assertIn(b"./moshez", said)

    def test_interfaces(self) -> None:
        made = UsersPage(Users())
        for interface in (interfaces.IModel, interfaces.IView, interfaces.IController, IResource):
            verifyObject(interface, made)


class ModelTests(WovenCase):
    """What there is to show."""

    def test_kinds(self) -> None:
        """Text, numbers and nothing; without a view each is shown as suits it."""
        for value, said in (
            ("Grüße", "Grüße"),
            ("Grüße".encode(), "Grüße"),
            (b"\xff", "�"),
            (7, "7"),
            (0.5, "0.5"),
            (HOSTILE, ESCAPED),
        ):
            self.assertEqual(self.shown('<b model="x">gone</b>', x=value), f"<b>{said}</b>")
        self.assertEqual(self.shown('<b model="x">here</b>', x=None), "<b>here</b>")
        self.assertEqual(self.shown('<b model="x" view="Text">gone</b>', x=None), "<b></b>")

    def test_later(self) -> None:
        """The page waits for what is not known yet, and is there when it is."""
        waiting: Deferred[str] = Deferred()

        class Later(page.Page):
            template = '<p><b>before</b><i model="x"/></p>'

            async def wmfactory_x(self, request: Any) -> str:
                return await waiting

        self.root = Later()
        self.connect()
        self.assertNotIn(b"</p>", self.get(b"/"))
        waiting.callback(HOSTILE)
        self.assertIn(f"<i>{ESCAPED}</i></p>".encode(), self.written())

    def test_paths(self) -> None:
        """Names lead from part to part, and outwards, until there is one that is known."""
        users = [{"name": "moshez", "address": {"town": "here"}}, {"name": "shawn"}]
        template = '<i model="users/0/address/town"/><i model="users/1"><b model="name"/></i>'
        self.assertEqual(self.shown(template, users=users), "<i>here</i><i><b>shawn</b></i>")
        outwards = '<i model="inner"><b model="name"/><b model="other"/></i>'
        said = self.shown(outwards, inner={"name": "in"}, name="out", other="of the page")
        self.assertEqual(said, "<i><b>in</b><b>of the page</b></i>")

    def test_attributes(self) -> None:
        """Attributes of an object, but for what is its own affair."""
        made = model.AttributeModel(Users(b"moshez"))
        self.assertEqual(self.shown('<i model="x/names/0"/>', x=made), "<i>moshez</i>")
        self.assertIsNone(made.getSubmodel(None, "__class__"))
        self.assertIsNone(made.getSubmodel(None, "_names"))
        self.assertIsNone(made.getSubmodel(None, "nothing"))

    def test_items(self) -> None:
        """Items have numbers, and nothing else leads to one."""
        made = model.ListModel(["a", "b"])
        self.assertEqual(made.getSubmodel(None, "1").original, "b")
        for name in ("2", "-1", "x", "", "²"):
            self.assertIsNone(made.getSubmodel(None, name))

    def test_none(self) -> None:
        """A template that names what there is not fails, and says who was asked."""
        for name in ("x", "users/2", "users/0/x/y"):
            made = self.made(f'<p model="{name}"/>', users=["one"])
            self.assertFails(LookupError, f'model="{name}": there is none of Made', made)

    def test_fails(self) -> None:
        """So does one whose model does."""

        class Broken(page.Page):
            template = '<p model="x"/>'

            def wmfactory_x(self, request: Any) -> Any:
                raise ZeroDivisionError("a bug")

        self.assertFails(ZeroDivisionError, "a bug", Broken())


class ViewTests(WovenCase):
    """How it is shown."""

    def test_methods(self) -> None:
        """Methods of the page change an element, or make something in its place."""

        class Own(page.Page):
            template = '<p><i view="loud" model="x">.</i><b view="other" model="x"/></p>'

            def wmfactory_x(self, request: Any) -> str:
                return HOSTILE

            async def wvupdate_loud(self, request: Any, tag: Tag, data: str) -> None:
                tag(data.upper(), class_="loud")

            def wvfactory_other(self, request: Any, tag: Tag, model: Any) -> Any:
                return tags.em(model.getData(request))

        said = self.show(Own())
        self.assertIn('<i class="loud">.&lt;SCRIPT&gt;', said)
        self.assertIn(f"<em>{ESCAPED}</em>", said)
        self.assertNotIn("<b>", said)

    def test_nested(self) -> None:
        """A view with a template of its own stands in that of another, and sees its models."""

        class Menu(view.View):
            template = '<b model="name"/>'

        class Whole(page.Page):
            template = '<p><i view="menu"/><i view="menu">gone</i></p>'

            def wmfactory_name(self, request: Any) -> str:
                return "moshez"

            def wvfactory_menu(self, request: Any, tag: Tag, model: Any) -> Any:
                return Menu()

        self.assertIn("<p><i><b>moshez</b></i><i><b>moshez</b></i></p>", self.show(Whole()))

    def test_file(self) -> None:
        """A template in a file; whoever changes it sees that at once."""
        folder = self.mktemp()
        os.mkdir(folder)
        made = FilePage(user="a", status="b")
        self.assertFails(Exception, "has no loader|template", made)
        made.templateFile, made.templateDirectory = "user.html", folder
        for text in ("first", "second"):
            with open(os.path.join(folder, "user.html"), "w") as file:
                file.write(f'<p>{text} <b model="user"/></p>')
            self.assertIn(f"<p>{text} <b>a</b></p>", self.show(made))

    def test_templateIsKept(self) -> None:
        """What one answer makes of a template is not seen in the next."""
        template = '<ul model="x" view="List"><li pattern="listItem" view="Text"/></ul>'
        for items in (["a", "b"], [], ["c"]):
            rows = "".join(f"<li>{one}</li>" for one in items)
            self.assertEqual(self.shown(template, x=items), f"<ul>{rows}</ul>")

    def test_turns(self) -> None:
        """Several patterns take turns, and stand where the first stood."""
        template = (
            '<ul model="x"><li>first</li><li pattern="listItem" view="Text" class="odd"/>'
            '<li>last</li><li pattern="listItem" view="Text"/><li pattern="unknown"/></ul>'
        )
        rows = '<li class="odd">1</li><li>2</li><li class="odd">3</li>'
        expected = f"<ul><li>first</li>{rows}<li>last</li></ul>"
        self.assertEqual(self.shown(template, x=[1, 2, 3]), expected)

    def test_rows(self) -> None:
        """The items of a list have parts."""
        template = (
            '<ul model="x"><li pattern="listItem"><b model="name"/><ul model="of">'
            '<li pattern="listItem" view="Text"/></ul></li></ul>'
        )
        said = self.shown(template, x=[{"name": "a", "of": ["b", "c"]}, {"name": "d", "of": ()}])
        inner = "<ul><li>b</li><li>c</li></ul>"
        rows = f"<li><b>a</b>{inner}</li><li><b>d</b><ul></ul></li>"
        self.assertEqual(said, f"<ul>{rows}</ul>")

    def test_link(self) -> None:
        """A link leads to where browsers look; what would be run is shown, and not a link."""
        for address in ("http://x/?a=1", "/path", "mailto:me@here", "#there", "a:80/b"[2:]):
            said = self.shown('<i model="x" view="Link"/>', x=address)
            self.assertEqual(said, f'<a href="{address}">{address}</a>')
        self.assertEqual(
            self.shown('<i model="x" view="Link">here</i>', x="/"), '<a href="/">here</a>'
        )
        for address in ("javascript:a()", "JavaScript:a", "java\nscript:a()", "data:text/html,x"):
            self.assertEqual(
                self.shown('<i model="x" view="Link"/>', x=address), f"<a>{address}</a>"
            )
        self.assertIn("<a>http://[</a>", self.shown('<i model="x" view="Link"/>', x="http://["))

    def test_noPattern(self) -> None:
        made = self.made('<ul model="x" view="List"><li/></ul>', x=["a"])
        self.assertFails(ValueError, 'no pattern="listItem" right in <ul>', made)

    def test_noView(self) -> None:
        made = self.made('<p view="Nothing"/>')
        self.assertFails(LookupError, "neither a widget nor a method of Made", made)

    def test_noXML(self) -> None:
        self.assertFails(ValueError, "mismatched tag", self.made("<p><b></p>"))

    def test_interface(self) -> None:
        for widget in widgets.views.values():
            verifyObject(interfaces.IView, widget)


class AnyTextTests(FlattenCase):
    """Whatever users say is text, to whoever reads the page."""

    @given(st.binary(max_size=30) | st.text(max_size=30))
    def test_any(self, said: str | bytes) -> None:
        """A parser finds the text again, and a link that leads to that name."""
        template = '<p><a view="Anchor">gone</a><b view="Text"/></p>'
        made = model.Model(said)
        context = view.Context(None, None, (made,), (view.View(),))
        written = self.write(context.expand(XMLString(template).load()))
        link, bold = ElementTree.fromstring(written)
        self.assertEqual((link.tag, link.attrib.keys(), bold.tag), ("a", {"href"}, "b"))
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        shown = re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
        self.assertEqual((link.text or "", bold.text or ""), (shown, shown))
        name = said.encode() if isinstance(said, str) else said
        self.assertEqual(unquote_to_bytes(link.attrib["href"]), b"./" + name)


class ControllerTests(WovenCase):
    """What is asked before a page is shown."""

    def test_page(self) -> None:
        """A page looks at what was sent, and may have another answer than itself."""

        class Form(page.Page):
            template = '<p model="said"/>'
            said = "nothing"

            def wmfactory_said(self, request: Any) -> str:
                return self.said

            async def handle(self, request: Any) -> Any:
                said = request.args.get(b"say")
                if said == [b"go"]:
                    return b"gone"
                if said is not None:
                    self.said = said[0]
                return None

        made = Form()
        self.assertIn("<p>nothing</p>", self.show(made))
        self.assertIn("<p>&lt;hi&gt;</p>", self.show(made, b"/?say=%3Chi%3E"))
        self.connect()
        self.assertTrue(self.get(b"/?say=go").endswith(b"\r\n\r\ngone"))

    def test_element(self) -> None:
        """The controller of an element is asked before the element is shown."""
        seen = []

        class Counter(controller.Controller):
            def handle(self, request: Any) -> Deferred[None]:
                seen.append(request.uri)
                return succeed(None)

        class Counting(page.Page):
            template = '<p controller="count" model="seen"/>'

            def wmfactory_seen(self, request: Any) -> Any:
                return model.Model(Deferred.fromCoroutine(self.later()))

            async def later(self) -> int:
                return len(seen)

            def wcfactory_count(self, request: Any, tag: Tag, model: Any) -> Any:
                return Counter()

        self.show(Counting())
        self.assertEqual(seen, [b"/"])
        verifyObject(interfaces.IController, Counter())

    def test_none(self) -> None:
        made = self.made('<p controller="x"/>')
        self.assertFails(LookupError, "Made has no wcfactory_x", made)

    def test_answer(self) -> None:
        """A controller that answers by itself later is let do so."""

        class Slow(page.Page):
            template = "<p/>"

            def handle(self, request: Any) -> int:
                self.request = request
                return server.NOT_DONE_YET

        self.root = made = Slow()
        self.connect()
        self.assertEqual(self.get(b"/"), b"")
        made.request.write(b"at last")
        made.request.finish()
        self.assertIn(b"at last", self.written())


class ChildTests(WovenCase):
    """Children that come later."""

    def test_later(self) -> None:
        class Folder(page.Page):
            template = "<p/>"

            async def wchild_soon(self, request: Any) -> Any:
                return UserPage(user="a", status="soon")

        self.assertIn("<p>soon</p>", self.show(Folder(), b"/soon"))
        self.assertIsInstance(Folder().getChild(b"other", None), Resource)
