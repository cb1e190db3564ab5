"""The answers to ``torch_training``, as later questions and hidden tests use them.

Made from solutions/torch_training/torch_training.py by `make exercises`: edit that file, not this one.
"""

import copy
import io
import torch
from torch.nn.functional import mse_loss


class LSTMCell(torch.nn.Module):
    """One step of an LSTM with D input features and H hidden units.

    Attributes
    ----------
    W_x : parameter (D, 4H)
    W_h : parameter (H, 4H)
    b : parameter (4H,)
        The blocks of the gates stand in the order i, f, g, o.

    Hint: ``torch.nn.Parameter(tensor)`` as an attribute is all that it takes to register a
    parameter; ``torch.empty(3, 2).uniform_(-1, 1)`` draws a tensor.
    """

    def __init__(self, D, H):
        super().__init__()
        bound = H**-0.5
        self.W_x = torch.nn.Parameter(torch.empty(D, 4 * H).uniform_(-bound, bound))
        self.W_h = torch.nn.Parameter(torch.empty(H, 4 * H).uniform_(-bound, bound))
        self.b = torch.nn.Parameter(torch.zeros(4 * H))
        self.b.data[H : 2 * H] = 1.0

    def forward(self, x_t, state):
        """Return ``h_t`` and ``c_t``, both (N, H), from x_t (N, D) and the state before it.

        ``state`` is a tuple of ``h_prev`` and ``c_prev``, both (N, H).
        Hint: ``a.chunk(4, dim=1)`` cuts a tensor into its four blocks.
        """
        h_prev, c_prev = state
        a = x_t @ self.W_x + h_prev @ self.W_h + self.b
        a_i, a_f, a_g, a_o = a.chunk(4, dim=1)
        c_t = a_f.sigmoid() * c_prev + a_i.sigmoid() * a_g.tanh()
        h_t = a_o.sigmoid() * c_t.tanh()
        return h_t, c_t


def last_step(h, squared_errors, lengths):
    """Read padded sequences at their last valid step, and average over the valid steps.

    Parameters
    ----------
    h : tensor (N, T, H)
        The hidden states after each step.
    squared_errors : tensor (N, T)
        One for each step, also for the steps of the padding.
    lengths : tensor (N,) of whole numbers, 1 to T
        The first ``lengths[n]`` steps of sequence n are valid.

    Returns
    -------
    last : tensor (N, H)
        The hidden state after the last valid step of each sequence.
    loss : tensor without axes
        The mean of the squared errors over all valid steps.

    Hint: ``h[rows, columns]`` picks one entry for each pair of row and column;
    ``torch.arange(T) < lengths[:, None]`` is a mask (N, T).
    """
    N, T = squared_errors.shape
    last = h[torch.arange(N), lengths - 1]
    mask = torch.arange(T) < lengths[:, None]
    return last, squared_errors[mask].mean()


def training_step(model, optimizer, x, y):
    """Do one step of the optimiser.

    Parameters
    ----------
    model : module
        ``model(x)`` returns the forecast (N, T, 1) and a state, which is not needed here.
    optimizer : optimiser
        It holds the parameters of ``model``.
    x, y : tensors (N, T, D) and (N, T, 1)

    Returns
    -------
    loss : float
        The mean squared error before the step.

    Hint: four lines, one for each part; ``.item()`` makes a number of a tensor with one entry.
    """
    optimizer.zero_grad()
    loss = mse_loss(model(x)[0], y)
    loss.backward()
    optimizer.step()
    return loss.item()


def clip_gradients(model, max_norm):
    """Scale the gradients of a model so that their joint norm is at most ``max_norm``.

    Gradients with a smaller norm, also those that are all zero, stay as they are.

    Parameters
    ----------
    model : module
        Each parameter ``p`` has its gradient in ``p.grad``, or None if it has no gradient.
    max_norm : float

    Returns
    -------
    norm : float
        The joint norm before clipping.

    Hint: collect the gradients that are not None in a list first.
    """
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = sum((gradient**2).sum().item() for gradient in gradients) ** 0.5
    if norm > max_norm:
        for gradient in gradients:
            gradient *= max_norm / norm
    return norm


def train(model, optimizer, x, y, epochs=1, batch_size=16, max_norm=1.0):
    """Train a model in batches, with clipped gradients.

    Parameters
    ----------
    model, optimizer
        As in question 3.  The model may have been left in evaluation mode: set it to training
        mode first.
    x, y : tensors (N, T, D) and (N, T, 1)
    epochs, batch_size : int
    max_norm : float
        For ``clip_gradients``.

    Returns
    -------
    losses : list of ``epochs`` floats
        The mean loss over the examples in each epoch.

    Hint: ``x[start : start + batch_size]`` ends by itself where ``x`` ends.
    """
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch_size):
            x_batch, y_batch = x[start : start + batch_size], y[start : start + batch_size]
            optimizer.zero_grad()
            loss = mse_loss(model(x_batch)[0], y_batch)
            loss.backward()
            clip_gradients(model, max_norm=max_norm)
            optimizer.step()
            total += loss.item() * len(x_batch)
        losses.append(total / len(x))
    return losses


def evaluate(model, x, y, batch_size=16):
    """Return the mean loss of a model over all examples.

    Parameters
    ----------
    model : module
        ``model.training`` tells its mode.  It is the same before and after the call.
    x, y : tensors (N, T, D) and (N, T, 1)
    batch_size : int
        The last batch may be smaller.

    Returns
    -------
    loss : float
        The mean over the examples: the same for every ``batch_size``.

    Hint: keep ``model.training`` in a variable; ``model.train(mode)`` takes True or False.
    """
    was_training = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(x), batch_size):
            x_batch, y_batch = x[start : start + batch_size], y[start : start + batch_size]
            total += mse_loss(model(x_batch)[0], y_batch).item() * len(x_batch)
    model.train(was_training)
    return total / len(x)


