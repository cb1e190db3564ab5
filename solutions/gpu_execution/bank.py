"""What is known of the assignment gpu_execution: the mistakes of each question, as small changes
of the answer, and right answers in other styles.

The points are those of a machine without a GPU.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip

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

AVERAGE = """
def average_gradients(gradients, sizes):
    found = [torch.zeros_like(gradient) for gradient in gradients[0]]
    for own, n in zip(gradients, sizes):
        if n:
            found = [old + gradient * (n / sum(sizes)) for old, gradient in zip(found, own)]
    return found
"""


MISTAKES = {
    "pick_device": [
        slip(
            'the choice of the user is ignored: take any name but "auto" as it is',
            1,
            ('if wanted != "auto":\n        return torch.device(wanted)\n    if', "if"),
        ),
        slip(
            "auto is cuda even where there is none: look at what torch.cuda.is_available() returns",
            1,
            ("if torch.cuda.is_available():", "if torch.cuda.is_available:"),
            ways=[
                [("if torch.cuda.is_available():", "if True:")],
                """
def pick_device(wanted="auto"):
    return torch.device("cuda" if wanted == "auto" else wanted)
""",
            ],
        ),
        slip(
            "auto is mps even where there is none: look at what "
            "torch.backends.mps.is_available() returns",
            1,
            ("if torch.backends.mps.is_available():", "if torch.backends.mps.is_available:"),
            ways=[
                """
def pick_device(wanted="auto"):
    if wanted != "auto":
        return torch.device(wanted)
    return torch.device("cuda" if torch.cuda.is_available() else "mps")
"""
            ],
        ),
        slip(
            "the GPU of a Mac is never picked: ask for mps where there is no cuda",
            1,
            ('torch.device("mps")', 'torch.device("cpu")'),
            ways=[
                """
def pick_device(wanted="auto"):
    if wanted != "auto":
        return torch.device(wanted)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
"""
            ],
        ),
        slip(
            "an NVIDIA GPU is never picked: ask for cuda first",
            1,
            (
                'if torch.cuda.is_available():\n        return torch.device("cuda")\n    if',
                "if",
            ),
        ),
        slip(
            "auto never finds a GPU: ask for cuda, then for mps",
            1,
            ('return torch.device("cuda")', 'return torch.device("cpu")'),
            ('return torch.device("mps")', 'return torch.device("cpu")'),
        ),
        slip(
            "cuda comes before mps where both are found",
            1,
            (
                "if torch.cuda.is_available():",
                "if torch.cuda.is_available() and not torch.backends.mps.is_available():",
            ),
            ways=[
                """
def pick_device(wanted="auto"):
    if wanted != "auto":
        return torch.device(wanted)
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
"""
            ],
        ),
        slip(
            "the name is no device yet: torch.device(name) makes one",
            1,
            ("return torch.device(wanted)", "return wanted"),
            ways=[
                """
def pick_device(wanted="auto"):
    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
""",
                """
def pick_device(wanted="auto"):
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
""",
            ],
        ),
        slip(
            'auto gives plain "cuda", without a number',
            1,
            ('return torch.device("cuda")', 'return torch.device("cuda:0")'),
        ),
        slip(
            'PyTorch knows no device "auto": that is the name for which you look yourself',
            1,
            'def pick_device(wanted="auto"):\n    return torch.device(wanted)\n',
        ),
        slip(
            "the test for auto is the wrong way round",
            1,
            ('if wanted != "auto":', 'if wanted == "auto":'),
        ),
        slip(
            "a device that the user names is taken as it is, also where it is not found",
            1,
            (
                "return torch.device(wanted)",
                'return torch.device(wanted if torch.cuda.is_available() else "cpu")',
            ),
            ways=[
                [
                    (
                        "return torch.device(wanted)",
                        'found = torch.cuda.is_available() or not wanted.startswith("cuda")\n'
                        '        return torch.device(wanted if found else "cpu")',
                    )
                ]
            ],
        ),
        slip(
            'the number is lost: "cuda:1" is the second GPU',
            1,
            ("torch.device(wanted)", "torch.device(torch.device(wanted).type)"),
        ),
        slip(
            'any name but "auto" is taken as it is, and not "cpu" alone',
            1,
            ('if wanted != "auto":', 'if wanted == "cpu":'),
        ),
        slip(
            'without an argument wanted is "auto"',
            1,
            ('wanted="auto"', 'wanted="cpu"'),
            ways=[[('wanted="auto"', "wanted")], [('wanted="auto"', "wanted=None")]],
        ),
        slip(
            "where there is no GPU the function ends without a device: return the CPU",
            1,
            ('    return torch.device("cpu")\n', ""),
        ),
    ],
    "zero_state": [
        slip(
            "the zeros are made on the CPU, and not where x is",
            0.5,
            (
                "x.new_zeros(N, H), x.new_zeros(N, H)",
                "torch.zeros(N, H, dtype=x.dtype), torch.zeros(N, H, dtype=x.dtype)",
            ),
            ways=[
                "def zero_state(x, H):\n    h = torch.zeros(len(x), H).to(x)\n    return h, h.clone()\n",
                """
def zero_state(x, H):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    h = torch.zeros(len(x), H, device=device, dtype=x.dtype)
    return h, h.clone()
