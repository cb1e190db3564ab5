"""What is known of the assignment torch_training: the mistakes of each question, as small changes
of the answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, Wrong, changed, slip

CELL = """
class LSTMCell(torch.nn.Module):
    def __init__(self, D, H):
        super().__init__()
        k = 1 / H**0.5
        self.W_x = torch.nn.Parameter(torch.empty(D, 4 * H).uniform_(-k, k))
        self.W_h = torch.nn.Parameter(torch.empty(H, 4 * H).uniform_(-k, k))
        b = torch.zeros(4 * H)
        b[H : 2 * H] = 1.0
        self.b = torch.nn.Parameter(b)

    def forward(self, x_t, state):
        h_prev, c_prev = state
        i, f, g, o = (x_t @ self.W_x + h_prev @ self.W_h + self.b).chunk(4, dim=1)
        c_t = torch.sigmoid(f) * c_prev + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c_t), c_t
"""

LAST = """
def last_step(h, squared_errors, lengths):
    last = h[torch.arange(len(h)), lengths - 1]
    mask = torch.arange(h.shape[1]) < lengths[:, None]
    return last, squared_errors[mask].mean()
"""

STEP = """
def training_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = mse_loss(model(x)[0], y)
    loss.backward()
    optimizer.step()
    return loss.item()
"""

CLIP = """
def clip_gradients(model, max_norm):
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.cat([g.flatten() for g in gradients]).norm().item()
    if norm > max_norm:
        for g in gradients:
            g.mul_(max_norm / norm)
    return norm
"""

TRAIN = """
def train(model, optimizer, x, y, epochs=1, batch_size=16, max_norm=1.0):
    model.train()
    losses = []
    for epoch in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch_size):
            xb, yb = x[start : start + batch_size], y[start : start + batch_size]
            optimizer.zero_grad()
            loss = mse_loss(model(xb)[0], yb)
            loss.backward()
            clip_gradients(model, max_norm)
            optimizer.step()
            total += loss.item() * len(xb)
        losses.append(total / len(x))
    return losses
"""

EVALUATE = """
def evaluate(model, x, y, batch_size=16):
    mode = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(x), batch_size):
            xb, yb = x[start : start + batch_size], y[start : start + batch_size]
            total += mse_loss(input=model(xb)[0], target=yb).item() * len(xb)
    model.train(mode)
    return total / len(x)
"""

CHUNKS = """
def train_chunks(model, optimizer, x, y, chunk, max_norm=1.0):
    model.train()
    losses, state = [], None
    for start in range(0, x.shape[1], chunk):
        xc, yc = x[:, start : start + chunk], y[:, start : start + chunk]
        forecast, state = model(xc, state)
        loss = mse_loss(forecast, yc)
        optimizer.zero_grad()
        loss.backward()
        clip_gradients(model, max_norm)
        optimizer.step()
        state = (state[0].detach(), state[1].detach())
        losses.append(loss.item())
    return losses, state
"""

PARTS = """
def step_in_parts(model, optimizer, batches, max_norm=1.0):
    optimizer.zero_grad()
    count = sum(int(n.sum()) for _, _, n in batches)
    losses = []
    for x, y, lengths in batches:
        forecast, _ = model(x)
        mask = torch.arange(x.shape[1])[None, :] < lengths[:, None]
        loss = mse_loss(forecast[mask], y[mask], reduction="sum") / count
        loss.backward()
        losses.append(loss.item())
    clip_gradients(model, max_norm)
    optimizer.step()
    return sum(losses)
"""

NEXT = """
def next_state(state, is_new):
    if state is None:
        return None
    new = is_new.reshape(1, -1, 1)
    h, c = state
    h = h.detach().masked_fill(new, 0.0)
    c = c.detach().masked_fill(new, 0.0)
    return h, c
"""

SAVE = """
def save_checkpoint(model, optimizer, scheduler, generator_state, epoch):
    buffer = io.BytesIO()
    torch.save(
        {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
            "generator": generator_state,
            "epoch": epoch,
        },
        buffer,
    )
    return buffer.getvalue()


def load_checkpoint(data, model, optimizer, scheduler):
    saved = torch.load(io.BytesIO(data), weights_only=True)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    scheduler.load_state_dict(saved["scheduler"])
    return saved["generator"], saved["epoch"]
"""

FIT = """
def fit(model, optimizer, train_set, valid_set, epochs, patience):
    losses, best_epoch = [], 0
    for epoch in range(epochs):
        train(model, optimizer, *train_set)
        losses.append(evaluate(model, *valid_set))
        if epoch == 0 or losses[epoch] < losses[best_epoch]:
            best_epoch = epoch
            best = copy.deepcopy(model.state_dict())
        if epoch - best_epoch >= patience:
            break
    model.load_state_dict(best)
    return losses
