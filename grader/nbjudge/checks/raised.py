"""What a student reads where a call raised: the error, the line, and what it means.

Messages of libraries name what the library noticed, which is seldom what went wrong.  Those
that mislead are explained here, for every question; a question's own mistakes come first.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from typing import Any

from nbjudge.checks.arrays import CheckFailed

#: What a message contains, and what it usually means.
MEANINGS: tuple[tuple[str, str], ...] = (
    (
        r"retain_graph=True|backward through the graph a second time",
        "a state or a loss still hangs on the graph of an earlier step, which is gone: "
        "detach what you carry on (retain_graph is not the cure)",
    ),
    (
        r"a view of a leaf Variable that requires grad",
        "a Parameter cannot be filled bit by bit: fill a plain tensor first, "
        "then wrap it in nn.Parameter",
    ),
    (
        r"a leaf Variable that requires grad is being used in an in-place operation",
        "a Parameter cannot be changed in place while gradients are recorded: "
        "use torch.no_grad(), or fill a plain tensor first",
    ),
    (
        r"modified by an inplace operation",
        "a tensor that the backward pass needs was changed in place: make a new one",
    ),
    (
        r"element 0 of tensors does not require grad",
        "nothing leads from the loss to a parameter: was it detached, turned into a number, "
        "or computed under no_grad?",
    ),
    (
        r"Can't call numpy\(\) on Tensor that requires grad",
        "a tensor with a gradient must be detached before it becomes an array",
    ),
    (
        r"'tuple' object has no attribute|tuple indices must be|unsupported operand .* 'tuple'",
        "several results together are used as if they were one: take them apart first",
    ),
    (
        r"mat1 and mat2 shapes cannot be multiplied|mismatch in its core dimension|"
        r"matmul: .* not aligned|shapes .* not aligned|Matrix size-incompatible",
        "the two factors of a matrix product do not fit: print the shapes of both",
    ),
    (
        r"could not be broadcast together|must match the size of tensor|Incompatible shapes",
        "two arrays of these shapes cannot be combined entry by entry: print the shapes of both",
    ),
    (
        r"must have same dtype|expected scalar type|expected m1 and m2 to have the same dtype|"
        r"cannot compute .* was expected to be a .* tensor but is a",
        "float32 and float64 meet here: make the new tensor with the dtype of the input",
    ),
    (
        r"Expected all tensors to be on the same device",
        "tensors on two devices meet here: make or move all of them to the device of the input",
    ),
    (
        r"did not contain a loop with signature matching types .*U|could not convert string",
        "a text stands where an array is needed: taking a dict apart gives its keys",
    ),
    (
        r"only (length-1|integer scalar|0-dimensional) arrays",
        "a whole array stands where one number is needed",
    ),
    (
        r"arrays used as indices must be of integer|"
        r"only integers, slices .* are valid indices|tensors used as indices must be long",
        "an index must be a whole number: was it made by a division, or is it an array of floats?",
    ),
    (
        r"truth value of an array|Boolean value of Tensor with more than one value",
        "an if, an and or an or needs one truth value, and gets an array of them: "
        "use np.where, .any() or .all()",
    ),
    (r"too many values to unpack", "more values come back than names stand on the left"),
    (r"not enough values to unpack", "fewer values come back than names stand on the left"),
    (
        r"EOFError|Ran out of input",
        "the file or buffer is read from its end: go back to its start first (seek(0)), "
        "or write before you read",
    ),
    (
        r"missing \d+ required positional argument|takes \d+ positional argument",
        "a call and the function it calls do not agree on the arguments",
    ),
    (
        r"NoneType",
        "a None is used here: did a function end without return, or is a default left in?",
    ),
)


def meaning(text: str) -> str:
    """Return what an error with this text usually means, or an empty string."""
    return next((words for pattern, words in MEANINGS if re.search(pattern, text)), "")


def as_failure(error: Exception, functions: Sequence[Any]) -> Exception:
    """Return what a student's function raised as a failed check, with the line and the meaning.

    Checks that failed, and assertions of the test, stay as they are.
    """
    remote = getattr(error, "student_traceback", "")
    if isinstance(error, CheckFailed) or (isinstance(error, AssertionError) and not remote):
        return error
    kind = type(error).__name__
    text = f"{kind}: {error}"
    words = meaning(text)
    told = f"your code raised {text}{line_of(error, functions)}"
    message = f"{words} ({told})" if words else told
    article = "an" if kind[0] in "AEIOU" else "a"
    failure = CheckFailed(message, f"your code raised {article} {kind}")
    failure.student_traceback = remote  # type: ignore[attr-defined]
    return failure


def line_of(error: BaseException, functions: Sequence[Any]) -> str:
    """Return in which line of the student's cell an error came up, or an empty string."""
    files = {
        code.co_filename
        for code in (getattr(function, "__code__", None) for function in functions)
        if code is not None
    }
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    if not frames or not frames[-1].line:
        return ""
    return f", in line {frames[-1].lineno} of your cell: {frames[-1].line}"
