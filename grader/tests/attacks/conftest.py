"""Every attack is a case of several tests; all are graded once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attacks.harness import ATTACKS, WITH_FEEDBACK, Outcome, attacked


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for ``attack`` every attack, or those that suit it."""
    chosen = {
        "attack": lambda module, attack: True,
        "shown": lambda module, attack: module in WITH_FEEDBACK,
    }
    for name, suits in chosen.items():
        if name in metafunc.fixturenames:
            found = [attack for module, attack in ATTACKS if suits(module, attack)]
            metafunc.parametrize(name, found, ids=[attack.name for attack in found])


@pytest.fixture(scope="session")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """Return what happened when everything was graded in one go."""
    with attacked(tmp_path_factory.mktemp("attacked")) as found:
        yield found