"""

MISTAKES = {
    "lstm_cell": [
        slip(
            "a plain tensor is invisible to the optimizer: wrap it in torch.nn.Parameter",
            1,
            (
                "torch.nn.Parameter(torch.empty(D, 4 * H).uniform_(-bound, bound))",
                "torch.empty(D, 4 * H).uniform_(-bound, bound)",
            ),
            (
                "torch.nn.Parameter(torch.empty(H, 4 * H).uniform_(-bound, bound))",
                "torch.empty(H, 4 * H).uniform_(-bound, bound)",
            ),
            ("torch.nn.Parameter(torch.zeros(4 * H))", "torch.zeros(4 * H)"),
            ways=[
                [
                    (
                        "torch.nn.Parameter(torch.empty(D, 4 * H).uniform_(-bound, bound))",
                        "torch.empty(D, 4 * H).uniform_(-bound, bound)",
                    )
                ],
                [
                    (
                        "torch.nn.Parameter(torch.empty(H, 4 * H).uniform_(-bound, bound))",
                        "torch.empty(H, 4 * H).uniform_(-bound, bound)",
                    )
                ],
                [("torch.nn.Parameter(torch.zeros(4 * H))", "torch.zeros(4 * H)")],
                [
                    (
                        "self.b = torch.nn.Parameter(torch.zeros(4 * H))",
                        'self.register_buffer("b", torch.zeros(4 * H))',
                    ),
                    (
                        "        h_prev, c_prev = state\n",
                        '        h_prev, c_prev = state\n        self._buffers.pop("b", None)\n',
                    ),
                ],
            ],
        ),
        slip(
            "draw from a uniform distribution: a normal one has no bounds",
            1,
            ("torch.empty(D, 4 * H).uniform_(-bound, bound)", "bound * torch.randn(D, 4 * H)"),
            ("torch.empty(H, 4 * H).uniform_(-bound, bound)", "bound * torch.randn(H, 4 * H)"),
            ways=[
                [
                    ("torch.empty(D, 4 * H).uniform_(-bound, bound)", "torch.randn(D, 4 * H)"),
                    ("torch.empty(H, 4 * H).uniform_(-bound, bound)", "torch.randn(H, 4 * H)"),
                ],
                [
                    (
                        "torch.empty(D, 4 * H).uniform_(-bound, bound)",
                        "bound * torch.randn(D, 4 * H)",
                    )
                ],
                [
                    (
                        "torch.empty(H, 4 * H).uniform_(-bound, bound)",
                        "bound * torch.randn(H, 4 * H)",
                    )
                ],
            ],
        ),
        slip(
            "the lower end of the draw is -1/sqrt(H), not 0",
            1,
            (
                "torch.empty(D, 4 * H).uniform_(-bound, bound)",
                "torch.empty(D, 4 * H).uniform_(0, bound)",
            ),
            (
                "torch.empty(H, 4 * H).uniform_(-bound, bound)",
                "torch.empty(H, 4 * H).uniform_(0, bound)",
            ),
            ways=[
                [
                    (
                        "torch.empty(H, 4 * H).uniform_(-bound, bound)",
                        "torch.empty(H, 4 * H).uniform_(0, bound)",
                    )
                ],
                [("torch.empty(D, 4 * H).uniform_(-bound, bound)", "torch.rand(D, 4 * H) * bound")],
            ],
        ),
        slip(
            "the weights are drawn: where all are equal, all units do the same for ever",
            1,
            ("torch.empty(D, 4 * H).uniform_(-bound, bound)", "torch.zeros(D, 4 * H)"),
            ("torch.empty(H, 4 * H).uniform_(-bound, bound)", "torch.zeros(H, 4 * H)"),
            ways=[
                [
                    (
                        "torch.empty(D, 4 * H).uniform_(-bound, bound)",
                        "torch.full((D, 4 * H), bound)",
                    ),
                    (
                        "torch.empty(H, 4 * H).uniform_(-bound, bound)",
                        "torch.full((H, 4 * H), bound)",
                    ),
                ],
            ],
        ),
        slip(
            "the bound of the draw is 1/sqrt(H), and not 1",
            1,
            ("bound = H**-0.5", "bound = 1.0"),
        ),
        slip(
            "the bound of the draw is 1/sqrt(H): the square root is missing",
            1,
            ("bound = H**-0.5", "bound = 1 / H"),
        ),
        slip(
            "the bound of the draw is 1/sqrt(H), not sqrt(H)",
            1,
            ("bound = H**-0.5", "bound = H**0.5"),
        ),
        slip(
            "the bound of the draw has H in it, not 4H",
            1,
            ("bound = H**-0.5", "bound = (4 * H) ** -0.5"),
        ),
        slip(
            "the bound of the draw is 1/sqrt(H) for W_x as well, not 1/sqrt(D)",
            1,
            (
                "torch.empty(D, 4 * H).uniform_(-bound, bound)",
                "torch.empty(D, 4 * H).uniform_(-(D**-0.5), D**-0.5)",
            ),
            ways=[[("bound = H**-0.5", "bound = D**-0.5")]],
        ),
        slip(
            "set no seed in a class: two cells must not start alike",
            1,
            (
                "        bound = H**-0.5\n",
                "        torch.manual_seed(0)\n        bound = H**-0.5\n",
            ),
        ),
        slip(
            "the forget block of b starts at 1",
            1,
            ("        self.b.data[H : 2 * H] = 1.0\n", ""),
        ),
        slip(
            "the forget gate is the second of the four blocks of b",
            1,
            ("self.b.data[H : 2 * H]", "self.b.data[:H]"),
            ways=[
                [("self.b.data[H : 2 * H]", "self.b.data[2 * H : 3 * H]")],
                [("self.b.data[H : 2 * H]", "self.b.data[3 * H :]")],
            ],
        ),
        slip(
            "the forget block of b is a whole block, from H to 2H",
            1,
            ("self.b.data[H : 2 * H]", "self.b.data[H]"),
            ways=[
                [("self.b.data[H : 2 * H]", "self.b.data[H : 2 * H - 1]")],
                [("self.b.data[H : 2 * H]", "self.b.data[H + 1 : 2 * H + 1]")],
                [("self.b.data[H : 2 * H]", "self.b.data[1]")],
            ],
        ),
        slip(
            "only the forget block of b starts at 1, the other three start at 0",
            1,
            ("        self.b.data[H : 2 * H] = 1.0\n", "        self.b.data[:] = 1.0\n"),
            ways=[
                [("self.b.data[H : 2 * H]", "self.b.data[H:]")],
                [("self.b.data[H : 2 * H]", "self.b.data[: 2 * H]")],
            ],
        ),
        slip(
            "b is not drawn: it starts at 0, and at 1 for the forget gate",
            1,
            ("torch.zeros(4 * H)", "torch.empty(4 * H).uniform_(-bound, bound)"),
            ways=[
                [
                    ("torch.zeros(4 * H)", "torch.empty(4 * H).uniform_(-bound, bound)"),
                    ("        self.b.data[H : 2 * H] = 1.0\n", ""),
                ]
            ],
        ),
        slip(
            "this cell has one bias, where PyTorch's own has two",
            1,
            (
                "        self.b.data[H",
                "        self.b_h = torch.nn.Parameter(torch.zeros(4 * H))\n        self.b.data[H",
            ),
        ),
        slip(
            "a Parameter cannot be filled bit by bit: fill a plain tensor first",
            3,
            ("self.b.data[H : 2 * H] = 1.0", "self.b[H : 2 * H] = 1.0"),
        ),
        slip(
            "W_x is (D, 4H) and W_h is (H, 4H): in PyTorch's own cell they stand the other way round",
            3,
            ("torch.empty(D, 4 * H)", "torch.empty(4 * H, D)"),
            ("torch.empty(H, 4 * H)", "torch.empty(4 * H, H)"),
            ("x_t @ self.W_x + h_prev @ self.W_h", "x_t @ self.W_x.T + h_prev @ self.W_h.T"),
        ),
        slip(
            "the blocks stand in the order i, f, g, o",
            2,
            ("a_i, a_f, a_g, a_o = a", "a_i, a_f, a_o, a_g = a"),
            ways=[
                [("a_i, a_f, a_g, a_o = a", "a_i, a_g, a_f, a_o = a")],
                [("a_i, a_f, a_g, a_o = a", "a_i, a_o, a_f, a_g = a")],
                [("a_i, a_f, a_g, a_o = a", "a_f, a_i, a_o, a_g = a")],
                [("a_i, a_f, a_g, a_o = a", "a_o, a_f, a_g, a_i = a")],
                [("a_i, a_f, a_g, a_o = a", "a_f, a_i, a_g, a_o = a")],
            ],
        ),
        slip(
            "the four blocks lie side by side: cut along the axis of the columns, dim=1",
            2,
            ("= a.chunk(4, dim=1)", "= a.chunk(4, dim=0)"),
            ways=[[("= a.chunk(4, dim=1)", "= a.chunk(4)")]],
        ),
        slip("this is c_t: return h_t first", 2, ("return h_t, c_t", "return c_t, h_t")),
        slip(
            "return two tensors, h_t and c_t, with no tuple inside",
            2,
            ("return h_t, c_t", "return h_t, (h_t, c_t)"),
        ),
        slip(
            "return c_t as well, not h_t alone",
            2,
            ("return h_t, c_t", "return h_t"),
            ways=[[("return h_t, c_t", "return (h_t,)")]],
        ),
        slip(
            "h_t is the output gate times tanh(c_t): the tanh is missing",
            2,
            ("a_o.sigmoid() * c_t.tanh()", "a_o.sigmoid() * c_t"),
        ),
        slip(
            "h_t is made of the new cell state, not of c_prev",
            2,
            ("a_o.sigmoid() * c_t.tanh()", "a_o.sigmoid() * c_prev.tanh()"),
        ),
        slip(
            "the output gate is missing in h_t",
            2,
            ("a_o.sigmoid() * c_t.tanh()", "c_t.tanh()"),
        ),
        slip(
            "h_t is the output gate times tanh(c_t), not the tanh of the product",
            2,
            ("a_o.sigmoid() * c_t.tanh()", "(a_o.sigmoid() * c_t).tanh()"),
        ),
        slip(
            "the candidate takes tanh, not sigmoid",
            2,
            ("a_g.tanh()", "a_g.sigmoid()"),
            ways=[[("a_g.tanh()", "a_g")]],
        ),
        slip(
            "the gates i, f and o go through the sigmoid",
            2,
            ("a_f.sigmoid()", "a_f"),
            ways=[
                [("a_i.sigmoid()", "a_i")],
                [("a_o.sigmoid()", "a_o")],
                [("a_f.sigmoid()", "a_f.tanh()")],
                [("a_i.sigmoid()", "a_i.tanh()")],
                [("a_o.sigmoid()", "a_o.tanh()")],
                [("a_f.sigmoid()", "a_f"), ("a_i.sigmoid()", "a_i"), ("a_o.sigmoid()", "a_o")],
                [
                    ("a_f.sigmoid()", "a_f.tanh()"),
                    ("a_i.sigmoid()", "a_i.tanh()"),
                    ("a_o.sigmoid()", "a_o.tanh()"),
                ],
            ],
        ),
        slip(
            "a large forget gate keeps: c_prev is multiplied by f, not by 1 - f",
            2,
            ("a_f.sigmoid()", "(1.0 - a_f.sigmoid())"),
        ),
        slip(
            "the input gate is a gate of its own, not 1 - f",
            2,
            ("a_i.sigmoid()", "(1.0 - a_f.sigmoid())"),
        ),
        slip("the forget gate is missing", 2, ("a_f.sigmoid() * c_prev", "c_prev")),
        slip("the input gate is missing", 2, ("a_i.sigmoid() * a_g.tanh()", "a_g.tanh()")),
        slip(
            "the old cell state is missing in c_t",
            2,
            ("a_f.sigmoid() * c_prev + ", ""),
            ways=[[("a_f.sigmoid() * c_prev", "a_f.sigmoid()")]],
        ),
        slip(
            "the forget gate multiplies c_prev, not h_prev",
            2,
            ("a_f.sigmoid() * c_prev", "a_f.sigmoid() * h_prev"),
        ),
        slip(
            "state holds h_prev first, then c_prev",
            2,
            ("h_prev, c_prev = state", "c_prev, h_prev = state"),
        ),
        slip("the bias is missing", 2, (" + self.b\n", "\n")),
        slip("the part of h_prev is missing: add h_prev @ W_h", 2, (" + h_prev @ self.W_h", "")),
        slip("the part of x_t is missing: add x_t @ W_x", 2, ("x_t @ self.W_x + ", "")),
        slip(
            "the part of h_prev is added, not subtracted",
            2,
            ("+ h_prev @ self.W_h", "- h_prev @ self.W_h"),
        ),
        slip(
            "W_h multiplies h_prev, and not c_prev",
            2,
            ("h_prev @ self.W_h", "c_prev @ self.W_h"),
        ),
        slip(
            "no gradient leads back to the weights",
            1,
            ("    def forward", "    @torch.no_grad()\n    def forward"),
            ways=[
                [("return h_t, c_t", "return h_t.detach(), c_t.detach()")],
                [("return h_t, c_t", "return h_t.data, c_t.data")],
                [
                    (
                        "x_t @ self.W_x + h_prev @ self.W_h + self.b",
                        "x_t @ self.W_x.data + h_prev @ self.W_h.data + self.b.data",
                    )
                ],
                [
                    (
                        "x_t @ self.W_x + h_prev @ self.W_h + self.b",
                        "x_t @ self.W_x.detach() + h_prev @ self.W_h.detach() + self.b.detach()",
                    )
                ],
            ],
        ),
        slip(
            "a gradient flows through h_prev and c_prev too: the cell itself detaches nothing",
            1,
            ("* c_prev +", "* c_prev.detach() +"),
            ways=[
                [("h_prev @ self", "h_prev.detach() @ self")],
                [
                    ("* c_prev +", "* c_prev.detach() +"),
                    ("h_prev @ self", "h_prev.detach() @ self"),
                ],
            ],
        ),
        slip(
            "h_t depends on c_t in the gradient too: do not detach it",
            1,
            ("c_t.tanh()", "c_t.detach().tanh()"),
        ),
        slip(
            "the cell changes its arguments: make new tensors",
            2,
            (
                "c_t = a_f.sigmoid() * c_prev + a_i.sigmoid() * a_g.tanh()",
                "c_t = c_prev.mul_(a_f.sigmoid()).add_(a_i.sigmoid() * a_g.tanh())",
            ),
        ),
        slip(
            "the bound of the draw is 1/sqrt(H), not that of Xavier or Glorot",
            1,
            (
                "torch.empty(D, 4 * H).uniform_(-bound, bound)",
                "torch.nn.init.xavier_uniform_(torch.empty(D, 4 * H))",
            ),
            (
                "torch.empty(H, 4 * H).uniform_(-bound, bound)",
                "torch.nn.init.xavier_uniform_(torch.empty(H, 4 * H))",
            ),
        ),
        slip(
            "the parameters have the default precision: name no dtype",
            1,
            ("torch.zeros(4 * H)", "torch.zeros(4 * H, dtype=torch.float64)"),
            ways=[
                [
                    (
                        "torch.empty(D, 4 * H).uniform_(-bound, bound)",
                        "torch.empty(D, 4 * H, dtype=torch.float64).uniform_(-bound, bound)",
                    ),
                    (
                        "torch.empty(H, 4 * H).uniform_(-bound, bound)",
                        "torch.empty(H, 4 * H, dtype=torch.float64).uniform_(-bound, bound)",
                    ),
                ],
                [
                    (
                        "torch.empty(D, 4 * H).uniform_(-bound, bound)",
                        "torch.empty(D, 4 * H, dtype=torch.float64).uniform_(-bound, bound)",
                    ),
                    (
                        "torch.empty(H, 4 * H).uniform_(-bound, bound)",
                        "torch.empty(H, 4 * H, dtype=torch.float64).uniform_(-bound, bound)",
                    ),
                    ("torch.zeros(4 * H)", "torch.zeros(4 * H, dtype=torch.float64)"),
                ],
            ],
        ),
    ],
    "last_step": [
        slip(
            "this reads the end of the padding: the last valid step of sequence n is lengths[n] - 1",
            1,
            ("h[torch.arange(N), lengths - 1]", "h[:, -1]"),
            ways=[
                [("h[torch.arange(N), lengths - 1]", "h[:, T - 1]")],
                [("h[torch.arange(N), lengths - 1]", "h[:, lengths.max() - 1]")],
            ],
        ),
        slip(
            "counting starts at 0: the last valid step is lengths - 1, not lengths",
            2,
            ("lengths - 1", "lengths"),
        ),
        slip(
            "one step too early: counting starts at 0, so the last valid step is lengths - 1",
            1,
            ("lengths - 1", "lengths - 2"),
        ),
        slip(
            "pair each row with its own column: h[rows, columns], not h[:, columns]",
            1,
            ("h[torch.arange(N), lengths - 1]", "h[:, lengths - 1]"),
        ),
        slip(
            "this is the first step of each sequence",
            1,
            ("h[torch.arange(N), lengths - 1]", "h[:, 0]"),
        ),
        slip(
            "take the length of each sequence, not that of the first for all",
            1,
            ("h[torch.arange(N), lengths - 1]", "h[:, lengths[0] - 1]"),
        ),
        slip(
            "take the hidden state of one step, not a mean or a sum of several",
            1,
            ("h[torch.arange(N), lengths - 1]", "h.mean(dim=1)"),
            ways=[
                [
                    (
                        "h[torch.arange(N), lengths - 1]",
                        "torch.stack([one[:n].mean(dim=0) for one, n in zip(h, lengths)])",
                    )
                ],
                [
                    (
                        "h[torch.arange(N), lengths - 1]",
                        "torch.stack([one[:n].sum(dim=0) for one, n in zip(h, lengths)])",
                    )
                ],
            ],
        ),
        slip(
            "last has the shape (N, H): the axis of time goes away",
            1,
            ("h[torch.arange(N), lengths - 1]", "h[torch.arange(N), lengths - 1][:, None]"),
        ),
        slip(
            "the steps of the padding are in the mean",
            1,
            ("squared_errors[mask].mean()", "squared_errors.mean()"),
        ),
        slip(
            "divide by the number of valid steps, not by that of all steps",
            1,
            ("squared_errors[mask].mean()", "squared_errors[mask].sum() / (N * T)"),
            ways=[
                [("squared_errors[mask].mean()", "squared_errors.masked_fill(~mask, 0.0).mean()")],
                [("squared_errors[mask].mean()", "torch.where(mask, squared_errors, 0.0).mean()")],
            ],
        ),
        slip(
            "divide by the number of valid steps, not by that of the sequences",
            1,
            ("squared_errors[mask].mean()", "squared_errors[mask].sum() / N"),
        ),
        slip(
            "each valid step counts the same: this is the mean of the sequences' means",
            1,
            (
                "squared_errors[mask].mean()",
                "torch.stack([e[:n].mean() for e, n in zip(squared_errors, lengths)]).mean()",
            ),
            ways=[
                [
                    (
                        "squared_errors[mask].mean()",
                        "(squared_errors.masked_fill(~mask, 0.0).sum(dim=1) / lengths).mean()",
                    )
                ]
            ],
        ),
        slip(
            "this is the sum: divide by the number of valid steps",
            1,
            ("squared_errors[mask].mean()", "squared_errors[mask].sum()"),
        ),
        slip(
            "pick the valid steps, do not multiply: what the padding holds may be nan, and 0 times nan is nan",
            1,
            ("squared_errors[mask].mean()", "(squared_errors * mask).sum() / mask.sum()"),
            ways=[
                [("squared_errors[mask].mean()", "(squared_errors * mask).sum() / lengths.sum()")]
            ],
        ),
        slip(
            "divide by the number of valid steps, and pick them: 0 times nan is nan",
            1,
            ("squared_errors[mask].mean()", "(squared_errors * mask).mean()"),
        ),
        slip(
            "your function changes its argument squared_errors",
            2,
            (
                "squared_errors[mask].mean()",
                "squared_errors.masked_fill_(~mask, 0.0).sum() / mask.sum()",
            ),
            ways=[
                [
                    (
                        "    return last, squared_errors[mask].mean()",
                        "    squared_errors[~mask] = 0.0\n    return last, squared_errors.sum() / mask.sum()",
                    ),
                ],
            ],
        ),
        slip(
            "the mask lets one step of the padding in: the steps with t < lengths are valid",
            1,
            (
                "torch.arange(T) < lengths[:, None]\n    return",
                "torch.arange(T) <= lengths[:, None]\n    return",
            ),
        ),
        slip(
            "the mask leaves out the last valid step",
            1,
            ("mask = torch.arange(T) <", "mask = torch.arange(T) + 1 <"),
            ways=[
                [("lengths[:, None]\n    return", "lengths[:, None] - 1\n    return")],
                [("mask = torch.arange(T) <", "mask = torch.arange(1, T + 1) <")],
            ],
        ),
        slip(
            "the mask is the wrong way round: it must be True at the valid steps",
            1,
            ("squared_errors[mask]", "squared_errors[~mask]"),
            ways=[
                [
                    (
                        "torch.arange(T) < lengths[:, None]\n    return",
                        "torch.arange(T) >= lengths[:, None]\n    return",
                    )
                ]
            ],
        ),
        slip(
            "lengths need an axis for the steps: lengths[:, None] makes the mask (N, T)",
            2,
            ("lengths[:, None]\n    return", "lengths\n    return"),
            ways=[[("lengths[:, None]\n    return", "lengths[None]\n    return")]],
        ),
        slip(
            "the errors are squared already",
            1,
            ("squared_errors[mask].mean()", "(squared_errors[mask] ** 2).mean()"),
        ),
        slip(
            "no square root: the loss is the mean itself",
            1,
            ("squared_errors[mask].mean()", "squared_errors[mask].mean().sqrt()"),
        ),
        slip(
            "loss for several sequences must be a PyTorch tensor",
            1,
            ("squared_errors[mask].mean()", "squared_errors[mask].mean().item()"),
        ),
        slip(
            "return last first, then the loss",
            2,
            (
                "return last, squared_errors[mask].mean()",
                "return squared_errors[mask].mean(), last",
            ),
        ),
        slip(
            "loss has no axes: it is one number for all sequences",
            1,
            (
                "squared_errors[mask].mean()",
                "torch.stack([e[:n].mean() for e, n in zip(squared_errors, lengths)])",
            ),
        ),
        slip(
            "counting starts at 0: subtract 1 from every length, a limit of T - 1 only hides the error",
            1,
            ("lengths - 1", "lengths.clamp(max=T - 1)"),
        ),
        slip(
            "the loss is over all valid steps, not over the last one of each sequence",
            1,
            ("squared_errors[mask].mean()", "squared_errors[torch.arange(N), lengths - 1].mean()"),
        ),
        slip(
            "the padding may hold any numbers, not nan alone: pick the valid steps by their mask",
            1,
            ("squared_errors[mask].mean()", "squared_errors.nanmean()"),
        ),
        slip(
            "take one mean over all valid steps, and pick them: here each sequence counts the same, and 0 times nan is nan",
            1,
            (
                "squared_errors[mask].mean()",
                "((squared_errors * mask).sum(dim=1) / lengths).mean()",
            ),
            ways=[
                [
                    (
                        "squared_errors[mask].mean()",
                        "((squared_errors * mask).sum(dim=1) / mask.sum(dim=1)).mean()",
                    )
                ]
            ],
        ),
        slip(
            "the mask is (N, T): lengths get the new axis, not the numbers of the steps",
            2,
            (
                "mask = torch.arange(T) < lengths[:, None]",
                "mask = torch.arange(T)[:, None] < lengths",
            ),
        ),
    ],
    "training_step": [
        slip(
            "PyTorch adds new gradients to the old ones: set them to zero first",
            1,
            ("    optimizer.zero_grad()\n", ""),
            ways=[[("    optimizer.zero_grad()\n", "    optimizer.zero_grad\n")]],
        ),
        slip(
            "gradients may be left over from before the call: set them to zero first, not last",
            1,
            ("    optimizer.zero_grad()\n", ""),
            ("    optimizer.step()\n", "    optimizer.step()\n    optimizer.zero_grad()\n"),
        ),
        slip(
            "the weights do not change: backward makes the gradients, the optimizer's step uses them, "
            "and zero_grad comes before both",
            1,
            ("    optimizer.step()\n", ""),
            ways=[
                [
                    ("    optimizer.zero_grad()\n", ""),
                    ("backward()\n", "backward()\n    optimizer.zero_grad()\n"),
                ],
                [("    loss.backward()\n", "")],
                [
                    (
                        "    loss.backward()\n    optimizer.step()\n",
                        "    optimizer.step()\n    loss.backward()\n",
                    )
                ],
                [("    optimizer.step()\n", "    optimizer.step\n")],
                [("    loss.backward()\n", "    loss.backward\n")],
            ],
        ),
        slip(
            "call .item() on it",
            1,
            ("return loss.item()", "return loss"),
            ways=[[("loss.item()", "loss.detach()")]],
        ),
        slip(
            "this is the loss after the step: return the one from before it",
            1,
            ("return loss.item()", "return mse_loss(model(x)[0], y).item()"),
        ),
        slip(
            "the loss is the mean of the squared errors, not their sum",
            2,
            ("mse_loss(model(x)[0], y)", 'mse_loss(model(x)[0], y, reduction="sum")'),
            ways=[[("mse_loss(model(x)[0], y)", "((model(x)[0] - y) ** 2).sum()")]],
        ),
        slip(
            "this is the sum over the time steps, averaged over the examples only",
            2,
            ("mse_loss(model(x)[0], y)", "((model(x)[0] - y) ** 2).sum(dim=1).mean()"),
        ),
        slip(
            "this is the sum over the examples, averaged over the time steps only",
            2,
            ("mse_loss(model(x)[0], y)", "((model(x)[0] - y) ** 2).mean(dim=1).sum()"),
        ),
        slip(
            "there is a forecast after every time step, and the loss is over all of them, not the last alone",
            2,
            ("mse_loss(model(x)[0], y)", "mse_loss(model(x)[0][:, -1], y[:, -1])"),
        ),
        slip(
            "use the optimizer that you are given: plain gradient descent has no memory",
            1,
            (
                "    optimizer.zero_grad()\n",
                "    optimizer = torch.optim.SGD(model.parameters(), lr=optimizer.param_groups[0]"
                '["lr"])\n    optimizer.zero_grad()\n',
            ),
            ways=[
                [
                    (
                        "    optimizer.step()\n",
                        '    with torch.no_grad():\n        for p in model.parameters():\n            p -= optimizer.param_groups[0]["lr"] * p.grad\n',
                    )
                ],
            ],
        ),
        slip(
            "use the optimizer that you are given, not one with settings of your own",
            1,
            (
                "    optimizer.zero_grad()\n",
                "    optimizer = torch.optim.Adam(model.parameters())\n    optimizer.zero_grad()\n",
            ),
            ways=[
                [
                    (
                        "    optimizer.zero_grad()\n",
                        "    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)\n    optimizer.zero_grad()\n",
                    )
                ],
                [
                    (
                        "    optimizer.zero_grad()\n",
                        "    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n    optimizer.zero_grad()\n",
                    )
                ],
                [
                    (
                        "    optimizer.zero_grad()\n",
                        "    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)\n    optimizer.zero_grad()\n",
                    )
                ],
            ],
        ),
        slip(
            "model(x) returns two things, the forecast and a state: the loss takes the forecast, model(x)[0]",
            2,
            ("model(x)[0]", "model(x)"),
            ways=[[("model(x)[0]", "model(x)[1]")]],
        ),
        slip(
            "item() makes a plain number, from which nothing leads back: call backward on the tensor first",
            2,
            ("mse_loss(model(x)[0], y)", "mse_loss(model(x)[0], y).item()"),
            ("return loss.item()", "return loss"),
        ),
        slip(
            "the forward pass of a training step must record gradients: no no_grad, detach or data here",
            2,
            (
                "    loss = mse_loss(model(x)[0], y)\n",
                "    with torch.no_grad():\n        loss = mse_loss(model(x)[0], y)\n",
            ),
            ways=[[("model(x)[0]", "model(x)[0].detach()")], [("model(x)[0]", "model(x)[0].data")]],
        ),
        slip(
            "the error is squared, not absolute",
            2,
            ("mse_loss(model(x)[0], y)", "(model(x)[0] - y).abs().mean()"),
        ),
        slip(
            "no square root: the loss is the mean of the squared errors itself",
            2,
            ("mse_loss(model(x)[0], y)", "mse_loss(model(x)[0], y).sqrt()"),
        ),
        slip(
            "the mean squared error has no factor one half",
            2,
            ("mse_loss(model(x)[0], y)", "0.5 * mse_loss(model(x)[0], y)"),
        ),
        slip(
            "forecast and target must have the same shape (N, T, 1): do not squeeze one of them",
            2,
            ("mse_loss(model(x)[0], y)", "mse_loss(model(x)[0].squeeze(-1), y)"),
            ways=[
                [("mse_loss(model(x)[0], y)", "mse_loss(model(x)[0], y.squeeze(-1))")],
                [("mse_loss(model(x)[0], y)", "mse_loss(model(x)[0], y[:, :, 0])")],
            ],
        ),
        slip(
            "one call is one step of the optimizer, not two",
            1,
            ("    optimizer.step()\n", "    optimizer.step()\n    optimizer.step()\n"),
        ),
        slip(
            "leave the gradients as they are: clipping is the next question",
            1,
            (
                "    optimizer.step()\n",
                "    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n    optimizer.step()\n",
            ),
        ),
        slip(
            "is the return statement missing?",
            1,
            ("    return loss.item()\n", ""),
            ways=[[("return loss.item()", "loss.item()")]],
        ),
        slip(
            "no square root: return the loss from which backward started",
            1,
            ("loss.item()", "loss.item() ** 0.5"),
            ways=[[("loss.item()", "loss.sqrt().item()")]],
        ),
        slip(
            "the loss is a mean already: do not divide it by the number of examples",
            1,
            ("loss.item()", "loss.item() / len(x)"),
        ),
        slip(
            "the loss is a mean: do not multiply it by the number of examples",
            1,
            ("loss.item()", "loss.item() * len(x)"),
        ),
        slip(
            "leave the model in the mode that it is in: evaluation mode switches its dropout off",
            2,
            ("    optimizer.zero_grad()\n", "    model.eval()\n    optimizer.zero_grad()\n"),
        ),
    ],
    "clip_gradients": [
        slip(
            "there is one norm for all gradients together: each parameter is clipped alone here",
            1,
            (
                "    if norm > max_norm:\n        for gradient in gradients:\n            gradient *= max_norm / norm\n",
                "    for gradient in gradients:\n        if gradient.norm() > max_norm:\n            gradient *= max_norm / gradient.norm()\n",
            ),
        ),
        slip(
            "each parameter is clipped alone, and their norms are added: there is one norm for all of them",
            2,
            """
