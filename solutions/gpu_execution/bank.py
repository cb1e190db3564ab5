"""Answers to the assignment gpu_execution: wrong ones, each with the points it loses, and right
ones in other styles.  A question that an entry does not name gets the course's own solution.

The points are those of a machine without a GPU.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, wrong

PICK = """
def pick_device(wanted="auto"):
    if wanted == "auto":
        if torch.cuda.is_available():
            wanted = "cuda"
        elif torch.backends.mps.is_available():
            wanted = "mps"
        else:
            wanted = "cpu"
    return torch.device(wanted)
"""

ZERO = """
def zero_state(x, H):
    h = torch.zeros(x.shape[0], H, device=x.device, dtype=x.dtype)
    c = torch.zeros(x.shape[0], H, device=x.device, dtype=x.dtype)
    return h, c
"""

MOVE = """
def move_batch(batch, device):
    if torch.is_tensor(batch):
        return batch.to(device)
    if isinstance(batch, dict):
        return {k: move_batch(v, device) for k, v in batch.items()}
    if isinstance(batch, list):
        return [move_batch(v, device) for v in batch]
    if isinstance(batch, tuple):
        return tuple(move_batch(v, device) for v in batch)
    return batch
"""

STANDARDISE = """
class Standardise(torch.nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, x):
        return (x - self.mean) / self.std
"""

CELL = """
def run_cell(cell, x):
    h_t, c_t = zero_state(x, cell.hidden_size)
    h = []
    for t in range(x.shape[1]):
        h_t, c_t = cell(x[:, t], (h_t, c_t))
        h.append(h_t)
    return torch.stack(h, dim=1), (h_t, c_t)
"""

EPOCH = """
def train_epoch(model, optimizer, batches, device):
    model.train()
    total = torch.zeros((), device=device)
    count = 0
    for x, y in batches:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(x)
        count += len(x)
    return total.item() / count
"""

PREDICT = """
def predict(model, batches, device):
    model.eval()
    found = []
    with torch.no_grad():
        for x in batches:
            found.append(model(x.to(device)).cpu().numpy())
    return np.concatenate(found)
"""

SECONDS = """
def median_seconds(work, synchronise, clock=time.perf_counter, warm_up=2, repeats=5):
    for _ in range(warm_up):
        work()
    seconds = []
    for _ in range(repeats):
        synchronise()
        start = clock()
        work()
        synchronise()
        seconds.append(clock() - start)
    return statistics.median(seconds)
"""

KERAS = """
def keras_zero_state(x, H):
    with tf.device(x.device):
        h = tf.zeros((len(x), H), x.dtype)
        c = tf.zeros((len(x), H), x.dtype)
    return h, c
"""


WRONG = [
    # Question 1
    wrong(
        "pick_device",
        "pick-always-cuda",
        1,
        "on a machine with no GPU must be cpu",
        PICK,
        ("if torch.cuda.is_available():", "if True:"),
    ),
    wrong(
        "pick_device",
        "pick-ignores-the-user",
        1,
        "must be cpu, but yours is cuda",
        PICK,
        ('if wanted == "auto":', "if True:"),
    ),
    wrong(
        "pick_device",
        "pick-returns-a-string",
        1,
        "must return a torch.device, but yours returns a str",
        PICK,
        ("return torch.device(wanted)", "return wanted"),
    ),
    wrong(
        "pick_device",
        "pick-forgets-apple",
        1,
        "Another device is to be picked on such a machine",
        PICK,
        ('wanted = "mps"', 'wanted = "cpu"'),
    ),
    # Question 2
    wrong(
        "zero_state",
        "state-on-the-cpu",  # right dtype, hard-coded place
        0.5,
        "is created on the cpu in the line",
        """
def zero_state(x, H):
    h = torch.zeros(x.shape[0], H, dtype=x.dtype)
    c = torch.zeros(x.shape[0], H, dtype=x.dtype)
    return h, c
""",
    ),
    wrong(
        "zero_state",
        "state-in-default-dtype-on-the-cpu",
        1,
        "must keep the dtype",
        "def zero_state(x, H):\n    return torch.zeros(len(x), H), torch.zeros(len(x), H)\n",
    ),
    wrong(
        "zero_state",
        "state-in-default-dtype",  # the device is right, the dtype is not
        1,
        "must keep the dtype",
        """
