"""The visible tests name the mistakes that students make; `make messages` says it at length."""

from __future__ import annotations

import pytest
from nbjudge.verify.messages import measure

from tools import assignments, exercises


@pytest.mark.parametrize("name", exercises.names())
def test_every_known_mistake_is_named_by_the_visible_test(name):
    assert measure(assignments.assignment(name), one_in=0).failures == []
