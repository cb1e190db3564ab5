"""Import the packages that data sets ship in."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import ModuleType


def missing(package: str) -> ModuleNotFoundError:
    """Return the error that names the package to install."""
    return ModuleNotFoundError(
        f"this data set ships in the package {package!r}, which is not installed; "
        "install it with: pip install 'lstm-course[data]'"
    )


def require(module: str, package: str) -> ModuleType:
    """Import ``module``, or raise ``ModuleNotFoundError`` that names the package to install."""
    from importlib import import_module

    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise missing(package) from error


def folder(package: str) -> Path:
    """Return the folder of an installed package, which is not imported.

    ``ModuleNotFoundError`` that names the package to install if it is missing.
    """
    spec = find_spec(package.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise missing(package)
    return Path(spec.origin).parent
