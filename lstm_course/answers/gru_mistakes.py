"""What is known to go wrong in ``gru``: sentences, and changes of the answer.

Made from solutions/gru/bank.py by `make exercises`: edit that file, not this one.
"""

candidate = [
    ('the form is the same whatever reset_after says: only its own form is right', [[('(r * h_prev) @ W_hg + b_hg', 'r * (h_prev @ W_hg + b_hg)')], [('r * (h_prev @ W_hg + b_hg)', '(r * h_prev) @ W_hg + b_hg')]]),
    ('the two forms are exchanged', [[('if reset_after', 'if not reset_after')]]),
    ('with reset_after=True the gate multiplies b_hg too: it belongs into the brackets', [[('r * (h_prev @ W_hg + b_hg)', 'r * (h_prev @ W_hg) + b_hg')]]),
    ('with reset_after=False b_hg is not multiplied by the gate', [[('(r * h_prev) @ W_hg + b_hg', '(r * h_prev) @ W_hg + r * b_hg')]]),
    ('the reset gate is missing', [[('r * (h_prev @ W_hg + b_hg)', 'h_prev @ W_hg + b_hg'), ('(r * h_prev) @ W_hg', 'h_prev @ W_hg')]]),
    ('the tanh is missing', [[('np.tanh(from_x + r * (h_prev @ W_hg + b_hg))', 'from_x + r * (h_prev @ W_hg + b_hg)'), ('np.tanh(from_x + (r * h_prev) @ W_hg + b_hg)', 'from_x + (r * h_prev) @ W_hg + b_hg')]]),
    ('the candidate goes through tanh, not through the sigmoid', [[('np.tanh(from_x + r', 'sigmoid(from_x + r'), ('np.tanh(from_x + (r', 'sigmoid(from_x + (r')]]),
    ("the gate does not touch the input: it multiplies the state's part alone", [[('np.tanh(from_x + r *', 'np.tanh(r * from_x + r *'), ('np.tanh(from_x + (r', 'np.tanh(r * from_x + (r')], [('from_x + r * (h_prev @ W_hg + b_hg)', 'r * (from_x + h_prev @ W_hg + b_hg)'), ('from_x + (r * h_prev) @ W_hg', 'r * from_x + (r * h_prev) @ W_hg')]]),
    ('W_hg is transposed: h_prev stands on its left', [[('(h_prev @ W_hg + b_hg)', '(h_prev @ W_hg.T + b_hg)'), ('(r * h_prev) @ W_hg', '(r * h_prev) @ W_hg.T')]]),
    ('the bias b_xg is missing', [[('x_t @ W_xg + b_xg', 'x_t @ W_xg')]]),
    ('the bias b_hg is missing', [[('(h_prev @ W_hg + b_hg)', '(h_prev @ W_hg)'), ('@ W_hg + b_hg)\n', '@ W_hg)\n')]]),
    ('the gate is r itself, not 1 - r', [[('r * (h_prev', '(1.0 - r) * (h_prev'), ('(r * h_prev)', '((1.0 - r) * h_prev)')]]),
    ('your function changes its argument h_prev', [[('    return np.tanh(from_x + (r * h_prev)', '    h_prev *= r\n    return np.tanh(from_x + h_prev')]]),
]

