"""Known mistakes in the exercises on the network without state, and other right solutions."""

from rnncourse.grading.mutants import Mutant, Variant

FORWARD = """def mlp_forward(X, W_xh, b_h, W_hm, b_m):
    H = np.tanh(X @ W_xh + b_h)
    O = H @ W_hm + b_m
    return H, O
"""
SOFTMAX = """def softmax(O):
    E = np.exp(O - O.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)
"""
NAIVE = "def softmax(O):\n    E = np.exp(O)\n    return "
LOGITS = """def logit_gradient(O, y):
    n, m = O.shape
    E = np.exp(O - O.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (P - np.eye(m)[y]) / n
"""
BACKWARD = """def mlp_backward(dO, X, H, W_hm):
    dH = dO @ W_hm.T
    dZ = dH * (1 - H**2)
    return X.T @ dZ, dZ.sum(axis=0), H.T @ dO, dO.sum(axis=0)
"""

MUTANTS = [
    Mutant(
        "mlp-forward",
        "hidden bias missing",
        FORWARD.replace(" + b_h)", ")"),
        "mlp-forward-value",
        "the hidden bias is left out",
    ),
    Mutant(
        "mlp-forward",
        "no tanh",
        FORWARD.replace("np.tanh", ""),
        "mlp-forward-value",
        "tanh is left out",
    ),
    Mutant(
        "mlp-forward",
        "tanh on the output",
        FORWARD.replace("O = H @ W_hm + b_m", "O = np.tanh(H @ W_hm + b_m)"),
        "mlp-forward-value",
        "tanh is applied to the output",
    ),
    Mutant(
        "mlp-forward",
        "output bias missing",
        FORWARD.replace("H @ W_hm + b_m", "H @ W_hm"),
        "mlp-forward-value",
        "the output's bias is left out",
    ),
    Mutant(
        "mlp-forward",
        "logistic for tanh",
        FORWARD.replace(
            "np.tanh(X @ W_xh + b_h)", "1 / (1 + np.exp(-(X @ W_xh + b_h)))"
        ),
        "mlp-forward-value",
        "the logistic function is used",
    ),
    Mutant(
        "mlp-forward",
        "only the output",
        FORWARD.replace("return H, O", "return O"),
        "mlp-forward-value",
        "expected 2 results, but got an array",
    ),
    Mutant(
        "mlp-forward",
        "cast to float32",
        FORWARD.replace("return H, O", "return H.astype(np.float32), O"),
        "mlp-forward-value",
        "dtype float64, but got float32",
    ),
    Mutant(
        "mlp-forward",
        "batch hard-coded",
        FORWARD.replace("X @ W_xh", "X.reshape(5, -1) @ W_xh"),
        "mlp-forward-value",
        "mlp_forward raised ValueError",
    ),
    Mutant(
        "stable-softmax",
        "sum over rows",
        NAIVE + "E / E.sum(axis=0, keepdims=True)",
        "stable-softmax-value",
        "the sum runs down the columns",
    ),
    Mutant(
        "stable-softmax",
        "sum over everything",
        NAIVE + "E / E.sum()",
        "stable-softmax-value",
        "the sum runs over everything",
    ),
    Mutant(
        "stable-softmax",
        "exp overflows",
        NAIVE + "E / E.sum(axis=1, keepdims=True)",
        "stable-softmax-large",
        "does exp overflow",
    ),
    Mutant(
        "stable-softmax",
        "one maximum for all rows",
        SOFTMAX.replace("O.max(axis=1, keepdims=True)", "O.max()"),
        "stable-softmax-large",
        "does exp overflow|its own largest logit",
    ),
    Mutant(
        "stable-softmax",
        "written into the input",
        SOFTMAX.replace(
            "E = np.exp(O - O.max(axis=1, keepdims=True))",
            "O -= O.max(axis=1, keepdims=True)\n    E = np.exp(O)",
        ),
        "stable-softmax-value",
        "softmax changes its argument O",
    ),
    Mutant(
        "stable-softmax",
        "logarithm",
        SOFTMAX.replace(
            "E / E.sum(axis=1, keepdims=True)",
            "np.log(E / E.sum(axis=1, keepdims=True))",
        ),
        "stable-softmax-value",
        "the logarithm is returned",
    ),
    Mutant(
        "logit-gradient",
        "not divided by n",
        LOGITS.replace(" / n", ""),
        "logit-gradient-value",
        "the division by n is forgotten",
    ),
    Mutant(
        "logit-gradient",
        "wrong sign",
        LOGITS.replace("(P - np.eye(m)[y])", "(np.eye(m)[y] - P)"),
        "logit-gradient-value",
        "the sign is wrong",
    ),
    Mutant(
        "logit-gradient",
        "one-hot forgotten",
        LOGITS.replace(" - np.eye(m)[y]", ""),
        "logit-gradient-value",
        "the one-hot rows are not subtracted",
    ),
    Mutant(
        "logit-gradient",
        "mean over all entries",
        LOGITS.replace("/ n", "/ O.size"),
        "logit-gradient-value",
        "divided by the number of all entries",
    ),
    Mutant(
        "logit-gradient",
        "gradient at P",
        LOGITS.replace("(P - np.eye(m)[y])", "(-np.eye(m)[y] / P)"),
        "logit-gradient-value",
        "the gradient with respect to P",
    ),
    Mutant(
        "mlp-backward",
        "tanh's slope forgotten",
        BACKWARD.replace(" * (1 - H**2)", ""),
        "mlp-backward-hidden",
        "the factor 1 - H",
    ),
    Mutant(
        "mlp-backward",
        "square of 1 - H",
        BACKWARD.replace("(1 - H**2)", "(1 - H) ** 2"),
        "mlp-backward-hidden",
        "is taken for 1 - H",
    ),
    Mutant(
        "mlp-backward",
        "tanh once more",
        BACKWARD.replace("(1 - H**2)", "(1 - np.tanh(H) ** 2)"),
        "mlp-backward-hidden",
        "tanh is applied to H once more",
    ),
    Mutant(
        "mlp-backward",
        "mean for the bias",
        BACKWARD.replace("dO.sum(axis=0)", "dO.mean(axis=0)"),
        "mlp-backward-output",
        "the bias's gradient is a mean",
    ),
    Mutant(
        "mlp-backward",
        "transposed product",
        BACKWARD.replace("H.T @ dO", "(dO.T @ H)"),
        "mlp-backward-output",
        r"expected the shape \(4, 2\) \(h, m\), but got \(2, 4\)",
    ),
    Mutant(
        "mlp-backward",
        "W_hm not transposed",
        BACKWARD.replace("dO @ W_hm.T", "dO @ W_hm"),
        "mlp-backward-output",
        "mlp_backward raised ValueError",
    ),
    Mutant(
        "mlp-backward",
        "written into dO",
        BACKWARD.replace("    dH", "    dO *= 1.5\n    dH"),
        "mlp-backward-output",
        "mlp_backward changes its argument dO",
    ),
    Mutant(
        "mlp-backward",
        "no return",
        BACKWARD.replace("return ", "result = "),
        "mlp-backward-output",
        "got nothing \\(is there a return\\?\\)",
    ),
    Mutant(
        "mlp-backward",
        "divided by n again",
        BACKWARD.replace(
            "H.T @ dO, dO.sum(axis=0)",
            "H.T @ dO / len(X), dO.sum(axis=0) / len(X)",
        ),
        "mlp-backward-output",
        "which dO was already",
    ),
    Mutant(
        "mlp-backward",
        "bias summed over the other axis",
        BACKWARD.replace("dO.sum(axis=0)", "dO.sum(axis=1)"),
        "mlp-backward-output",
        "the gradient of b_m: expected the shape \\(2,\\), but got \\(5,\\)",
    ),
    Mutant(
        "logit-gradient",
        "whole columns",
        LOGITS.replace(
            "return (P - np.eye(m)[y]) / n", "P[:, y] -= 1\n    return P / n"
        ),
        "logit-gradient-value",
        "whole columns",
    ),
    Mutant(
        "logit-gradient",
        "whole rows",
        LOGITS.replace(
            "return (P - np.eye(m)[y]) / n", "P[y] -= 1\n    return P / n"
        ),
        "logit-gradient-value",
        "whole rows",
    ),
    Mutant(
        "logit-gradient",
        "divided by m",
        LOGITS.replace(") / n", ") / m"),
        "logit-gradient-value",
        "divided by m",
    ),
]

VARIANTS = [
    Variant(
        "mlp-forward",
        "einsum",
        FORWARD.replace("X @ W_xh", "np.einsum('nd,dh->nh', X, W_xh)"),
    ),
    Variant(
        "stable-softmax",
        "through the logarithm",
        "def softmax(O):\n    O = O - O.max(1)[:, None]\n    return np.exp(O - np.log(np.exp(O).sum(1))[:, None])",
    ),
    Variant(
        "logit-gradient",
        "subtracting one",
        "def logit_gradient(O, y):\n    E = np.exp(O - O.max(1)[:, None])\n    P = E / E.sum(1)[:, None]\n    P[np.arange(len(y)), y] -= 1\n    return P / len(y)",
    ),
    Variant(
        "mlp-backward",
        "row by row",
        "def mlp_backward(dO, X, H, W_hm):\n    dW_xh, db_h, dW_hm, db_m = 0, 0, 0, 0\n    for g, x, h in zip(dO, X, H):\n        z = (W_hm @ g) * (1 - h * h)\n        dW_hm, db_m = dW_hm + np.outer(h, g), db_m + g\n        dW_xh, db_h = dW_xh + np.outer(x, z), db_h + z\n    return dW_xh, db_h, dW_hm, db_m",
    ),
]
