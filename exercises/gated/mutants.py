"""Known mistakes in the exercises on LSTM and GRU, and other right solutions."""

from rnncourse.grading.mutants import Mutant, Variant

GATES = """def lstm_gates(A):
    i, f, g, o = A.chunk(4, dim=1)
    return torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
"""
LSTM = """def lstm_step(X_t, H, C, W_xh, W_hh, b_h):
    i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
    C = torch.sigmoid(f) * C + torch.sigmoid(i) * torch.tanh(g)
    H = torch.sigmoid(o) * torch.tanh(C)
    return H, C
"""
GRU = """def gru_step(X_t, H, W_xh, W_hh, b_h, b_hg):
    x_r, x_z, x_g = (X_t @ W_xh + b_h).chunk(3, dim=1)
    h_r, h_z, h_g = (H @ W_hh).chunk(3, dim=1)
    r = torch.sigmoid(x_r + h_r)
    z = torch.sigmoid(x_z + h_z)
    g = torch.tanh(x_g + r * (h_g + b_hg))
    return (1 - z) * g + z * H
"""
GRADIENT = "def memory_gradient(f):\n    return "
BACK = """def memory_gradient(f):
    P, one = [], torch.ones_like(f[0])
    for f_t in f.flip(0):
        one = one * f_t
        P.insert(0, one)
    return torch.stack(P)
"""
BIAS = """def forget_bias(s, T):
    f = s ** (1 / T)
    return math.log(f / (1 - f))
"""

