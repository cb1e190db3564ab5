"""Answers to the assignment torch_training: wrong ones, each with the points it loses, and right
ones in other styles.  A question that an entry does not name gets the course's own solution.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, Wrong, changed, wrong

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
            total += mse_loss(model(xb)[0], yb).item() * len(xb)
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


WRONG = [
    # Question 1
    wrong(
        "lstm_cell",
        "cell-weights-not-registered",
        1,
        "a plain tensor is invisible to the optimiser",
        CELL,
        ("torch.nn.Parameter(torch.empty(D, 4 * H).uniform_(-k, k))", "torch.empty(D, 4 * H)"),
        ("torch.nn.Parameter(torch.empty(H, 4 * H).uniform_(-k, k))", "torch.empty(H, 4 * H)"),
        ("torch.nn.Parameter(b)", "b"),
    ),
    wrong(
        "lstm_cell",
        "cell-bias-as-a-buffer",
        1,
        "b is not among the parameters",
        CELL,
        ("self.b = torch.nn.Parameter(b)", 'self.register_buffer("b", b)'),
        (
            "        h_prev, c_prev = state\n",
            '        h_prev, c_prev = state\n        self._buffers.pop("b", None)\n',
        ),
    ),
    wrong(
        "lstm_cell",
        "cell-drawn-from-a-normal-distribution",
        1,
        "W_x has the right shape but wrong values",
        CELL,
        ("torch.empty(D, 4 * H).uniform_(-k, k)", "k * torch.randn(D, 4 * H)"),
    ),
    wrong(
        "lstm_cell",
        "cell-drawn-from-zero-up",
        1,
        "the spread of W_h is not right",
        CELL,
        ("torch.empty(H, 4 * H).uniform_(-k, k)", "torch.empty(H, 4 * H).uniform_(0, k)"),
    ),
    wrong(
        "lstm_cell",
        "cell-forget-bias-zero",
        1,
        "the forget block starts at 1",
        CELL,
        ("        b[H : 2 * H] = 1.0\n", ""),
    ),
    wrong(
        "lstm_cell",
        "cell-forget-bias-in-the-first-block",
        1,
        "the ones belong to the forget gate",
        CELL,
        ("b[H : 2 * H] = 1.0", "b[:H] = 1.0"),
    ),
    wrong(
        "lstm_cell",
        "cell-weights-transposed",
        3,
        "W_x must have shape (20, 200), but yours has (200, 20)",
        CELL,
        ("torch.empty(D, 4 * H)", "torch.empty(4 * H, D)"),
        ("torch.empty(H, 4 * H)", "torch.empty(4 * H, H)"),
        ("x_t @ self.W_x + h_prev @ self.W_h", "x_t @ self.W_x.T + h_prev @ self.W_h.T"),
    ),
    wrong(
        "lstm_cell",
        "cell-gates-in-another-order",
        2,
        "the blocks stand in the order i, f, g, o",
        CELL,
        ("i, f, g, o = ", "i, f, o, g = "),
    ),
    wrong(
        "lstm_cell",
        "cell-returns-c-first",
        2,
        "this is c_t: return h_t first",
        CELL,
        (
            "return torch.sigmoid(o) * torch.tanh(c_t), c_t",
            "return c_t, torch.sigmoid(o) * torch.tanh(c_t)",
        ),
    ),
    wrong(
        "lstm_cell",
        "cell-shows-c-without-tanh",
        2,
        "h_t is the output gate times tanh(c_t)",
        CELL,
        ("torch.sigmoid(o) * torch.tanh(c_t), c_t", "torch.sigmoid(o) * c_t, c_t"),
    ),
    wrong(
        "lstm_cell",
        "cell-candidate-with-sigmoid",
        2,
        "the candidate takes tanh, not sigmoid",
        CELL,
        ("torch.tanh(g)", "torch.sigmoid(g)"),
    ),
    wrong(
        "lstm_cell",
        "cell-without-gradients",
        1,
        "no gradient leads back to the weights",
        CELL,
        ("    def forward", "    @torch.no_grad()\n    def forward"),
    ),
    wrong(
        "lstm_cell",
        "cell-with-the-old-cell-state-detached",  # the gradient does not pass through c
        1,
        "the gradient of c_prev",
        CELL,
        ("* c_prev +", "* c_prev.detach() +"),
    ),
    wrong(
        "lstm_cell",
        "cell-updates-the-state-in-place",
        2,
        "Your function changes an argument",
        CELL,
        (
            "c_t = torch.sigmoid(f) * c_prev + torch.sigmoid(i) * torch.tanh(g)",
            "c_t = c_prev.mul_(torch.sigmoid(f)).add_(torch.sigmoid(i) * torch.tanh(g))",
        ),
    ),
    # Question 2
    wrong(
        "last_step",
        "last-at-the-end-of-the-padding",
        1,
        "this is the end of the padding, not of the sequence",
        LAST,
        ("h[torch.arange(len(h)), lengths - 1]", "h[:, -1]"),
    ),
    wrong(
        "last_step",
        "last-one-too-far",
        2,
        "is out of bounds",
        LAST,
        ("lengths - 1", "lengths"),
    ),
    wrong(
        "last_step",
        "last-one-too-early",
        1,
        "one step too early",
        LAST,
        ("lengths - 1", "lengths - 2"),
    ),
    wrong(
        "last_step",
        "last-of-all-pairs",  # (N, N, H)
        1,
        "last must have shape (3, 1), but yours has (3, 3, 1)",
        LAST,
        ("h[torch.arange(len(h)), lengths - 1]", "h[:, lengths - 1]"),
    ),
    wrong(
        "last_step",
        "loss-with-the-padding",
        1,
        "the steps of the padding are in the mean",
        LAST,
        ("squared_errors[mask].mean()", "squared_errors.mean()"),
    ),
    wrong(
        "last_step",
        "loss-divided-by-all-steps",
        1,
        "divide by the number of valid steps, not by all",
        LAST,
        ("squared_errors[mask].mean()", "(squared_errors * mask).mean()"),
    ),
    wrong(
        "last_step",
        "loss-as-the-mean-of-means",
        1,
        "each valid step counts the same",
        LAST,
        (
            "squared_errors[mask].mean()",
            "torch.stack([e[:n].mean() for e, n in zip(squared_errors, lengths)]).mean()",
        ),
    ),
    wrong(
        "last_step",
        "loss-multiplied-by-the-mask",  # nan times zero is nan
        1,
        "loss where the padding is nan",
        LAST,
        ("squared_errors[mask].mean()", "(squared_errors * mask).sum() / mask.sum()"),
    ),
    wrong(
        "last_step",
        "loss-zeroes-the-padding-in-place",
        2,
        "Your function changes an argument",
        LAST,
        (
            "squared_errors[mask].mean()",
            "squared_errors.masked_fill_(~mask, 0.0).sum() / mask.sum()",
        ),
    ),
    # Question 3
    wrong(
        "training_step",
        "step-without-zero-grad",
        1,
        "old gradients are added",
        STEP,
        ("    optimizer.zero_grad()\n", ""),
    ),
    wrong(
        "training_step",
        "step-zeroes-after-backward",
        1,
        "the weights did not change",
        STEP,
        ("    optimizer.zero_grad()\n", ""),
        ("backward()\n", "backward()\n    optimizer.zero_grad()\n"),
    ),
    wrong(
        "training_step",
        "step-never-steps",
        1,
        "the optimiser's step comes last",
        STEP,
        ("    optimizer.step()\n", ""),
    ),
    wrong(
        "training_step",
        "step-returns-a-tensor",
        1,
        "must be a plain number (float), but yours is a Tensor: call .item() on it",
        STEP,
        ("loss.item()", "loss.detach()"),
    ),
    wrong(
        "training_step",
        "step-returns-the-loss-afterwards",
        1,
        "the loss after the step",
        STEP,
        ("return loss.item()", "return mse_loss(model(x)[0], y).item()"),
    ),
    wrong(
        "training_step",
        "step-sums",
        2,
        "this is the sum, not the mean",
        STEP,
        ("mse_loss(model(x)[0], y)", 'mse_loss(model(x)[0], y, reduction="sum")'),
    ),
    wrong(
        "training_step",
        "step-looks-at-the-last-forecast-only",
        2,
        "the first loss is not right",
        STEP,
        ("mse_loss(model(x)[0], y)", "mse_loss(model(x)[0][:, -1], y[:, -1])"),
    ),
    wrong(
        "training_step",
        "step-makes-its-own-optimiser",  # right for plain gradient descent with this rate
        1,
        "momentum",
        STEP,
        (
            "    optimizer.zero_grad()\n",
            "    optimizer = torch.optim.SGD(model.parameters(), lr=optimizer.param_groups[0]"
            '["lr"])\n    optimizer.zero_grad()\n',
        ),
    ),
    # Question 4
    wrong(
        "clip_gradients",
        "clip-each-parameter-alone",
        2,
        "each parameter is clipped alone",
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
    wrong(
        "clip_gradients",
        "clip-by-value",
        1,
        "did not change",
        CLIP,
        ("    if norm > max_norm:\n", "    if True:\n"),
        ("g.mul_(max_norm / norm)", "g.clamp_(-max_norm, max_norm)"),
    ),
    wrong(
        "clip_gradients",
        "clip-into-a-copy",
        1,
        "write the scaled values back",
        CLIP,
        ("g.mul_(max_norm / norm)", "g = g * (max_norm / norm)"),
    ),
    wrong(
        "clip_gradients",
        "clip-always",  # stretches small gradients
        1,
        "gradients with a small norm stay as they are",
        CLIP,
        ("if norm > max_norm:", "if norm > 0:"),
    ),
    wrong(
        "clip_gradients",
        "clip-divides-by-zero",
        1,
        "contains nan",
        """