def train_chunks(model, optimizer, x, y, chunk, max_norm=1.0):
    """Train once through long sequences, one chunk of time steps after the other.

    Parameters
    ----------
    model : module
        ``model(x_chunk, state)`` returns the forecast and the new state, a tuple of two
        tensors; at the start the state is None.  Set the model to training mode first.
    optimizer : optimiser
    x, y : tensors (N, T, D) and (N, T, 1)
        All N sequences go through the model together.
    chunk : int
        Time steps in a chunk.
    max_norm : float
        For ``clip_gradients``.

    Returns
    -------
    losses : list of floats
        The mean squared error of each chunk.
    state : tuple of two tensors (1, N, H)
        The state after the last chunk, detached.

    Hint: both tensors of the state must be detached, or the next ``backward`` fails.
    """
    model.train()
    losses, state = [], None
    for start in range(0, x.shape[1], chunk):
        forecast, state = model(x[:, start : start + chunk], state)
        loss = mse_loss(forecast, y[:, start : start + chunk])
        optimizer.zero_grad()
        loss.backward()
        clip_gradients(model, max_norm=max_norm)
        optimizer.step()
        state = tuple(tensor.detach() for tensor in state)
        losses.append(loss.item())
    return losses, state


def next_state(state, is_new):
    """Return the state with which the next chunk starts.

    Parameters
    ----------
    state : tuple (h, c) of two tensors (L, N, H), or None
        The state after the last chunk, perhaps with its graph; None before the first chunk.
    is_new : tensor (N,) of bool
        Whether a new sequence begins in the stream.

    Returns
    -------
    state : tuple (h, c) of two tensors (L, N, H), or None
        Zero where a sequence begins, carried where it goes on, and detached.  None stays None.

    Hint: the axis of the batch is the second one; ``torch.where`` and ``masked_fill`` make new
    tensors, an assignment to ``h[...]`` would change the one that the caller still needs.
    """
    if state is None:
        return None
    new = is_new[None, :, None]
    return tuple(tensor.detach().masked_fill(new, 0.0) for tensor in state)


def fit(model, optimizer, train_set, valid_set, epochs, patience):
    """Train with early stopping.

    Parameters
    ----------
    model, optimizer
        As in question 3.
    train_set, valid_set : tuples (x, y) of tensors
    epochs : int
        The largest number of epochs, at least 1.
    patience : int
        Stop after this many epochs in a row without a loss lower than the best, at least 1.
        An equal loss is not lower.

    Returns
    -------
    losses : list of floats
        The validation loss after each epoch that was run.  The model holds the weights of
        the epoch with the lowest one.

    Hint: ``train``, with its default settings, is one epoch; ``evaluate`` is at hand, and so is
    ``copy.deepcopy``.
    """
    losses = []
    best, weights_of_best, waited = float("inf"), None, 0
    for _ in range(epochs):
        train(model, optimizer, *train_set)
        losses.append(evaluate(model, *valid_set))
        waited += 1
        if losses[-1] < best:
            best, weights_of_best, waited = losses[-1], copy.deepcopy(model.state_dict()), 0
        if waited == patience:
            break
    model.load_state_dict(weights_of_best)
    return losses


def save_checkpoint(model, optimizer, scheduler, generator_state, epoch):
    """Return all that is needed to go on, as bytes.

    Parameters
    ----------
    model, optimizer, scheduler
        Each has a ``state_dict()``.
    generator_state : tensor of bytes
        What ``generator.get_state()`` returned.
    epoch : int
        The number of epochs done.
    """
    buffer = io.BytesIO()
    states = [thing.state_dict() for thing in (model, optimizer, scheduler)]
    torch.save([*states, generator_state, epoch], buffer)
    return buffer.getvalue()


def load_checkpoint(data, model, optimizer, scheduler):
    """Put what ``save_checkpoint`` returned into a model, an optimiser and a schedule.

    Returns
    -------
    generator_state : tensor of bytes
    epoch : int

    Hint: ``torch.load(io.BytesIO(data), weights_only=True)``, then ``load_state_dict``.
    """
    *states, generator_state, epoch = torch.load(io.BytesIO(data), weights_only=True)
    for thing, state in zip((model, optimizer, scheduler), states, strict=True):
        thing.load_state_dict(state)
    return generator_state, epoch


def step_in_parts(model, optimizer, batches, max_norm=1.0):
    """Do one step of the optimiser with the gradients of several padded batches.

    Parameters
    ----------
    model, optimizer
        As in question 3.
    batches : sequence of tuples (x, y, lengths)
        The tensors x (N, T, D), y (N, T, 1) and lengths (N,), with other N and T in each batch;
        the first ``lengths[n]`` steps of sequence n are valid.
    max_norm : float
        For ``clip_gradients``.

    Returns
    -------
    loss : float
        The mean of the squared errors over all valid steps of all batches, before the step.

    Hint: call ``backward`` once for each batch, so that only one graph is kept at a time.
    """
    valid = sum(lengths.sum().item() for _, _, lengths in batches)
    optimizer.zero_grad()
    total = 0.0
    for x, y, lengths in batches:
        mask = torch.arange(x.shape[1]) < lengths[:, None]  # (N, T)
        squared_errors = (model(x)[0] - y)[:, :, 0] ** 2  # (N, T)
        loss = squared_errors[mask].sum() / valid
        loss.backward()
        total += loss.item()
    clip_gradients(model, max_norm=max_norm)
    optimizer.step()
    return total