gru_step = [
    ('a large z keeps the old state here: z multiplies h_prev, 1 - z the candidate', [[('z * h_prev + (1.0 - z) * g', '(1.0 - z) * h_prev + z * g')]]),
    ('r and z are exchanged: the blocks stand in the order r, z, g', [[('r, z = sigmoid', 'z, r = sigmoid')]]),
    ('the candidate is reset by r, not by z', [[('candidate(x_t, h_prev, r,', 'candidate(x_t, h_prev, z,')]]),
    ('the bias b_h is missing in the gates', [[('x_t @ W_x + b_x + h_prev @ W_h + b_h', 'x_t @ W_x + b_x + h_prev @ W_h')]]),
    ('the bias b_x is missing in the gates', [[('x_t @ W_x + b_x + h_prev', 'x_t @ W_x + h_prev')]]),
    ('the gates read h_prev too: add h_prev @ W_h', [[('x_t @ W_x + b_x + h_prev @ W_h + b_h', 'x_t @ W_x + b_x + b_h')]]),
    ('the gates go through the sigmoid, not through tanh', [[('sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H])', 'np.tanh(a[:, :H]), np.tanh(a[:, H : 2 * H])')]]),
    ('the sigmoid of the gates is missing', [[('sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H])', 'a[:, :H], a[:, H : 2 * H]')]]),
    ('use the candidate with reset_after=True', [[('*last, True)', '*last, False)')]]),
    ('the candidate has no reset gate: it is no plain tanh of the last block', [[('g = candidate(x_t, h_prev, r, *last, True)', 'g = np.tanh(a[:, 2 * H :])')]]),
    ('the candidate must be weighted with 1 - z', [[('(1.0 - z) * g', 'g')]]),
    ('the old state must be weighted with z', [[('z * h_prev +', 'h_prev +')]]),
    ('z weighs the average, not r', [[('z * h_prev + (1.0 - z) * g', 'r * h_prev + (1.0 - r) * g')]]),
    ('the results stand in the order h_t, r, z, g', [[('(1.0 - z) * g, r, z, g', '(1.0 - z) * g, z, r, g')]]),
    ('gru_step must return 4 values, (h_t, r, z, g)', [[('(1.0 - z) * g, r, z, g', '(1.0 - z) * g')]]),
    ('the last block belongs to the candidate: this takes the first one', [[('array[..., 2 * H :]', 'array[..., :H]')]]),
]

gru_forward = [
    ('time stands second: stack along axis 1', [[('axis=1', 'axis=0')]]),
    ('start from h0, not from zeros', [[('h_t, h = h0, []', 'h_t, h = np.zeros_like(h0), []')]]),
    ('each step starts from h0: carry h_t on', [[('gru_step(x[:, t], h_t,', 'gru_step(x[:, t], h0,')]]),
    ('leave h0 out: h has T columns', [[('h_t, h = h0, []', 'h_t, h = h0, [h0]')]]),
    ('this is the state before each step, not after it', [[('        h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]\n        h.append(h_t)', '        h.append(h_t)\n        h_t = gru_step(x[:, t], h_t, W_x, W_h, b_x, b_h)[0]')]]),
    ('this is the last state only: keep them all', [[('return np.stack(h, axis=1)', 'return h_t')]]),
    ('the sequence is read from its end: start with t = 0', [[('range(x.shape[1])', 'reversed(range(x.shape[1]))')]]),
    ('the last step is left out', [[('range(x.shape[1])', 'range(x.shape[1] - 1)'), ('np.stack(h, axis=1)', 'np.stack(h or [h_t], axis=1)')]]),
    ('the first step is left out', [[('range(x.shape[1])', 'range(1, x.shape[1])'), ('np.stack(h, axis=1)', 'np.stack(h or [h_t], axis=1)')]]),
    ('every step reads the first column of x: take x[:, t]', [[('x[:, t]', 'x[:, 0]')]]),
    ('the loop goes over the examples: T is x.shape[1]', [[('range(x.shape[1])', 'range(x.shape[0])')]]),
    ('x[t] is one example: the steps are x[:, t]', [[('x[:, t]', 'x[t]')]]),
    ('h holds the states alone: gru_step returns four results, and the first is h_t', [[('W_x, W_h, b_x, b_h)[0]', 'W_x, W_h, b_x, b_h)')]]),
    ('concatenate joins the steps along the features: stack them', [[('np.stack(h, axis=1)', 'np.concatenate(h, axis=1)')]]),
    ('h must be a NumPy array, but yours is a list', [[('np.stack(h, axis=1)', 'h')]]),
]

