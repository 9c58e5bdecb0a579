"""Services, which can be started and stopped, and the application that holds them.

Chapter 4.6 of the documentation explains them with examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zope.interface import Attribute, Interface, implementer

from twisted.application._makers import IServiceMaker, ServiceMaker
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.logger import Logger
from twisted.persisted import sob
from twisted.python import components
from twisted.python.failure import Failure

__all__ = [
    "Application",
    "IProcess",
    "IService",
    "IServiceCollection",
    "IServiceMaker",
    "MultiService",
    "Process",
    "Service",
    "ServiceMaker",
    "loadApplication",
]

_log = Logger()


class IService(Interface):
    """Something that can be started and stopped."""

    name = Attribute("By which the parent knows it, `str`; None if it has no name.")
    running = Attribute("Whether it runs; false until it has been started.")
    parent = Attribute("The `IServiceCollection` that it belongs to; None if it has none.")

    def setName(name: str) -> None:
        """Give it a name.

        Raises:
            RuntimeError: it has a parent already, which knows it by the name of before.
        """

    def setServiceParent(parent: Any) -> None:
        """Let it belong to a collection; it is started if the collection runs.

        Args:
            parent: an `IServiceCollection`, or what can be adapted to one, as an application.

        Raises:
            RuntimeError: it has a parent already, or the parent has a service of its name.
        """

    def disownServiceParent() -> Deferred[Any] | None:
        """Let it belong to nobody; it is stopped if it ran.

        Returns:
            A Deferred that fires when it has stopped; or None.
        """

    def privilegedStartService() -> None:
        """Do what needs the rights that the process is about to give up.

        This comes before `startService`, in a process that may have begun as root.
        """

    def startService() -> None:
        """Begin to run."""

    def stopService() -> Deferred[Any] | None:
        """Run no more.

        Returns:
            A Deferred that fires when it has stopped; None if it has already.
        """


class IServiceCollection(Interface):
    """Services that belong together: `list` them, or ask for one by its name."""

    def getServiceNamed(name: str) -> Any:
        """The service of a name.

        Raises:
            KeyError: there is none.
        """

    def __iter__() -> Iterator[Any]:
        """All of them, in the order in which they were added."""

    def addService(service: Any) -> None:
        """Take a service in; called by its `setServiceParent`.

        Raises:
            RuntimeError: there is one of its name already.
        """

    def removeService(service: Any) -> Deferred[Any] | None:
        """Let a service go; called by its `disownServiceParent`.

        Returns:
            A Deferred that fires when it has stopped; None if it did not run.

        Raises:
            ValueError: it is not one of them.
        """


class IProcess(Interface):
    """What the process that runs an application is to be."""

    processName = Attribute("What it is called in the system's list, `str`; None for no change.")
    uid = Attribute("The user that it becomes when its ports are bound, `int`; None for no change.")
    gid = Attribute("The group that it has then, `int`; None for no change.")


@implementer(IService)
class Service:
    """A service that does nothing but know whether it runs: a base class.

    One that overrides `startService` or `stopService` calls it here, too.  What is running is not
    kept when a service is pickled.
    """

    running: bool | int = False
    name: str | None = None
    parent: Any = None

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        state.pop("running", None)
        return state

    def setName(self, name: str) -> None:
        """Give it a name; see `IService.setName`."""
        if self.parent is not None:
            raise RuntimeError(
                f"{_described(self)} has a parent, which knows it by its name: "
                "call setName before setServiceParent"
            )
        self.name = name

    def setServiceParent(self, parent: Any) -> None:
        """Let it belong to a collection; see `IService.setServiceParent`."""
        if self.parent is not None:
            raise RuntimeError(
                f"{_described(self)} has a parent already: call disownServiceParent first"
            )
        collection: Any = IServiceCollection(parent, parent)
        self.parent = collection
        try:
            collection.addService(self)
        except BaseException:
            # One that was taken in but could not start belongs to the collection all the same.
            if self not in list(collection):
                self.parent = None
            raise

    def disownServiceParent(self) -> Deferred[Any] | None:
        """Let it belong to nobody; see `IService.disownServiceParent`."""
        stopped: Deferred[Any] | None = self.parent.removeService(self)
        self.parent = None
        return stopped

    def privilegedStartService(self) -> None:
        """Do what needs rights that are about to go; here, nothing."""

    def startService(self) -> None:
        """Run from now on."""
        self.running = True

    def stopService(self) -> Deferred[Any] | None:
        """Run no more; a Deferred, if that takes a while."""
        self.running = False
        return None


@implementer(IServiceCollection)
class MultiService(Service):
    """A service that is made of others.

    They are started in the order in which they were added, and stopped in reverse.
    """

    #: Those of which it is waited for that they stop.
    _yetToStop: tuple[Any, ...] = ()

    def __init__(self) -> None:
        self.services: list[Any] = []
        self.namedServices: dict[str, Any] = {}
        self.parent = None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.services)

    def privilegedStartService(self) -> None:
        """Let each of them do what needs rights that are about to go."""
        super().privilegedStartService()
        for service in list(self.services):
            _begin(service, service.privilegedStartService)

    def startService(self) -> None:
        """Start each of them.

        One that cannot start ends this: the exception is raised, with a note of which one it is;
        those before it have been stopped, those after it have not been started.
        """
        super().startService()
        started: list[Any] = []
        try:
            for service in list(self.services):
                _begin(service, service.startService)
                started.append(service)
        except Exception:
            self._yetToStop = tuple(started)
            for service in reversed(started):
                self._stop(service)
            raise

    def stopService(self) -> Deferred[Any]:
        """Stop each of them.

        Returns:
            Fires when all have stopped.  A failure to stop is logged, with the name of the
            service, and keeps none of the others from stopping.
        """
        super().stopService()
        self._yetToStop = tuple(self.services)
        return DeferredList([self._stop(service) for service in reversed(self._yetToStop)])

    def _stop(self, service: Any) -> Deferred[Any]:
        def failed(reason: Failure) -> None:
            _log.failure("{service} could not stop", reason, service=_described(service))

        def stopped(ignored: Any) -> None:
            self._yetToStop = tuple(one for one in self._yetToStop if one is not service)

        return maybeDeferred(service.stopService).addErrback(failed).addCallback(stopped)

    def getServiceNamed(self, name: str) -> Any:
        """The service of a name; see `IServiceCollection.getServiceNamed`."""
        return self.namedServices[name]

    def addService(self, service: Any) -> None:
        """Take a service in; see `IServiceCollection.addService`."""
        if service.name is not None:
            if service.name in self.namedServices:
                raise RuntimeError(f"There is a service named {service.name!r} here already")
            self.namedServices[service.name] = service
        self.services.append(service)
        if self.running:
            # What needed other rights has to do without them: they are gone.
            _begin(service, service.privilegedStartService)
            _begin(service, service.startService)

    def removeService(self, service: Any) -> Deferred[Any] | None:
        """Let a service go; see `IServiceCollection.removeService`."""
        if service not in self.services:
            raise ValueError(f"{_described(service)} does not belong to {_described(self)}")
        if service.name is not None:
            del self.namedServices[service.name]
        self.services.remove(service)
        if self.running:
            return maybeDeferred(service.stopService)
        return None


def _described(service: Any) -> str:
    """A service in a sentence: its name, if it has one, and its class."""
    kind = type(service).__name__
    name = getattr(service, "name", None)
    return kind if name is None else f"{name!r} ({kind})"


#: Begins the note on an exception that says which service could not start.
BLAME = "while starting the service "


def _begin(service: Any, start: Any) -> None:
    """Start a service; an exception gets a note of which one it is."""
    try:
        start()
    except Exception as error:
        if not any(note.startswith(BLAME) for note in getattr(error, "__notes__", ())):
            error.add_note(f"{BLAME}{_described(service)}")
        raise


def stillStopping(service: Any) -> list[str]:
    """Which services, inside of one that is being stopped, have not said that they have."""
    inner: tuple[Any, ...] = getattr(service, "_yetToStop", ())
    return [name for one in inner for name in stillStopping(one)] or [_described(service)]


@implementer(IProcess)
class Process:
    """What the process that runs an application is to be.

    Args:
        uid: the user to become when the ports are bound; None for no change.
        gid: the group to have then; None for no change.
    """

    processName: str | None = None

    def __init__(self, uid: int | None = None, gid: int | None = None) -> None:
        self.uid = uid
        self.gid = gid


def Application(name: str, uid: int | None = None, gid: int | None = None) -> Any:
    """An application: what holds the services of a program, for ``twistd`` to run.

    Args:
        name: of the application; it is the name of its file when it is saved.
        uid: see `IProcess`.
        gid: see `IProcess`.

    Returns:
        A `components.Componentized`, in which `IService` and `IServiceCollection` are a
        `MultiService`, `IProcess` is a `Process`, and `sob.IPersistable` saves it.
    """
    application = components.Componentized()
    services = MultiService()
    services.setName(name)
    for part in (services, sob.Persistent(application, name), Process(uid, gid)):
        application.addComponent(part, ignoreClass=True)
    return application


def loadApplication(filename: str, kind: str, passphrase: str | bytes | None = None) -> Any:
    """The application that a file holds.

    To load one is to run the code that is in it, whatever the kind.

    Args:
        filename: the file.
        kind: ``"python"`` for a program that gives the variable `application` its value;
            otherwise ``"pickle"``, ``"source"`` or ``"xml"``.
        passphrase: what the file was encrypted with; None for a file that is not.
    """
    if kind == "python":
        return sob.loadValueFromFile(filename, "application", passphrase)
    return sob.load(filename, kind, passphrase)