def clip_gradients(model, max_norm):
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = sum((g * g).sum() for g in gradients).sqrt()
    for g in gradients:
        g /= norm  # the direction
        g *= min(norm.item(), max_norm)
    return norm.item()
""",
    ),
    wrong(
        "clip_gradients",
        "clip-returns-the-norm-afterwards",
        1,
        "return the norm before clipping",
        CLIP,
        ("return norm", "return min(norm, max_norm)"),
    ),
    wrong(
        "clip_gradients",
        "clip-squared-norm",
        2,
        "take the square root",
        CLIP,
        (".norm().item()", ".square().sum().item()"),
    ),
    wrong(
        "clip_gradients",
        "clip-trips-over-missing-gradients",
        2,
        "your code raised an AttributeError",
        CLIP,
        (" if p.grad is not None", ""),
    ),
    wrong(
        "clip_gradients",
        "clip-to-one",
        1,
        "multiply by max_norm as well",
        CLIP,
        ("max_norm / norm", "1 / norm"),
    ),
    # Question 5
    wrong(
        "train",
        "train-without-zero-grad",
        2,
        "gradients of earlier batches are added",
        TRAIN,
        ("            optimizer.zero_grad()\n", ""),
    ),
    wrong(
        "train",
        "train-zeroes-once-an-epoch",
        2,
        "set the gradients to zero in each batch, not in each epoch",
        TRAIN,
        ("            optimizer.zero_grad()\n", ""),
        ("        total = 0.0\n", "        total = 0.0\n        optimizer.zero_grad()\n"),
    ),
    wrong(
        "train",
        "train-without-clipping",
        2,
        "the gradients are not clipped",
        TRAIN,
        ("            clip_gradients(model, max_norm)\n", ""),
    ),
    wrong(
        "train",
        "train-clips-after-the-step",
        2,
        "the gradients are not clipped",
        TRAIN,
        ("            clip_gradients(model, max_norm)\n", ""),
        (
            "            optimizer.step()\n",
            "            optimizer.step()\n            clip_gradients(model, max_norm)\n",
        ),
    ),
    wrong(
        "train",
        "train-clips-each-parameter-alone",
        2,
        "each parameter is clipped alone",
        TRAIN,
        (
            "            clip_gradients(model, max_norm)\n",
            "            for p in model.parameters():\n"
            "                torch.nn.utils.clip_grad_norm_([p], max_norm)\n",
        ),
    ),
    wrong(
        "train",
        "train-clips-to-one-always",
        2,
        "clipped to 1, not to max_norm",
        TRAIN,
        ("clip_gradients(model, max_norm)", "clip_gradients(model, 1.0)"),
    ),
    wrong(
        "train",
        "train-drops-the-last-batch",
        2,
        "the last batch, which is smaller, is left out",
        TRAIN,
        ("range(0, len(x), batch_size)", "range(0, len(x) - batch_size + 1, batch_size)"),
    ),
    wrong(
        "train",
        "train-averages-over-batches",
        1,
        "a batch of 2 counts twice as much as a batch of 1",
        TRAIN,
        ("loss.item() * len(xb)", "loss.item()"),
        ("total / len(x)", "total / len(range(0, len(x), batch_size))"),
    ),
    wrong(
        "train",
        "train-adds-up-the-losses",
        1,
        "divide the sum by the number of examples",
        TRAIN,
        ("total / len(x)", "total"),
    ),
    wrong(
        "train",
        "train-returns-tensors",
        1,
        "must be a plain number (float), but yours is a Tensor: call .item() on it",
        TRAIN,
        ("loss.item() * len(xb)", "loss * len(xb)"),
    ),
    wrong(
        "train",
        "train-reports-the-last-batch",
        1,
        "this is the loss of the last batch",
        TRAIN,
        ("losses.append(total / len(x))", "losses.append(loss.item())"),
    ),
    wrong(
        "train",
        "train-lowers-the-rate",
        2,
        "leave the learning rate as it is",
        TRAIN,
        (
            "        losses.append",
            '        optimizer.param_groups[0]["lr"] *= 0.5\n        losses.append',
        ),
    ),
    wrong(
        "train",
        "train-in-reverse-order",
        2,
        "take the batches in their order",
        TRAIN,
        ("range(0, len(x), batch_size)", "reversed(range(0, len(x), batch_size))"),
    ),
    wrong(
        "train",
        "train-shuffles",
        2,
        "wrong values",
        TRAIN,
        (
            "        total = 0.0\n",
            "        total = 0.0\n        order = torch.randperm(len(x)).flip(0).roll(1)\n"
            "        order = order.argsort() if len(x) < 2 else torch.arange(len(x)).roll(1)\n"
            "        x, y = x[order], y[order]\n",
        ),
    ),
    wrong(
        "train",
        "train-in-evaluation-mode",
        1,
        "call model.train() before the first batch",
        TRAIN,
        ("    model.train()\n", ""),
    ),
    # Question 6
    wrong(
        "evaluate",
        "evaluate-with-dropout",
        1,
        "dropout is still on",
        EVALUATE,
        ("    model.eval()\n", ""),
    ),
    wrong(
        "evaluate",
        "evaluate-records-gradients",
        1,
        "gradients are recorded: use torch.no_grad()",
        EVALUATE,
        ("with torch.no_grad():", "if True:"),
    ),
    wrong(
        "evaluate",
        "evaluate-stays-in-evaluation-mode",
        1,
        "the model was in training mode before: put it back",
        EVALUATE,
        ("    model.train(mode)\n", ""),
    ),
    wrong(
        "evaluate",
        "evaluate-always-ends-in-training-mode",  # the visible test starts in training mode
        1,
        "put the model back into the mode it was in",
        EVALUATE,
        ("model.train(mode)", "model.train()"),
    ),
    wrong(
        "evaluate",
        "evaluate-averages-over-batches",
        1,
        "the mean of the batches' means",
        EVALUATE,
        (".item() * len(xb)", ".item()"),
        ("total / len(x)", "total / -(-len(x) // batch_size)"),
    ),
    wrong(
        "evaluate",
        "evaluate-drops-the-last-batch",
        1,
        "the last batch, which is smaller, is left out",
        EVALUATE,
        ("range(0, len(x), batch_size)", "range(0, len(x) // batch_size * batch_size, batch_size)"),
    ),
    wrong(
        "evaluate",
        "evaluate-adds-up",
        1,
        "divide the sum by the number of examples",
        EVALUATE,
        ("total / len(x)", "total"),
    ),
    # Question 7
    wrong(
        "train_chunks",
        "chunks-state-not-detached",
        2,
        "backward through the graph a second time",
        CHUNKS,
        ("        state = (state[0].detach(), state[1].detach())\n", ""),
    ),
    wrong(
        "train_chunks",
        "chunks-only-h-detached",
        2,
        "backward through the graph a second time",
        CHUNKS,
        ("state[1].detach()", "state[1]"),
    ),
    wrong(
        "train_chunks",
        "chunks-state-reset",
        2,
        "carry the state from chunk to chunk",
        CHUNKS,
        ("model(xc, state)", "model(xc)"),
    ),
    wrong(
        "train_chunks",
        "chunks-last-one-dropped",
        2,
        "the last chunk, which is shorter, is left out",
        CHUNKS,
        ("range(0, x.shape[1], chunk)", "range(0, x.shape[1] - chunk + 1, chunk)"),
    ),
    wrong(
        "train_chunks",
        "chunks-one-step-at-the-end",
        2,
        "do a step after each chunk",
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
    ),
    wrong(
        "train_chunks",
        "chunks-without-clipping",
        2,
        "the gradients are not clipped",
        CHUNKS,
        ("        clip_gradients(model, max_norm)\n", ""),
    ),
    wrong(
        "train_chunks",
        "chunks-gradients-added-up",
        2,
        "gradients of earlier chunks are added",
        CHUNKS,
        ("        optimizer.zero_grad()\n", ""),
    ),
    wrong(
        "train_chunks",
        "chunks-state-returned-with-its-graph",
        1,
        "return the state detached",
        CHUNKS,
        ("        state = (state[0].detach(), state[1].detach())\n", ""),
        (
            "        forecast, state = model(xc, state)\n",
            "        if state is not None:\n"
            "            state = (state[0].detach(), state[1].detach())\n"
            "        forecast, state = model(xc, state)\n",
        ),
    ),
    wrong(
        "train_chunks",
        "chunks-mean-loss-only",
        1,
        "losses must be a list of numbers, but yours is a float",
        CHUNKS,
        ("return losses, state", "return sum(losses) / len(losses), state"),
    ),
    wrong(
        "train_chunks",
        "chunks-in-evaluation-mode",
        1,
        "call model.train() before the first chunk",
        CHUNKS,
        ("    model.train()\n", ""),
    ),
    # Question 8
    wrong(
        "next_state",
        "state-never-reset",
        1,
        "nothing was reset",
        NEXT,
        ("h.detach().masked_fill(new, 0.0)", "h.detach()"),
        ("c.detach().masked_fill(new, 0.0)", "c.detach()"),
    ),
    wrong(
        "next_state",
        "state-c-not-reset",
        1,
        "c must be reset too, not h alone",
        NEXT,
        ("c.detach().masked_fill(new, 0.0)", "c.detach()"),
    ),
    wrong(
        "next_state",
        "state-reset-in-all-streams",
        2,
        "h has the right shape but wrong values",
        NEXT,
        ("h.detach().masked_fill(new, 0.0)", "torch.zeros_like(h)"),
        ("c.detach().masked_fill(new, 0.0)", "torch.zeros_like(c)"),
    ),
    wrong(
        "next_state",
        "state-reset-where-it-goes-on",
        2,
        "the wrong rows are zero",
        NEXT,
        ("new = is_new", "new = ~is_new"),
    ),
    wrong(
        "next_state",
        "state-reset-along-the-layers",
        2,
        "h must have shape (1, 3, 2)",
        NEXT,
        ("reshape(1, -1, 1)", "reshape(-1, 1, 1)"),
    ),
    wrong(
        "next_state",
        "state-with-its-graph",
        1,
        "still has its graph: detach it",
        NEXT,
        ("h.detach()", "h"),
        ("c.detach()", "c"),
    ),
    wrong(
        "next_state",
        "state-c-with-its-graph",
        1,
        "c still has its graph: detach it",
        NEXT,
        ("c.detach()", "c"),
    ),
    wrong(
        "next_state",
        "state-trips-over-none",
        1,
        "cannot unpack non-iterable NoneType",
        NEXT,
        ("    if state is None:\n        return None\n", ""),
    ),
    wrong(
        "next_state",
        "state-reset-in-place",
        2,
        "Your function changes an argument",
        NEXT,
        ("h.detach().masked_fill(", "h.detach().masked_fill_("),
    ),
    # Question 9
    wrong(
        "fit",
        "fit-keeps-a-reference",
        1,
        "state_dict() does not copy",
        FIT,
        ("copy.deepcopy(model.state_dict())", "model.state_dict()"),
    ),
    wrong(
        "fit",
        "fit-copies-the-dict-only",
        1,
        "state_dict() does not copy",
        FIT,
        ("copy.deepcopy(model.state_dict())", "dict(model.state_dict())"),
    ),
    wrong(
        "fit",
        "fit-ends-with-the-last-weights",
        1,
        "these are the weights of the last epoch",
        FIT,
        ("    model.load_state_dict(best)\n", ""),
    ),
    wrong(
        "fit",
        "fit-one-epoch-too-patient",
        1,
        "this stops one epoch too late",
        FIT,
        (">= patience", "> patience"),
    ),
    wrong(
        "fit",
        "fit-never-stops",
        1,
        "this does not stop",
        FIT,
        ("        if epoch - best_epoch >= patience:\n            break\n", ""),
    ),
    wrong(
        "fit",
        "fit-counts-bad-epochs-for-ever",  # the count starts again at every improvement
        2,
        "the loss rises and falls again",
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
    ),
    wrong(
        "fit",
        "fit-compares-with-the-epoch-before",
        2,
        "the losses where",
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
    ),
    wrong(
        "fit",
        "fit-takes-an-equal-loss-for-better",
        1,
        "nothing is learned",
        FIT,
        ("losses[epoch] < losses", "losses[epoch] <= losses"),
    ),
    wrong(
        "fit",
        "fit-watches-the-training-loss",
        2,
        "the losses",
        FIT,
        ("evaluate(model, *valid_set)", "evaluate(model, *train_set)"),
    ),
    wrong(
        "fit",
        "fit-returns-the-best-loss-only",
        1,
        "the losses must be a list of numbers, but yours is a float",
        FIT,
        ("return losses", "return min(losses)"),
    ),
    # Question 10
    wrong(
        "checkpoint",
        "checkpoint-of-the-weights-alone",
        1,
        "the optimiser holds the learning rate and the momentum",
        SAVE,
        ('    optimizer.load_state_dict(saved["optimizer"])\n', ""),
        ('    scheduler.load_state_dict(saved["scheduler"])\n', ""),
    ),
    wrong(
        "checkpoint",
        "checkpoint-without-the-optimiser",
        1,
        "the optimiser holds the learning rate and the momentum",
        SAVE,
        ('    optimizer.load_state_dict(saved["optimizer"])\n', ""),
    ),
    wrong(
        "checkpoint",
        "checkpoint-without-the-schedule",
        1,
        "the schedule started afresh",
        SAVE,
        ('    scheduler.load_state_dict(saved["scheduler"])\n', ""),
    ),
    wrong(
        "checkpoint",
        "checkpoint-without-the-weights",
        1,
        "the weights of the model did not change",
        SAVE,
        ('    model.load_state_dict(saved["model"])\n', ""),
    ),
    wrong(
        "checkpoint",
        "checkpoint-into-a-new-model",  # the caller's stays as it was
        1,
        "the weights of the model did not change",
        SAVE,
        (
            '    model.load_state_dict(saved["model"])\n',
            '    model = copy.deepcopy(model)\n    model.load_state_dict(saved["model"])\n',
        ),
    ),
    wrong(
        "checkpoint",
        "checkpoint-of-references",  # state_dict() does not copy
        1,
        "these are the weights now, not those when it was saved",
        """
