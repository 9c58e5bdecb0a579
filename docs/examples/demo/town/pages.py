"""Pages: everybody, each with what was said before, and a form that changes it."""

import hashlib
import hmac
import secrets
from urllib.parse import quote

from town.users import BadStatus, NoSuchUser
from twisted.python.filepath import FilePath
from twisted.web import http, resource, static
from twisted.web.template import Element, XMLFile, renderElement, renderer

HERE = FilePath(__file__).parent()

# A page uses its style sheet, and nothing else; nobody shows it in a frame of his own.
POLICY = (
    b"default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none';"
    b" base-uri 'none'"
)


class Forms:
    """
    Ties a form to the browser that has asked for it.

    A page of somebody else can make a browser send a form here, but not know what is in ours. The
    browser keeps a random cookie, and the form a code that only we can make of it. Nothing is
    remembered here, so that nobody can fill our memory.
    """

    def __init__(self):
        self.secret = secrets.token_bytes(32)

    def code(self, visitor):
        return hmac.new(self.secret, visitor, hashlib.sha256).hexdigest()

    def cookie(self, request):
        """The name of the cookie: another one under TLS, which pages without it cannot replace."""
        return b"__Host-visitor" if request.isSecure() else b"visitor"

    def codeFor(self, request):
        """The code of the browser that asks; one that has no cookie gets it."""
        visitor = request.getCookie(self.cookie(request))
        if visitor is None:
            visitor = secrets.token_hex(16).encode()
            request.addCookie(
                self.cookie(request),
                visitor,
                path=b"/",
                httpOnly=True,
                sameSite=b"strict",
                secure=request.isSecure(),
            )
        return self.code(visitor)

    def isOurs(self, request, code):
        """Whether this browser was given the form."""
        visitor = request.getCookie(self.cookie(request))
        return visitor is not None and hmac.compare_digest(self.code(visitor).encode(), code)


class Everybody(Element):
    """The page of all users."""

    loader = XMLFile(HERE.child("everybody.xml"))

    def __init__(self, users, code, problem=None):
        super().__init__()
        self.users, self.code, self.problem = users, code, problem

    @renderer
    def complaint(self, request, tag):
        return tag.clear()(self.problem) if self.problem else ""

    @renderer
    def rows(self, request, tag):
        for name, text, since in self.users:
            yield tag.clone().fillSlots(name=name, text=text, since=since, link=linkTo(name))

    @renderer
    def names(self, request, tag):
        for name, _, _ in self.users:
            yield tag.clone().fillSlots(name=name)

    @renderer
    def token(self, request, tag):
        return tag(value=self.code)


class Person(Element):
    """The page of one user."""

    loader = XMLFile(HERE.child("person.xml"))

    def __init__(self, who, history):
        super().__init__()
        self.who, self.history = who, history

    @renderer
    def name(self, request, tag):
        return tag.clear()(self.who)

    @renderer
    def rows(self, request, tag):
        for text, since, source in self.history:
            yield tag.clone().fillSlots(text=text, since=since, source=source)


def linkTo(name):
    return f"/users/{quote(name, safe='')}"


def show(request, element, code=http.OK):
    """Send a page."""
    request.setResponseCode(code)
    request.setHeader(b"content-type", b"text/html; charset=utf-8")
    request.setHeader(b"content-security-policy", POLICY)
    request.setHeader(b"x-content-type-options", b"nosniff")
    request.setHeader(b"referrer-policy", b"no-referrer")
    return renderElement(request, element)


class EverybodyResource(resource.Resource):
    """The page of all users, and where its form goes."""

    def __init__(self, users, forms):
        super().__init__()
        self.users, self.forms = users, forms

    async def render_GET(self, request):
        return await self.page(request)

    async def render_POST(self, request):
        fields = {name: values[-1] for name, values in request.args.items()}
        if not self.forms.isOurs(request, fields.get(b"token", b"")):
            problem = "This form is too old, or is not from here. Please send it again."
            return await self.page(request, problem, http.FORBIDDEN)
        name, text = (
            fields.get(field, b"").decode("utf-8", "replace") for field in (b"name", b"text")
        )
        try:
            await self.users.tell(name, text, "a page")
        except NoSuchUser:
            return await self.page(request, "Nobody of that name is known.", http.BAD_REQUEST)
        except BadStatus as error:
            return await self.page(request, f"That cannot be shown: {error}.", http.BAD_REQUEST)
        # Whoever loads the page again does not send the form again.
        request.redirect(b"/")
        request.setResponseCode(http.SEE_OTHER)
        return b""

    async def page(self, request, problem=None, code=http.OK):
        users = await self.users.everybody()
        return show(request, Everybody(users, self.forms.codeFor(request), problem), code)


class UsersResource(resource.Resource):
    """Has a page for each user."""

    def __init__(self, users):
        super().__init__()
        self.users = users

    def getChild(self, path, request):
        return PersonResource(self.users, path.decode("utf-8", "replace"))


class PersonResource(resource.Resource):
    """The page of a user."""

    isLeaf = True

    def __init__(self, users, name):
        super().__init__()
        self.users, self.name = users, name

    async def render_GET(self, request):
        try:
            history = await self.users.history(self.name)
        except NoSuchUser:
            return resource.NoResource("Nobody of that name is known.").render(request)
        return show(request, Person(self.name, history))


def makeRoot(users):
    """The root of the site; the calls of programs are added to it."""
    root = resource.Resource()
    root.putChild(b"", EverybodyResource(users, Forms()))
    root.putChild(b"users", UsersResource(users))
    root.putChild(b"style.css", static.File(HERE.child("style.css").path))
    return root
