"""Modules that exist for the student's process in name only.

The reference solutions of a course can be importable, so that later questions build on them.
In the process that runs a student's code such a module is empty: asking it for a function
sends the question to the judge, which gives a function only after a locked cell has handed it
out (``sigmoid = reference.sigmoid``).  Everything else becomes `Unavailable`.

Standard library only: this file is loaded before anything else is imported.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_ENGINE = "nbjudge"


class Unavailable:
    """What stands in for a function that was not handed out yet, or for a module of such."""

    def __init__(self, finder: WithheldModules, module: str, name: str) -> None:
        self._finder = finder
        self.__module__ = module
        self.__name__ = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._finder.get(f"{self.__module__}.{self.__name__}", name)

    def __call__(self, *args: object, **kwargs: object) -> None:
        """Raise ``RuntimeError``, whatever the arguments."""
        raise RuntimeError(
            f"{self.__name__} is a reference version, which is not available here: "
            "write your own version of what the question asks for"
        )


class WithheldModules(MetaPathFinder, Loader):
    """Serve the modules named (and those inside them) as empty ones."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.fetch: Callable[[str, str], Any] | None = None  # set once there is a judge to ask

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        """Return a spec for a withheld module, as Python's import system asks for it."""
        if any(fullname == name or fullname.startswith(f"{name}.") for name in self.names):
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return an empty module that knows whom to ask."""
        return _Withheld(spec.name, self)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: there is no code."""

    def get(self, module: str, name: str) -> Any:
        """Return what a withheld module gives for a name: what was handed out, or a proxy."""
        found = self.fetch(module, name) if self.fetch is not None else None
        return Unavailable(self, module, name) if found is None else found

    def install(self) -> None:
        """Serve imports from now on."""
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Stop, and forget every module that depends on an empty one."""
        sys.meta_path.remove(self)
        roots = {name.partition(".")[0] for name in self.names}
        for name in list(sys.modules):
            if name.partition(".")[0] in roots and not name.startswith(_ENGINE):
                del sys.modules[name]
        if _ENGINE.partition(".")[0] in roots:  # its parent is imported anew, with all its parts
            parent, _, name = _ENGINE.partition(".")
            vars(importlib.import_module(parent))[name] = sys.modules[_ENGINE]


class _Withheld(ModuleType):
    """A module without contents."""

    def __init__(self, name: str, finder: WithheldModules) -> None:
        super().__init__(name)
        self._finder = finder

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._finder.get(self.__name__, name)
