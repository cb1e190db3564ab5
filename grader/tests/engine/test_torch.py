"""Models and optimisers as arguments: they come back as the student's code left them."""

from __future__ import annotations

import pytest

SETUP = """
import copy
import torch
from torch import nn
from nbjudge.checks.calls import beside_student, check_raises
from nbjudge.checks.tensors import check_tensor


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 4)
        self.drop = nn.Dropout(0.5)
        self.outer = nn.Linear(4, 1)

    def forward(self, x):
        return self.outer(self.drop(torch.tanh(self.inner(x))))
"""

TRAIN = """
def train(model, optimizer, x, y, epochs):
    model.train()
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
"""

TRAIN_TEST = """
torch.manual_seed(1)
model = Net()
twin = copy.deepcopy(model)
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
x, y = torch.randn(8, 3), torch.randn(8, 1)
model.eval()
torch.manual_seed(2)
first = train(model, optimizer, x, y, 3)
second = train(model, optimizer, x, y, 2)
assert model.training and len(first + second) == 5

other = torch.optim.Adam(twin.parameters(), lr=0.1)
def again(epochs):
    for _ in range(epochs):
        other.zero_grad()
        loss = nn.functional.mse_loss(twin(x), y)
        loss.backward()
        other.step()
twin.train()
torch.manual_seed(2)
again(3)
assert second[0] < first[0]
assert optimizer.state_dict()["state"][0]["step"] == 5
assert model.inner.weight.grad is not None
assert not torch.equal(model.inner.weight, twin.inner.weight)
"""


def test_a_model_and_its_optimiser_keep_their_bond_over_several_calls(small):
    course = small(
        ("locked", "setup", SETUP),
        ("solution", "train", TRAIN),
        ("test", "train_test", TRAIN_TEST),
    )
    points, texts = course.graded({"train": TRAIN})
    assert points == {"train_test": 1}, texts
    lazy = TRAIN.replace("        optimizer.step()\n", "")
    assert course.graded({"train": lazy})[0] == {"train_test": 0}


CELL = """
class Cell(nn.Module):
    def __init__(self, D, H):
        super().__init__()
        self.lin = nn.Linear(D + H, H)
    def forward(self, x, h):
        return torch.tanh(self.lin(torch.cat([x, h], dim=1)))
"""

CELL_TEST = """
cell = Cell(3, 2)
state = cell.state_dict()
assert set(state) == {"lin.weight", "lin.bias"}
x, h = torch.ones(4, 3), torch.zeros(4, 2)
expected = torch.tanh(torch.cat([x, h], 1) @ state["lin.weight"].T + state["lin.bias"])
check_tensor("h", cell(x, h), expected)
assert sum(p.numel() for p in cell.parameters()) == 12
assert cell.training
cell.eval()
assert not cell.training
cell.load_state_dict({"lin.weight": torch.zeros(2, 5), "lin.bias": torch.ones(2)})
check_tensor("h", cell(x, h), torch.tanh(torch.ones(4, 2)))
with torch.no_grad():
    assert not cell(x, h).requires_grad
assert cell(x, h).requires_grad
"""


def test_an_object_of_a_students_class_is_used_from_afar(small):
    course = small(
        ("locked", "setup", SETUP),
        ("solution", "cell", CELL),
        ("test", "cell_test", CELL_TEST),
    )
    points, texts = course.graded({"cell": CELL})
    assert points == {"cell_test": 1}, texts
    points, texts = course.graded({"cell": CELL.replace("torch.tanh", "torch.relu")})
    assert points == {"cell_test": 0}
    assert "wrong values" in texts


SAME_SEED = """
def noise(n):
    return torch.randn(n)
"""

SAME_SEED_TEST = """
torch.manual_seed(7)
mine = noise(5)
torch.manual_seed(7)
check_tensor("noise", mine, torch.randn(5))
assert not torch.equal(noise(5), noise(5))
"""


def test_the_random_state_of_a_test_holds_for_the_students_code(small):
    course = small(
        ("locked", "setup", SETUP),
        ("solution", "noise", SAME_SEED),
        ("test", "noise_test", SAME_SEED_TEST),
    )
    points, texts = course.graded({"noise": SAME_SEED})
    assert points == {"noise_test": 1}, texts


@pytest.mark.parametrize(
    "body",
    [
        "for p in parameters:\n        p.grad.mul_(0.5)",
        "for p in list(parameters):\n        p.grad = p.grad * 0.5",
    ],
)
def test_parameters_come_back_with_their_gradients(small, body):
    source = f"def halve(parameters):\n    {body}\n"
    test = """
model = Net()
model(torch.ones(2, 3)).sum().backward()
before = [p.grad.clone() for p in model.parameters()]
halve(model.parameters())
assert all(torch.equal(p.grad, b / 2) for p, b in zip(model.parameters(), before))
"""
    course = small(
        ("locked", "setup", SETUP), ("solution", "halve", source), ("test", "halve_test", test)
    )
    points, texts = course.graded({"halve": source})
    assert points == {"halve_test": 1}, texts
    assert course.graded({"halve": "def halve(parameters):\n    pass"})[0] == {"halve_test": 0}


LINE = "def line(a):\n    return 2.0 * a"
LINE_TEST = "check_tensor('line', line(torch.ones(2, 3)), 2 * torch.ones(2, 3))"
ODD_TENSORS = {
    "says yes to everything": """
class Yes(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True

def line(a):
    return torch.zeros(a.shape).as_subclass(Yes)
""",
    "holds no numbers": "def line(a):\n    return torch.zeros(2, 3, device='meta')",
    "is sparse": "def line(a):\n    return torch.zeros(2, 3).to_sparse()",
    "is no tensor": "def line(a):\n    return a.tolist()",
}


@pytest.mark.parametrize("name", ODD_TENSORS)
def test_tensors_that_lie_gain_nothing(small, name):
    course = small(
        ("locked", "setup", SETUP), ("solution", "line", LINE), ("test", "line_test", LINE_TEST)
    )
    points, texts = course.graded({"line": LINE})
    assert points == {"line_test": 1}, texts
    assert course.graded({"line": ODD_TENSORS[name]})[0] == {"line_test": 0}


def test_seeds_of_a_test_cannot_be_frozen(small):
    frozen = "torch.manual_seed = torch.random.set_rng_state = lambda *a: None\n" + SAME_SEED
    course = small(
        ("locked", "setup", SETUP),
        ("solution", "noise", SAME_SEED),
        ("test", "noise_test", SAME_SEED_TEST),
    )
    assert course.graded({"noise": frozen})[0] == {"noise_test": 0}