flip_update_gate = [
    ('the biases take part too', [[('b_x * sign, b_h * sign', 'b_x.copy(), b_h.copy()')]]),
    ('b_h takes part too', [[('b_h * sign', 'b_h.copy()')]]),
    ('b_x takes part too', [[('b_x * sign', 'b_x.copy()')]]),
    ('the recurrent weights take part too', [[('W_h * sign', 'W_h.copy()')]]),
    ('the input weights take part too', [[('W_x * sign', 'W_x.copy()')]]),
    ('this is the block of the reset gate', [[('sign[H : 2 * H]', 'sign[:H]')]]),
    ('this is the block of the candidate', [[('sign[H : 2 * H]', 'sign[2 * H :]')]]),
    ('change only the block of the update gate', [[('sign[H : 2 * H]', 'sign[:]')]]),
    ('the candidate stays as it is: change the update gate alone', [[('sign[H : 2 * H]', 'sign[H:]')]]),
    ('the reset gate stays as it is: change the update gate alone', [[('sign[H : 2 * H]', 'sign[: 2 * H]')]]),
    ('1 - sigma(a) is sigma(-a): turn the sign, do not subtract from 1', ['\ndef flip_update_gate(W_x, W_h, b_x, b_h):\n    H = len(W_h)\n    new = [array.copy() for array in (W_x, W_h, b_x, b_h)]\n    for array in new:\n        array[..., H : 2 * H] = 1 - array[..., H : 2 * H]\n    return tuple(new)\n', '\ndef flip_update_gate(W_x, W_h, b_x, b_h):\n    H = len(W_h)\n    new = [array.copy() for array in (W_x, W_h, b_x, b_h)]\n    new[2][H : 2 * H] = 1 - new[2][H : 2 * H]\n    new[3][H : 2 * H] = 1 - new[3][H : 2 * H]\n    new[0][:, H : 2 * H] *= -1\n    new[1][:, H : 2 * H] *= -1\n    return tuple(new)\n']),
    ('the update gate is not set to zero: turn its sign', [[('= -1.0', '= 0.0')]]),
    ('H is the number of units, which is len(W_h), not len(W_x)', [[('len(W_h)', 'len(W_x)')]]),
    ('your function changes its arguments W_x and W_h and b_x and b_h', ['\ndef flip_update_gate(W_x, W_h, b_x, b_h):\n    H = len(W_h)\n    for array in (W_x, W_h, b_x, b_h):\n        array[..., H : 2 * H] *= -1\n    return W_x, W_h, b_x, b_h\n']),
    ('rows and columns are mixed: the blocks are columns of the matrices', ['\ndef flip_update_gate(W_x, W_h, b_x, b_h):\n    H = len(W_h)\n    new = [array.copy() for array in (W_x, W_h, b_x, b_h)]\n    for array in new:\n        array[H : 2 * H] *= -1\n    return tuple(new)\n']),
]