KEPT = {}

def save_checkpoint(model, optimizer, scheduler, generator_state, epoch):
    KEPT["all"] = model.state_dict(), optimizer.state_dict(), scheduler.state_dict()
    KEPT["rest"] = generator_state, epoch
    return b"all"

def load_checkpoint(data, model, optimizer, scheduler):
    weights, memory, schedule = KEPT["all"]
    model.load_state_dict(weights)
    optimizer.load_state_dict(memory)
    scheduler.load_state_dict(schedule)
    return KEPT["rest"]
""",
    ),
    wrong(
        "checkpoint",
        "checkpoint-without-the-generator",
        1,
        "leads to another order of the examples",
        SAVE,
        ('"generator": generator_state', '"generator": torch.Generator().get_state()'),
    ),
    wrong(
        "checkpoint",
        "checkpoint-one-epoch-too-many",
        1,
        "the epoch is not right",
        SAVE,
        ('"epoch": epoch,', '"epoch": epoch + 1,'),
    ),
    wrong(
        "checkpoint",
        "checkpoint-returns-the-buffer",
        3,
        "return bytes: buffer.getvalue()",
        SAVE,
        ("return buffer.getvalue()", "return buffer"),
    ),
    wrong(
        "checkpoint",
        "checkpoint-in-half-precision",  # nearly the same is not the same
        1,
        "the weights after loading has the right shape but wrong values",
        SAVE,
        (
            '"model": model.state_dict()',
            '"model": {name: v.bfloat16() for name, v in model.state_dict().items()}',
        ),
    ),
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
        "is the return statement missing?",
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
State = tuple[torch.Tensor, torch.Tensor]


@torch.no_grad()
def next_state(state: State | None, is_new: torch.Tensor) -> State | None:
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