""",
            ],
        ),
        slip(
            "the zeros are float32, whatever x is: give them dtype=x.dtype",
            1,
            (
                "x.new_zeros(N, H), x.new_zeros(N, H)",
                "torch.zeros(N, H, device=x.device), torch.zeros(N, H, device=x.device)",
            ),
        ),
        slip(
            "the zeros are float64, whatever x is: give them dtype=x.dtype",
            1,
            (
                "x.new_zeros(N, H), x.new_zeros(N, H)",
                "x.new_zeros(N, H).double(), x.new_zeros(N, H).double()",
            ),
        ),
        slip(
            "torch.zeros(N, H) alone makes float32 on the CPU: take device and dtype from x",
            1,
            "def zero_state(x, H):\n    return torch.zeros(len(x), H), torch.zeros(len(x), H)\n",
            ways=[
                "def zero_state(x, H):\n    h = torch.zeros(len(x), H).to(x.device)\n    return h, h\n"
            ],
        ),
        slip(
            "c0 is float32, whatever x is: both states take the dtype of x",
            1,
            (
                "x.new_zeros(N, H), x.new_zeros(N, H)",
                "x.new_zeros(N, H), torch.zeros(N, H, device=x.device)",
            ),
        ),
        slip(
            "N is the number of examples, x.shape[0]: axis 1 is time",
            1,
            ("x.shape[0]", "x.shape[1]"),
        ),
        slip(
            "N is the number of examples, x.shape[0]: the last axis are the features",
            1,
            ("x.shape[0]", "x.shape[2]"),
            ways=[[("x.shape[0]", "x.shape[-1]")]],
        ),
        slip(
            "a state has no axis of time: (N, H)",
            1,
            (
                "x.new_zeros(N, H), x.new_zeros(N, H)",
                "x.new_zeros(*x.shape[:2], H), x.new_zeros(*x.shape[:2], H)",
            ),
        ),
        slip(
            "the state has H columns, and not one for each feature of x",
            1,
            (
                "x.new_zeros(N, H), x.new_zeros(N, H)",
                "torch.zeros_like(x[:, 0]), torch.zeros_like(x[:, 0])",
            ),
            ways=[
                "def zero_state(x, H):\n    N, T, D = x.shape\n    return x.new_zeros(N, D), x.new_zeros(N, D)\n"
            ],
        ),
        slip(
            "zeros_like(x) has the shape of x: a state is (N, H)",
            1,
            (
                "x.new_zeros(N, H), x.new_zeros(N, H)",
                "torch.zeros_like(x), torch.zeros_like(x)",
            ),
        ),
        slip(
            "rows are examples: (N, H), and not (H, N)",
            1,
            ("x.new_zeros(N, H), x.new_zeros(N, H)", "x.new_zeros(H, N), x.new_zeros(H, N)"),
        ),
        slip(
            "a state of a cell has two axes: only torch.nn.LSTM asks for one of layers",
            1,
            (
                "x.new_zeros(N, H), x.new_zeros(N, H)",
                "x.new_zeros(1, N, H), x.new_zeros(1, N, H)",
            ),
        ),
        slip(
            "the state starts from zeros, and not from ones",
            0.5,
            ("x.new_zeros(N, H), x.new_zeros(N, H)", "x.new_ones(N, H), x.new_ones(N, H)"),
        ),
        slip(
            "the state starts from zeros, and not from random numbers",
            0.5,
            (
                "x.new_zeros(N, H), x.new_zeros(N, H)",
                "x.new_zeros(N, H).normal_(), x.new_zeros(N, H).normal_()",
            ),
            ways=[
                [
                    (
                        "x.new_zeros(N, H), x.new_zeros(N, H)",
                        "torch.randn(N, H, device=x.device, dtype=x.dtype), "
                        "torch.randn(N, H, device=x.device, dtype=x.dtype)",
                    )
                ]
            ],
        ),
        slip(
            "zero_state must return 2 values, (h0, c0)",
            1,
            ("x.new_zeros(N, H), x.new_zeros(N, H)", "x.new_zeros(N, H)"),
            ways=[[("x.new_zeros(N, H), x.new_zeros(N, H)", "x.new_zeros(2, N, H)")]],
        ),
        slip("is the return statement missing?", 1, ("return x.new_zeros", "x.new_zeros")),
    ],
    "move_batch": [
        slip(
            "tuples are not looked into: their tensors stay behind",
            0.5,
            ("(list, tuple)", "list"),
        ),
        slip(
            "lists are not looked into: their tensors stay behind", 0.5, ("(list, tuple)", "tuple")
        ),
        slip(
            "dicts are not looked into: their tensors stay behind",
            0.5,
            (
                "    if isinstance(batch, dict):\n"
                "        return {key: move_batch(value, device) for key, value in batch.items()}\n",
                "",
            ),
        ),
        slip(
            "only tensors and dicts are looked into: lists and tuples have parts, too",
            0.5,
            (
                "    if isinstance(batch, (list, tuple)):\n"
                "        return type(batch)(move_batch(value, device) for value in batch)\n",
                "",
            ),
        ),
        slip(
            "a tuple must stay a tuple: type(batch)(...) makes what it was",
            0.5,
            (
                "type(batch)(move_batch(value, device) for value in batch)",
                "[move_batch(value, device) for value in batch]",
            ),
        ),
        slip(
            "a list must stay a list: type(batch)(...) makes what it was",
            0.5,
            (
                "type(batch)(move_batch(value, device) for value in batch)",
                "tuple(move_batch(value, device) for value in batch)",
            ),
        ),
        slip(
            "a generator is no list yet: type(batch)(...) makes what it was",
            1,
            (
                "type(batch)(move_batch(value, device) for value in batch)",
                "(move_batch(value, device) for value in batch)",
            ),
            ways=[
                [
                    (
                        "type(batch)(move_batch(value, device) for value in batch)",
                        "map(lambda value: move_batch(value, device), batch)",
                    )
                ]
            ],
        ),
        slip(
            "the parts may have parts, or be no tensors: let the function call itself for them",
            1,
            ("{key: move_batch(value, device) for", "{key: value.to(device) for"),
            (
                "type(batch)(move_batch(value, device) for value in batch)",
                "type(batch)(value.to(device) for value in batch)",
            ),
            ways=[
                [("{key: move_batch(value, device) for", "{key: value.to(device) for")],
                [
                    (
                        "type(batch)(move_batch(value, device) for value in batch)",
                        "type(batch)(value.to(device) for value in batch)",
                    )
                ],
            ],
        ),
        slip(
            "parts of parts stay where they are: let the function call itself for the parts",
            0.5,
            """