def zero_state(x, H):
    h = torch.zeros(x.shape[0], H, device=x.device)
    return h, h.clone()
""",
    ),
    wrong(
        "zero_state",
        "state-made-on-the-cpu-and-copied",
        0.5,
        "is created on the cpu",
        "def zero_state(x, H):\n    h = torch.zeros(len(x), H).to(x)\n    return h, h.clone()\n",
    ),
    wrong(
        "zero_state",
        "state-on-the-gpu-if-there-is-one",  # where the machine, not x, decides
        0.5,
        "is created on the cpu",
        """
def zero_state(x, H):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    h = torch.zeros(len(x), H, device=device, dtype=x.dtype)
    return h, h.clone()
""",
    ),
    wrong(
        "zero_state",
        "state-for-every-time-step",
        1,
        "must have shape",
        "def zero_state(x, H):\n    return tuple(x.new_zeros(2, x.shape[1], H))\n",
    ),
    # Question 3
    wrong(
        "move_batch",
        "move-forgets-tuples",
        0.5,
        "the result must be",
        MOVE,
        ("tuple(move_batch(v, device) for v in batch)", "batch"),
    ),
    wrong(
        "move_batch",
        "move-turns-tuples-into-lists",
        0.5,
        "must be a tuple, but yours is a list",
        MOVE,
        ("tuple(move_batch(v, device) for v in batch)", "[move_batch(v, device) for v in batch]"),
    ),
    wrong(
        "move_batch",
        "move-one-level-only",
        1,
        "has no attribute 'to'",
        "def move_batch(batch, device):\n"
        "    if torch.is_tensor(batch):\n        return batch.to(device)\n"
        "    if isinstance(batch, dict):\n"
        "        return {k: v.to(device) for k, v in batch.items()}\n"
        "    return type(batch)(v.to(device) for v in batch)\n",
    ),
    wrong(
        "move_batch",
        "move-drops-the-result",  # .to() is no in-place operation
        0.5,
        "on a GPU the result must be",
        MOVE,
        ("        return batch.to(device)\n", "        batch.to(device)\n        return batch\n"),
    ),
    wrong(
        "move_batch",
        "move-in-place",
        0.5,
        "The batch that was given must not change",
        MOVE,
        (
            "        return {k: move_batch(v, device) for k, v in batch.items()}\n",
            "        for k, v in batch.items():\n            batch[k] = move_batch(v, device)\n"
            "        return batch\n",
        ),
    ),
    wrong(
        "move_batch",
        "move-makes-everything-float",
        1,
        "A tensor is not the one of the batch",
        MOVE,
        ("batch.to(device)", "batch.to(device).float()"),
    ),
    # Question 4
    wrong(
        "standardise",
        "scaler-left-on-the-cpu",
        1,
        "mean and std must be in the state_dict",
        STANDARDISE,
        ('self.register_buffer("mean", mean)', "self.mean = mean"),
        ('self.register_buffer("std", std)', "self.std = std"),
    ),
    wrong(
        "standardise",
        "scaler-half-registered",
        1,
        "Expected all tensors to be on the same device",
        STANDARDISE,
        ('self.register_buffer("std", std)', "self.std = std"),
    ),
    wrong(
        "standardise",
        "scaler-trained",
        0.5,
        "must not be parameters",
        STANDARDISE,
        ('self.register_buffer("mean", mean)', "self.mean = torch.nn.Parameter(mean)"),
    ),
    wrong(
        "standardise",
        "scaler-not-saved",
        0.5,
        "or a checkpoint loses them",
        STANDARDISE,
        ('"std", std)', '"std", std, persistent=False)'),
    ),
    wrong(
        "standardise",
        "scaler-exchanged",
        0.5,
        "mean and std are exchanged",
        STANDARDISE,
        ('"mean", mean)', '"mean", std)'),
        ('"std", std)', '"std", mean)'),
    ),
    # Question 5
    wrong(
        "run_cell",
        "cell-with-a-state-on-the-cpu",
        1,
        "Expected all tensors to be on the same device",
        CELL,
        (
            "zero_state(x, cell.hidden_size)",
            "torch.zeros(2, len(x), cell.hidden_size, dtype=x.dtype).unbind()",
        ),
    ),
    wrong(
        "run_cell",
        "cell-collects-on-the-cpu",
        1,
        "is created on the cpu in the line",
        CELL,
        ("h = []", "h = torch.zeros(len(x), x.shape[1], cell.hidden_size, dtype=x.dtype)"),
        ("h.append(h_t)", "h[:, t] = h_t"),
        ("torch.stack(h, dim=1)", "h"),
    ),
    wrong(
        "run_cell",
        "cell-collects-copies-on-the-cpu",
        1,
        "on a GPU the result must be",
        CELL,
        ("h.append(h_t)", "h.append(h_t.cpu())"),
    ),
    wrong(
        "run_cell",
        "cell-stacks-time-first",
        2,
        "the first axis is the batch",
        CELL,
        ("torch.stack(h, dim=1)", "torch.stack(h)"),
    ),
    wrong(
        "run_cell",
        "cell-forgets-its-state",
        1,
        "has the right shape but wrong values",
        CELL,
        ("cell(x[:, t], (h_t, c_t))", "cell(x[:, t], zero_state(x, cell.hidden_size))"),
    ),
    wrong(
        "run_cell",
        "cell-collects-c",
        1,
        "collect h_t, not c_t",
        CELL,
        ("h.append(h_t)", "h.append(c_t)"),
    ),
    wrong(
        "run_cell",
        "cell-detaches",
        1,
        "h must keep its gradients",
        CELL,
        ("h.append(h_t)", "h.append(h_t.detach())"),
    ),
    # Question 6
    wrong(
        "train_epoch",
        "epoch-leaves-the-batch-on-the-cpu",
        1,
        "Input and parameter tensors are not at the same device",
        EPOCH,
        ("        x, y = x.to(device), y.to(device)\n", ""),
    ),
    wrong(
        "train_epoch",
        "epoch-leaves-the-target-on-the-cpu",
        1,
        "Expected all tensors to be on the same device",
        EPOCH,
        ("x, y = x.to(device), y.to(device)", "x = x.to(device)"),
    ),
    wrong(
        "train_epoch",
        "epoch-moves-the-model-to-the-cpu",
        1,
        "is created on the cpu",
        EPOCH,
        ("    model.train()\n", "    model.train().cpu()\n"),
        ("x, y = x.to(device), y.to(device)", "x, y = x.cpu(), y.cpu()"),
    ),
    wrong(
        "train_epoch",
        "epoch-waits-for-every-loss",
        1,
        "asks the device for a number 3 times",
        EPOCH,
        ("total += loss.detach() * len(x)", "total += loss.item() * len(x)"),
        ("total.item() / count", "float(total) / count"),
        ("total = torch.zeros((), device=device)", "total = 0.0"),
    ),
    wrong(
        "train_epoch",
        "epoch-returns-a-tensor",
        2,
        "must be a plain number (float), but yours is a Tensor",
        EPOCH,
        ("total.item() / count", "total / count"),
    ),
    wrong(
        "train_epoch",
        "epoch-averages-batches",
        1,
        "is not right",
        EPOCH,
        ("total += loss.detach() * len(x)", "total += loss.detach()"),
        ("count += len(x)", "count += 1"),
    ),
    wrong(
        "train_epoch",
        "epoch-without-zero-grad",
        1,
        "is not right",
        EPOCH,
        ("        optimizer.zero_grad()\n", ""),
    ),
    wrong(
        "train_epoch",
        "epoch-in-evaluation-mode",
        1,
        "the model must be in training mode",
        EPOCH,
        ("    model.train()\n", ""),
    ),
    # Question 7
    wrong(
        "predict",
        "predict-without-cpu",
        1,
        "can't convert meta device type tensor to numpy",
        PREDICT,
        (".cpu().numpy()", ".numpy()"),
    ),
    wrong(
        "predict",
        "predict-leaves-the-batch-on-the-cpu",
        1,
        "Input and parameter tensors are not at the same device",
        PREDICT,
        ("x.to(device)", "x"),
    ),
    wrong(
        "predict",
        "predict-moves-the-model-to-the-cpu",  # works, on the wrong device
        1,
        "is created on the cpu",
        PREDICT,
        ("    model.eval()\n", "    model.eval().cpu()\n"),
        ("x.to(device)", "x"),
    ),
    wrong(
        "predict",
        "predict-with-dropout",
        1,
        "has the right shape but wrong values",
        PREDICT,
        ("    model.eval()\n", ""),
    ),
    wrong(
        "predict",
        "predict-with-gradients",
        2,
        "requires grad",
        PREDICT,
        ("with torch.no_grad():", "if True:"),
    ),
    wrong(
        "predict",
        "predict-returns-tensors",
        2,
        "must be a NumPy array",
        PREDICT,
        (".cpu().numpy()", ".cpu()"),
        ("np.concatenate(found)", "torch.cat(found)"),
    ),
    wrong(
        "predict",
        "predict-flattens",
        2,
        "keep the last axis",
        PREDICT,
        ("np.concatenate(found)", "np.concatenate(found).ravel()"),
    ),
    # Question 8
    wrong(
        "median_seconds",
        "seconds-without-waiting",
        1,
        "this is the time to queue the work",
        SECONDS,
        ("        work()\n        synchronise()\n", "        work()\n"),
    ),
    wrong(
        "median_seconds",
        "seconds-without-an-empty-queue",
        1,
        "let the queue run empty before you start",
        SECONDS,
        ("        synchronise()\n        start", "        start"),
    ),
    wrong(
        "median_seconds",
        "seconds-with-the-warm-up",
        1,
        "is not right",
        SECONDS,
        ("    for _ in range(warm_up):\n        work()\n", ""),
    ),
    wrong(
        "median_seconds",
        "seconds-mean",
        1,
        "this is the mean: return the median",
        SECONDS,
        ("statistics.median", "statistics.fmean"),
    ),
    wrong(
        "median_seconds",
        "seconds-all-together",
        1,
        "this is the mean: return the median",
        """