torch_to_keras = [
    ('the blocks of Keras stand in the order z, r, h', [[('[z, r, n]', '[r, z, n]')], [('[z, r, n]', '[n, z, r]')], [('[z, r, n]', '[z, n, r]')], [('[z, r, n]', '[n, r, z]')], [('[z, r, n]', '[r, n, z]')]]),
    ('a GRU needs both biases: do not add them', [[('return tuple(moved)', 'return moved[0], moved[1], moved[2].sum(axis=0)')]]),
    ('the first row is the bias of the input', [[('np.stack([bias_ih, bias_hh])', 'np.stack([bias_hh, bias_ih])')]]),
    ('the biases stand below one another, in two rows, not one after the other', [[('return tuple(moved)', 'return moved[0], moved[1], moved[2].reshape(-1)')]]),
    ('the biases stand in rows, not in columns: (2, 3H)', [[('return tuple(moved)', 'return moved[0], moved[1], moved[2].T')]]),
    ('the blocks of the biases are exchanged too', [[('return tuple(moved)', 'return moved[0], moved[1], np.stack([bias_ih, bias_hh])')]]),
    ("Keras stores the transpose of PyTorch's matrices", [[('return tuple(moved)', 'return moved[0].T, moved[1].T, moved[2]')]]),
    ("Keras stores the transpose of PyTorch's weight_hh too", [[('return tuple(moved)', 'return moved[0], moved[1].T, moved[2]')], '\ndef torch_to_keras(weight_ih, weight_hh, bias_ih, bias_hh):\n    def swap(array):\n        r, z, n = np.split(array, 3)\n        return np.concatenate([z, r, n])\n\n    return swap(weight_ih).T, swap(weight_hh), np.stack([swap(bias_ih), swap(bias_hh)])\n']),
    ('transpose, do not reshape', [[('for array in (weight_ih.T, weight_hh.T,', 'for array in (weight_ih.reshape(-1, len(weight_ih)), weight_hh.reshape(-1, len(weight_hh)),')], '\ndef torch_to_keras(weight_ih, weight_hh, bias_ih, bias_hh):\n    def swap(array):\n        r, z, n = np.split(array, 3)\n        return np.concatenate([z, r, n])\n\n    kernel, recurrent = swap(weight_ih), swap(weight_hh)\n    bias = np.stack([swap(bias_ih), swap(bias_hh)])\n    return kernel.reshape(-1, len(kernel)), recurrent.reshape(-1, len(recurrent)), bias\n']),
    ('the kernel of the input comes first', [[('return tuple(moved)', 'return moved[1], moved[0], moved[2]')]]),
    ('the blocks of recurrent_kernel are exchanged too', [[('return tuple(moved)', 'return moved[0], weight_hh.T, moved[2]')]]),
    ('the blocks of kernel are exchanged too', [[('return tuple(moved)', 'return weight_ih.T, moved[1], moved[2]')]]),
    ('carry the numbers as they are: 1 - z is for the papers, not for Keras', [[('[z, r, n]', '[-z, r, n]')]]),
]

step_backward = [
    ('the average reads h_prev too: add dh_t * z', [[('dh_t * z + da_h @', 'da_h @')]]),
    ('the gates and the candidate read h_prev too: add da_h @ W_h.T', [[('dh_t * z + da_h @ cache["W_h"].T', 'dh_t * z')]]),
    ('the average hands on dh_t * z, not dh_t', [[('dh_t * z +', 'dh_t +')], [('dh_t * z +', 'dh_t * (1.0 - z) +')]]),
    ("the candidate's block of da_h has passed the reset gate: multiply it by r", [[('da_g * r]', 'da_g]')]]),
    ('the input does not pass the reset gate: use da_x for dx_t and dW_x', [[('np.concatenate([da_r, da_z, da_g], axis=1)', 'np.concatenate([da_r, da_z, da_g * r], axis=1)')]]),
    ('dz is multiplied by h_prev - g, not by g - h_prev', [[('(h_prev - g)', '(g - h_prev)')]]),
    ('dz has two terms: h_prev - g, not h_prev alone', [[('(h_prev - g)', 'h_prev')]]),
    ('g is weighted with 1 - z in the average, so dg is dh_t * (1 - z)', [[('dh_t * (1.0 - z) * (1.0 - g**2)', 'dh_t * z * (1.0 - g**2)')], [('dh_t * (1.0 - z) * (1.0 - g**2)', 'dh_t * (1.0 - g**2)')]]),
    ('g is a tanh already: its slope is 1 - g**2', [[('1.0 - g**2', '1.0 - np.tanh(g) ** 2')], [('(1.0 - g**2)', 'g * (1.0 - g)')]]),
    ('the slope of the tanh is missing', [[(' * (1.0 - g**2)', '')]]),
    ("the slope of the update gate's sigmoid is missing", [[('(h_prev - g) * z * (1.0 - z)', '(h_prev - g)')]]),
    ("the slope of the reset gate's sigmoid is missing", [[('cache["h_g"] * r * (1.0 - r)', 'cache["h_g"]')]]),
    ('r multiplied h_g, so dr is da_g * h_g', [[('da_g * cache["h_g"]', 'da_g * h_prev')], [('da_g * cache["h_g"]', 'da_g')], [('da_g * cache["h_g"]', 'dh_t * (1.0 - z) * cache["h_g"]')]]),
    ('db_h is the sum of da_h, not of da_x', [[('da_h.sum(axis=0)', 'da_x.sum(axis=0)')]]),
    ('add over the batch, do not average', [[('da_x.sum(axis=0), da_h.sum(axis=0)', 'da_x.mean(axis=0), da_h.mean(axis=0)')], [('cache["x_t"].T @ da_x, h_prev.T @ da_h', 'cache["x_t"].T @ da_x / len(z), h_prev.T @ da_h / len(z)'), ('da_x.sum(axis=0), da_h.sum(axis=0)', 'da_x.mean(axis=0), da_h.mean(axis=0)')]]),
    ('dW_h is made with da_h, which has passed the reset gate', [[('h_prev.T @ da_h', 'h_prev.T @ da_x')]]),
    ('the blocks stand in the order r, z, g', [[('[da_r, da_z, da_g]', '[da_z, da_r, da_g]'), ('[da_r, da_z, da_g * r]', '[da_z, da_r, da_g * r]')]]),
    ('dh_prev comes from da_h, which has passed the reset gate', [[('da_h @ cache["W_h"].T', 'da_x @ cache["W_h"].T')]]),
    ('db_x and db_h are sums over the batch: axis 0', [[('da_x.sum(axis=0), da_h.sum(axis=0)', 'da_x.sum(axis=1), da_h.sum(axis=1)')]]),
]