def clip_gradients(model, max_norm):
    norms = []
    for p in model.parameters():
        if p.grad is not None:
            norms.append(p.grad.norm().item())
            if norms[-1] > max_norm:
                p.grad *= max_norm / norms[-1]
    return sum(norms)
""",
        ),
        slip(
            "scale all gradients by one factor: cutting off large values changes the direction",
            1,
            ("gradient *= max_norm / norm", "gradient.clamp_(-max_norm, max_norm)"),
            ways=[
                [
                    (
                        "    if norm > max_norm:\n        for gradient in gradients:\n            gradient *= max_norm / norm\n",
                        "    for gradient in gradients:\n        gradient.clamp_(-max_norm, max_norm)\n",
                    ),
                ],
            ],
        ),
        slip(
            "the gradients do not change: write the scaled ones back, in place or into p.grad",
            1,
            ("gradient *= max_norm / norm", "gradient = gradient * (max_norm / norm)"),
            ways=[
                [("gradient *= max_norm / norm", "gradient.mul(max_norm / norm)")],
                [("    gradients = [p.grad for", "    gradients = [p.grad.clone() for")],
            ],
        ),
        slip(
            "gradients with a norm below the limit stay as they are: never stretch them",
            1,
            ("if norm > max_norm:", "if norm > 0:"),
        ),
        slip(
            "scale only where the norm is above the limit: else small gradients grow, and zeros become nan",
            1,
            """
def clip_gradients(model, max_norm):
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = sum((gradient**2).sum() for gradient in gradients).sqrt()
    for gradient in gradients:
        gradient *= max_norm / norm
    return norm.item()
""",
        ),
        slip(
            "do not divide gradients by a norm of zero: scale only where the norm is above the limit",
            1,
            """
def clip_gradients(model, max_norm):
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = sum((g * g).sum() for g in gradients).sqrt()
    for g in gradients:
        g /= norm
        g *= min(norm.item(), max_norm)
    return norm.item()