MUTANTS = [
    Mutant(
        "lstm-gates",
        "blocks read as i, f, o, g",
        GATES.replace("i, f, g, o =", "i, f, o, g ="),
        "lstm-gates-order",
        "the blocks are read as i, f, o, g",
    ),
    Mutant(
        "lstm-gates",
        "o returned before g",
        GATES.replace(
            "torch.tanh(g), torch.sigmoid(o)",
            "torch.sigmoid(o), torch.tanh(g)",
        ),
        "lstm-gates-order",
        "o is returned before g",
    ),
    Mutant(
        "lstm-gates",
        "the third block taken for o",
        "def lstm_gates(A):\n"
        "    A_i, A_f, A_o, A_g = A.chunk(4, dim=1)\n"
        "    return A_i.sigmoid(), A_f.sigmoid(), A_o.sigmoid(), A_g.tanh()",
        "lstm-gates-order",
        "sigma is applied to block 3",
    ),
    Mutant(
        "lstm-gates",
        "sigma for all four",
        "def lstm_gates(A):\n    return torch.sigmoid(A).chunk(4, dim=1)",
        "lstm-gates-order",
        "sigma is applied to block 3",
    ),
    Mutant(
        "lstm-gates",
        "tanh and sigma swapped",
        GATES.replace("sigmoid", "x")
        .replace("tanh", "sigmoid")
        .replace("torch.x", "torch.tanh"),
        "lstm-gates-order",
        "tanh is applied to a gate",
    ),
    Mutant(
        "lstm-gates",
        "no function applied",
        "def lstm_gates(A):\n    return A.chunk(4, dim=1)",
        "lstm-gates-order",
        "no function is applied",
    ),
    Mutant(
        "lstm-gates",
        "every fourth column",
        GATES.replace("A.chunk(4, dim=1)", "(A[:, k::4] for k in range(4))"),
        "lstm-gates-order",
        "a block takes every fourth column",
    ),
    Mutant(
        "lstm-gates",
        "cut along the batch",
        GATES.replace("dim=1", "dim=0"),
        "lstm-gates-order",
        "lstm_gates raised ValueError",
    ),
    Mutant(
        "lstm-gates",
        "one tensor instead of four",
        GATES.replace("return ", "return torch.cat([").replace(
            "(o)", "(o)], dim=1)"
        ),
        "lstm-gates-order",
        "expected 4 results, but got a tensor",
    ),
    Mutant(
        "lstm-gates",
        "width of a block hard-coded",
        GATES.replace("A.chunk(4, dim=1)", "A.view(-1, 4, 5).unbind(1)"),
        "lstm-gates-large",
        "lstm_gates raised RuntimeError",
    ),
    Mutant(
        "lstm-gates",
        "slices of a hard-coded width",
        GATES.replace(
            "A.chunk(4, dim=1)", "(A[:, k : k + 5] for k in (0, 5, 10, 15))"
        ),
        "lstm-gates-large",
        r"i_t for h = 1: expected the shape \(6, 1\) \(n, h\), but got \(6, 4\)",
    ),
    Mutant(
        "lstm-gates",
        "sigma with exp, which overflows",
        GATES.replace("torch.sigmoid(f)", "f.exp() / (1 + f.exp())"),
        "lstm-gates-large",
        "f_t for h = 1: .* does exp overflow",
    ),
    Mutant(
        "lstm-gates",
        "tanh with exp, which overflows",
        GATES.replace(
            "torch.tanh(g)", "(g.exp() - (-g).exp()) / (g.exp() + (-g).exp())"
        ),
        "lstm-gates-large",
        "does exp overflow",
    ),
    Mutant(
        "lstm-step",
        "bias forgotten",
        LSTM.replace(" + b_h", ""),
        "lstm-step-memory",
        "b_h is left out",
    ),
    Mutant(
        "lstm-step",
        "i and f swapped",
        LSTM.replace("i, f, g, o =", "f, i, g, o ="),
        "lstm-step-memory",
        "i and f are swapped",
    ),
    Mutant(
        "lstm-step",
        "blocks read as i, f, o, g",
        LSTM.replace("i, f, g, o =", "i, f, o, g ="),
        "lstm-step-memory",
        "the blocks are read as i, f, o, g",
    ),
    Mutant(
        "lstm-step",
        "sigma for the candidate",
        LSTM.replace("tanh(g)", "sigmoid(g)"),
        "lstm-step-memory",
        "sigma is applied to the candidate",
    ),
    Mutant(
        "lstm-step",
        "tanh and sigma swapped",
        LSTM.replace("sigmoid", "tanh").replace("tanh(g)", "sigmoid(g)"),
        "lstm-step-memory",
        "tanh and sigma are swapped",
    ),
    Mutant(
        "lstm-step",
        "input gate forgotten",
        LSTM.replace("torch.sigmoid(i) * ", ""),
        "lstm-step-memory",
        "the input gate is left out",
    ),
    Mutant(
        "lstm-step",
        "no forget gate, as in 1997",
        LSTM.replace("torch.sigmoid(f) * ", ""),
        "lstm-step-memory",
        "the forget gate is left out",
    ),
    Mutant(
        "lstm-step",
        "memory replaced",
        LSTM.replace("torch.sigmoid(f) * C + ", ""),
        "lstm-step-memory",
        "the old memory is left out",
    ),
    Mutant(
        "lstm-step",
        "output gate forgotten",
        LSTM.replace("torch.sigmoid(o) * ", ""),
        "lstm-step-memory",
        "the output gate is left out",
    ),
    Mutant(
        "lstm-step",
        "state from the old memory",
        LSTM.replace("    C = ", "    new = ").replace(
            "return H, C", "return H, new"
        ),
        "lstm-step-memory",
        "H comes from the old memory",
    ),
    Mutant(
        "lstm-step",
        "tanh around the memory forgotten",
        LSTM.replace("torch.tanh(C)", "C"),
        "lstm-step-memory",
        "tanh is missing in H",
    ),
    Mutant(
        "lstm-step",
        "tanh kept in the memory",
        LSTM.replace(
            "    H = torch.sigmoid(o) * torch.tanh(C)",
            "    C = torch.tanh(C)\n    H = torch.sigmoid(o) * C",
        ),
        "lstm-step-memory",
        "tanh of the memory is returned",
    ),
    Mutant(
        "lstm-step",
        "old memory returned",
        LSTM.replace("    C = ", "    new = ").replace("tanh(C)", "tanh(new)"),
        "lstm-step-memory",
        "the memory is returned as it came",
    ),
    Mutant(
        "lstm-step",
        "results in the other order",
        LSTM.replace("return H, C", "return C, H"),
        "lstm-step-memory",
        "C is returned before H",
    ),
    Mutant(
        "lstm-step",
        "memory not returned",
        LSTM.replace("return H, C", "return H"),
        "lstm-step-memory",
        "expected 2 results, but got a tensor",
    ),
    Mutant(
        "lstm-step",
        "written into the memory",
        LSTM.replace(
            "C = torch.sigmoid(f) * C +", "C *= torch.sigmoid(f)\n    C +="
        ),
        "lstm-step-memory",
        "changes its argument C",
    ),
    Mutant(
        "lstm-step",
        "cast to float32",
        LSTM.replace("return H, C", "return H.float(), C.float()"),
        "lstm-step-memory",
        "expected the inputs' dtype torch.float64, but got torch.float32",
    ),
    Mutant(
        "lstm-step",
        "matrix product of forget gate and memory",
        LSTM.replace("torch.sigmoid(f) * C", "torch.sigmoid(f) @ C"),
        "lstm-step-memory",
        "lstm_step raised RuntimeError",
    ),
    Mutant(
        "lstm-step",
        "state left out of the sum",
        LSTM.replace(" + H @ W_hh", ""),
        "lstm-step-sum",
        "the sum has no other term than H W_hh",
    ),
    Mutant(
        "lstm-step",
        "memory in place of the state",
        LSTM.replace("H @ W_hh", "C @ W_hh"),
        "lstm-step-sum",
        "the sum has no other term than H W_hh",
    ),
    Mutant(
        "lstm-step",
        "output gate from the new state",
        LSTM.replace(
            "    return",
            "    o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, 1)[3]\n    H = o.sigmoid() * C.tanh()\n    return",
        ),
        "lstm-step-sum",
        "the sum has no other term than H W_hh",
    ),
    Mutant(
        "lstm-step",
        "batch and width hard-coded",
        LSTM.replace(".chunk(4, dim=1)", ".view(6, 4, 5).unbind(1)"),
        "lstm-step-sequence",
        "lstm_step raised RuntimeError",
    ),
    Mutant(
        "lstm-step",
        "axis of one sequence squeezed away",
        LSTM.replace("return H, C", "return H.squeeze(), C.squeeze()"),
        "lstm-step-sequence",
        r"expected the shape \(1, 3\) \(n, h\), but got \(3,\)",
    ),
    Mutant(
        "lstm-step",
        "memory clipped",
        LSTM.replace(
            "    H = torch", "    C = C.clamp(-10, 10)\n    H = torch"
        ),
        "lstm-step-sequence",
        "is the memory of 1000 kept",
    ),
    Mutant(
        "gru-step",
        "z the other way round",
        GRU.replace("(1 - z) * g + z * H", "z * g + (1 - z) * H"),
        "gru-step-update",
        "z and 1 - z are swapped",
    ),
    Mutant(
        "gru-step",
        "blocks read as z, r, g",
        GRU.replace("x_r, x_z,", "x_z, x_r,").replace(
            "h_r, h_z,", "h_z, h_r,"
        ),
        "gru-step-update",
        "the blocks are read as z, r, g",
    ),
    Mutant(
        "gru-step",
        "candidate not weighed",
        GRU.replace("(1 - z) * g", "g"),
        "gru-step-update",
        "the candidate is not multiplied by 1 - z",
    ),
    Mutant(
        "gru-step",
        "old state not weighed",
        GRU.replace("z * H", "H"),
        "gru-step-update",
        "the old state is not multiplied by z",
    ),
    Mutant(
        "gru-step",
        "old state forgotten",
        GRU.replace(" + z * H", ""),
        "gru-step-update",
        "the old state is left out",
    ),
    Mutant(
        "gru-step",
        "sigma for the candidate",
        GRU.replace("tanh", "sigmoid"),
        "gru-step-update",
        "sigma is applied to the candidate",
    ),
    Mutant(
        "gru-step",
        "bias forgotten",
        GRU.replace(" + b_h)", ")"),
        "gru-step-update",
        "b_h is left out",
    ),
    Mutant(
        "gru-step",
        "no return",
        GRU.replace("return ", "H = "),
        "gru-step-update",
        r"got nothing \(is there a return\?\)",
    ),
    Mutant(
        "gru-step",
        "reset before the product",
        GRU.replace(
            "r * (h_g + b_hg)", "(r * H) @ W_hh.chunk(3, dim=1)[2] + b_hg"
        ),
        "gru-step-reset",
        "the reset gate acts before the product",
    ),
    Mutant(
        "gru-step",
        "b_hg outside the reset gate",
        GRU.replace("r * (h_g + b_hg)", "r * h_g + b_hg"),
        "gru-step-reset",
        "b_hg is not multiplied by r",
    ),
    Mutant(
        "gru-step",
        "b_hg forgotten",
        GRU.replace("(h_g + b_hg)", "h_g"),
        "gru-step-reset",
        "b_hg is left out",
    ),
    Mutant(
        "gru-step",
        "reset gate forgotten",
        GRU.replace("r * (h_g", "(h_g"),
        "gru-step-reset",
        "the reset gate is left out",
    ),
    Mutant(
        "gru-step",
        "reset gate around the whole sum",
        GRU.replace("x_g + r * (h_g + b_hg)", "r * (x_g + h_g + b_hg)"),
        "gru-step-reset",
        "r multiplies the input's part, too",
    ),
    Mutant(
        "gru-step",
        "reset gate around the whole sum, seen without a state",
        GRU.replace("x_g + r * (h_g + b_hg)", "r * (x_g + h_g + b_hg)"),
        "gru-step-update",
        "r multiplies the input's part",
    ),
    Mutant(
        "gru-step",
        "reset gate at the wrong part",
        GRU.replace("x_g + r * (h_g + b_hg)", "r * x_g + h_g + b_hg"),
        "gru-step-reset",
        "r multiplies the input's part, not the state's",
    ),
    Mutant(
        "gru-step",
        "gates without the state",
        GRU.replace("x_r + h_r", "x_r").replace("x_z + h_z", "x_z"),
        "gru-step-reset",
        "the state does not act on the gates",
    ),
    Mutant(
        "gru-step",
        "W_hh transposed",
        GRU.replace(
            "(H @ W_hh).chunk(3, dim=1)",
            "(H @ W.T for W in W_hh.chunk(3, dim=1))",
        ),
        "gru-step-reset",
        "wrong with W_hh and b_hg; first see",
    ),
    Mutant(
        "gru-step",
        "width of a block hard-coded",
        GRU.replace("chunk(3, dim=1)", "split(4, dim=1)"),
        "gru-step-keep",
        "gru_step raised RuntimeError",
    ),
    Mutant(
        "gru-step",
        "b_hg outside the reset gate, seen with the gate closed",
        GRU.replace("r * (h_g + b_hg)", "r * h_g + b_hg"),
        "gru-step-keep",
        "the candidate should see neither H nor b_hg",
    ),
    Mutant(
        "gru-step",
        "sigma by exp, which overflows",
        GRU.replace(
            "torch.sigmoid(x_z + h_z)",
            "torch.exp(x_z + h_z)\n    z = z / (1 + z)",
        ),
        "gru-step-keep",
        "the old state should stay as it is",
    ),
    Mutant(
        "memory-gradient",
        "product from the beginning",
        GRADIENT + "f.cumprod(dim=0)",
        "memory-gradient-value",
        "the product starts at f_1, not at f_T",
    ),
    Mutant(
        "memory-gradient",
        "sum for product",
        GRADIENT + "f.flip(0).cumsum(dim=0).flip(0)",
        "memory-gradient-value",
        "the gates are added",
    ),
    Mutant(
        "memory-gradient",
        "one step only",
        GRADIENT + "f.clone()",
        "memory-gradient-value",
        "there is only one gate in each factor",
    ),
    Mutant(
        "memory-gradient",
        "off by one",
        BACK.replace(
            "        one = one * f_t\n        P.insert(0, one)",
            "        P.insert(0, one)\n        one = one * f_t",
        ),
        "memory-gradient-value",
        r"f_\(t\+1\) is missing",
    ),
    Mutant(
        "memory-gradient",
        "not turned back",
        GRADIENT + "f.flip(0).cumprod(dim=0)",
        "memory-gradient-value",
        "time runs backwards in the result",
    ),
    Mutant(
        "memory-gradient",
        "turned back only",
        GRADIENT + "f.cumprod(dim=0).flip(0)",
        "memory-gradient-value",
        "f is turned around only after the product",
    ),
    Mutant(
        "memory-gradient",
        "only for t = 0",
        GRADIENT + "f.prod(dim=0)",
        "memory-gradient-value",
        r"expected the shape \(5, 2, 3\) \(T, n, h\), but got \(2, 3\)",
    ),
    Mutant(
        "memory-gradient",
        "that of t = 0 for all t",
        GRADIENT + "f.prod(dim=0).expand_as(f)",
        "memory-gradient-value",
        "the factor is that of t = 0 for all t",
    ),
    Mutant(
        "memory-gradient",
        "product over the sequences",
        GRADIENT + "f.flip(1).cumprod(dim=1).flip(1)",
        "memory-gradient-value",
        "not what a small change of C_t does to C_T",
    ),
    Mutant(
        "memory-gradient",
        "P_T = 1 included",
        BACK.replace(
            "P, one = [], torch.ones_like(f[0])",
            "one = torch.ones_like(f[0])\n    P = [one]",
        ),
        "memory-gradient-value",
        r"expected the shape \(5, 2, 3\) \(T, n, h\), but got \(6, 2, 3\)",
    ),
    Mutant(
        "memory-gradient",
        "list instead of a tensor",
        BACK.replace("torch.stack(P)", "P"),
        "memory-gradient-value",
        "expected a tensor, but got a list",
    ),
    Mutant(
        "memory-gradient",
        "written into the gates",
        "def memory_gradient(f):\n"
        "    for t in reversed(range(len(f) - 1)):\n"
        "        f[t] *= f[t + 1]\n"
        "    return f",
        "memory-gradient-value",
        "changes its argument f",
    ),
    Mutant(
        "memory-gradient",
        "divided by a product from the beginning",
        GRADIENT + "f.prod(dim=0) / f.cumprod(dim=0) * f",
        "memory-gradient-closed",
        "is it divided by",
    ),
    Mutant(
        "memory-gradient",
        "number of steps hard-coded",
        BACK.replace("f.flip(0)", "[f[t] for t in (4, 3, 2, 1, 0)]"),
        "memory-gradient-closed",
        "memory_gradient raised IndexError",
    ),
    Mutant(
        "forget-bias",
        "the gate",
        BIAS.replace("math.log(f / (1 - f))", "f"),
        "forget-bias-value",
        "the gate is returned, not its bias",
    ),
    Mutant(
        "forget-bias",
        "sign",
        BIAS.replace("f / (1 - f)", "(1 - f) / f"),
        "forget-bias-value",
        "the sign is wrong",
    ),
    Mutant(
        "forget-bias",
        "one step only",
        BIAS.replace("s ** (1 / T)", "s"),
        "forget-bias-value",
        "T is ignored",
    ),
    Mutant(
        "forget-bias",
        "divided by T",
        BIAS.replace("s ** (1 / T)", "s / T"),
        "forget-bias-value",
        "s is divided by T",
    ),
    Mutant(
        "forget-bias",
        "T for 1 / T",
        BIAS.replace("1 / T", "T"),
        "forget-bias-value",
        "s is raised to the power T",
    ),
    Mutant(
        "forget-bias",
        "precedence of the power",
        BIAS.replace("(1 / T)", "1 / T"),
        "forget-bias-value",
        "s is divided by T",
    ),
    Mutant(
        "forget-bias",
        "logarithm forgotten",
        BIAS.replace("math.log", ""),
        "forget-bias-value",
        "the logarithm is missing",
    ),
    Mutant(
        "forget-bias",
        "base 2",
        BIAS.replace("log(", "log2("),
        "forget-bias-value",
        "2 is the base of the logarithm",
    ),
    Mutant(
        "forget-bias",
        "a tensor",
        BIAS.replace("math.log(f / (1 - f))", "torch.tensor(f).logit()"),
        "forget-bias-value",
        "expected a number, but got a tensor",
    ),
    Mutant(
        "forget-bias",
        "float32",
        BIAS.replace(
            "math.log(f / (1 - f))", "torch.tensor(f).logit().item()"
        ),
        "forget-bias-edges",
        "wrong for 1,000 steps",
    ),
    Mutant(
        "forget-bias",
        "gate taken to be near 1",
        "def forget_bias(s, T):\n    return math.log(T / -math.log(s))",
        "forget-bias-edges",
        "a half is left by a gate of 1/2",
    ),
    Mutant(
        "forget-bias",
        "no negative bias",
        BIAS.replace(
            "math.log(f / (1 - f))", "max(0.0, math.log(f / (1 - f)))"
        ),
        "forget-bias-edges",
        "a gate below 1/2 needs a negative bias",
    ),
    Mutant(
        "forget-bias",
        "number of steps hard-coded",
        BIAS.replace("1 / T", "1 / 32"),
        "forget-bias-edges",
        "a half is left by a gate of 1/2",
    ),
    Mutant(
        "lstm-gates",
        "f before i",
        "def lstm_gates(A):\n    f, i, g, o = A.chunk(4, dim=1)\n    return torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)",
        "lstm-gates-order",
        "i and f are swapped",
    ),
]