def median_seconds(work, synchronise, clock=time.perf_counter, warm_up=2, repeats=5):
    for _ in range(warm_up):
        work()
    synchronise()
    start = clock()
    for _ in range(repeats):
        work()
        synchronise()
    return (clock() - start) / repeats
""",
    ),
    wrong(
        "median_seconds",
        "seconds-fixed-repeats",
        1,
        "is not right",
        SECONDS,
        ("range(repeats)", "range(5)"),
    ),
    # Question 9
    wrong(
        "keras_zero_state",
        "keras-state-on-the-default-device",
        0.5,
        "x is on CPU:1, but h0 is on CPU:0",
        KERAS,
        ("with tf.device(x.device):", "if True:"),
    ),
    wrong(
        "keras_zero_state",
        "keras-state-on-a-fixed-device",
        0.5,
        "The state is not on the device of x",
        KERAS,
        ("x.device", '"CPU:1"'),
    ),
    wrong(
        "keras_zero_state",
        "keras-state-in-default-dtype",
        0.5,
        "Wrong dtype",
        KERAS,
        ("h = tf.zeros((len(x), H), x.dtype)", "h = tf.zeros((len(x), H))"),
    ),
    wrong(
        "keras_zero_state",
        "keras-half-of-the-state",
        0.5,
        "c0 is on CPU:0",
        KERAS,
        ("        c = tf", "    c = tf"),
    ),
]

RIGHT = [
    Right(
        "written-out",
        {
            "pick_device": PICK,
            "zero_state": ZERO,
            "move_batch": MOVE,
            "standardise": STANDARDISE,
            "run_cell": CELL,
            "train_epoch": EPOCH,
            "predict": PREDICT,
            "median_seconds": SECONDS,
            "keras_zero_state": KERAS,
        },
    ),
    Right(
        "short",
        {
            "pick_device": """