""",
        ),
        slip(
            "the comparison is the wrong way round: scale where the norm is above the limit",
            2,
            ("if norm > max_norm:", "if norm < max_norm:"),
        ),
        slip(
            "return the norm before clipping, not after it",
            1,
            ("return norm", "return min(norm, max_norm)"),
            ways=[
                [
                    (
                        "return norm",
                        "return sum((gradient**2).sum().item() for gradient in gradients) ** 0.5",
                    )
                ]
            ],
        ),
        slip("return the norm, not the limit", 1, ("return norm", "return max_norm")),
        slip(
            "the norm is the square root of the sum of squares: take the root",
            2,
            (" ** 0.5\n", "\n"),
        ),
        slip(
            "square the gradients before you add them",
            2,
            (
                "(gradient**2).sum().item() for gradient in gradients) ** 0.5",
                "gradient.sum().item() for gradient in gradients)",
            ),
        ),
        slip(
            "add the squares, not the absolute values",
            2,
            (
                "(gradient**2).sum().item() for gradient in gradients) ** 0.5",
                "gradient.abs().sum().item() for gradient in gradients)",
            ),
        ),
        slip(
            "add the squares of the norms and take the root at the end, not the norms themselves",
            2,
            (
                "(gradient**2).sum().item() for gradient in gradients) ** 0.5",
                "gradient.norm().item() for gradient in gradients)",
            ),
        ),
        slip(
            "take the root once: after the norm of each gradient, square before you add",
            2,
            ("(gradient**2).sum().item()", "gradient.norm().item()"),
        ),
        slip(
            "add over all entries, do not average",
            2,
            ("(gradient**2).sum()", "(gradient**2).mean()"),
            ways=[
                [("** 0.5\n", "** 0.5 / len(gradients)\n")],
                [("** 0.5\n", "** 0.5 / len(gradients) ** 0.5\n")],
            ],
        ),
        slip(
            "the joint norm is not the largest of the norms",
            2,
            (
                "sum((gradient**2).sum().item() for gradient in gradients) ** 0.5",
                "max(gradient.norm().item() for gradient in gradients)",
            ),
        ),
        slip(
            "the norm is not the largest entry",
            2,
            (
                "sum((gradient**2).sum().item() for gradient in gradients) ** 0.5",
                "max(gradient.abs().max().item() for gradient in gradients)",
            ),
        ),
        slip(
            "a parameter without a gradient has None in p.grad: leave it out",
            2,
            (" if p.grad is not None", ""),
        ),
        slip(
            "a gradient that is None must stay None",
            1,
            (
                "    gradients = [",
                "    for p in model.parameters():\n        p.grad = torch.zeros_like(p) if p.grad is None else p.grad\n    gradients = [",
            ),
        ),
        slip(
            "the norm 1 is not asked for: multiply by max_norm as well",
            1,
            ("max_norm / norm", "1 / norm"),
        ),
        slip(
            "the factor is the wrong way round: multiply by max_norm and divide by the norm",
            1,
            ("max_norm / norm", "norm / max_norm"),
        ),
        slip(
            "divide by the norm: the factor is max_norm / norm",
            1,
            ("max_norm / norm", "max_norm"),
        ),
        slip(
            "divide by the norm, not by its square",
            1,
            ("max_norm / norm", "max_norm / norm**2"),
        ),
        slip(
            "clip the gradients, p.grad, not the weights",
            2,
            ("[p.grad for p in", "[p.data for p in"),
        ),
        slip(
            "scale all gradients, not the first alone",
            1,
            (
                "            gradient *= max_norm / norm\n",
                "            gradient *= max_norm / norm\n            break\n",
            ),
            ways=[[("for gradient in gradients:", "for gradient in gradients[:1]:")]],
        ),
        slip(
            "return a plain number, not a tensor: call .item() on it",
            1,
            ("return norm", "return torch.tensor(norm)"),
            ways=[[("(gradient**2).sum().item()", "(gradient**2).sum()")]],
        ),
        slip(
            "max_norm is an argument: do not write the limit into the function",
            1,
            ("    if norm", "    max_norm = 1.0\n    if norm"),
        ),
        slip("is the return statement missing?", 1, ("    return norm\n", "")),
        slip(
            "the norm is that of the gradients, not of the weights",
            2,
            (
                "(gradient**2).sum().item() for gradient in gradients",
                "(p.detach() ** 2).sum().item() for p in model.parameters()",
            ),
        ),
        slip(
            "compute the norm once, before the first gradient is scaled",
            1,
            (
                "gradient *= max_norm / norm",
                "gradient *= max_norm / sum((g**2).sum().item() for g in gradients) ** 0.5",
            ),
        ),
        slip(
            "scale by a factor: to subtract changes the direction",
            1,
            ("gradient *= max_norm / norm", "gradient -= norm - max_norm"),
        ),
    ],
    "train": [
        slip(
            "gradients of earlier batches are added: set them to zero in each batch",
            2,
            ("            optimizer.zero_grad()\n", ""),
        ),
        slip(
            "set the gradients to zero in each batch, not once in each epoch",
            2,
            ("            optimizer.zero_grad()\n", ""),
            ("        total = 0.0\n", "        total = 0.0\n        optimizer.zero_grad()\n"),
        ),
        slip(
            "set the gradients to zero in each batch, not once before the loop",
            2,
            ("            optimizer.zero_grad()\n", ""),
            ("    losses = []\n", "    losses = []\n    optimizer.zero_grad()\n"),
        ),
        slip(
            "the gradients are not clipped between backward and step",
            2,
            ("            clip_gradients(model, max_norm=max_norm)\n", ""),
            ways=[
                [
                    (
                        "            loss.backward()\n            clip_gradients(model, max_norm=max_norm)\n",
                        "            clip_gradients(model, max_norm=max_norm)\n            loss.backward()\n",
                    )
                ],
                [
                    (
                        "            clip_gradients(model, max_norm=max_norm)\n            optimizer.step()\n",
                        "            optimizer.step()\n            clip_gradients(model, max_norm=max_norm)\n",
                    ),
                ],
                [
                    ("            clip_gradients(model, max_norm=max_norm)\n", ""),
                    (
                        "        losses.append",
                        "        clip_gradients(model, max_norm=max_norm)\n        losses.append",
                    ),
                ],
            ],
        ),
        slip(
            "there is one norm for all gradients: each parameter is clipped alone here",
            2,
            (
                "            clip_gradients(model, max_norm=max_norm)\n",
                "            for p in model.parameters():\n"
                "                torch.nn.utils.clip_grad_norm_([p], max_norm)\n",
            ),
        ),
        slip(
            "scale the gradients with clip_gradients: cutting off large values changes the direction",
            2,
            (
                "clip_gradients(model, max_norm=max_norm)",
                "torch.nn.utils.clip_grad_value_(model.parameters(), max_norm)",
            ),
        ),
        slip(
            "clip to max_norm, which the caller chooses, not to 1",
            2,
            ("max_norm=max_norm", "max_norm=1.0"),
        ),
        slip(
            "the optimizer's step is missing, or gradients are set to zero before it: the weights do not change",
            2,
            ("            optimizer.step()\n", ""),
            ways=[
                [
                    (
                        "            loss.backward()\n            clip",
                        "            loss.backward()\n            optimizer.zero_grad()\n            clip",
                    ),
                    (
                        "            optimizer.zero_grad()\n            loss = ",
                        "            loss = ",
                    ),
                    ("clip_gradients(model, max_norm=max_norm)", "None"),
                ],
            ],
        ),
        slip(
            "do a step after each batch, not once in each epoch",
            2,
            ("            optimizer.step()\n", ""),
            ("        losses.append", "        optimizer.step()\n        losses.append"),
        ),
        slip(
            "the last batch counts too, where it is smaller",
            2,
            ("range(0, len(x), batch_size)", "range(0, len(x) - batch_size + 1, batch_size)"),
            ways=[
                [
                    (
                        "range(0, len(x), batch_size)",
                        "range(0, len(x) // batch_size * batch_size, batch_size)",
                    )
                ],
                [
                    (
                        "range(0, len(x), batch_size)",
                        "range(0, len(x) // batch_size * batch_size, batch_size)",
                    ),
                    ("total / len(x)", "total / max(len(x) // batch_size * batch_size, 1)"),
                ],
            ],
        ),
        slip(
            "the last example counts too: range ends before its second number by itself",
            2,
            ("range(0, len(x), batch_size)", "range(0, len(x) - 1, batch_size)"),
        ),
        slip(
            "weigh each batch by its size: this is the mean of the batches' means",
            1,
            ("loss.item() * len(x_batch)", "loss.item()"),
            ("total / len(x)", "total / len(range(0, len(x), batch_size))"),
        ),
        slip(
            "divide the sum by the number of examples",
            1,
            ("total / len(x)", "total"),
        ),
        slip(
            "multiply the mean loss of a batch by its size before you divide by the number of examples",
            1,
            ("loss.item() * len(x_batch)", "loss.item()"),
        ),
        slip(
            "the last batch may be smaller: multiply by its own size, not by batch_size",
            1,
            ("loss.item() * len(x_batch)", "loss.item() * batch_size"),
        ),
        slip(
            "divide by the number of examples, not by that of the batches",
            1,
            ("total / len(x)", "total / len(range(0, len(x), batch_size))"),
        ),
        slip(
            "divide by the number of examples, not by batch_size",
            1,
            ("total / len(x)", "total / batch_size"),
        ),
        slip(
            "this is the sum of the batches' losses, neither weighed nor averaged",
            1,
            ("loss.item() * len(x_batch)", "loss.item()"),
            ("total / len(x)", "total"),
        ),
        slip(
            "call .item() on it",
            1,
            ("loss.item() * len(x_batch)", "loss * len(x_batch)"),
            ways=[[("loss.item() * len(x_batch)", "loss.detach() * len(x_batch)")]],
        ),
        slip(
            "this is the loss of the last batch of each epoch: take the mean over all examples",
            1,
            ("losses.append(total / len(x))", "losses.append(loss.item())"),
            ways=[[("total += loss", "total = loss"), ("total / len(x)", "total / len(x_batch)")]],
        ),
        slip(
            "return one loss for each epoch, not one for each batch",
            1,
            (
                "            total += loss.item() * len(x_batch)\n        losses.append(total / len(x))\n",
                "            losses.append(loss.item())\n",
            ),
        ),
        slip(
            "start each epoch's sum at zero again",
            1,
            ("    losses = []\n", "    losses = []\n    total = 0.0\n"),
            ("        total = 0.0\n", ""),
        ),
        slip(
            "take the losses that were computed on the way, not those of the model after the epoch",
            1,
            ("losses.append(total / len(x))", "losses.append(mse_loss(model(x)[0], y).item())"),
        ),
        slip(
            "start the list of losses once, not in each epoch",
            1,
            (
                "    losses = []\n    for _ in range(epochs):\n",
                "    for _ in range(epochs):\n        losses = []\n",
            ),
        ),
        slip(
            "return a list with the loss of each epoch, not one number",
            1,
            ("return losses", "return sum(losses) / len(losses)"),
            ways=[[("return losses", "return losses[-1]")]],
        ),
        slip(
            "only one epoch is run: repeat it epochs times, and return after the last",
            2,
            ("range(epochs)", "range(1)"),
            ways=[
                [
                    (
                        "        losses.append(total / len(x))\n    return losses",
                        "        losses.append(total / len(x))\n        return losses",
                    )
                ],
            ],
        ),
        slip(
            "only the first batch is seen: the return statement stands inside the loop over the batches",
            2,
            (
                "            total += loss.item() * len(x_batch)\n        losses.append(total / len(x))\n    return losses",
                "            total += loss.item() * len(x_batch)\n            losses.append(total / len(x_batch))\n            return losses",
            ),
            ways=[
                [
                    (
                        "            total += loss.item() * len(x_batch)\n        losses.append(total / len(x))\n    return losses",
                        "            total += loss.item() * len(x_batch)\n            losses.append(total / len(x))\n            return losses",
                    )
                ]
            ],
        ),
        slip(
            "take batches of batch_size, not all examples at once",
            2,
            ("range(0, len(x), batch_size)", "range(0, len(x), len(x))"),
            ("x[start : start + batch_size], y[start : start + batch_size]\n", "x, y\n"),
        ),
        slip(
            "batch_size is an argument: do not write the size into the function",
            2,
            ("    losses = []\n", "    losses, batch_size = [], 16\n"),
            ways=[[("    losses = []\n", "    losses, batch_size = [], 2\n")]],
        ),
        slip(
            "the batches must not overlap: go on by batch_size, not by one example",
            2,
            ("range(0, len(x), batch_size)", "range(0, len(x))"),
        ),
        slip(
            "a batch ends at start + batch_size: here it goes on to the end of the data",
            2,
            (
                "x[start : start + batch_size], y[start : start + batch_size]\n",
                "x[start:], y[start:]\n",
            ),
        ),
        slip(
            "a batch ends at start + batch_size, not at batch_size",
            2,
            (
                "x[start : start + batch_size], y[start : start + batch_size]\n",
                "x[start:batch_size], y[start:batch_size]\n",
            ),
        ),
        slip(
            "cut the batches along the examples, the first axis, not along the time",
            2,
            (
                "x[start : start + batch_size], y[start : start + batch_size]\n",
                "x[:, start : start + batch_size], y[:, start : start + batch_size]\n",
            ),
        ),
        slip(
            "cut y into the same batches as x",
            2,
            ("y[start : start + batch_size]\n", "y\n"),
        ),
        slip(
            "leave the learning rate as it is",
            2,
            (
                "        losses.append",
                '        optimizer.param_groups[0]["lr"] *= 0.5\n        losses.append',
            ),
        ),
        slip(
            "take the batches in their order, from the first to the last",
            2,
            ("range(0, len(x), batch_size)", "reversed(range(0, len(x), batch_size))"),
        ),
        slip(
            "take the examples in their order: do not shuffle",
            2,
            (
                "        total = 0.0\n",
                "        total = 0.0\n        order = torch.randperm(len(x))\n        x, y = x[order], y[order]\n",
            ),
        ),
        slip(
            "call model.train() first",
            1,
            ("    model.train()\n", ""),
            ways=[
                [("    model.train()\n", "    model.train\n")],
                [("    model.train()\n", "    model.eval()\n")],
            ],
        ),
        slip(
            "model(x_batch) returns two things, the forecast and a state: the loss takes the forecast",
            2,
            ("model(x_batch)[0]", "model(x_batch)"),
        ),
        slip(
            "the state of one batch has nothing to do with the next: start each batch without one",
            2,
            ("    model.train()\n", "    model.train()\n    state = None\n"),
            (
                "            loss = mse_loss(model(x_batch)[0], y_batch)\n",
                "            forecast, new = model(x_batch, state and tuple(s[:, : len(x_batch)].detach() for s in state))\n            state = new\n            loss = mse_loss(forecast, y_batch)\n",
            ),
        ),
        slip(
            "use the optimizer that you are given: a new one has no memory and other settings",
            2,
            (
                "    losses = []\n",
                '    losses = []\n    optimizer = torch.optim.SGD(model.parameters(), lr=optimizer.param_groups[0]["lr"])\n',
            ),
        ),
        slip("is the return statement missing?", 1, ("    return losses\n", "")),
        slip(
            "a batch starts every batch_size examples: range(0, len(x), batch_size)",
            2,
            ("range(0, len(x), batch_size)", "range(len(x) // batch_size)"),
        ),
        slip(
            "one epoch is missing: range(epochs) has epochs numbers",
            2,
            ("range(epochs)", "range(1, epochs)"),
            ways=[[("range(epochs)", "range(epochs - 1)")]],
        ),
        slip(
            "the batches overlap by one example: a slice ends before its second number",
            2,
            (
                "x[start : start + batch_size], y[start : start + batch_size]",
                "x[start : start + batch_size + 1], y[start : start + batch_size + 1]",
            ),
        ),
    ],
    "evaluate": [
        slip(
            "dropout is still on: put the model into evaluation mode first",
            1,
            ("    model.eval()\n", ""),
            ways=[[("    model.eval()\n", "    model.eval\n")]],
        ),
        slip(
            "gradients are recorded: use torch.no_grad()",
            1,
            ("with torch.no_grad():", "if True:"),
            ways=[
                [("    with torch.no_grad():\n", "    torch.no_grad()\n    if True:\n")],
                [("with torch.no_grad():", "with torch.enable_grad():")],
            ],
        ),
        slip(
            "the model was in training mode before: put it back",
            1,
            ("    model.train(was_training)\n", ""),
            ways=[
                [
                    (
                        "    was_training = model.training\n    model.eval()\n",
                        "    model.eval()\n    was_training = model.training\n",
                    )
                ],
                [("model.train(was_training)", "model.eval()")],
                [("model.train(was_training)", "model.training = was_training")],
            ],
        ),
        slip(
            "the model was in evaluation mode before: put it back",
            1,
            ("model.train(was_training)", "model.train()"),
        ),
        slip(
            "the mode at the end is the wrong way round: it must be the one from before",
            1,
            ("model.train(was_training)", "model.train(not was_training)"),
        ),
        slip(
            "weigh each batch by its size: this is the mean of the batches' means",
            1,
            (".item() * len(x_batch)", ".item()"),
            ("total / len(x)", "total / -(-len(x) // batch_size)"),
        ),
        slip(
            "the last batch counts too, where it is smaller",
            1,
            (
                "range(0, len(x), batch_size)",
                "range(0, len(x) // batch_size * batch_size, batch_size)",
            ),
            ways=[
                [("range(0, len(x), batch_size)", "range(0, len(x) - batch_size + 1, batch_size)")],
            ],
        ),
        slip(
            "the last example counts too: range ends before its second number by itself",
            1,
            ("range(0, len(x), batch_size)", "range(0, len(x) - 1, batch_size)"),
        ),
        slip("divide the sum by the number of examples", 1, ("total / len(x)", "total")),
        slip(
            "multiply the mean loss of a batch by its size before you divide by the number of examples",
            1,
            (".item() * len(x_batch)", ".item()"),
        ),
        slip(
            "the last batch may be smaller: multiply by its own size, not by batch_size",
            1,
            (".item() * len(x_batch)", ".item() * batch_size"),
        ),
        slip(
            "divide by the number of examples, not by that of the batches",
            1,
            ("total / len(x)", "total / -(-len(x) // batch_size)"),
        ),
        slip(
            "divide by the number of examples, not by batch_size",
            1,
            ("total / len(x)", "total / batch_size"),
        ),
        slip(
            "this is the sum of the batches' losses, neither weighed nor averaged",
            1,
            (".item() * len(x_batch)", ".item()"),
            ("total / len(x)", "total"),
        ),
        slip(
            "this is the loss of the last batch: add up those of all batches",
            1,
            (
                "total += mse_loss(model(x_batch)[0], y_batch).item() * len(x_batch)",
                "total = mse_loss(model(x_batch)[0], y_batch).item() * len(x)",
            ),
            ways=[
                [
                    (
                        "total += mse_loss(model(x_batch)[0], y_batch).item() * len(x_batch)",
                        "total = mse_loss(model(x_batch)[0], y_batch).item()",
                    ),
                    ("return total / len(x)", "return total"),
                ]
            ],
        ),
        slip(
            "return after the last batch: the return statement stands inside the loop",
            1,
            (
                "    model.train(was_training)\n    return total / len(x)",
                "            model.train(was_training)\n            return total / len(x)",
            ),
            ways=[
                [
                    (
                        "    model.train(was_training)\n    return total / len(x)",
                        "            model.train(was_training)\n            return total / len(x_batch)",
                    )
                ],
            ],
        ),
        slip(
            "no square root: the loss is the mean squared error itself",
            1,
            ("return total / len(x)", "return (total / len(x)) ** 0.5"),
        ),
        slip("call .item() on it", 1, (".item() * len(x_batch)", " * len(x_batch)")),
        slip(
            "return one loss for all examples, not a list of the batches' losses",
            1,
            ("    total = 0.0\n", "    total = []\n"),
            (
                "total += mse_loss(model(x_batch)[0], y_batch).item() * len(x_batch)",
                "total.append(mse_loss(model(x_batch)[0], y_batch).item())",
            ),
            ("return total / len(x)", "return total"),
        ),
        slip(
            "this is the loss of the last time step only: the mean is over all of them",
            1,
            (
                "mse_loss(model(x_batch)[0], y_batch)",
                "mse_loss(model(x_batch)[0][:, -1], y_batch[:, -1])",
            ),
        ),
        slip(
            "the loss is the mean of the squared errors, not their sum",
            1,
            (
                "mse_loss(model(x_batch)[0], y_batch)",
                'mse_loss(model(x_batch)[0], y_batch, reduction="sum")',
            ),
        ),
        slip(
            "the batches must not overlap: go on by batch_size, not by one example",
            1,
            ("range(0, len(x), batch_size)", "range(0, len(x))"),
        ),
        slip(
            "a batch ends at start + batch_size: here it goes on to the end of the data",
            1,
            (
                "x[start : start + batch_size], y[start : start + batch_size]\n",
                "x[start:], y[start:]\n",
            ),
        ),
        slip(
            "cut y into the same batches as x",
            2,
            ("y[start : start + batch_size]\n", "y\n"),
        ),
        slip(
            "model(x_batch) returns two things, the forecast and a state: the loss takes the forecast",
            2,
            ("model(x_batch)[0]", "model(x_batch)"),
        ),
        slip(
            "the weights have changed: an evaluation trains nothing",
            1,
            (
                "    model.train(was_training)\n",
                "    model.train(was_training)\n    torch.nn.init.zeros_(model.out.bias)\n",
            ),
        ),
        slip("is the return statement missing?", 1, ("    return total / len(x)\n", "")),
        slip(
            "the mean of a batch has its time steps in it already: divide by the number of examples alone",
            1,
            ("total / len(x)", "total / y.numel()"),
        ),
        slip(
            "divide by the number of examples: len(x) // batch_size may be 0",
            1,
            ("total / len(x)", "total / (len(x) // batch_size)"),
        ),
        slip(
            "the state of one batch has nothing to do with the next: start each batch without one",
            2,
            ("total = 0.0\n", "total, state = 0.0, None\n"),
            (
                "total += mse_loss(model(x_batch)[0], y_batch)",
                "forecast, state = model(x_batch, state)\n            total += mse_loss(forecast, y_batch)",
            ),
        ),
        slip(
            "the gradients have changed: an evaluation leaves them alone",
            1,
            ("    model.eval()\n", "    model.eval()\n    model.zero_grad()\n"),
        ),
    ],
    "train_chunks": [
        slip(
            "the state still hangs on the graph of the chunk before: detach both h and c",
            2,
            ("        state = tuple(tensor.detach() for tensor in state)\n", ""),
            ways=[
                [("tuple(tensor.detach() for tensor in state)", "(state[0].detach(), state[1])")],
                [("tuple(tensor.detach() for tensor in state)", "(state[0], state[1].detach())")],
                [
                    (
                        "        state = tuple(tensor.detach() for tensor in state)\n",
                        "        for tensor in state:\n            tensor.detach()\n",
                    )
                ],
                [
                    (
                        "        state = tuple(tensor.detach() for tensor in state)\n",
                        "        state[0].detach(), state[1].detach()\n",
                    )
                ],
                [
                    ("        state = tuple(tensor.detach() for tensor in state)\n", ""),
                    (
                        "    return losses, state",
                        "    return losses, tuple(tensor.detach() for tensor in state)",
                    ),
                ],
            ],
        ),
        slip(
            "keep no old graphs: detach the state, so that the gradient stops at the border of the chunk",
            2,
            ("        state = tuple(tensor.detach() for tensor in state)\n", ""),
            ("loss.backward()", "loss.backward(retain_graph=True)"),
        ),
        slip(
            "carry the state from chunk to chunk: give it to the model",
            2,
            ("chunk], state)\n", "chunk])\n"),
            ways=[
                [("chunk], state)\n", "chunk], None)\n")],
                [
                    (
                        "    for start in range(0, x.shape[1], chunk):\n",
                        "    for start in range(0, x.shape[1], chunk):\n        state = None\n",
                    )
                ],
            ],
        ),
        slip(
            "the state holds h and c: carry both on, not h twice",
            2,
            (
                "tuple(tensor.detach() for tensor in state)",
                "(state[0].detach(), state[0].detach())",
            ),
        ),
        slip(
            "the state holds h first, then c",
            2,
            (
                "tuple(tensor.detach() for tensor in state)",
                "(state[1].detach(), state[0].detach())",
            ),
        ),
        slip(
            "carry both h and c on: c starts from zeros in each chunk here",
            2,
            (
                "tuple(tensor.detach() for tensor in state)",
                "(state[0].detach(), torch.zeros_like(state[1]))",
            ),
        ),
        slip(
            "the last chunk counts too, where it is shorter",
            2,
            ("range(0, x.shape[1], chunk)", "range(0, x.shape[1] - chunk + 1, chunk)"),
            ways=[
                [("range(0, x.shape[1], chunk)", "range(0, x.shape[1] // chunk * chunk, chunk)")]
            ],
        ),
        slip(
            "the last time step counts too: range ends before its second number by itself",
            2,
            ("range(0, x.shape[1], chunk)", "range(0, x.shape[1] - 1, chunk)"),
        ),
        slip(
            "do a step after each chunk, not one at the end",
            2,
            """
