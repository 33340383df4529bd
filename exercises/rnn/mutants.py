"""Known mistakes in the exercises on the recurrent network, and other right solutions."""

from rnncourse.grading.mutants import Mutant, Variant

STEP = "def rnn_step(X_t, H, W_xh, W_hh, b_h):\n    "
LOOP = """def rnn_loop(X, H, W_xh, W_hh, b_h):
    outputs = []
    for X_t in X:
        H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
        outputs.append(H)
    return torch.stack(outputs), H
"""
PERPLEXITY = "def perplexity(O, y):\n    p = torch.softmax(O, 1)[torch.arange(len(y)), y]\n    return "
SAMPLING = "def sampling_probabilities(O, temperature):\n    return "

MUTANTS = [
    Mutant(
        "rnn-step",
        "bias forgotten",
        STEP + "return torch.tanh(X_t @ W_xh + H @ W_hh)",
        "rnn-step-terms",
        "all terms but b_h are zero",
    ),
    Mutant(
        "rnn-step",
        "W_hh transposed",
        STEP + "return torch.tanh(X_t @ W_xh + H @ W_hh.T + b_h)",
        "rnn-step-terms",
        "all terms but H W_hh are zero",
    ),
    Mutant(
        "rnn-step",
        "tanh forgotten",
        STEP + "return X_t @ W_xh + H @ W_hh + b_h",
        "rnn-step-terms",
        "tanh is missing",
    ),
    Mutant(
        "rnn-step",
        "written into the state",
        STEP + "H += X_t @ W_xh\n    return torch.tanh(H)",
        "rnn-step-terms",
        "changes its argument H",
    ),
    Mutant(
        "rnn-step",
        "no return",
        STEP + "torch.tanh(X_t @ W_xh + H @ W_hh + b_h)",
        "rnn-step-terms",
        r"got nothing \(is there a return\?\)",
    ),
    Mutant(
        "rnn-step",
        "batch of one hard-coded",
        STEP + "return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)[:1]",
        "rnn-step-terms",
        r"expected the shape \(5, 4\) \(n, h\), but got \(1, 4\)",
    ),
    Mutant(
        "rnn-step",
        "cast to float32",
        STEP + "return torch.tanh(X_t @ W_xh + H @ W_hh + b_h).float()",
        "rnn-step-terms",
        "expected the inputs' dtype torch.float64, but got torch.float32",
    ),
    Mutant(
        "rnn-step",
        "weights on the left",
        STEP + "return torch.tanh(W_xh @ X_t + W_hh @ H + b_h)",
        "rnn-step-terms",
        "rnn_step raised RuntimeError",
    ),
    Mutant(
        "rnn-step",
        "tanh of each term",
        STEP
        + "return torch.tanh(X_t @ W_xh) + torch.tanh(H @ W_hh)"
        + " + torch.tanh(b_h)",
        "rnn-step-sum",
        "this is what you get when tanh is applied to each term",
    ),
    Mutant(
        "rnn-loop",
        "state not carried",
        LOOP.replace("H = torch", "S = torch")
        .replace("append(H)", "append(S)")
        .replace("outputs), H", "outputs), S"),
        "rnn-loop-states",
        "the state is not carried on",
    ),
    Mutant(
        "rnn-loop",
        "given state ignored",
        LOOP.replace("    outputs = []", "    outputs, H = [], 0 * H"),
        "rnn-loop-states",
        "H is replaced by zeros",
    ),
    Mutant(
        "rnn-loop",
        "only the last state returned",
        LOOP.replace("return torch.stack(outputs), H", "return H"),
        "rnn-loop-states",
        "expected 2 results, but got a tensor",
    ),
    Mutant(
        "rnn-loop",
        "list instead of a tensor",
        LOOP.replace("torch.stack(outputs)", "outputs"),
        "rnn-loop-states",
        "expected a tensor, but got a list",
    ),
    Mutant(
        "rnn-loop",
        "states stacked along the batch",
        LOOP.replace("stack(outputs)", "stack(outputs, 1)"),
        "rnn-loop-states",
        r"expected the shape \(5, 2, 4\)",
    ),
    Mutant(
        "rnn-loop",
        "length of the sequence hard-coded",
        LOOP.replace("in X:", "in [X[t] for t in range(5)]:"),
        "rnn-loop-pieces",
        "rnn_loop raised IndexError",
    ),
    Mutant(
        "perplexity",
        "mean of P",
        PERPLEXITY + "1 / p.mean()",
        "perplexity-value",
        "the mean is over P, not over ln P",
    ),
    Mutant(
        "perplexity",
        "sum for mean",
        PERPLEXITY + "torch.exp(-p.log().sum())",
        "perplexity-value",
        "the logarithms are summed, not averaged",
    ),
    Mutant(
        "perplexity",
        "base 2 mixed with e",
        PERPLEXITY
        + "4 * (2 ** -p.log().mean()) / (2 ** torch.tensor(4.0).log())",
        "perplexity-value",
        "wrong value",
    ),
    Mutant(
        "perplexity",
        "softmax over time",
        PERPLEXITY.replace("(O, 1)", "(O, 0)") + "torch.exp(-p.log().mean())",
        "perplexity-value",
        "softmax runs over time",
    ),
    Mutant(
        "perplexity",
        "a Python number",
        PERPLEXITY + "torch.exp(-p.log().mean()).item()",
        "perplexity-value",
        "expected a tensor, but got a number",
    ),
    Mutant(
        "perplexity",
        "exp overflows",
        "def perplexity(O, y):\n"
        "    P = O.exp() / O.exp().sum(1, keepdim=True)\n"
        "    return torch.exp(-P[torch.arange(len(y)), y].log().mean())",
        "perplexity-stable",
        "avoid exp",
    ),
    Mutant(
        "temperature",
        "multiplied instead of divided",
        SAMPLING + "torch.softmax(O * temperature, 0)",
        "temperature-value",
        "the logits are multiplied",
    ),
    Mutant(
        "temperature",
        "temperature ignored",
        SAMPLING + "torch.softmax(O, 0)",
        "temperature-value",
        "the temperature is ignored",
    ),
    Mutant(
        "temperature",
        "probabilities divided",
        SAMPLING + "torch.softmax(O, 0) / temperature",
        "temperature-value",
        "P is divided, not O",
    ),
    Mutant(
        "temperature",
        "exp overflows",
        SAMPLING
        + "torch.exp(O / temperature) / torch.exp(O / temperature).sum()",
        "temperature-cold",
        "does exp overflow",
    ),
    Mutant(
        "rnn-step",
        "sigma for tanh",
        STEP + "return torch.sigmoid(X_t @ W_xh + H @ W_hh + b_h)",
        "rnn-step-terms",
        "sigma stands for tanh",
    ),
    Mutant(
        "perplexity",
        "all rows with all y",
        "def perplexity(O, y):\n    return torch.exp(-torch.log_softmax(O, 1)[:, y].mean())",
        "perplexity-value",
        "all rows with all y",
    ),
    Mutant(
        "perplexity",
        "one largest logit for all rows",
        "def perplexity(O, y):\n    E = torch.exp(O - O.max())\n    P = E / E.sum(1, keepdim=True)\n    return torch.exp(-P[torch.arange(len(y)), y].log().mean())",
        "perplexity-stable",
        "each row needs its own largest logit",
    ),
    Mutant(
        "rnn-loop",
        "results swapped",
        LOOP.replace("torch.stack(outputs), H", "H, torch.stack(outputs)"),
        "rnn-loop-states",
        "the first result: expected the shape \\(5, 2, 4\\)",
    ),
]

