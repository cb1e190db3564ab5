"""The package of a small course on statistics: what the notebooks of the tests import."""

from samplecourse.arrays import logistic
from samplecourse.model import fit

__all__ = ["fit", "logistic"]