def train_chunks(model, optimizer, x, y, chunk, max_norm=1.0):
    model.train()
    losses, state, total = [], None, 0.0
    optimizer.zero_grad()
    for xc, yc in zip(x.split(chunk, dim=1), y.split(chunk, dim=1)):
        forecast, state = model(xc, state)
        loss = mse_loss(forecast, yc)
        losses.append(loss.item())
        total = total + loss
    total.backward()
    clip_gradients(model, max_norm)
    optimizer.step()
    return losses, tuple(s.detach() for s in state)
""",
            ways=[
                [
                    ("        optimizer.zero_grad()\n", ""),
                    (
                        "        clip_gradients(model, max_norm=max_norm)\n        optimizer.step()\n",
                        "",
                    ),
                    (
                        "    losses, state = [], None\n",
                        "    losses, state = [], None\n    optimizer.zero_grad()\n",
                    ),
                    (
                        "    return losses",
                        "    clip_gradients(model, max_norm=max_norm)\n    optimizer.step()\n    return losses",
                    ),
                ],
                [
                    (
                        "        clip_gradients(model, max_norm=max_norm)\n        optimizer.step()\n",
                        "",
                    ),
                    (
                        "    return losses, state",
                        "    clip_gradients(model, max_norm=max_norm)\n    optimizer.step()\n    return losses, state",
                    ),
                ],
            ],
        ),
        slip(
            "the gradients are not clipped before the step",
            2,
            ("        clip_gradients(model, max_norm=max_norm)\n", ""),
            ways=[
                [
                    (
                        "        clip_gradients(model, max_norm=max_norm)\n        optimizer.step()\n",
                        "        optimizer.step()\n        clip_gradients(model, max_norm=max_norm)\n",
                    ),
                ],
            ],
        ),
        slip(
            "clip to max_norm, which the caller chooses, not to 1",
            2,
            ("max_norm=max_norm)", "max_norm=1.0)"),
        ),
        slip(
            "gradients of earlier chunks are added: set them to zero in each chunk",
            2,
            ("        optimizer.zero_grad()\n", ""),
            ways=[
                [
                    ("        optimizer.zero_grad()\n", ""),
                    (
                        "    losses, state = [], None\n",
                        "    losses, state = [], None\n    optimizer.zero_grad()\n",
                    ),
                ],
            ],
        ),
        slip(
            "the weights do not change: the optimizer's step is missing, or the gradients are set to zero "
            "between backward and step",
            2,
            ("        optimizer.step()\n", ""),
            ways=[
                [
                    (
                        "        optimizer.zero_grad()\n        loss.backward()\n",
                        "        loss.backward()\n        optimizer.zero_grad(set_to_none=False)\n",
                    )
                ]
            ],
        ),
        slip(
            "return the state of the last chunk detached, too",
            1,
            ("        state = tuple(tensor.detach() for tensor in state)\n", ""),
            (
                "        forecast, state = model(x[:, start : start + chunk], state)\n",
                "        state = state and tuple(tensor.detach() for tensor in state)\n"
                "        forecast, state = model(x[:, start : start + chunk], state)\n",
            ),
        ),
        slip(
            "return one loss for each chunk, not their mean",
            1,
            ("return losses, state", "return sum(losses) / len(losses), state"),
            ways=[[("return losses, state", "return losses[-1], state")]],
        ),
        slip(
            "call .item() on it",
            1,
            ("loss.item()", "loss.detach()"),
            ways=[[("loss.item()", "loss")]],
        ),
        slip(
            "return the losses first, then the state",
            2,
            ("return losses, state", "return state, losses"),
        ),
        slip(
            "return the state as well as the losses", 2, ("return losses, state", "return losses")
        ),
        slip(
            "return the state as two tensors, h and c, in a tuple",
            2,
            ("return losses, state", "return losses, state[0]"),
            ways=[[("return losses, state", "return losses, *state")]],
        ),
        slip(
            "call model.train() first",
            1,
            ("    model.train()\n", ""),
            ways=[
                [("    model.train()\n", "    model.train\n")],
                [("    model.train()\n", "    model.eval()\n")],
            ],
        ),
        slip(
            "cut the chunks along the time, the second axis, not along the examples",
            2,
            ("model(x[:, start : start + chunk], state)", "model(x[start : start + chunk], None)"),
            ("y[:, start : start + chunk]", "y[start : start + chunk]"),
            ("range(0, x.shape[1], chunk)", "range(0, len(x), chunk)"),
            ways=[
                [
                    (
                        "model(x[:, start : start + chunk], state)",
                        "model(x[start : start + chunk], state)",
                    ),
                    ("y[:, start : start + chunk]", "y[start : start + chunk]"),
                    ("range(0, x.shape[1], chunk)", "range(0, len(x), chunk)"),
                ],
                [
                    (
                        "model(x[:, start : start + chunk], state)",
                        "model(x[start : start + chunk], state)",
                    ),
                    ("y[:, start : start + chunk]", "y[start : start + chunk]"),
                ],
            ],
        ),
        slip(
            "the loop runs over the time steps, x.shape[1], not over the examples",
            2,
            ("range(0, x.shape[1], chunk)", "range(0, len(x), chunk)"),
        ),
        slip(
            "the chunks must not overlap: go on by chunk, not by one time step",
            2,
            ("range(0, x.shape[1], chunk)", "range(x.shape[1])"),
        ),
        slip(
            "a chunk ends at start + chunk: here it goes on to the end of the sequence",
            2,
            ("x[:, start : start + chunk]", "x[:, start:]"),
            ("y[:, start : start + chunk]", "y[:, start:]"),
        ),
        slip(
            "cut y into the same chunks as x",
            2,
            ("y[:, start : start + chunk]", "y"),
        ),
        slip(
            "model returns the forecast first, then the state",
            2,
            ("forecast, state = model", "state, forecast = model"),
        ),
        slip(
            "return after the last chunk: the return statement stands inside the loop",
            2,
            (
                "        losses.append(loss.item())\n    return",
                "        losses.append(loss.item())\n        return",
            ),
        ),
        slip(
            "the loss of a chunk is the mean of the squared errors, not their sum",
            2,
            (
                "mse_loss(forecast, y[:, start : start + chunk])",
                'mse_loss(forecast, y[:, start : start + chunk], reduction="sum")',
            ),
        ),
        slip("is the return statement missing?", 2, ("    return losses, state\n", "")),
        slip(
            "carry the numbers of the state on: only its history goes",
            2,
            ("tensor.detach() for tensor", "torch.zeros_like(tensor) for tensor"),
        ),
        slip(
            "return the mean of each chunk: do not multiply it by the length of the chunk",
            1,
            ("loss.item()", "loss.item() * forecast.shape[1]"),
        ),
        slip(
            "all sequences go through the model together: do not train on them one after the other",
            2,
            """
def train_chunks(model, optimizer, x, y, chunk, max_norm=1.0):
    model.train()
    losses = []
    for n in range(len(x)):
        state = None
        for start in range(0, x.shape[1], chunk):
            forecast, state = model(x[n : n + 1, start : start + chunk], state)
            loss = mse_loss(forecast, y[n : n + 1, start : start + chunk])
            optimizer.zero_grad()
            loss.backward()
            clip_gradients(model, max_norm)
            optimizer.step()
            state = tuple(tensor.detach() for tensor in state)
            losses.append(loss.item())
    return losses, state
""",
        ),
        slip(
            "chunk is the number of time steps in a chunk, not the number of chunks",
            2,
            """
def train_chunks(model, optimizer, x, y, chunk, max_norm=1.0):
    model.train()
    losses, state = [], None
    for x_chunk, y_chunk in zip(x.chunk(chunk, dim=1), y.chunk(chunk, dim=1)):
        forecast, state = model(x_chunk, state)
        loss = mse_loss(forecast, y_chunk)
        optimizer.zero_grad()
        loss.backward()
        clip_gradients(model, max_norm)
        optimizer.step()
        state = tuple(tensor.detach() for tensor in state)
        losses.append(loss.item())
    return losses, state