VARIANTS = [
    Variant(
        "lstm-gates",
        "slices, and both functions of everything",
        "def lstm_gates(A):\n"
        "    h = A.shape[1] // 4\n"
        "    S, G = 1 / (1 + torch.exp(-A)), torch.tanh(A)\n"
        "    return [S[:, :h], S[:, h : 2 * h], G[:, 2 * h : 3 * h], S[:, 3 * h :]]",
    ),
    Variant(
        "lstm-gates",
        "tanh from sigma",
        "def lstm_gates(A):\n"
        "    i, f, g, o = A.reshape(len(A), 4, -1).unbind(1)\n"
        "    return i.sigmoid(), f.sigmoid(), 2 * (2 * g).sigmoid() - 1, o.sigmoid()",
    ),
    Variant(
        "lstm-step",
        "eight products",
        "def lstm_step(X_t, H, C, W_xh, W_hh, b_h):\n"
        "    parts = zip(W_xh.chunk(4, 1), W_hh.chunk(4, 1), b_h.chunk(4))\n"
        "    i, f, g, o = (X_t @ W + H @ U + b for W, U, b in parts)\n"
        "    C_t = torch.addcmul(f.sigmoid() * C, i.sigmoid(), g.tanh())\n"
        "    return o.sigmoid() * C_t.tanh(), C_t",
    ),
    Variant(
        "lstm-step",
        "torch's cell",
        "def lstm_step(X_t, H, C, W_xh, W_hh, b_h):\n"
        "    cell = torch.lstm_cell\n"
        "    return cell(X_t, (H, C), W_xh.T, W_hh.T, b_h, torch.zeros_like(b_h))",
    ),
    Variant(
        "gru-step",
        "gates in one",
        "def gru_step(X_t, H, W_xh, W_hh, b_h, b_hg):\n"
        "    h = H.shape[1]\n"
        "    A, B = X_t @ W_xh + b_h, H @ W_hh\n"
        "    r, z = torch.sigmoid((A + B)[:, : 2 * h]).chunk(2, dim=1)\n"
        "    g = torch.tanh(A[:, 2 * h :] + r * B[:, 2 * h :] + r * b_hg)\n"
        "    return g + z * (H - g)",
    ),
    Variant(
        "gru-step",
        "torch's cell",
        "def gru_step(X_t, H, W_xh, W_hh, b_h, b_hg):\n"
        "    b = torch.cat([torch.zeros_like(b_h[: -len(b_hg)]), b_hg])\n"
        "    return torch.gru_cell(X_t, H, W_xh.T, W_hh.T, b_h, b)",
    ),
    Variant("memory-gradient", "loop from the end", BACK),
    Variant(
        "memory-gradient",
        "product of each rest",
        GRADIENT + "torch.stack([f[t:].prod(dim=0) for t in range(len(f))])",
    ),
    Variant(
        "memory-gradient",
        "sum of logarithms",
        GRADIENT + "f.log().flip(0).cumsum(0).flip(0).exp()",
    ),
    Variant(
        "forget-bias",
        "by the logarithm of s",
        "def forget_bias(s, T):\n    return -math.log(math.expm1(-math.log(s) / T))",
    ),
    Variant(
        "forget-bias",
        "torch's logit",
        "def forget_bias(s, T):\n"
        "    f = torch.tensor(s, dtype=torch.float64) ** (1 / T)\n"
        "    return f.logit().item()",
    ),
]