VARIANTS = [
    Variant(
        "rnn-step",
        "as one product",
        STEP
        + "W = torch.cat([W_xh, W_hh])\n"
        + "    return torch.tanh(torch.cat([X_t, H], 1) @ W + b_h)",
    ),
    Variant(
        "rnn-step",
        "addmm",
        STEP
        + "return torch.addmm(torch.addmm(b_h, X_t, W_xh), H, W_hh).tanh()",
    ),
    Variant(
        "rnn-loop",
        "all input products at once",
        "def rnn_loop(X, H, W_xh, W_hh, b_h):\n"
        "    A = X @ W_xh + b_h\n"
        "    outputs = torch.empty_like(A)\n"
        "    for t in range(len(X)):\n"
        "        H = outputs[t] = torch.tanh(A[t] + H @ W_hh)\n"
        "    return outputs, H",
    ),
    Variant(
        "perplexity",
        "cross_entropy",
        "def perplexity(O, y):\n"
        "    return torch.nn.functional.cross_entropy(O, y).exp()",
    ),
    Variant(
        "perplexity",
        "maximum taken out",
        "def perplexity(O, y):\n"
        "    A = O - O.max(1, keepdim=True).values\n"
        "    a = A[torch.arange(len(y)), y]\n"
        "    return torch.exp((A.exp().sum(1).log() - a).mean())",
    ),
    Variant(
        "temperature",
        "maximum taken out",
        "def sampling_probabilities(O, temperature):\n"
        "    A = torch.exp((O - O.max()) / temperature)\n"
        "    return A / A.sum()",
    ),
]