def pick_device(wanted="auto"):
    best = "cuda" if torch.cuda.is_available() else "cpu"
    best = "mps" if best == "cpu" and torch.backends.mps.is_available() else best
    return torch.device(best if wanted == "auto" else wanted)
""",
            "zero_state": "zero_state = lambda x, H: tuple(x.new_zeros(2, x.size(0), H))",
            "run_cell": """
def run_cell(cell, x):
    states = [zero_state(x, cell.hidden_size)]
    for x_t in x.unbind(1):
        states.append(cell(x_t, states[-1]))
    return torch.stack([h for h, _ in states[1:]], 1), states[-1]
""",
            "predict": """
@torch.inference_mode()
def predict(model, batches, device):
    model.eval()
    return np.concatenate([model(x.to(device)).cpu().numpy() for x in batches], axis=0)
""",
        },
    ),
    Right(
        "other-calls",
        {
            "pick_device": """
def pick_device(wanted="auto"):
    if wanted == "auto":
        if not torch.accelerator.is_available():
            return torch.device("cpu")
        return torch.device(torch.accelerator.current_accelerator().type)
    return torch.device(wanted)
""",
            "zero_state": """
def zero_state(x, H):
    with x.device:
        return torch.zeros(len(x), H, dtype=x.dtype), torch.zeros(len(x), H, dtype=x.dtype)