""",
        ),
        slip(
            "a chunk starts where the last one ended: here each one holds all time steps before it, too",
            2,
            ("x[:, start : start + chunk]", "x[:, : start + chunk]"),
            ("y[:, start : start + chunk]", "y[:, : start + chunk]"),
        ),
        slip(
            "there is a forecast after every time step: the loss of a chunk is over all of them, not the last alone",
            2,
            (
                "mse_loss(forecast, y[:, start : start + chunk])",
                "mse_loss(forecast[:, -1], y[:, start : start + chunk][:, -1])",
            ),
        ),
        slip(
            "take the state that the forecast came with: the model does not read a chunk twice",
            2,
            (
                "state = tuple(tensor.detach() for tensor in state)",
                "state = tuple(t.detach() for t in model(x[:, start : start + chunk], state)[1])",
            ),
        ),
    ],
    "next_state": [
        slip(
            "nothing is reset: a new sequence starts from zeros",
            1,
            ("tensor.detach().masked_fill(new, 0.0)", "tensor.detach()"),
            ways=[
                [("tensor.detach().masked_fill(new, 0.0)", "tensor.detach().clone()")],
                [
                    (
                        "return tuple(tensor.detach().masked_fill(new, 0.0) for tensor in state)",
                        "for tensor in state:\n        tensor.detach().masked_fill(new, 0.0)\n    return tuple(tensor.detach() for tensor in state)",
                    )
                ],
            ],
        ),
        slip(
            "c must be reset too, not h alone",
            1,
            (
                "return tuple(tensor.detach().masked_fill(new, 0.0) for tensor in state)",
                "return state[0].detach().masked_fill(new, 0.0), state[1].detach()",
            ),
        ),
        slip(
            "h must be reset too, not c alone",
            1,
            (
                "return tuple(tensor.detach().masked_fill(new, 0.0) for tensor in state)",
                "return state[0].detach(), state[1].detach().masked_fill(new, 0.0)",
            ),
        ),
        slip(
            "a stream in which no sequence begins keeps its state: reset only the others",
            1,
            ("tensor.detach().masked_fill(new, 0.0)", "torch.zeros_like(tensor)"),
        ),
        slip(
            "each stream has a flag of its own: one new sequence does not reset all of them",
            1,
            ("new = is_new[None, :, None]", "new = is_new.any()"),
        ),
        slip(
            "each stream has a flag of its own: it is reset even if the others go on",
            1,
            ("new = is_new[None, :, None]", "new = is_new.all()"),
        ),
        slip(
            "the wrong streams are reset: zeros belong where is_new is True",
            2,
            ("new = is_new[None, :, None]", "new = ~is_new[None, :, None]"),
            ways=[
                [("tensor.detach().masked_fill(new, 0.0)", "tensor.detach() * new")],
                [
                    (
                        "tensor.detach().masked_fill(new, 0.0)",
                        "torch.where(new, tensor.detach(), 0.0)",
                    )
                ],
            ],
        ),
        slip(
            "the streams are the second axis of (L, N, H): give is_new an axis on both sides",
            2,
            ("is_new[None, :, None]", "is_new"),
            ways=[
                [("is_new[None, :, None]", "is_new[None]")],
                [("is_new[None, :, None]", "is_new[None, None]")],
                [("is_new[None, :, None]", "is_new[None, None, :]")],
            ],
        ),
        slip(
            "the streams are the second axis of (L, N, H), not the first",
            2,
            ("is_new[None, :, None]", "is_new[:, None, None]"),
            ways=[
                [
                    ("tensor.detach().masked_fill(new, 0.0)", "tensor.detach() * (~new)"),
                    ("is_new[None, :, None]", "is_new.reshape(-1, 1, 1)"),
                ],
                [
                    (
                        "return tuple(tensor.detach().masked_fill(new, 0.0) for tensor in state)",
                        "h, c = (tensor.detach().clone() for tensor in state)\n    h[is_new] = 0.0\n    c[is_new] = 0.0\n    return h, c",
                    )
                ],
            ],
        ),
        slip(
            "a new sequence starts from zeros, not from ones",
            1,
            ("masked_fill(new, 0.0)", "masked_fill(new, 1.0)"),
        ),
        slip(
            "the state still has its graph: detach h and c",
            1,
            ("tensor.detach().masked_fill", "tensor.masked_fill"),
            ways=[
                [
                    (
                        "return tuple(tensor.detach().masked_fill(new, 0.0) for tensor in state)",
                        "return state[0].detach().masked_fill(new, 0.0), state[1].masked_fill(new, 0.0)",
                    )
                ],
                [
                    (
                        "return tuple(tensor.detach().masked_fill(new, 0.0) for tensor in state)",
                        "return state[0].masked_fill(new, 0.0), state[1].detach().masked_fill(new, 0.0)",
                    )
                ],
            ],
        ),
        slip(
            "before the first chunk the state is None, and stays None",
            1,
            ("    if state is None:\n        return None\n", ""),
            ways=[
                [("        return None\n", "        return ()\n")],
                [("        return None\n", "        return None, None\n")],
                [
                    (
                        "        return None\n",
                        "        return torch.zeros(1, len(is_new), 1), torch.zeros(1, len(is_new), 1)\n",
                    )
                ],
                [("    if state is None:\n        return None\n", "    h, c = state\n")],
            ],
        ),
        slip(
            "your function changes its argument state: make new tensors",
            1,
            ("tensor.detach().masked_fill(", "tensor.detach().masked_fill_("),
            ways=[
                [
                    (
                        "return tuple(tensor.detach().masked_fill(new, 0.0) for tensor in state)",
                        "h, c = (tensor.detach() for tensor in state)\n    h[:, is_new] = 0.0\n    c[:, is_new] = 0.0\n    return h, c",
                    )
                ],
            ],
        ),
        slip(
            "h comes first, then c",
            1,
            ("for tensor in state)", "for tensor in state[::-1])"),
        ),
        slip(
            "return both tensors, h and c",
            2,
            (
                "return tuple(tensor.detach().masked_fill(new, 0.0) for tensor in state)",
                "return state[0].detach().masked_fill(new, 0.0)",
            ),
        ),
        slip(
            "a state of None would reset all streams: return tensors, with zeros where a sequence begins",
            2,
            ("    new = is_new", "    if is_new.any():\n        return None\n    new = is_new"),
            ways=[
                [("    if state is None:", "    if state is None or is_new.all():")],
            ],
        ),
        slip(
            "reset every layer, not the first alone",
            1,
            (
                "return tuple(tensor.detach().masked_fill(new, 0.0) for tensor in state)",
                "h, c = (tensor.detach().clone() for tensor in state)\n    h[0, is_new] = 0.0\n    c[0, is_new] = 0.0\n    return h, c",
            ),
            ways=[
                [
                    (
                        "return tuple(tensor.detach().masked_fill(new, 0.0) for tensor in state)",
                        "h, c = (tensor.detach().clone() for tensor in state)\n    h[-1, is_new] = 0.0\n    c[-1, is_new] = 0.0\n    return h, c",
                    )
                ],
            ],
        ),
        slip(
            "keep the axis of the streams: fill in zeros, do not cut the new streams out",
            2,
            ("tensor.detach().masked_fill(new, 0.0)", "tensor.detach()[:, ~is_new]"),
        ),
        slip("is the return statement missing?", 2, ("    return tuple", "    tuple")),
        slip(
            "several streams may begin a new sequence: go through all of them",
            1,
            """
def next_state(state, is_new):
    if state is None:
        return None
    h, c = (tensor.detach().clone() for tensor in state)
    for n in range(len(is_new)):
        if is_new[n]:
            h[:, n] = 0.0
            c[:, n] = 0.0
            break
    return h, c
""",
        ),
    ],
    "fit": [
        slip(
            "these are the weights of the last epoch: state_dict() does not copy, so keep a copy of the best",
            1,
            ("copy.deepcopy(model.state_dict())", "model.state_dict()"),
            ways=[
                [("copy.deepcopy(model.state_dict())", "dict(model.state_dict())")],
                [("copy.deepcopy(model.state_dict())", "model.state_dict().copy()")],
                [("    model.load_state_dict(weights_of_best)\n", "")],
            ],
        ),
        slip(
            "stop once as many epochs as the patience were not better: this goes on for one more",
            1,
            ("if waited == patience", "if waited > patience"),
            ways=[
                [
                    (
                        "best, weights_of_best, waited = losses[-1], copy.deepcopy(model.state_dict()), 0",
                        "best, weights_of_best, waited = losses[-1], copy.deepcopy(model.state_dict()), -1",
                    )
                ]
            ],
        ),
        slip(
            "stop after as many epochs as the patience without a better loss: this stops one too early",
            2,
            ("if waited == patience", "if waited >= patience - 1"),
            ways=[
                [("copy.deepcopy(model.state_dict()), 0", "copy.deepcopy(model.state_dict()), 1")]
            ],
        ),
        slip(
            "this does not stop before the last epoch",
            2,
            ("        if waited == patience:\n            break\n", ""),
            ways=[
                [("        waited += 1\n", "")],
                [("            break\n", "            pass\n")],
            ],
        ),
        slip(
            "count epochs in a row: a better loss sets the count back to zero",
            2,
            (
                "copy.deepcopy(model.state_dict()), 0",
                "copy.deepcopy(model.state_dict()), waited - 1",
            ),
            ways=[
                """
def fit(model, optimizer, train_set, valid_set, epochs, patience):
    losses, bad, best = [], 0, None
    for _ in range(epochs):
        train(model, optimizer, *train_set)
        loss = evaluate(model, *valid_set)
        if not losses or loss < min(losses):
            best = copy.deepcopy(model.state_dict())
        else:
            bad += 1
        losses.append(loss)
        if bad >= patience:
            break
    model.load_state_dict(best)
    return losses
""",
            ],
        ),
        slip(
            "compare with the best loss so far, not with that of the epoch before",
            2,
            """
def fit(model, optimizer, train_set, valid_set, epochs, patience):
    losses, waited = [], 0
    best = copy.deepcopy(model.state_dict())
    for epoch in range(epochs):
        train(model, optimizer, *train_set)
        losses.append(evaluate(model, *valid_set))
        if epoch == 0 or losses[-1] < losses[-2]:
            best, waited = copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
            if waited == patience:
                break
    model.load_state_dict(best)
    return losses
""",
            ways=[
                [
                    (
                        "        if losses[-1] < best:\n            best, weights_of_best, waited = losses[-1], copy.deepcopy(model.state_dict()), 0\n",
                        "        if losses[-1] < best:\n            weights_of_best, waited = copy.deepcopy(model.state_dict()), 0\n        best = losses[-1]\n",
                    ),
                ],
            ],
        ),
        slip(
            "an equal loss is not lower: it counts as one that was not better",
            1,
            ("if losses[-1] < best", "if losses[-1] <= best"),
        ),
        slip(
            "a lower loss is better, not a higher one",
            2,
            ("if losses[-1] < best", "if losses[-1] > best"),
            (
                'best, weights_of_best, waited = float("inf")',
                'best, weights_of_best, waited = -float("inf")',
            ),
        ),
        slip(
            "the best loss so far starts at infinity, not at 0",
            2,
            ('best, weights_of_best, waited = float("inf")', "best, weights_of_best, waited = 0.0"),
            ways=[
                [
                    (
                        'best, weights_of_best, waited = float("inf"), None, 0',
                        "best, weights_of_best, waited = 0.0, copy.deepcopy(model.state_dict()), 0",
                    )
                ],
            ],
        ),
        slip(
            "measure on the validation set, not on the training set",
            2,
            ("evaluate(model, *valid_set)", "evaluate(model, *train_set)"),
        ),
        slip(
            "the loss that train returns is that of the training set: measure on the validation set",
            2,
            (
                "        train(model, optimizer, *train_set)\n        losses.append(evaluate(model, *valid_set))\n",
                "        losses.append(train(model, optimizer, *train_set)[0])\n",
            ),
        ),
        slip(
            "train on the training set, not on the validation set",
            2,
            ("train(model, optimizer, *train_set)", "train(model, optimizer, *valid_set)"),
        ),
        slip(
            "train for an epoch first, then measure",
            2,
            (
                "        train(model, optimizer, *train_set)\n        losses.append(evaluate(model, *valid_set))\n",
                "        losses.append(evaluate(model, *valid_set))\n        train(model, optimizer, *train_set)\n",
            ),
        ),
        slip(
            "return the losses of all epochs, not the best one alone",
            1,
            ("return losses", "return min(losses)"),
            ways=[[("return losses", "return best")]],
        ),
        slip(
            "return the loss of every epoch that was run, also of those after the best",
            1,
            ("return losses", "return losses[: losses.index(best) + 1]"),
        ),
        slip(
            "return the losses of all epochs, not only those that were better than all before",
            1,
            (
                "        losses.append(evaluate(model, *valid_set))\n",
                "        loss = evaluate(model, *valid_set)\n",
            ),
            (
                "        if losses[-1] < best:\n            best, weights_of_best, waited = losses[-1], copy",
                "        if loss < best:\n            losses.append(loss)\n            best, weights_of_best, waited = loss, copy",
            ),
        ),
        slip(
            "load the best weights also where the epochs end before the patience",
            1,
            (
                "            break\n    model.load_state_dict(weights_of_best)\n",
                "            model.load_state_dict(weights_of_best)\n            break\n",
            ),
        ),
        slip(
            "keep the weights of the best epoch, not those of the first",
            1,
            (
                "        if losses[-1] < best:\n            best, weights_of_best, waited = losses[-1], copy.deepcopy(model.state_dict()), 0\n",
                "        if losses[-1] < best:\n            best, waited = losses[-1], 0\n            weights_of_best = weights_of_best or copy.deepcopy(model.state_dict())\n",
            ),
        ),
        slip(
            "keep the weights after the epoch that was best, not from before it",
            1,
            (
                "    for _ in range(epochs):\n",
                "    for _ in range(epochs):\n        before = copy.deepcopy(model.state_dict())\n",
            ),
            ("copy.deepcopy(model.state_dict()), 0", "before, 0"),
        ),
        slip(
            "the loss of the epoch that ends the training belongs to the losses, too",
            1,
            ("            break\n", "            losses.pop()\n            break\n"),
            ways=[
                [
                    (
                        "    model.load_state_dict(weights_of_best)\n",
                        "    if waited == patience:\n        losses = losses[:-1]\n    model.load_state_dict(weights_of_best)\n",
                    )
                ]
            ],
        ),
        slip(
            "train for one epoch at a time: one call of train is one epoch",
            2,
            (
                "train(model, optimizer, *train_set)\n",
                "train(model, optimizer, *train_set, epochs)\n",
            ),
        ),
        slip(
            "patience is an argument: do not write the number into the function",
            2,
            ("    losses = []\n", "    losses, patience = [], 2\n"),
        ),
        slip(
            "epochs is the largest number of epochs: do not go on beyond it",
            1,
            ("for _ in range(epochs):", "for _ in range(epochs + 1):"),
        ),
        slip(
            "one epoch is missing: where the patience does not end the training, epochs does",
            1,
            ("for _ in range(epochs):", "for _ in range(1, epochs):"),
        ),
        slip("is the return statement missing?", 1, ("    return losses\n", "")),
        slip(
            "load the best weights also where the patience ends the training",
            1,
            ("            break\n", "            return losses\n"),
        ),
        slip(
            "return the losses on the validation set, not those of the training",
            1,
            (
                "        train(model, optimizer, *train_set)\n        losses.append(evaluate(model, *valid_set))\n",
                "        losses += train(model, optimizer, *train_set)\n        loss = evaluate(model, *valid_set)\n",
            ),
            (
                "if losses[-1] < best:\n            best, weights_of_best, waited = losses[-1],",
                "if loss < best:\n            best, weights_of_best, waited = loss,",
            ),
        ),
    ],
    "checkpoint": [
        slip(
            "the weights of the model are not loaded",
            1,
            (
                "zip((model, optimizer, scheduler), states, strict=True)",
                "zip((optimizer, scheduler), states[1:], strict=True)",
            ),
            ways=[
                [
                    (
                        "    for thing, state in zip",
                        "    model = copy.deepcopy(model)\n    for thing, state in zip",
                    )
                ],
            ],
        ),
        slip(
            "the state of the optimizer is not loaded: it holds the learning rate and its memory",
            1,
            (
                "zip((model, optimizer, scheduler), states, strict=True)",
                "zip((model, scheduler), states[::2], strict=True)",
            ),
        ),
        slip(
            "the schedule starts afresh: its state is not loaded",
            1,
            (
                "zip((model, optimizer, scheduler), states, strict=True)",
                "zip((model, optimizer), states[:2], strict=True)",
            ),
        ),
        slip(
            "the weights alone are not enough: load the states of the optimizer and the schedule, too",
            1,
            (
                "zip((model, optimizer, scheduler), states, strict=True)",
                "zip((model,), states[:1], strict=True)",
            ),
        ),
        slip(
            "nothing is loaded into the model, the optimizer and the schedule",
            2,
            ("        thing.load_state_dict(state)\n", "        thing.load_state_dict\n"),
        ),
        slip(
            "these are the weights now: write them into the bytes, do not keep what the training changes",
            1,
            """