def move_batch(batch, device):
    def move(value):
        return value.to(device) if torch.is_tensor(value) else value

    if isinstance(batch, dict):
        return {key: move(value) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        return type(batch)(move(value) for value in batch)
    return move(batch)
""",
        ),
        slip(
            "the tensors stay on the CPU: return what tensor.to(device) returns",
            0.5,
            ("return batch.to(device)", "batch.to(device)\n        return batch"),
            ways=[
                [("batch.to(device)", "batch.cpu()")],
                [("return batch.to(device)", "return batch")],
                [("return batch.to(device)", "batch.to(device)")],
            ],
        ),
        slip(
            "the batch that was given stays as it was: make a new dict",
            0.5,
            (
                "        return {key: move_batch(value, device) for key, value in batch.items()}\n",
                "        for key, value in batch.items():\n"
                "            batch[key] = move_batch(value, device)\n"
                "        return batch\n",
            ),
        ),
        slip(
            "the batch that was given stays as it was: make a new list",
            0.5,
            (
                "    if isinstance(batch, (list, tuple)):\n",
                "    if isinstance(batch, list):\n"
                "        for k, value in enumerate(batch):\n"
                "            batch[k] = move_batch(value, device)\n"
                "        return batch\n"
                "    if isinstance(batch, tuple):\n",
            ),
        ),
        slip(
            "a tensor keeps its dtype when it moves",
            0.5,
            ("batch.to(device)", "batch.to(device).float()"),
            ways=[
                [("batch.to(device)", "batch.float().to(device)")],
                [("batch.to(device)", "batch.to(device, torch.float32)")],
            ],
        ),
        slip(
            "what is no tensor stays as it is: return it at the end",
            0.5,
            ("    return batch\n", ""),
            ways=[[("    return batch\n", "    return None\n")]],
        ),
        slip(
            "what is no tensor stays as it is, and raises nothing",
            1,
            ("    return batch\n", "    return batch.to(device)\n"),
            ways=[
                """
def move_batch(batch, device):
    if isinstance(batch, dict):
        return {key: move_batch(value, device) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        return type(batch)(move_batch(value, device) for value in batch)
    return batch.to(device)
"""
            ],
        ),
        slip(
            "what is no tensor stays as it is, and is no text for that",
            0.5,
            ("    return batch\n", "    return str(batch)\n"),
        ),
        slip(
            "a dict must stay a dict, with its keys",
            0.5,
            (
                "{key: move_batch(value, device) for key, value in batch.items()}",
                "[move_batch(value, device) for value in batch.values()]",
            ),
        ),
        slip(
            "the values of a dict are moved, and not its keys",
            1,
            (
                "{key: move_batch(value, device) for key, value in batch.items()}",
                "{key: move_batch(key, device) for key in batch}",
            ),
        ),
        slip(
            "the loop returns after the first part: return when all are done",
            1,
            (
                "        return {key: move_batch(value, device) for key, value in batch.items()}\n",
                "        for key, value in batch.items():\n"
                "            return {key: move_batch(value, device)}\n",
            ),
        ),
        slip(
            "the device is the argument, and not always cuda",
            1,
            ("batch.to(device)", "batch.cuda()"),
            ways=[[("batch.to(device)", 'batch.to("cuda")')]],
        ),
    ],
    "standardise": [
        slip(
            "mean and std are plain attributes: register buffers, which move and are saved",
            1,
            ('self.register_buffer("mean", mean)', "self.mean = mean"),
            ('self.register_buffer("std", std)', "self.std = std"),
        ),
        slip(
            "mean is a plain attribute: register it as a buffer, too",
            1,
            ('self.register_buffer("mean", mean)', "self.mean = mean"),
        ),
        slip(
            "std is a plain attribute: register it as a buffer, too",
            1,
            ('self.register_buffer("std", std)', "self.std = std"),
        ),
        slip(
            "mean and std must be buffers: the module has no parameters",
            0.5,
            (
                'self.register_buffer("mean", mean)',
                "self.mean = torch.nn.Parameter(mean)",
            ),
            ('self.register_buffer("std", std)', "self.std = torch.nn.Parameter(std)"),
            ways=[
                [('self.register_buffer("mean", mean)', "self.mean = torch.nn.Parameter(mean)")],
                [('self.register_buffer("std", std)', "self.std = torch.nn.Parameter(std)")],
                [
                    (
                        'self.register_buffer("mean", mean)',
                        "self.mean = torch.nn.Parameter(mean, requires_grad=False)",
                    ),
                    (
                        'self.register_buffer("std", std)',
                        "self.std = torch.nn.Parameter(std, requires_grad=False)",
                    ),
                ],
            ],
        ),
        slip(
            "persistent=False keeps a buffer out of checkpoints",
            0.5,
            ('"mean", mean)', '"mean", mean, persistent=False)'),
            ('"std", std)', '"std", std, persistent=False)'),
            ways=[
                [('"std", std)', '"std", std, persistent=False)')],
                [('"mean", mean)', '"mean", mean, persistent=False)')],
            ],
        ),
        slip(
            "mean and std are exchanged",
            0.5,
            ('"mean", mean)', '"mean", std)'),
            ('"std", std)', '"std", mean)'),
        ),
        slip("the buffer std holds mean", 0.5, ('"std", std)', '"std", mean)')),
        slip("the buffer mean holds std", 0.5, ('"mean", mean)', '"mean", std)')),
        slip(
            "forward reads self.mean, and there is no buffer of this name",
            1,
            ('"mean", mean)', '"mu", mean)'),
            ('"std", std)', '"sigma", std)'),
            ways=[
                [
                    ("    def __init__(self, mean, std):", "    def __init__(self, m, s):"),
                    ('"mean", mean)', '"m", m)'),
                    ('"std", std)', '"s", s)'),
                ],
            ],
        ),
        slip(
            "std has no buffer of its own: register both, each under its name",
            1,
            ('        self.register_buffer("std", std)\n', ""),
            ways=[[('"std", std)', '"mean", std)')]],
        ),
        slip(
            "register_buffer takes the name first, as a text, and then the tensor",
            1,
            ('("mean", mean)', "(mean)"),
            ('("std", std)', "(std)"),
            ways=[
                [('("mean", mean)', '(mean, "mean")'), ('("std", std)', '(std, "std")')],
                [('("mean", mean)', "(mean, mean)"), ('("std", std)', "(std, std)")],
            ],
        ),
        slip(
            "forward divides by std: keep std itself",
            0.5,
            ('"std", std)', '"std", 1.0 / std)'),
        ),
        slip(
            "forward divides by std: keep std itself, and not its square",
            0.5,
            ('"std", std)', '"std", std**2)'),
        ),
        slip(
            "forward subtracts mean: keep mean itself, with its sign",
            0.5,
            ('"mean", mean)', '"mean", -mean)'),
        ),
        slip(
            "keep one mean and one std for each feature",
            0.5,
            ('"mean", mean)', '"mean", mean.mean())'),
            ('"std", std)', '"std", std.mean())'),
        ),
        slip(
            "the buffers keep the dtype of mean and std: make no float32 of them",
            0.5,
            ('"mean", mean)', '"mean", mean.float())'),
            ('"std", std)', '"std", std.float())'),
        ),
        slip(
            "mean and std are tensors of (D,): an axis more is not asked for",
            0.5,
            ('"mean", mean)', '"mean", mean[None])'),
            ('"std", std)', '"std", std[None])'),
        ),
    ],
    "run_cell": [
        slip(
            "the first state is made on the CPU, and not where x is",
            1,
            (
                "zero_state(x, cell.hidden_size)",
                "torch.zeros(2, len(x), cell.hidden_size, dtype=x.dtype).unbind()",
            ),
            ways=[
                [
                    (
                        "zero_state(x, cell.hidden_size)",
                        "2 * (torch.zeros(len(x), cell.hidden_size, dtype=x.dtype),)",
                    )
                ]
            ],
        ),
        slip(
            "h is collected on the CPU: make it where x is, or stack a list",
            1,
            ("h = []", "h = torch.zeros(len(x), x.shape[1], cell.hidden_size, dtype=x.dtype)"),
            ("h.append(state[0])", "h[:, t] = state[0]"),
            ("torch.stack(h, dim=1)", "h"),
        ),
        slip(
            "every h_t is copied to the CPU: leave it on the device",
            1,
            ("h.append(state[0])", "h.append(state[0].cpu())"),
        ),
        slip(
            "the first axis is the batch and the second one time: stack along dim=1",
            2,
            ("torch.stack(h, dim=1)", "torch.stack(h)"),
        ),
        slip(
            "time stands second, before the units: stack along dim=1",
            2,
            ("torch.stack(h, dim=1)", "torch.stack(h, dim=2)"),
            ways=[[("torch.stack(h, dim=1)", "torch.stack(h, dim=-1)")]],
        ),
        slip(
            "cat joins the steps along the units: stack them",
            2,
            ("torch.stack(h, dim=1)", "torch.cat(h, dim=1)"),
        ),
        slip(
            "h is still a list: stack it",
            2,
            ("torch.stack(h, dim=1)", "h"),
        ),
        slip(
            "every step starts from zeros: carry the state on",
            1,
            ("cell(x[:, t], state)", "cell(x[:, t], zero_state(x, cell.hidden_size))"),
            ways=[[("cell(x[:, t], state)", "cell(x[:, t])")]],
        ),
        slip("collect h_t, and not c_t", 1, ("h.append(state[0])", "h.append(state[1])")),
        slip(
            "h must keep its gradients, or the cell cannot be trained",
            1,
            ("h.append(state[0])", "h.append(state[0].detach())"),
            ways=[
                [
                    (
                        "        state = cell(x[:, t], state)\n",
                        "        with torch.no_grad():\n            state = cell(x[:, t], state)\n",
                    )
                ],
                [("torch.stack(h, dim=1)", "torch.stack(h, dim=1).detach()")],
            ],
        ),
        slip(
            "the two states are exchanged: the state is (h, c), h first",
            1,
            ("cell(x[:, t], state)", "cell(x[:, t], state[::-1])"),
        ),
        slip(
            "the state comes back the wrong way round: h_T first, then c_T",
            1,
            ("dim=1), state", "dim=1), state[::-1]"),
        ),
        slip(
            "the results are exchanged: h comes first, then the state",
            2,
            ("return torch.stack(h, dim=1), state", "return state, torch.stack(h, dim=1)"),
        ),
        slip(
            "the cell is never called: each step is cell(x[:, t], state)",
            1,
            ("        state = cell(x[:, t], state)\n", ""),
        ),
        slip(
            "the state is the pair (h_T, c_T), and not h_T alone",
            2,
            ("dim=1), state", "dim=1), state[0]"),
        ),
        slip(
            "run_cell must return 2 values, (h, state)",
            2,
            ("return torch.stack(h, dim=1), state", "return torch.stack(h, dim=1)"),
        ),
        slip(
            "the two states come back as one pair: return h, state",
            1,
            ("dim=1), state", "dim=1), *state"),
        ),
        slip(
            "the sequence is read from its end: start with t = 0",
            1,
            ("range(x.shape[1])", "reversed(range(x.shape[1]))"),
        ),
        slip(
            "the last step is left out",
            2,
            ("range(x.shape[1])", "range(x.shape[1] - 1)"),
            ("torch.stack(h, dim=1)", "torch.stack(h or [state[0]], dim=1)"),
            ways=[[("range(x.shape[1])", "range(x.shape[1] - 1)")]],
        ),
        slip(
            "the first step is left out: t starts from 0",
            2,
            ("range(x.shape[1])", "range(1, x.shape[1])"),
            ("torch.stack(h, dim=1)", "torch.stack(h or [state[0]], dim=1)"),
            ways=[[("range(x.shape[1])", "range(1, x.shape[1])")]],
        ),
        slip(
            "h has T steps: leave the first state out",
            2,
            ("h = []", "h = [state[0]]"),
        ),
        slip(
            "h holds the states after each step, and not those before it",
            1,
            (
                "        state = cell(x[:, t], state)\n        h.append(state[0])\n",
                "        h.append(state[0])\n        state = cell(x[:, t], state)\n",
            ),
        ),
        slip(
            "h holds the state after every step, and not the last one alone",
            2,
            ("torch.stack(h, dim=1)", "state[0]"),
        ),
        slip("every step reads the first column of x: take x[:, t]", 1, ("x[:, t]", "x[:, 0]")),
        slip(
            "x[t] is one example: the steps are x[:, t]",
            2,
            ("x[:, t]", "x[t]"),
        ),
        slip(
            "the loop goes over the examples: T is x.shape[1]",
            2,
            ("range(x.shape[1])", "range(x.shape[0])"),
            ways=[[("range(x.shape[1])", "range(len(x))")]],
        ),
        slip(
            "the state has one column for each unit of the cell, cell.hidden_size",
            2,
            ("zero_state(x, cell.hidden_size)", "zero_state(x, x.shape[2])"),
        ),
        slip(
            "the first state needs the dtype of x, too",
            1,
            (
                "zero_state(x, cell.hidden_size)",
                "torch.zeros(2, len(x), cell.hidden_size, device=x.device).unbind()",
            ),
        ),
        slip(
            "carry c_t on as well, and not h_t alone",
            1,
            ("state = cell(x[:, t], state)", "state = (cell(x[:, t], state)[0], state[1])"),
        ),
    ],
    "train_epoch": [
        slip(
            "x and y stay on the CPU: use what x.to(device) and y.to(device) return",
            1,
            ("        x, y = x.to(device), y.to(device)\n", ""),
            ways=[
                [("x, y = x.to(device), y.to(device)", "x.to(device), y.to(device)")],
                [("x, y = x.to(device), y.to(device)", "y = y.to(device)")],
            ],
        ),
        slip(
            "the targets stay on the CPU: move y, too",
            1,
            ("x, y = x.to(device), y.to(device)", "x = x.to(device)"),
        ),
        slip(
            "the parameters stay on the device: move the batches there, and not the model away",
            1,
            ("    model.train()\n", "    model.train().cpu()\n"),
            ("x, y = x.to(device), y.to(device)", "x, y = x.cpu(), y.cpu()"),
        ),
        slip(
            "each batch waits for the device: add up there, and ask for the number once",
            1,
            ("loss.detach() * len(x)", "loss.item() * len(x)"),
            ("total.item() / count", "float(total) / count"),
            ("torch.zeros((), device=device), 0", "0.0, 0"),
            ways=[
                [
                    ("loss.detach() * len(x)", "float(loss) * len(x)"),
                    ("total.item() / count", "total / count"),
                    ("torch.zeros((), device=device), 0", "0.0, 0"),
                ],
                [
                    ("loss.detach() * len(x)", "loss.detach().cpu() * len(x)"),
                    ("torch.zeros((), device=device), 0", "torch.zeros(()), 0"),
                ],
                [
                    ("loss.detach() * len(x)", "loss.detach().cpu().numpy() * len(x)"),
                    ("total.item() / count", "float(total) / count"),
                    ("torch.zeros((), device=device), 0", "0.0, 0"),
                ],
            ],
        ),
        slip(
            "each batch waits for the device, and the end once more: ask for the number once",
            1,
            ("loss.detach() * len(x)", "loss.item() * len(x)"),
        ),
        slip(
            "must be a plain number",
            2,
            ("total.item() / count", "total / count"),
        ),
        slip(
            "a batch of 3 counts three times as much as a batch of 1: weight its loss",
            1,
            ("loss.detach() * len(x)", "loss.detach()"),
            ("count += len(x)", "count += 1"),
            ways=[
                [
                    ("loss.detach() * len(x)", "loss.detach()"),
                    ("total.item() / count", "total.item() / len(batches)"),
                ]
            ],
        ),
        slip(
            "the loss of a batch is a mean: multiply it by the number of its examples first",
            1,
            ("loss.detach() * len(x)", "loss.detach()"),
        ),
        slip(
            "this is the sum over the examples: divide by their number",
            1,
            ("total.item() / count", "total.item()"),
        ),
        slip(
            "this is the sum of the losses of the batches: weight them, then divide",
            1,
            ("loss.detach() * len(x)", "loss.detach()"),
            ("total.item() / count", "total.item()"),
        ),
        slip(
            "divide by the number of examples, and not by that of batches",
            1,
            ("count += len(x)", "count += 1"),
            ways=[[("total.item() / count", "total.item() / len(batches)")]],
        ),
        slip(
            "old gradients are added to the new ones: forget them before backward",
            1,
            ("        optimizer.zero_grad()\n", ""),
        ),
        slip(
            "old gradients are forgotten once: zero_grad belongs into the loop",
            1,
            ("        optimizer.zero_grad()\n", ""),
            ("    model.train()\n", "    model.train()\n    optimizer.zero_grad()\n"),
        ),
        slip(
            "the weights do not change: backward fills the gradients, then step uses them",
            1,
            ("        optimizer.step()\n", ""),
            ways=[
                [("        loss.backward()\n", "")],
                [
                    (
                        "        optimizer.zero_grad()\n        loss = mse_loss(model(x), y)\n"
                        "        loss.backward()\n",
                        "        loss = mse_loss(model(x), y)\n        loss.backward()\n"
                        "        optimizer.zero_grad()\n",
                    )
                ],
                [
                    (
                        "        loss.backward()\n        optimizer.step()\n",
                        "        optimizer.step()\n        loss.backward()\n",
                    )
                ],
            ],
        ),
        slip(
            "the model must be in training mode",
            1,
            ("    model.train()\n", ""),
            ways=[[("model.train()", "model.eval()")], [("model.train()", "model.train")]],
        ),
        slip(
            "model.train() comes before the first batch, and not after the last one",
            1,
            ("    model.train()\n", ""),
            ("    return total", "    model.train()\n    return total"),
        ),
        slip(
            "backward needs the graph: detach the loss only where you add it up",
            2,
            ("mse_loss(model(x), y)", "mse_loss(model(x), y).detach()"),
            ways=[[("mse_loss(model(x), y)", "mse_loss(model(x).detach(), y)")]],
        ),
        slip(
            "the loss of a batch is the mean of the squares, and not their sum",
            1,
            ("mse_loss(model(x), y)", 'mse_loss(model(x), y, reduction="sum")'),
            ways=[[("mse_loss(model(x), y)", "((model(x) - y) ** 2).sum()")]],
        ),
        slip(
            "the mean squared error is not halved",
            1,
            ("mse_loss(model(x), y)", "0.5 * mse_loss(model(x), y)"),
        ),
        slip(
            "the error is squared: take no root of it",
            1,
            ("mse_loss(model(x), y)", "mse_loss(model(x), y).sqrt()"),
        ),
        slip(
            "the error is squared: this is the mean of its absolute values",
            1,
            ("mse_loss(model(x), y)", "(model(x) - y).abs().mean()"),
        ),
        slip(
            "this is the loss of the last batch: add them up",
            1,
            ("total = total + loss.detach() * len(x)", "total = loss.detach() * len(x)"),
            ("count += len(x)", "count = len(x)"),
            ways=[
                [("return total.item() / count", "return loss.item()")],
                [("total = total + loss.detach() * len(x)", "total = loss.detach() * len(x)")],
            ],
        ),
        slip(
            "the epoch ends after the first batch: return after the loop",
            1,
            ("    return total.item() / count", "        return total.item() / count"),
        ),
        slip(
            "the last batch is left out: it counts too, however small it is",
            1,
            ("for x, y in batches:", "for x, y in batches[:-1]:"),
        ),
        slip(
            "the losses are those before each step",
            1,
            (
                "total = total + loss.detach() * len(x)",
                "total = total + mse_loss(model(x), y).detach() * len(x)",
            ),
        ),
        slip(
            "every batch is trained on once: take one step for each",
            1,
            (
                "        optimizer.step()\n",
                "        optimizer.step()\n        optimizer.step()\n",
            ),
        ),
        slip(
            "the step is up to the optimizer: call optimizer.step(), which knows the learning rate",
            1,
            (
                "        optimizer.step()\n",
                "        with torch.no_grad():\n"
                "            for parameter in model.parameters():\n"
                "                parameter -= 0.01 * parameter.grad\n",
            ),
        ),
        slip(
            "the weight of a batch is its number of examples, and not that of the time steps",
            1,
            ("loss.detach() * len(x)", "loss.detach() * x.shape[1]"),
        ),
        slip(
            "divide by the number of examples, and not by that of all entries of x",
            1,
            ("count += len(x)", "count += x.numel()"),
        ),
    ],
    "predict": [
        slip(
            "a tensor must come to the CPU before .numpy() can read it",
            1,
            (".cpu().numpy()", ".numpy()"),
        ),
        slip(
            "the batches stay on the CPU: use what x.to(device) returns",
            1,
            ("x.to(device)", "x"),
            ways=[
                [
                    (
                        "            forecasts.append(model(x.to(device))",
                        "            x.to(device)\n            forecasts.append(model(x)",
                    )
                ]
            ],
        ),
        slip(
            "the model stays on the device: move the batches there, and not the model away",
            1,
            ("    model.eval()\n", "    model.eval().cpu()\n"),
            ("x.to(device)", "x"),
            ways=[
                [
                    ("    model.eval()\n", "    model = model.eval().cpu()\n"),
                    ("x.to(device)", "x.cpu()"),
                ]
            ],
        ),
        slip(
            "the model must be in evaluation mode",
            1,
            ("    model.eval()\n", ""),
            ways=[[("model.eval()", "model.train()")], [("model.eval()", "model.eval")]],
        ),
        slip(
            "model.eval() comes before the first batch, and not after the last one",
            1,
            ("    model.eval()\n", ""),
            ("    return np", "    model.eval()\n    return np"),
        ),
        slip(
            "the model stays in evaluation mode: do not put it back",
            1,
            ("    return np", "    model.train()\n    return np"),
        ),
        slip(
            "gradients are recorded, and .numpy() refuses them: use torch.no_grad()",
            2,
            ("with torch.no_grad():", "if True:"),
            ways=[[("with torch.no_grad():", "with torch.enable_grad():")]],
        ),
        slip(
            "the forecasts are for NumPy: return an array, and no tensor",
            2,
            (".cpu().numpy()", ".cpu()"),
            ("np.concatenate(forecasts)", "torch.cat(forecasts)"),
        ),
        slip(
            "this is a list of arrays: join them along the first axis",
            2,
            ("np.concatenate(forecasts)", "forecasts"),
        ),
        slip(
            "keep the last axis: (N, 1)",
            1,
            ("np.concatenate(forecasts)", "np.concatenate(forecasts).ravel()"),
            ways=[
                [("np.concatenate(forecasts)", "np.concatenate(forecasts)[:, 0]")],
                [("np.concatenate(forecasts)", "np.concatenate(forecasts).squeeze()")],
                [(".cpu().numpy()", ".cpu().numpy()[:, 0]")],
            ],
        ),
        slip(
            "batches of different sizes are joined along the first axis, and not beside one another",
            2,
            ("np.concatenate(forecasts)", "np.concatenate(forecasts, axis=1)"),
            ways=[[("np.concatenate(forecasts)", "np.hstack(forecasts)")]],
        ),
        slip(
            "batches of different sizes make no array together: concatenate them",
            2,
            ("np.concatenate(forecasts)", "np.array(forecasts)"),
        ),
        slip(
            "batches of different sizes cannot be stacked: concatenate them",
            2,
            ("np.concatenate(forecasts)", "np.stack(forecasts)"),
        ),
        slip(
            "these are the forecasts for the last batch: keep them all",
            1,
            ("return np.concatenate(forecasts)", "return forecasts[-1]"),
            ways=[
                [
                    (
                        "forecasts.append(model(x.to(device)).cpu().numpy())",
                        "forecasts = [model(x.to(device)).cpu().numpy()]",
                    )
                ]
            ],
        ),
        slip(
            "these are the forecasts for the first batch: return after the loop",
            1,
            (
                "    return np.concatenate(forecasts)",
                "            return np.concatenate(forecasts)",
            ),
            ways=[[("np.concatenate(forecasts)", "forecasts[0]")]],
        ),
        slip(
            "the last batch is left out",
            1,
            ("for x in batches:", "for x in batches[:-1]:"),
        ),
        slip(
            "the batches come in their order",
            1,
            ("np.concatenate(forecasts)", "np.concatenate(forecasts[::-1])"),
        ),
        slip(
            "this is a mean: return the forecast for each example",
            1,
            (".cpu().numpy()", ".mean().cpu().numpy()[None]"),
        ),
        slip(
            "this is one mean of all forecasts: return the forecast for each example",
            2,
            ("np.concatenate(forecasts)", "np.concatenate(forecasts).mean()"),
        ),
        slip(
            "the batches are computed in the dtype that they have: make no float32 of them",
            1,
            ("x.to(device)", "x.float().to(device)"),
        ),
    ],
    "median_seconds": [
        slip(
            "this is the time to queue the work: wait before you stop the clock",
            1,
            ("        work()\n        synchronise()\n", "        work()\n"),
            ways=[
                [
                    (
                        "        synchronise()\n        start = clock()\n",
                        "        start = clock()\n",
                    ),
                    ("        work()\n        synchronise()\n", "        work()\n"),
                ],
                [
                    (
                        "        work()\n        synchronise()\n        seconds.append(clock() - start)",
                        "        work()\n        seconds.append(clock() - start)\n        synchronise()",
                    )
                ],
                [
                    (
                        "        work()\n        synchronise()\n",
                        "        work()\n        synchronise\n",
                    )
                ],
            ],
        ),
        slip(
            "let the queue run empty before you start the clock",
            1,
            ("        synchronise()\n        start = clock()\n", "        start = clock()\n"),
            ways=[
                [
                    (
                        "        synchronise()\n        start = clock()\n",
                        "        start = clock()\n        synchronise()\n",
                    )
                ]
            ],
        ),
        slip(
            "the work is not done before the measurements: warm up first",
            1,
            ("    for _ in range(warm_up):\n        work()\n", ""),
        ),
        slip(
            "the warm-up is measured, too: leave it out of the median",
            1,
            ("    for _ in range(warm_up):\n        work()\n", ""),
            ("range(repeats)", "range(warm_up + repeats)"),
        ),
        slip(
            "the work is done once more for each measurement: warm up only at the start",
            1,
            (
                "        synchronise()\n        start",
                "        work()\n        synchronise()\n        start",
            ),
        ),
        slip(
            "this is the mean: return the median",
            1,
            ("return statistics.median", "return statistics.fmean"),
            ways=[
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
                [("statistics.median(seconds)", "sum(seconds) / repeats")],
            ],
        ),
        slip(
            "all the work is queued at once: measure each time for itself",
            1,
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
        slip(
            "each measurement starts afresh: read the clock anew before the work",
            1,
            (
                "    for _ in range(repeats):\n        synchronise()\n        start = clock()\n",
                "    synchronise()\n    start = clock()\n    for _ in range(repeats):\n",
            ),
            ways=[
                [
                    ("        synchronise()\n        start = clock()\n", "        synchronise()\n"),
                    ("    seconds = []\n", "    seconds = []\n    start = clock()\n"),
                ],
            ],
        ),
        slip(
            "this is the shortest time: return the median",
            1,
            ("return statistics.median", "return min"),
        ),
        slip(
            "this is the longest time: return the median",
            1,
            ("return statistics.median", "return max"),
        ),
        slip(
            "this is the sum of the times: return the median",
            1,
            ("return statistics.median", "return sum"),
        ),
        slip(
            "the times must be sorted before the middle one is the median",
            1,
            ("statistics.median(seconds)", "seconds[repeats // 2]"),
            ways=[[("statistics.median(seconds)", "seconds[len(seconds) // 2]")]],
        ),
        slip(
            "with an even number of times the median is the mean of the two in the middle",
            1,
            ("statistics.median(seconds)", "sorted(seconds)[repeats // 2]"),
            ways=[
                [("return statistics.median", "return statistics.median_high")],
                [("return statistics.median", "return statistics.median_low")],
            ],
        ),
        slip(
            "this is the last measurement: return the median of all",
            1,
            ("statistics.median(seconds)", "seconds[-1]"),
        ),
        slip(
            "this is the first measurement: return the median of all",
            1,
            ("statistics.median(seconds)", "seconds[0]"),
        ),
        slip(
            "the median of all times is one number, and this is their list",
            1,
            ("statistics.median(seconds)", "seconds"),
        ),
        slip("measure repeats times, and not always 5", 1, ("range(repeats)", "range(5)")),
        slip(
            "measure repeats times, and not one time more or less",
            1,
            ("range(repeats)", "range(repeats + 1)"),
            ways=[[("range(repeats)", "range(repeats - 1)")]],
        ),
        slip("warm up warm_up times, and not always twice", 1, ("range(warm_up)", "range(2)")),
        slip(
            "the time must be read from clock, the argument",
            1,
            ("start = clock()", "start = time.perf_counter()"),
            ("clock() - start", "time.perf_counter() - start"),
        ),
        slip(
            "clock is a function: call it",
            1,
            ("start = clock()", "start = clock"),
            ("clock() - start", "clock - start"),
        ),
        slip(
            "the time is the later reading minus the earlier one",
            1,
            ("clock() - start", "start - clock()"),
        ),
        slip(
            "the result is in seconds, and not in milliseconds",
            1,
            ("statistics.median(seconds)", "1000 * statistics.median(seconds)"),
        ),
        slip(
            "the work is measured without being done: call work()",
            1,
            ("        work()\n        synchronise()\n", "        synchronise()\n"),
            ways=[
                [
                    (
                        "        work()\n        synchronise()\n",
                        "        work\n        synchronise()\n",
                    )
                ]
            ],
        ),
        slip(
            "without the arguments warm_up is 2 and repeats is 5",
            1,
            ("warm_up=2, repeats=5", "warm_up=5, repeats=2"),
            ways=[[("warm_up=2, repeats=5", "warm_up=2, repeats=10")]],
        ),
        slip(
            "measure repeats times: the warm-up is no part of them",
            1,
            ("range(repeats)", "range(warm_up, repeats)"),
        ),
        slip(
            "every measurement counts: drop none of them after the warm-up",
            1,
            ("statistics.median(seconds)", "statistics.median(seconds[1:])"),
        ),
        slip(
            "only one measurement is made: return after the loop",
            1,
            (
                "        seconds.append(clock() - start)\n    return",
                "        seconds.append(clock() - start)\n        return",
            ),
        ),
    ],
    "keras_zero_state": [
        slip(
            "the state is made on the default device: make it in the block of x.device",
            0.5,
            ("with tf.device(x.device):", "if True:"),
            ways=[[("x.device", '"CPU:0"')], [("x.device", '"CPU"')]],
        ),
        slip(
            "the state is always made on CPU:1: x.device says where x is",
            0.5,
            ("x.device", '"CPU:1"'),
        ),
        slip(
            "h0 is made outside of the block",
            0.5,
            (
                "    with tf.device(x.device):\n        return tf.zeros((x.shape[0], H), x.dtype), ",
                "    h0 = tf.zeros((x.shape[0], H), x.dtype)\n"
                "    with tf.device(x.device):\n        return h0, ",
            ),
        ),
        slip(
            "c0 is made outside of the block",
            0.5,
            (
                "        return tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                "        h0 = tf.zeros((x.shape[0], H), x.dtype)\n"
                "    return h0, tf.zeros((x.shape[0], H), x.dtype)",
            ),
        ),
        slip(
            "the zeros are float32, whatever x is: give them x.dtype",
            0.5,
            (
                "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                "tf.zeros((x.shape[0], H)), tf.zeros((x.shape[0], H))",
            ),
            ways=[
                """
def keras_zero_state(x, H):
    with keras.device(x.device):
        return keras.ops.zeros((x.shape[0], H)), keras.ops.zeros((x.shape[0], H))
""",
                [
                    (
                        "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                        "tf.zeros((x.shape[0], H)), tf.zeros((x.shape[0], H), x.dtype)",
                    )
                ],
                [
                    (
                        "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                        "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H))",
                    )
                ],
            ],
        ),
        slip(
            "the zeros are float64, whatever x is: give them x.dtype",
            0.5,
            (
                "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                'tf.zeros((x.shape[0], H), "float64"), tf.zeros((x.shape[0], H), "float64")',
            ),
        ),
        slip(
            "device and dtype are those of tf.zeros alone: take both from x",
            1,
            "def keras_zero_state(x, H):\n    return tf.zeros((len(x), H)), tf.zeros((len(x), H))\n",
        ),
        slip(
            "h0 and c0 are tensors of TensorFlow, and no arrays of NumPy",
            1,
            (
                "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                "np.zeros((x.shape[0], H)), np.zeros((x.shape[0], H))",
            ),
            ways=[
                [
                    (
                        "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                        "np.zeros((x.shape[0], H), np.float32), np.zeros((x.shape[0], H), np.float32)",
                    )
                ]
            ],
        ),
        slip(
            "two tensors must come back, h0 and c0",
            1,
            (
                "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                "tf.zeros((x.shape[0], H), x.dtype)",
            ),
            ways=[
                [
                    (
                        "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                        "tf.zeros((2, x.shape[0], H), x.dtype)",
                    )
                ]
            ],
        ),
        slip(
            "N is the number of examples, x.shape[0]: axis 1 is time",
            0.5,
            (
                "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                "tf.zeros((x.shape[1], H), x.dtype), tf.zeros((x.shape[1], H), x.dtype)",
            ),
        ),
        slip(
            "N is the number of examples, x.shape[0]: the last axis are the features",
            0.5,
            (
                "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                "tf.zeros((x.shape[2], H), x.dtype), tf.zeros((x.shape[2], H), x.dtype)",
            ),
        ),
        slip(
            "rows are examples: (N, H), and not (H, N)",
            0.5,
            (
                "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                "tf.zeros((H, x.shape[0]), x.dtype), tf.zeros((H, x.shape[0]), x.dtype)",
            ),
        ),
        slip(
            "a state has no axis of time: (N, H)",
            0.5,
            (
                "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                "tf.zeros((*x.shape[:2], H), x.dtype), tf.zeros((*x.shape[:2], H), x.dtype)",
            ),
        ),
        slip(
            "zeros_like(x) has the shape of x: a state is (N, H)",
            0.5,
            (
                "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                "tf.zeros_like(x), tf.zeros_like(x)",
            ),
        ),
        slip(
            "the state has H columns, and not one for each feature of x",
            0.5,
            (
                "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                "tf.zeros_like(x[:, 0]), tf.zeros_like(x[:, 0])",
            ),
        ),
        slip(
            "the state starts from zeros, and not from ones",
            0.5,
            (
                "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                "tf.ones((x.shape[0], H), x.dtype), tf.ones((x.shape[0], H), x.dtype)",
            ),
        ),
        slip(
            "tf.zeros takes the shape as one argument, in brackets: tf.zeros((N, H), dtype)",
            0.5,
            (
                "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                "tf.zeros(x.shape[0], H, x.dtype), tf.zeros(x.shape[0], H, x.dtype)",
            ),
            ways=[
                [
                    (
                        "tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)",
                        "tf.zeros(x.shape[0], H), tf.zeros(x.shape[0], H)",
                    )
                ]
            ],
        ),
    ],
    "average_gradients": [
        slip(
            "this is the plain mean over the processes: a share counts by its number of examples",
            1,
            ("n / total * tensor", "tensor / len(sizes)"),
            ("if n > 0", "if n >= 0"),
            ways=[
                [("n / total * tensor", "tensor / len(tensors)"), (" if n > 0", "")],
                [
                    ("n / total * tensor", "tensor"),
                    (" if n > 0", ""),
                    ("sum(shares)", "sum(shares) / len(shares)"),
                ],
                [("n / total * tensor", "tensor / len(sizes)")],
            ],
        ),
        slip(
            "this is the plain mean over the shares that are not empty: a share counts by its "
            "number of examples",
            1,
            ("n / total * tensor", "tensor"),
            ("sum(shares)", "sum(shares) / len(shares)"),
        ),
        slip(
            "this is the sum over all examples: divide by their number",
            1,
            ("n / total * tensor", "n * tensor"),
        ),
        slip(
            "this is the sum over the processes: weight each with its share of the examples",
            1,
            ("n / total * tensor", "tensor"),
            ways=[[("n / total * tensor", "tensor"), (" if n > 0", "")]],
        ),
        slip(
            "divide by the number of all examples, and not by that of the processes",
            1,
            ("n / total * tensor", "n / len(sizes) * tensor"),
        ),
        slip(
            "0 times nan is nan: leave an empty share out",
            1,
            (" if n > 0", ""),
        ),
        slip(
            "the weight of a share is n / total, and not its inverse",
            1,
            ("n / total * tensor", "total / n * tensor"),
        ),
        slip(
            "a share with more examples counts more, and not less",
            1,
            ("n / total * tensor", "tensor / n"),
        ),
        slip(
            "// cuts the weight down to 0 or 1: divide with /",
            1,
            ("n / total * tensor", "n // total * tensor"),
        ),
        slip(
            "divide by the sum of the sizes, and not by the largest of them",
            1,
            ("total = sum(sizes)", "total = max(sizes)"),
        ),
        slip(
            "plain numbers do for the sizes: what lies on the device must be waited for",
            1,
            (
                "total = sum(sizes)",
                "sizes = torch.tensor(sizes, device=gradients[0][0].device)\n    total = sum(sizes)",
            ),
        ),
        slip(
            "your function changes its argument gradients",
            1,
            (
                "        shares = [n / total * tensor for tensor, n in zip(tensors, sizes) if n > 0]\n",
                "        shares = []\n"
                "        for tensor, n in zip(tensors, sizes):\n"
                "            if n > 0:\n"
                "                tensor *= n / total\n"
                "                shares.append(tensor)\n",
            ),
        ),
        slip(
            "the list has one tensor for each parameter, and not for each process: zip(*gradients)",
            2,
            ("in zip(*gradients)", "in gradients"),
        ),
        slip(
            "the parameters have different shapes: average them one by one",
            2,
            """
def average_gradients(gradients, sizes):
    total = sum(sizes)
    return [sum(n / total * torch.stack(own) for own, n in zip(gradients, sizes) if n > 0)]
""",
            ways=[
                """
def average_gradients(gradients, sizes):
    total = sum(sizes)
    return sum(n / total * torch.stack(own) for own, n in zip(gradients, sizes) if n > 0)
"""
            ],
        ),
        slip(
            "this is the average for the last parameter: keep them all in the list",
            2,
            ("return averages", "return averages[-1:]"),
        ),
        slip(
            "the averages of all parameters are one long vector: keep the list",
            2,
            ("return averages", "return torch.cat([one.flatten() for one in averages])"),
        ),
        slip(
            "these are the gradients of the largest share: average over all of them",
            1,
            (
                "        shares = [n / total * tensor for tensor, n in zip(tensors, sizes) if n > 0]\n"
                "        averages.append(sum(shares))\n",
                "        averages.append(tensors[sizes.index(max(sizes))])\n",
            ),
        ),
        slip(
            "these are the gradients of the first process: average over all of them",
            1,
            (
                "        shares = [n / total * tensor for tensor, n in zip(tensors, sizes) if n > 0]\n"
                "        averages.append(sum(shares))\n",
                "        averages.append(tensors[0])\n",
            ),
        ),
        slip(
            "the averages are numbers: average each entry, and keep the shapes",
            2,
            ("averages.append(sum(shares))", "averages.append(sum(shares).mean())"),
        ),
        slip(
            "the averages come to the CPU: leave them on the device",
            1,
            ("averages.append(sum(shares))", "averages.append(sum(shares).cpu())"),
        ),
        slip(
            "the averages have the dtype of the gradients: make no float32 of them",
            1,
            ("averages.append(sum(shares))", "averages.append(sum(shares).float())"),
        ),
        slip(
            "the weights of the shares are exchanged: each tensor goes with its own size",
            1,
            ("zip(tensors, sizes)", "zip(tensors, sizes[::-1])"),
            ways=[[("zip(tensors, sizes)", "zip(tensors, sorted(sizes))")]],
        ),
        slip("is the return statement missing?", 2, ("    return averages\n", "")),
        slip(
            "the sum starts from zeros: the gradient of the first process counts once more here",
            1,
            ("averages.append(sum(shares))", "averages.append(tensors[0] + sum(shares))"),
        ),
        slip(
            "return after the last parameter, and not after the first",
            2,
            (
                "        averages.append(sum(shares))\n    return averages",
                "        averages.append(sum(shares))\n        return averages",
            ),
        ),
        slip(
            "divide by the number of all examples, and not by that of the shares that are not empty",
            1,
            ("n / total * tensor", "n / sum(m > 0 for m in sizes) * tensor"),
        ),
        slip(
            "leave out the empty share alone: those after it count, too",
            1,
            (
                "        shares = [n / total * tensor for tensor, n in zip(tensors, sizes) if n > 0]\n        averages.append(sum(shares))\n",
                "        average = torch.zeros_like(tensors[0])\n        for tensor, n in zip(tensors, sizes):\n            if n == 0:\n                break\n            average = average + n / total * tensor\n        averages.append(average)\n",
            ),
        ),
    ],
}

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
            "average_gradients": AVERAGE,
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
            "average_gradients": """
def average_gradients(gradients, sizes):
    present = [(own, n) for own, n in zip(gradients, sizes, strict=True) if n > 0]
    averages = []
    for k in range(len(gradients[0])):
        total = sum(n * own[k] for own, n in present)
        averages.append(total / sum(n for _, n in present))
    return averages
""",
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