average_weights = [
    ('what a step writes is weighted with 1 - z of that step', [[('w[:, 1:] = 1.0 - z\n', 'w[:, 1:] = z\n')], [('    w[:, 1:] = 1.0 - z\n', '')]]),
    ('a large z keeps: what was there is multiplied by z, not by 1 - z', [[('*= z[:, t : t + 1]', '*= 1.0 - z[:, t : t + 1]')]]),
    ('the conventions are exchanged: here a large z keeps', [[('1.0 - z\n', 'z\n'), ('*= z[:, t : t + 1]', '*= 1.0 - z[:, t : t + 1]')]]),
    ('the gate of step t itself does not multiply what step t has just written', [[('w[:, : t + 1] *=', 'w[:, : t + 2] *=')]]),
    ('h0 is multiplied by the gates of all steps', [[('w[:, : t + 1] *=', 'w[:, 1 : t + 1] *=')]]),
    ('every step after the writing multiplies, not the next one alone', [[('w[:, : t + 1] *= z', 'w[:, t : t + 1] *= z')]]),
    ('the steps after the writing multiply, not those before it', ['\ndef average_weights(z):\n    N, T, H = z.shape\n    w = np.ones((N, T + 1, H), dtype=z.dtype)\n    w[:, 0] = z.prod(axis=1)\n    w[:, 1:] = 1.0 - z\n    for t in range(1, T):\n        w[:, t + 1] *= z[:, :t].prod(axis=1)\n    return w\n']),
    ('the last step multiplies too', [[('for t in range(T)', 'for t in range(T - 1)')]]),
    ('the first step multiplies h0 too', [[('for t in range(T)', 'for t in range(1, T)')]]),
    ('the weight of h0 stands first, that of the last candidate last', [[('    return w\n', '    return w[:, ::-1].copy()\n')]]),
    ('h0 has a weight too: w has T + 1 columns', [[('    return w\n', '    return w[:, 1:]\n')]]),
    ('the gates multiply one another, they are not added', ['\ndef average_weights(z):\n    N, T, H = z.shape\n    w = np.ones((N, T + 1, H), dtype=z.dtype)\n    w[:, 1:] = 1.0 - z\n    for t in range(T + 1):\n        w[:, t] *= z[:, t:].sum(axis=1) if t < T else 1.0\n    return w\n']),
    ('your function changes its argument z', ['\ndef average_weights(z):\n    w = np.concatenate([np.ones_like(z[:, :1]), 1.0 - z], axis=1)\n    for t in range(z.shape[1] - 2, -1, -1):\n        z[:, t] *= z[:, t + 1]\n    w[:, :-1] *= z\n    return w\n']),
]
