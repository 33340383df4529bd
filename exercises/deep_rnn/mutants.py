"""Known mistakes in the exercises on deep RNNs, and other right solutions."""

from rnncourse.grading.mutants import Mutant, Variant

COUNT = "def deep_parameters(d, h, L):\n    return "
STEP = """def deep_step(X_t, H, layers):
    below, states = X_t, []
    for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
        below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
        states.append(below)
    return torch.stack(states)
"""
LOOP = """def deep_loop(X, H, layers):
    outputs = []
    for X_t in X:
        below, states = X_t, []
        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
            below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
            states.append(below)
        H = torch.stack(states)
        outputs.append(below)
    return torch.stack(outputs), H
"""
PATH = "def path_length(s, t, L):\n    return "

MUTANTS = [
    Mutant(
        "deep-parameters",
        "d inputs everywhere",
        COUNT + "L * (d * h + h * h + h)",
        "deep-parameters-value",
        "every layer reads d inputs",
    ),
    Mutant(
        "deep-parameters",
        "h inputs everywhere, as in the notes",
        COUNT + "L * (2 * h * h + h)",
        "deep-parameters-value",
        "every layer reads h inputs",
    ),
    Mutant(
        "deep-parameters",
        "no biases",
        COUNT + "d * h + h * h + (L - 1) * 2 * h * h",
        "deep-parameters-value",
        "the biases are left out",
    ),
    Mutant(
        "deep-parameters",
        "two biases",
        COUNT + "d * h + h * h + (L - 1) * 2 * h * h + 2 * L * h",
        "deep-parameters-value",
        "two biases in a layer",
    ),
    Mutant(
        "deep-parameters",
        "one layer too many",
        COUNT + "d * h + h * h + h + L * (2 * h * h + h)",
        "deep-parameters-value",
        "L layers follow the first one",
    ),
    Mutant(
        "deep-step",
        "old state of the layer below",
        STEP.replace(
            "below @ W_xh",
            "(X_t if not states else H[len(states) - 1]) @ W_xh",
        ),
        "deep-step-value",
        "reads the old state of the layer below",
    ),
    Mutant(
        "deep-step",
        "own old state not used",
        STEP.replace("H_l @ W_hh", "(below if states else H_l) @ W_hh"),
        "deep-step-value",
        "own old state is not used",
    ),
    Mutant(
        "deep-step",
        "old state of layer 1 everywhere",
        STEP.replace("H_l @", "H[0] @"),
        "deep-step-value",
        "every layer uses the old state of layer 1",
    ),
    Mutant(
        "deep-step",
        "written into the state",
        STEP.replace("states.append(below)", "H_l.copy_(below)").replace(
            "torch.stack(states)", "H"
        ),
        "deep-step-value",
        "deep_step changes its argument H",
    ),
    Mutant(
        "deep-step",
        "only the last layer",
        STEP.replace("torch.stack(states)", "below"),
        "deep-step-value",
        r"expected the shape \(3, 5, 4\) \(L, n, h\), but got \(5, 4\)",
    ),
    Mutant(
        "deep-step",
        "list instead of a tensor",
        STEP.replace("torch.stack(states)", "states"),
        "deep-step-value",
        "expected a tensor, but got a list",
    ),
    Mutant(
        "deep-step",
        "number of layers hard-coded",
        STEP.replace(
            "in zip(H, layers)", "in [(H[l], layers[l]) for l in range(3)]"
        ),
        "deep-step-one",
        "deep_step raised IndexError",
    ),
    Mutant(
        "deep-loop",
        "first layer's states",
        LOOP.replace(
            "append(below)\n    return", "append(states[0])\n    return"
        ),
        "deep-loop-value",
        "the states of the first layer are returned",
    ),
    Mutant(
        "deep-loop",
        "given state ignored",
        LOOP.replace("outputs = []", "outputs, H = [], 0 * H"),
        "deep-loop-value",
        "H is replaced by zeros",
    ),
    Mutant(
        "deep-loop",
        "state not carried",
        LOOP.replace("H = torch.stack", "S = torch.stack").replace(
            "outputs), H", "outputs), S"
        ),
        "deep-loop-value",
        "the state is not carried from step to step",
    ),
    Mutant(
        "deep-loop",
        "state of the last layer only",
        LOOP.replace("outputs), H", "outputs), below"),
        "deep-loop-value",
        r"expected the shape \(3, 5, 4\)",
    ),
    Mutant(
        "deep-loop",
        "first input at every step",
        LOOP.replace("below, states = X_t", "below, states = X[0]"),
        "deep-loop-value",
        "wrong states",
    ),
    Mutant(
        "deep-path",
        "input's arrow forgotten",
        PATH + "t - s + L - 1",
        "deep-path-value",
        "the arrow from the input is forgotten",
    ),
    Mutant(
        "deep-path",
        "steps for arrows",
        PATH + "t - s + 1 + L",
        "deep-path-value",
        "steps are counted",
    ),
    Mutant(
        "deep-path",
        "product",
        PATH + "(t - s) * L",
        "deep-path-value",
        "every layer is walked through",
    ),
    Mutant(
        "deep-step",
        "tanh missing",
        STEP.replace("torch.tanh(", "("),
        "deep-step-value",
        "tanh is missing",
    ),
    Mutant(
        "deep-step",
        "biases missing",
        STEP.replace(" + b_h", ""),
        "deep-step-value",
        "the biases are left out",
    ),
    Mutant(
        "deep-step",
        "transposed",
        STEP.replace("H_l @ W_hh", "H_l @ W_hh.T"),
        "deep-step-value",
        "transposed",
    ),
    Mutant(
        "deep-path",
        "s left out",
        PATH + "t + L",
        "deep-path-value",
        "s is left out",
    ),
]

VARIANTS = [
    Variant(
        "deep-parameters",
        "a loop",
        "def deep_parameters(d, h, L):\n    total, inputs = 0, d\n    for _ in range(L):\n        total, inputs = total + (inputs + h + 1) * h, h\n    return total",
    ),
    Variant(
        "deep-step",
        "as one product",
        STEP.replace(
            "below @ W_xh + H_l @ W_hh",
            "torch.cat([below, H_l], 1) @ torch.cat([W_xh, W_hh])",
        ),
    ),
    Variant(
        "deep-loop",
        "layers outside",
        "def deep_loop(X, H, layers):\n    last = []\n    for state, (W_xh, W_hh, b_h) in zip(H, layers):\n        outputs = []\n        for X_t in X:\n            state = torch.tanh(X_t @ W_xh + state @ W_hh + b_h)\n            outputs.append(state)\n        X = torch.stack(outputs)\n        last.append(state)\n    return X, torch.stack(last)",
    ),
    Variant(
        "deep-path",
        "by recursion",
        "def path_length(s, t, L):\n    if s < t:\n        return 1 + path_length(s + 1, t, L)\n    return L",
    ),
]