KEPT = {}


def save_checkpoint(model, optimizer, scheduler, generator_state, epoch):
    KEPT[epoch] = model.state_dict()
    buffer = io.BytesIO()
    torch.save([optimizer.state_dict(), scheduler.state_dict(), generator_state, epoch], buffer)
    return buffer.getvalue()


def load_checkpoint(data, model, optimizer, scheduler):
    saved = torch.load(io.BytesIO(data), weights_only=True)
    model.load_state_dict(KEPT[saved[3]])
    optimizer.load_state_dict(saved[0])
    scheduler.load_state_dict(saved[1])
    return saved[2], saved[3]
""",
        ),
        slip(
            "this loads what was saved last, and not what the bytes hold",
            3,
            """
KEPT = {}


def save_checkpoint(model, optimizer, scheduler, generator_state, epoch):
    buffer = io.BytesIO()
    states = [thing.state_dict() for thing in (model, optimizer, scheduler)]
    torch.save([*states, generator_state, epoch], buffer)
    KEPT["last"] = buffer.getvalue()
    return b"last"


def load_checkpoint(data, model, optimizer, scheduler):
    *states, generator_state, epoch = torch.load(io.BytesIO(KEPT["last"]), weights_only=True)
    for thing, state in zip((model, optimizer, scheduler), states, strict=True):
        thing.load_state_dict(state)
    return generator_state, epoch
""",
        ),
        slip(
            "save the state of the generator that you are given, not that of another one",
            1,
            (
                "torch.save([*states, generator_state, epoch], buffer)",
                "torch.save([*states, torch.Generator().get_state(), epoch], buffer)",
            ),
            ways=[
                [
                    (
                        "torch.save([*states, generator_state, epoch], buffer)",
                        "torch.save([*states, torch.get_rng_state(), epoch], buffer)",
                    )
                ],
                [
                    (
                        "    return generator_state, epoch\n",
                        "    return torch.get_rng_state(), epoch\n",
                    )
                ],
            ],
        ),
        slip(
            "the epoch that comes back is the one that was saved: do not count on",
            1,
            ("generator_state, epoch], buffer)", "generator_state, epoch + 1], buffer)"),
            ways=[
                [("    return generator_state, epoch\n", "    return generator_state, epoch + 1\n")]
            ],
        ),
        slip(
            "return the state of the generator first, then the epoch",
            1,
            ("    return generator_state, epoch\n", "    return epoch, generator_state\n"),
        ),
        slip(
            "return the state of the generator and the epoch",
            1,
            ("    return generator_state, epoch\n", "    return epoch\n"),
            ways=[
                [("    return generator_state, epoch\n", "    return generator_state\n")],
                [
                    (
                        "    return generator_state, epoch\n",
                        "    return model, optimizer, scheduler, generator_state, epoch\n",
                    )
                ],
            ],
        ),
        slip(
            "load_checkpoint returns nothing: it must return the state of the generator and the epoch",
            1,
            ("    return generator_state, epoch\n", ""),
        ),
        slip(
            "return bytes: buffer.getvalue()",
            3,
            ("return buffer.getvalue()", "return buffer"),
            ways=[
                [("    return buffer.getvalue()\n", "")],
                [("return buffer.getvalue()", "return buffer.getbuffer()")],
            ],
        ),
        slip(
            "after writing, the buffer stands at its end, and read() returns nothing: take getvalue()",
            3,
            ("buffer.getvalue()", "buffer.read()"),
        ),
        slip(
            "torch.load reads a file, not bytes: io.BytesIO(data) is one",
            3,
            (
                "= torch.load(io.BytesIO(data), weights_only=True)",
                "= torch.load(data, weights_only=True)",
            ),
        ),
        slip(
            "save state_dict(), not the objects themselves: weights_only=True refuses to load those",
            3,
            ("thing.state_dict() for thing in", "thing for thing in"),
        ),
        slip(
            "state_dict is a method: call it, with parentheses",
            3,
            ("thing.state_dict() for", "thing.state_dict for"),
        ),
        slip(
            "save the optimizer's state with its memory, not its settings alone",
            1,
            ("    torch.save(", '    states[1] = {**states[1], "state": {}}\n    torch.save('),
        ),
        slip(
            "the weights come back rounded: save them as they are",
            1,
            (
                "    torch.save(",
                "    states[0] = {name: tensor.bfloat16() for name, tensor in states[0].items()}\n    torch.save(",
            ),
            ways=[
                [
                    (
                        "    torch.save(",
                        "    states[0] = {name: tensor.float() for name, tensor in states[0].items()}\n"
                        "    torch.save(",
                    )
                ]
            ],
        ),
        slip(
            "generator_state is the state already: do not call get_state()",
            3,
            (
                "[*states, generator_state, epoch], buffer",
                "[*states, generator_state.get_state(), epoch], buffer",
            ),
        ),
        slip(
            "load the state of the schedule: to step it halves the loaded learning rate once more",
            1,
            """
def save_checkpoint(model, optimizer, scheduler, generator_state, epoch):
    buffer = io.BytesIO()
    states = [thing.state_dict() for thing in (model, optimizer, scheduler)]
    torch.save([*states, generator_state, epoch], buffer)
    return buffer.getvalue()


def load_checkpoint(data, model, optimizer, scheduler):
    *states, generator_state, epoch = torch.load(io.BytesIO(data), weights_only=True)
    model.load_state_dict(states[0])
    optimizer.load_state_dict(states[1])
    for _ in range(epoch):
        scheduler.step()
    return generator_state, epoch
""",
        ),
    ],
    "step_in_parts": [
        slip(
            "each valid step counts the same: divide by the number of valid steps of all batches, not of each",
            2,
            ("squared_errors[mask].sum() / valid", "squared_errors[mask].mean()"),
        ),
        slip(
            "this is the mean of the batches' means: divide by the number of valid steps of all batches",
            2,
            ("squared_errors[mask].sum() / valid", "squared_errors[mask].mean() / len(batches)"),
        ),
        slip(
            "weigh the batches by their valid steps, not by their numbers of examples",
            2,
            (
                "squared_errors[mask].sum() / valid",
                "squared_errors[mask].mean() * len(x) / sum(len(each[0]) for each in batches)",
            ),
        ),
        slip(
            "divide by the number of valid steps, not by that of all steps",
            2,
            (
                "lengths.sum().item() for _, _, lengths in batches",
                "each[0].shape[0] * each[0].shape[1] for each in batches",
            ),
        ),
        slip(
            "divide by the number of valid steps, not by that of the examples",
            2,
            ("lengths.sum().item() for", "len(lengths) for"),
        ),
        slip(
            "divide by the number of valid steps: this is the sum",
            2,
            ("squared_errors[mask].sum() / valid", "squared_errors[mask].sum()"),
        ),
        slip(
            "the padding is in the loss: pick the valid steps",
            2,
            ("squared_errors[mask].sum() / valid", "squared_errors.sum() / valid"),
            ways=[
                [
                    (
                        "squared_errors[mask].sum() / valid",
                        "squared_errors.sum() / sum(each[1].numel() for each in batches)",
                    ),
                ]
            ],
        ),
        slip(
            "the mask lets one step of the padding in: the steps with t < lengths are valid",
            2,
            ("torch.arange(x.shape[1]) <", "torch.arange(x.shape[1]) <="),
        ),
        slip(
            "the mask leaves out the last valid step",
            2,
            ("torch.arange(x.shape[1]) <", "torch.arange(1, x.shape[1] + 1) <"),
        ),
        slip(
            "the gradients are divided, but the loss that is returned is not",
            1,
            ("total += loss.item()", "total += loss.item() * valid"),
        ),
        slip(
            "divide before backward: the loss is right, but the gradients are those of the sum",
            1,
            ("squared_errors[mask].sum() / valid", "squared_errors[mask].sum()"),
            ("total += loss.item()", "total += loss.item() / valid"),
        ),
        slip(
            "the gradients are those of the mean of each batch: divide by the valid steps of all before backward",
            1,
            ("squared_errors[mask].sum() / valid", "squared_errors[mask].mean()"),
            ("total += loss.item()", "total += loss.item() * mask.sum().item() / valid"),
        ),
        slip(
            "gradients may be left over from before the call: set them to zero first",
            1,
            ("    optimizer.zero_grad()\n", ""),
        ),
        slip(
            "only the gradients of the last batch are left: zero_grad once before the loop, backward in each batch",
            1,
            ("    optimizer.zero_grad()\n", ""),
            (
                "        loss.backward()\n",
                "        optimizer.zero_grad()\n        loss.backward()\n",
            ),
            ways=[
                [
                    (
                        "        loss.backward()\n        total += loss.item()\n",
                        "        total += loss.item()\n    loss.backward()\n",
                    )
                ]
            ],
        ),
        slip(
            "do one step after the last batch, not one for each batch",
            2,
            (
                "        total += loss.item()\n    clip_gradients(model, max_norm=max_norm)\n    optimizer.step()\n",
                "        total += loss.item()\n        clip_gradients(model, max_norm=max_norm)\n        optimizer.step()\n",
            ),
            ways=[
                [
                    ("    optimizer.zero_grad()\n", ""),
                    (
                        "        loss.backward()\n",
                        "        optimizer.zero_grad()\n        loss.backward()\n        clip_gradients(model, max_norm=max_norm)\n        optimizer.step()\n",
                    ),
                    (
                        "        total += loss.item()\n    clip_gradients(model, max_norm=max_norm)\n    optimizer.step()\n",
                        "        total += loss.item()\n",
                    ),
                ],
            ],
        ),
        slip(
            "clip once, after the last batch: the norm is that of the sum of all gradients",
            1,
            (
                "        loss.backward()\n",
                "        loss.backward()\n        clip_gradients(model, max_norm=max_norm)\n",
            ),
            ways=[
                [
                    (
                        "        loss.backward()\n",
                        "        loss.backward()\n        clip_gradients(model, max_norm=max_norm)\n",
                    ),
                    (
                        "    clip_gradients(model, max_norm=max_norm)\n    optimizer",
                        "    optimizer",
                    ),
                ],
            ],
        ),
        slip(
            "the gradients are not clipped before the step",
            1,
            ("    clip_gradients(model, max_norm=max_norm)\n", ""),
            ways=[
                [
                    (
                        "    clip_gradients(model, max_norm=max_norm)\n    optimizer.step()\n",
                        "    optimizer.step()\n    clip_gradients(model, max_norm=max_norm)\n",
                    )
                ]
            ],
        ),
        slip(
            "clip to max_norm, which the caller chooses, not to 1",
            1,
            ("max_norm=max_norm", "max_norm=1.0"),
        ),
        slip(
            "the optimizer's step is missing: the weights do not change",
            1,
            ("    optimizer.step()\n", ""),
        ),
        slip(
            "add up the losses of all batches: this is that of the last one",
            1,
            ("total += loss.item()", "total = loss.item()"),
        ),
        slip(
            "the first batch alone is not enough: go through all of them",
            2,
            ("        total += loss.item()\n", "        total += loss.item()\n        break\n"),
        ),
        slip("call .item() on it", 1, ("loss.item()", "loss.detach()")),
        slip(
            "model(x) returns two things, the forecast and a state: the errors are made of the forecast",
            2,
            ("model(x)[0]", "model(x)"),
        ),
        slip(
            "the forecast is (N, T, 1) and the mask (N, T): drop the last axis of the errors",
            2,
            ("(model(x)[0] - y)[:, :, 0]", "(model(x)[0][:, :, 0] - y)"),
        ),
        slip("the errors are squared", 2, ("[:, :, 0] ** 2", "[:, :, 0].abs()")),
        slip("is the return statement missing?", 1, ("    return total\n", "")),
        slip(
            "divide once: the returned loss is divided by the number of valid steps a second time",
            1,
            ("return total", "return total / valid"),
        ),
        slip(
            "the loss is over all valid steps, not over the last one of each sequence",
            2,
            (
                "squared_errors[mask].sum() / valid",
                "squared_errors[torch.arange(len(x)), lengths - 1].sum() / sum(len(n) for _, _, n in batches)",
            ),
        ),
        slip(
            "count the valid steps of all batches, not those of the first alone",
            2,
            (
                "sum(lengths.sum().item() for _, _, lengths in batches)",
                "batches[0][2].sum().item()",
            ),
        ),
        slip(
            "count all valid steps before the first backward: here the number still grows from batch to batch",
            2,
            ("valid = sum(lengths.sum().item() for _, _, lengths in batches)", "valid = 0"),
            ("        mask = torch", "        valid += lengths.sum().item()\n        mask = torch"),
        ),
        slip(
            "divide by the number of valid steps, not by that of the batches",
            2,
            (".sum() / valid", ".sum() / len(batches)"),
        ),
    ],
}

WRONG = [
    Wrong(
        "a-slip-in-each",  # none reaches the questions that build on it
        {
            "training_step": changed(STEP, ("    optimizer.zero_grad()\n", "")),
            "clip_gradients": "def clip_gradients(model, max_norm):\n    pass",
            "train": "def train(model, optimizer, x, y, epochs=1, batch_size=16, max_norm=1.0)\n",
            "evaluate": changed(EVALUATE, ("    model.eval()\n", "")),
            "train_chunks": "train_chunks = None",
        },
        {"training_step": 1, "clip_gradients": 2, "train": 2, "evaluate": 1, "train_chunks": 2},
        "set them to zero first",
    ),
]

RIGHT = [
    Right(
        "the-templates-of-the-bank",
        {
            "lstm_cell": CELL,
            "last_step": LAST,
            "training_step": STEP,
            "clip_gradients": CLIP,
            "train": TRAIN,
            "evaluate": EVALUATE,
            "train_chunks": CHUNKS,
            "next_state": NEXT,
            "fit": FIT,
            "checkpoint": SAVE,
            "step_in_parts": PARTS,
        },
    ),
    Right(
        "library-functions",
        {
            "lstm_cell": """