""",
            "run_cell": """
def run_cell(cell, x):
    N, T, _ = x.shape
    h = torch.empty(N, T, cell.hidden_size, device=x.device, dtype=x.dtype)
    state = None  # PyTorch then starts from zeros
    for t in range(T):
        state = cell(x[:, t], state)
        h[:, t] = state[0]
    return h, tuple(state)
""",
            "keras_zero_state": """
def keras_zero_state(x, H):
    with keras.device(x.device):
        return [keras.ops.zeros((x.shape[0], H), dtype=x.dtype) for _ in range(2)]
""",
        },
    ),
    Right(
        "gathers-first-copies-last",
        {
            "train_epoch": """
def train_epoch(model, optimizer, batches, device):
    model.train()
    losses, sizes = [], []
    for batch in batches:
        x, y = (part.to(device, non_blocking=True) for part in batch)
        loss = torch.nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach() * len(x))
        sizes.append(len(x))
    return float(torch.stack(losses).sum()) / sum(sizes)
""",
            "predict": """
def predict(model, batches, device):
    model.eval()
    with torch.no_grad():
        found = torch.cat([model(x.to(device)) for x in batches])
    return found.to("cpu").numpy()
""",
        },
    ),
    Right(
        "detaches-instead-of-no-grad",
        {
            "predict": """
def predict(model, batches, device):
    model.train(False)
    return np.vstack([model(x.to(device)).detach().cpu().numpy() for x in batches])
""",
            "train_epoch": """
def train_epoch(model, optimizer, batches, device):
    model.train()
    total, count = 0.0, 0
    for x, y in batches:
        x, y = x.to(device), y.to(device)
        for p in model.parameters():
            p.grad = None
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        total = total + loss.detach() * x.shape[0]
        count += x.shape[0]
    return (total / count).item()
""",
        },
    ),
    Right(
        "times-with-numpy",
        {
            "median_seconds": """
def median_seconds(work, synchronise, clock=time.perf_counter, warm_up=2, repeats=5):
    seconds = []
    for number in range(warm_up + repeats):
        synchronise()
        start = clock()
        work()
        synchronise()
        if number >= warm_up:
            seconds.append(clock() - start)
    return float(np.median(seconds))
""",
            "move_batch": """
def move_batch(batch, device):
    match batch:
        case torch.Tensor():
            return batch.to(device=device)
        case dict():
            return dict((key, move_batch(part, device)) for key, part in batch.items())
        case list() | tuple():
            parts = [move_batch(part, device) for part in batch]
            return parts if isinstance(batch, list) else tuple(parts)
        case _:
            return batch
""",
        },
    ),
    Right(
        "helpers-and-prints",
        {
            "zero_state": """
def zero_state(x, H):
    print("making a state on", x.device)
    return zeros_for(x, H), zeros_for(x, H)
""",
            "standardise": """
class Standardise(torch.nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        for name, value in {"mean": mean, "std": std}.items():
            self.register_buffer(name, value.clone())

    def forward(self, x):
        return (x - self.mean) / self.std
""",
        },
        extra="""
def zeros_for(x, H):
    return torch.zeros((x.shape[0], H)).new_zeros(0) if H < 0 else x[:, :1, :1].new_zeros(len(x), H)
""",
    ),
]
