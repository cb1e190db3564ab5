"""Modules that exist for the student's process in name only.

The reference solutions of a course can be importable, so that later questions build on them.
Every module of a course's packages is withheld unless it is named as open.  In the process
that runs a student's code a withheld module is empty: asking it for a function sends the
question to the judge, which gives a function only after a locked cell has handed it out
(``mean = reference.mean``).  Everything else becomes `Unavailable`.

Standard library only: this file is loaded before anything else is imported.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Withheld:
    """The packages of a course, and the modules in them that students' code may import."""

    packages: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    def covers(self, module: str) -> bool:
        """Return whether a module is withheld."""
        return _inside(module, self.packages) and not _inside(module, self.open)

    def opens(self, module: str) -> bool:
        """Return whether a module is open, or leads to one that is."""
        return any(f"{name}.".startswith(f"{module}.") for name in self.open)


def _inside(module: str, names: Sequence[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


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
    """Serve withheld modules as empty ones."""

    def __init__(self, withheld: Withheld) -> None:
        self.withheld = withheld
        self.fetch: Callable[[str, str], Any] | None = None  # set once there is a judge to ask

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for a withheld module, as Python's import system asks for it."""
        if not self.withheld.covers(fullname):
            return None
        spec = ModuleSpec(fullname, self, is_package=True)
        if self.withheld.opens(fullname):
            spec.submodule_search_locations = self._folders(fullname, path, target)
        return spec

    def _folders(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> list[str]:
        """Return where the true package lies, found without running its code."""
        for finder in sys.meta_path:
            if finder is not self and (spec := finder.find_spec(fullname, path, target)):
                return list(spec.submodule_search_locations or [])
        return []

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return an empty module that knows whom to ask."""
        return _Empty(spec.name, self)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: there is no code."""

    def get(self, module: str, name: str) -> Any:
        """Return what a withheld module gives for a name: what was handed out, or a substitute."""
        found = self.fetch(module, name) if self.fetch is not None else None
        return Unavailable(self, module, name) if found is None else found

    def install(self) -> None:
        """Serve imports from now on."""
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Stop, and forget every module that may depend on an empty one."""
        sys.meta_path.remove(self)
        for name in list(sys.modules):
            if _inside(name, self.withheld.packages):
                del sys.modules[name]


class _Empty(ModuleType):
    """A module without contents."""

    def __init__(self, name: str, finder: WithheldModules) -> None:
        super().__init__(name)
        self._finder = finder

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self._finder.withheld.opens(f"{self.__name__}.{name}"):  # from package import module
            return importlib.import_module(f"{self.__name__}.{name}")
        return self._finder.get(self.__name__, name)