from torch import nn

class LSTMCell(nn.Module):
    def __init__(self, D, H):
        super().__init__()
        self.H = H
        self.W_x = nn.Parameter(torch.Tensor(D, 4 * H))
        self.W_h = nn.Parameter(torch.Tensor(H, 4 * H))
        self.b = nn.Parameter(torch.Tensor(4 * H))
        self.reset_parameters()

    def reset_parameters(self):
        for weight in (self.W_x, self.W_h):
            nn.init.uniform_(weight, -(self.H**-0.5), self.H**-0.5)
        nn.init.zeros_(self.b)
        nn.init.ones_(self.b[self.H : 2 * self.H])

    def forward(self, x_t, state):
        a = torch.addmm(self.b, torch.cat([x_t, state[0]], dim=-1), torch.cat([self.W_x, self.W_h]))
        i, f, g, o = torch.split(a, self.H, dim=-1)
        c_t = torch.addcmul(f.sigmoid() * state[1], i.sigmoid(), g.tanh())
        return o.sigmoid() * c_t.tanh(), c_t
""",
            "last_step": """
def last_step(h, squared_errors, lengths):
    index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, h.size(2))
    last = h.gather(1, index).squeeze(1)
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        squared_errors[..., None], lengths, batch_first=True, enforce_sorted=False
    )
    return last, packed.data.mean()
""",
            "checkpoint": """
import pickle

def save_checkpoint(model, optimizer, scheduler, generator_state, epoch):
    states = [part.state_dict() for part in (model, optimizer, scheduler)]
    return pickle.dumps((states, generator_state.numpy(), epoch))

def load_checkpoint(data, model, optimizer, scheduler):
    states, order, epoch = pickle.loads(data)
    for part, state in zip((model, optimizer, scheduler), states):
        part.load_state_dict(state)
    return torch.from_numpy(order.copy()), epoch
""",
            "clip_gradients": """
from torch.nn.utils import clip_grad_norm_

def clip_gradients(model, max_norm):
    return clip_grad_norm_(model.parameters(), max_norm).item()
""",
            "train": """
from torch.utils.data import DataLoader, TensorDataset

def train(model, optimizer, x, y, epochs=1, batch_size=16, max_norm=1.0):
    loader = DataLoader(TensorDataset(x, y), batch_size=batch_size, shuffle=False)
    criterion = torch.nn.MSELoss()
    history = []
    for _ in range(epochs):
        model.train()
        running, seen = 0.0, 0
        for inputs, targets in loader:
            optimizer.zero_grad(set_to_none=True)
            forecast, _ = model(inputs)
            loss = criterion(forecast, targets)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
            running += float(loss) * inputs.shape[0]
            seen += inputs.shape[0]
        history.append(running / seen)
    return history
""",
            "train_chunks": """
def train_chunks(model, optimizer, x, y, chunk, max_norm=1.0):
    model.train()
    losses, state = [], None
    for xc, yc in zip(x.split(chunk, dim=1), y.split(chunk, dim=1), strict=True):
        if state is not None:
            state = tuple(map(torch.Tensor.detach, state))
        forecast, state = model(xc, state)
        loss = torch.nn.functional.mse_loss(forecast, yc)
        model.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        losses.append(float(loss))
    h, c = state
    return losses, (h.detach(), c.detach())
""",
        },
    ),
    Right(
        "functional-losses-and-comprehensions",
        {
            "lstm_cell": """
class LSTMCell(torch.nn.Module):
    def __init__(self, D, H):
        super().__init__()
        draw = lambda *shape: torch.nn.Parameter((2 * torch.rand(*shape) - 1) * H**-0.5)
        self.W_x, self.W_h = draw(D, 4 * H), draw(H, 4 * H)
        ones = torch.tensor([0.0, 1.0, 0.0, 0.0])
        self.b = torch.nn.Parameter(ones.repeat_interleave(H))

    def forward(self, x_t, state):
        h, c = state
        gates = []
        for W_x, W_h, b in zip(self.W_x.chunk(4, 1), self.W_h.chunk(4, 1), self.b.chunk(4)):
            gates.append(x_t @ W_x + h @ W_h + b)
        i, f, o = (gates[k].sigmoid() for k in (0, 1, 3))
        c = f * c + i * gates[2].tanh()
        h = o * c.tanh()
        return h, c
""",
            "last_step": """
def last_step(h, squared_errors, lengths):
    last = torch.stack([row[n - 1] for row, n in zip(h, lengths.tolist())])
    valid = [e for row, n in zip(squared_errors, lengths) for e in row[:n]]
    return last, sum(valid) / len(valid)
""",
            "next_state": """
def next_state(state, is_new):
    keep = ~is_new[:, None]
    return state and tuple((s * keep).detach() for s in state)
""",
            "checkpoint": """
def save_checkpoint(*parts):
    parts = [p.state_dict() if hasattr(p, "state_dict") else p for p in parts]
    with io.BytesIO() as file:
        torch.save(dict(enumerate(parts)), file)
        return file.getvalue()

def load_checkpoint(data, *parts):
    with io.BytesIO(data) as file:
        saved = torch.load(file)
    for n, part in enumerate(parts):
        part.load_state_dict(saved[n])
    return [saved[n] for n in range(len(parts), len(saved))]
""",
            "training_step": """
def training_step(model, optimizer, x, y):
    forecast, _ = model(x)
    loss = (forecast - y).pow(2).mean()
    for p in model.parameters():
        p.grad = None
    loss.backward()
    optimizer.step()
    return float(loss)
""",
            "clip_gradients": """
def clip_gradients(model, max_norm):
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.stack([g.norm() for g in grads]).norm()
    scale = (max_norm / (norm + 1e-6)).clamp(max=1.0)
    torch._foreach_mul_(grads, scale)
    return norm.item()
""",
            "evaluate": """
@torch.no_grad()
def evaluate(model, x, y, batch_size=16):
    was_training = model.training
    try:
        model.eval()
        pieces = zip(x.split(batch_size), y.split(batch_size))
        errors = torch.cat([((model(a)[0] - b) ** 2).flatten() for a, b in pieces])
        return errors.mean().item()
    finally:
        model.train(was_training)
""",
        },
    ),
    Right(
        "closures-and-autograd",
        {
            "next_state": """
def next_state(state, is_new):
    def start(tensor):
        fresh = tensor.detach().clone()
        fresh[:, is_new] = 0
        return fresh

    return None if state is None else [start(tensor) for tensor in state]
""",
            "training_step": """
def training_step(model, optimizer, x, y):
    def closure():
        optimizer.zero_grad()
        loss = mse_loss(model(x)[0], y)
        loss.backward()
        return loss

    return optimizer.step(closure).item()
""",
            "clip_gradients": """
def clip_gradients(model, max_norm):
    square = 0.0
    for p in model.parameters():
        if p.grad is None:
            continue
        square += float(torch.sum(p.grad * p.grad))
    norm = square**0.5
    scale = min(1.0, max_norm / norm) if norm else 1.0
    for p in model.parameters():
        if p.grad is not None:
            p.grad = p.grad * scale
    return norm
""",
            "step_in_parts": """
def step_in_parts(model, optimizer, batches, max_norm=1.0):
    for p in model.parameters():
        p.grad = None
    total, count = 0.0, 0
    for x, y, lengths in batches:
        loss = 0.0
        for n, length in enumerate(lengths.tolist()):
            forecast, _ = model(x[n : n + 1, :length])
            loss = loss + ((forecast - y[n : n + 1, :length]) ** 2).sum()
            count += length
        loss.backward()
        total += loss.item()
    for p in model.parameters():
        p.grad /= count
    clip_gradients(model, max_norm)
    optimizer.step()
    return total / count
""",
            "train_chunks": """
def train_chunks(model, optimizer, x, y, chunk, max_norm=1.0):
    model.train()
    parameters = list(model.parameters())
    N, T = x.shape[:2]
    h = c = torch.zeros(1, N, model.lstm.hidden_size, dtype=x.dtype)
    losses = []
    t = 0
    while t < T:
        forecast, (h, c) = model(x[:, t : t + chunk], (h.detach(), c.detach()))
        loss = mse_loss(forecast, y[:, t : t + chunk])
        for p, g in zip(parameters, torch.autograd.grad(loss, parameters)):
            p.grad = g
        clip_gradients(model, max_norm)
        optimizer.step()
        losses.append(loss.item())
        t += chunk
    return losses, [h.detach(), c.detach()]
""",
        },
    ),
    Right(
        "classes-and-type-hints",
        {
            "last_step": """
def last_step(
    h: torch.Tensor, squared_errors: torch.Tensor, lengths: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    steps: torch.Tensor = torch.arange(1, h.shape[1] + 1).unsqueeze(0)  # (1, T)
    is_last = steps == lengths.unsqueeze(1)  # (N, T)
    kept = torch.where(steps <= lengths.unsqueeze(1), squared_errors, 0.0)
    return h[is_last], kept.sum() / lengths.sum()
""",
            "next_state": """
@torch.no_grad()
def next_state(state: tuple[torch.Tensor, ...] | None, is_new: torch.Tensor):
    if state is None:
        return None
    h, c = state
    new = is_new.view(1, -1, 1).expand_as(h)
    return torch.where(new, 0.0, h), torch.where(new, 0.0, c)
""",
            "evaluate": """
from contextlib import contextmanager
from collections.abc import Iterator


@contextmanager
def evaluating(model: torch.nn.Module) -> Iterator[None]:
    mode = model.training
    model.train(False)
    with torch.inference_mode():
        yield
    model.train(mode)


Tensor = torch.Tensor


def evaluate(model: torch.nn.Module, x: Tensor, y: Tensor, batch_size: int = 16) -> float:
    total, n = 0.0, x.size(0)
    with evaluating(model):
        for k in range(0, n, batch_size):
            part = slice(k, min(k + batch_size, n))
            forecast = model(x[part])[0]
            total += mse_loss(forecast, y[part], reduction="sum").item() / y[0].numel()
    return total / n
""",
            "fit": """
class EarlyStopping:
    def __init__(self, patience: int) -> None:
        self.patience, self.best, self.bad, self.weights = patience, float("inf"), 0, {}

    def better(self, loss: float, model: torch.nn.Module) -> None:
        if loss < self.best:
            self.best, self.bad = loss, 0
            self.weights = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            self.bad += 1

    @property
    def done(self) -> bool:
        return self.bad >= self.patience


def fit(model, optimizer, train_set, valid_set, epochs, patience):
    stopping, losses = EarlyStopping(patience), []
    while len(losses) < epochs and not stopping.done:
        train(model, optimizer, *train_set, epochs=1)
        losses.append(evaluate(model, *valid_set))
        stopping.better(losses[-1], model)
    model.load_state_dict(stopping.weights)
    return losses
""",
        },
    ),
    Right(
        "own-loop-inside-fit",
        {
            "fit": """
def fit(model, optimizer, train_set, valid_set, epochs, patience):
    x, y = train_set
    history, best_loss, best, waited = [], float("inf"), None, 0
    for epoch in range(epochs):
        model.train()
        for k in range(0, len(x), 16):
            optimizer.zero_grad()
            mse_loss(model(x[k : k + 16])[0], y[k : k + 16]).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            history.append(mse_loss(model(valid_set[0])[0], valid_set[1]).item())
        print(f"epoch {epoch + 1}: {history[-1]:.4f}")
        if history[-1] >= best_loss:
            waited += 1
            if waited == patience:
                break
            continue
        best_loss, waited = history[-1], 0
        best = [p.detach().clone() for p in model.parameters()]
    with torch.no_grad():
        for p, kept in zip(model.parameters(), best):
            p.copy_(kept)
    return history
""",
        },
    ),
    Right(
        "helpers-noise-and-other-languages",
        {
            "training_step": """
import sys
import warnings

def training_step(netz, optimierer, eingabe, ziel):
    # Vorwärts, rückwärts, Schritt — 一步一步来
    warnings.warn("nur eine Warnung", stacklevel=1)
    fehler = verlust(netz, eingabe, ziel)
    optimierer.zero_grad()
    fehler.backward()
    optimierer.step()
    print("Fehler:", fehler, file=sys.stderr)
    return fehler.detach().cpu().numpy().item()
""",
            "train": """
import numpy as np

def batches(x, y, size):
    for start in range(0, x.shape[0], size):
        yield x[start : start + size], y[start : start + size]

def train(model, optimizer, x, y, epochs=1, batch_size=16, max_norm=1.0):
    history = np.zeros(epochs)
    for epoch in range(epochs):
        model.train(True)
        for xb, yb in batches(x, y, batch_size):
            loss = verlust(model, xb, yb)
            optimizer.zero_grad()
            loss.backward()
            clip_gradients(model, max_norm)
            optimizer.step()
            history[epoch] += loss.item() * len(xb) / len(x)
    return list(history)
""",
        },
        extra="""
%matplotlib inline
import torch.nn.functional as F

def verlust(netz, x, y):
    return F.mse_loss(netz(x)[0], y)

torch.manual_seed(1)
x = y = model = optimizer = "names of mine"
verlust?
""",
    ),
]
