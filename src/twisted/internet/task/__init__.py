"""Scheduling: repeated calls, cooperating iterators, calls in the future, and a clock for tests."""

from twisted.internet.task._clock import Clock as Clock
from twisted.internet.task._cooperator import (
    CooperativeTask as CooperativeTask,
)
from twisted.internet.task._cooperator import (
    Cooperator as Cooperator,
)
from twisted.internet.task._cooperator import (
    NotPaused as NotPaused,
)
from twisted.internet.task._cooperator import (
    SchedulerError as SchedulerError,
)
from twisted.internet.task._cooperator import (
    SchedulerStopped as SchedulerStopped,
)
from twisted.internet.task._cooperator import (
    TaskDone as TaskDone,
)
from twisted.internet.task._cooperator import (
    TaskFailed as TaskFailed,
)
from twisted.internet.task._cooperator import (
    TaskFinished as TaskFinished,
)
from twisted.internet.task._cooperator import (
    TaskStopped as TaskStopped,
)
from twisted.internet.task._cooperator import (
    coiterate as coiterate,
)
from twisted.internet.task._cooperator import (
    cooperate as cooperate,
)
from twisted.internet.task._deferlater import deferLater as deferLater
from twisted.internet.task._looping import LoopingCall as LoopingCall
from twisted.internet.task._react import react as react

__all__ = [
    "Clock",
    "CooperativeTask",
    "Cooperator",
    "LoopingCall",
    "NotPaused",
    "SchedulerError",
    "SchedulerStopped",
    "TaskDone",
    "TaskFailed",
    "TaskFinished",
    "TaskStopped",
    "coiterate",
    "cooperate",
    "deferLater",
    "react",
]
