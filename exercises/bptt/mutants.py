"""Known mistakes in the exercises on back-propagation through time, and other right solutions."""

from rnncourse.grading.mutants import Mutant, Variant

LAG = """def gradient_norms(dL_dh, W_hh, T):
    norms = []
    for _ in range(T):
        norms.append(dL_dh.norm())
        dL_dh = dL_dh @ W_hh.T
    return torch.stack(norms)
"""
BACKWARD = """def rnn_gradients(dL_dH, X, H, W_hh):
    h = len(W_hh)
    dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
    dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
    flow = torch.zeros_like(H[0])
    for t in range(len(X), 0, -1):
        dH = dL_dH[t - 1] + flow
        dA = dH * (1 - H[t] ** 2)
        dW_xh += X[t - 1].T @ dA
        dW_hh += H[t - 1].T @ dA
        db_h += dA.sum(0)
        flow = dA @ W_hh.T
    return dW_xh, dW_hh, db_h
"""
TRUNCATED = """def truncated_gradients(dL_dH, H, W_hh, tau):
    dH = torch.zeros_like(dL_dH)
    for t in range(1, len(H)):
        D = dL_dH[t - 1]
        for k in range(t, max(t - tau, 0), -1):
            dH[k - 1] += D
            D = (D * (1 - H[k] ** 2)) @ W_hh.T
    return dH
"""
DETACH = """def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
    W_hh, H_0 = W_hh.clone().requires_grad_(), H
    for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
        H, L = H.detach(), 0
        for X_t, Y_t in zip(X_w, Y_w, strict=True):
            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
            L = L + ((H - Y_t) ** 2).sum() / 2
        L.backward()
    return W_hh.grad, H.detach()
"""
IN_ONE = DETACH.replace("        H, L =", "        H, _ =").replace(
    "        L.backward()\n    return", "    L.backward()\n    return"
)
IN_ONE = IN_ONE.replace(
    "requires_grad_(), H\n", "requires_grad_(), H\n    L = 0\n"
)

MUTANTS = [
    Mutant(
        "bptt-lag",
        "not transposed",
        LAG.replace(".T\n", "\n"),
        "bptt-lag-value",
        "W_hh is not transposed",
    ),
    Mutant(
        "bptt-lag",
        "squared norms",
        LAG.replace("dL_dh.norm()", "(dL_dh**2).sum()"),
        "bptt-lag-value",
        "the norms are squared",
    ),
    Mutant(
        "bptt-lag",
        "by step, not by lag",
        LAG.replace("norms)", "norms[::-1])"),
        "bptt-lag-value",
        "the largest lag comes first",
    ),
    Mutant(
        "bptt-lag",
        "starts at lag 1",
        LAG.replace("(T):", "(T):\n        dL_dh = dL_dh @ W_hh.T").replace(
            "norm())\n        dL_dh = dL_dh @ W_hh.T", "norm())"
        ),
        "bptt-lag-value",
        "the lags start at 1",
    ),
    Mutant(
        "bptt-lag",
        "lag T, too",
        LAG.replace("(T):", "(T + 1):"),
        "bptt-lag-value",
        r"expected the shape \(6,\) \(T\), but got \(7,\)",
    ),
    Mutant(
        "bptt-lag",
        "product of norms",
        "def gradient_norms(dL_dh, W_hh, T):\n"
        "    W = torch.linalg.matrix_norm(W_hh, 2)\n"
        "    return torch.stack([dL_dh.norm() * W**j for j in range(T)])",
        "bptt-lag-value",
        "the norm of W_hh is taken for W_hh",
    ),
    Mutant(
        "bptt-lag",
        "gradient left out",
        "def gradient_norms(dL_dh, W_hh, T):\n"
        "    power = torch.linalg.matrix_power\n"
        "    norm = torch.linalg.matrix_norm\n"
        "    return torch.stack([norm(power(W_hh, j), 2) for j in range(T)])",
        "bptt-lag-value",
        "only the norm of the matrices is taken",
    ),
    Mutant(
        "bptt-lag",
        "list of numbers",
        LAG.replace("torch.stack(norms)", "[float(a) for a in norms]"),
        "bptt-lag-value",
        "expected a tensor, but got a list",
    ),
    Mutant(
        "bptt-lag",
        "written into the gradient",
        LAG.replace("dL_dh = dL_dh @ W_hh.T", "dL_dh[:] = dL_dh @ W_hh.T"),
        "bptt-lag-value",
        "changes its argument dL_dh",
    ),
    Mutant(
        "bptt-lag",
        "length hard-coded",
        LAG.replace("(T):", "(6):"),
        "bptt-lag-cases",
        r"expected the shape \(1,\)",
    ),
    Mutant(
        "bptt-backward",
        "slope forgotten",
        BACKWARD.replace("dH * (1 - H[t] ** 2)", "dH"),
        "bptt-backward-step",
        r"the factor 1 - H_t\^2 is forgotten",
    ),
    Mutant(
        "bptt-backward",
        "slope of the step before",
        BACKWARD.replace("1 - H[t] **", "1 - H[t - 1] **"),
        "bptt-backward-step",
        r"the factor is 1 - H_\{t-1\}\^2",
    ),
    Mutant(
        "bptt-backward",
        "slope without the square",
        BACKWARD.replace(" ** 2", ""),
        "bptt-backward-step",
        "the factor is 1 - H_t$|the factor is 1 - H_t\n",
    ),
    Mutant(
        "bptt-backward",
        "state after the step in dW_hh",
        BACKWARD.replace("H[t - 1].T", "H[t].T"),
        "bptt-backward-step",
        r"H_t stands for H_\{t-1\} in dW_hh",
    ),
    Mutant(
        "bptt-backward",
        "states transposed the wrong way",
        BACKWARD.replace("H[t - 1].T @ dA", "dA.T @ H[t - 1]"),
        "bptt-backward-step",
        "dW_hh for T = 1: wrong for a single step",
    ),
    Mutant(
        "bptt-backward",
        "bias summed over units",
        BACKWARD.replace("dA.sum(0)", "dA.sum()"),
        "bptt-backward-step",
        "db_h for T = 1: wrong for a single step",
    ),
    Mutant(
        "bptt-backward",
        "bias not summed over the minibatch",
        BACKWARD.replace("torch.zeros_like(W_hh[0])", "0").replace(
            "db_h += dA.sum(0)", "db_h = db_h + dA"
        ),
        "bptt-backward-step",
        r"expected the shape \(4,\), but got \(2, 4\)",
    ),
    Mutant(
        "bptt-backward",
        "mean over the minibatch",
        BACKWARD.replace(
            "dH = dL_dH[t - 1] +", "dH = dL_dH[t - 1] / len(H[0]) +"
        ),
        "bptt-backward-step",
        "the mean over the minibatch is taken",
    ),
    Mutant(
        "bptt-backward",
        "float32",
        BACKWARD.replace("return dW_xh,", "return dW_xh.float(),"),
        "bptt-backward-step",
        "expected the inputs' dtype torch.float64, but got torch.float32",
    ),
    Mutant(
        "bptt-backward",
        "last step left out",
        "def rnn_gradients(dL_dH, X, H, W_hh):\n"
        "    dW_xh = dW_hh = db_h = flow = 0\n"
        "    for t in range(len(X) - 1, 0, -1):\n"
        "        dA = (dL_dH[t - 1] + flow) * (1 - H[t] ** 2)\n"
        "        dW_xh = dW_xh + X[t - 1].T @ dA\n"
        "        dW_hh = dW_hh + H[t - 1].T @ dA\n"
        "        db_h = db_h + dA.sum(0)\n"
        "        flow = dA @ W_hh.T\n"
        "    return dW_xh, dW_hh, db_h",
        "bptt-backward-step",
        "dW_xh for T = 1: expected a tensor, but got a number",
    ),
    Mutant(
        "bptt-backward",
        "bias forgotten",
        BACKWARD.replace("return dW_xh, dW_hh, db_h", "return dW_xh, dW_hh"),
        "bptt-backward-step",
        "expected 3 results, but got 2 results",
    ),
    Mutant(
        "bptt-backward",
        "= for += through time",
        BACKWARD.replace("+=", "="),
        "bptt-backward-time",
        r"only step 1 counts \(= for \+=\)",
    ),
    Mutant(
        "bptt-backward",
        "= for += in dW_hh only",
        BACKWARD.replace("dW_hh +=", "dW_hh ="),
        "bptt-backward-time",
        r"only step 1 counts \(= for \+=\)",
    ),
    Mutant(
        "bptt-backward",
        "nothing comes back",
        BACKWARD.replace("+ flow", ""),
        "bptt-backward-time",
        "nothing comes back from later steps",
    ),
    Mutant(
        "bptt-backward",
        "own losses left out",
        BACKWARD.replace(
            "dL_dH[t - 1] + flow", "dL_dH[-1] if t == len(X) else flow"
        ),
        "bptt-backward-time",
        "the steps before T have no loss of their own",
    ),
    Mutant(
        "bptt-backward",
        "not transposed",
        BACKWARD.replace("W_hh.T", "W_hh"),
        "bptt-backward-time",
        "W_hh is not transposed",
    ),
    Mutant(
        "bptt-backward",
        "no slope on the way back",
        BACKWARD.replace("flow = dA @", "flow = dH @"),
        "bptt-backward-time",
        r"no factor 1 - H_t\^2 is in what flows back",
    ),
    Mutant(
        "bptt-backward",
        "forward in time",
        BACKWARD.replace("range(len(X), 0, -1)", "range(1, len(X) + 1)"),
        "bptt-backward-time",
        "wrong for T = 6; first see",
    ),
    Mutant(
        "bptt-backward",
        "flow written into the losses' gradients",
        BACKWARD.replace(
            "dH = dL_dH[t - 1] + flow",
            "dL_dH[t - 1] += flow\n        dH = dL_dH[t - 1]",
        ),
        "bptt-backward-time",
        "changes its argument dL_dH",
    ),
    Mutant(
        "bptt-backward",
        "flow added up over all later steps",
        BACKWARD.replace("flow = dA", "flow = flow + dA"),
        "bptt-backward-numeric",
        "finite differences give another gradient",
    ),
    Mutant(
        "bptt-backward",
        "steps without a loss skipped",
        BACKWARD.replace(
            "        dH =",
            "        if not dL_dH[t - 1].any():\n            continue\n        dH =",
        ),
        "bptt-backward-numeric",
        "finite differences give another gradient",
    ),
    Mutant(
        "bptt-truncated",
        "one step too far",
        TRUNCATED.replace("t - tau, 0", "t - tau - 1, 0"),
        "bptt-truncated-value",
        "t - k <= tau, one step too far",
    ),
    Mutant(
        "bptt-truncated",
        "one step too short",
        TRUNCATED.replace("t - tau, 0", "t - tau + 1, 0"),
        "bptt-truncated-value",
        "the reach is one step too short",
    ),
    Mutant(
        "bptt-truncated",
        "tau ignored",
        TRUNCATED.replace("max(t - tau, 0)", "0"),
        "bptt-truncated-value",
        "nothing is cut",
    ),
    Mutant(
        "bptt-truncated",
        "windows",
        TRUNCATED.replace("max(t - tau, 0)", "(t - 1) // tau * tau"),
        "bptt-truncated-value",
        "the gradient is cut into windows",
    ),
    Mutant(
        "bptt-truncated",
        "own step left out",
        TRUNCATED.replace("+= D", "+= D if k < t else 0"),
        "bptt-truncated-value",
        "the loss of the step itself is left out",
    ),
    Mutant(
        "bptt-truncated",
        "= for +=",
        TRUNCATED.replace("dH[k - 1] +=", "dH[k - 1] ="),
        "bptt-truncated-value",
        r"a later loss replaces the others \(= for \+=\)",
    ),
    Mutant(
        "bptt-truncated",
        "not transposed",
        TRUNCATED.replace(".T\n", "\n"),
        "bptt-truncated-value",
        "W_hh is not transposed",
    ),
    Mutant(
        "bptt-truncated",
        "slope forgotten",
        TRUNCATED.replace("(D * (1 - H[k] ** 2))", "D"),
        "bptt-truncated-value",
        r"the factor 1 - H\^2 is forgotten",
    ),
    Mutant(
        "bptt-truncated",
        "slope of the step that it flows to",
        TRUNCATED.replace("H[k] **", "H[k - 1] **"),
        "bptt-truncated-value",
        "the factor is that of step k",
    ),
    Mutant(
        "bptt-truncated",
        "flow written into the losses' gradients",
        TRUNCATED.replace("D = (D *", "D[:] = (D *"),
        "bptt-truncated-value",
        "changes its argument dL_dH",
    ),
    Mutant(
        "bptt-truncated",
        "with the gradient of H_0",
        TRUNCATED.replace("zeros_like(dL_dH)", "zeros_like(H)"),
        "bptt-truncated-value",
        r"expected the shape \(8, 2, 4\) \(T, n, h\), but got \(9, 2, 4\)",
    ),
    Mutant(
        "bptt-truncated",
        "runs below step 1",
        TRUNCATED.replace("max(t - tau, 0)", "t - tau"),
        "bptt-truncated-value",
        "k runs below 1",
    ),
    Mutant(
        "bptt-truncated",
        "starts from the losses' gradients",
        TRUNCATED.replace("torch.zeros_like(dL_dH)", "dL_dH.clone()"),
        "bptt-truncated-value",
        "the loss of the step itself counts twice",
    ),
    Mutant(
        "bptt-truncated",
        "at least one lag",
        TRUNCATED.replace("t - tau, 0", "t - max(tau, 2), 0"),
        "bptt-truncated-cases",
        "each loss reaches its own step only",
    ),
    Mutant(
        "bptt-truncated",
        "nothing flows if tau is larger than T",
        TRUNCATED.replace(
            "    return",
            "    if tau >= len(H):\n        return dL_dH\n    return",
        ),
        "bptt-truncated-cases",
        "with tau = 100 >= T it should be the full gradient",
    ),
    Mutant(
        "bptt-detach",
        "detach forgotten",
        DETACH.replace("H.detach(), 0", "H, 0"),
        "bptt-detach-value",
        "backward runs through the window before: detach its last state",
    ),
    Mutant(
        "bptt-detach",
        "detach forgotten, seen with a shorter last window",
        DETACH.replace("H.detach(), 0", "H, 0"),
        "bptt-detach-cases",
        "backward runs through the window before: detach its last state",
    ),
    Mutant(
        "bptt-detach",
        "gradient of what was given, not of its copy",
        DETACH.replace("W_hh, H_0", "W, H_0").replace("H @ W_hh", "H @ W"),
        "bptt-detach-value",
        "the gradient is None",
    ),
    Mutant(
        "bptt-detach",
        "detach forgotten, one backward pass",
        IN_ONE.replace("H, _ = H.detach(), 0", "pass"),
        "bptt-detach-value",
        "the state is not detached",
    ),
    Mutant(
        "bptt-detach",
        "detached at every step",
        DETACH.replace("H @ W_hh", "H.detach() @ W_hh"),
        "bptt-detach-value",
        "the state is detached at every step",
    ),
    Mutant(
        "bptt-detach",
        "reset to zeros",
        DETACH.replace("H.detach(), 0", "torch.zeros_like(H), 0"),
        "bptt-detach-value",
        "each window starts from zeros",
    ),
    Mutant(
        "bptt-detach",
        "reset to zeros after each window",
        DETACH.replace(
            "        L.backward()\n",
            "        L.backward()\n        last, H = H, 0 * H\n",
        ).replace("H.detach()\n", "last.detach()\n"),
        "bptt-detach-value",
        "later windows start from zeros",
    ),
    Mutant(
        "bptt-detach",
        "reset to the given state",
        DETACH.replace("H.detach(), 0", "H_0, 0"),
        "bptt-detach-value",
        "each window starts from the given state",
    ),
    Mutant(
        "bptt-detach",
        "given state ignored",
        DETACH.replace(
            "requires_grad_(), H\n", "requires_grad_(), 0\n    H = 0 * H\n"
        ),
        "bptt-detach-value",
        "the given state is ignored",
    ),
    Mutant(
        "bptt-detach",
        "gradient set to zero before each window",
        DETACH.replace(
            "        L.backward()",
            "        W_hh.grad = None\n        L.backward()",
        ),
        "bptt-detach-value",
        "only the last window counts",
    ),
    Mutant(
        "bptt-detach",
        "returned inside the loop",
        DETACH.replace("    return W", "        return W"),
        "bptt-detach-value",
        "only the first window counts",
    ),
    Mutant(
        "bptt-detach",
        "mean over the windows",
        DETACH.replace("W_hh.grad,", "W_hh.grad / len(X.split(tau)),"),
        "bptt-detach-value",
        "the mean over the windows is taken",
    ),
    Mutant(
        "bptt-detach",
        "one half forgotten",
        DETACH.replace(".sum() / 2", ".sum()"),
        "bptt-detach-value",
        "the factor 1/2 of the loss is left out",
    ),
    Mutant(
        "bptt-detach",
        "loss of the last step of a window only",
        DETACH.replace("L = L + (", "L = ("),
        "bptt-detach-value",
        "wrong for two windows of 3 steps",
    ),
    Mutant(
        "bptt-detach",
        "only the gradient returned",
        DETACH.replace(", H.detach()\n", "\n"),
        "bptt-detach-value",
        "expected 2 results, but got a tensor",
    ),
    Mutant(
        "bptt-detach",
        "last short window dropped",
        DETACH.replace(
            "    for X_w", "    T = len(X) // tau * tau\n    for X_w"
        )
        .replace("X.split", "X[:T].split")
        .replace("Y.split", "Y[:T].split"),
        "bptt-detach-cases",
        "the shorter last window is left out",
    ),
    Mutant(
        "bptt-detach",
        "cut along the minibatch",
        DETACH.replace("X.split(tau)", "X.split(tau, 1)").replace(
            "Y.split(tau)", "Y.split(tau, 1)"
        ),
        "bptt-detach-cases",
        "raised RuntimeError|wrong for|with tau = 1",
    ),
]

VARIANTS = [
    Variant(
        "bptt-lag",
        "column vectors",
        "def gradient_norms(dL_dh, W_hh, T):\n"
        "    norms = torch.empty(T, dtype=W_hh.dtype)\n"
        "    for j in range(T):\n"
        "        norms[j] = (dL_dh * dL_dh).sum().sqrt()\n"
        "        dL_dh = W_hh @ dL_dh\n"
        "    return norms",
    ),
    Variant(
        "bptt-lag",
        "powers",
        "def gradient_norms(dL_dh, W_hh, T):\n"
        "    power = torch.linalg.matrix_power\n"
        "    rows = [dL_dh @ power(W_hh.T, lag) for lag in range(T)]\n"
        "    return torch.linalg.vector_norm(torch.stack(rows), dim=1)",
    ),
    Variant("bptt-backward", "summed in place", BACKWARD),
    Variant(
        "bptt-backward",
        "products after the loop",
        "def rnn_gradients(dL_dH, X, H, W_hh):\n"
        "    slope, dH = 1 - H**2, torch.zeros_like(H)\n"
        "    dH[1:] = dL_dH\n"
        "    for t in range(len(X), 1, -1):\n"
        "        dH[t - 1] += (dH[t] * slope[t]) @ W_hh.T\n"
        "    dA = (dH * slope)[1:].flatten(0, 1)\n"
        "    dW_hh = H[:-1].flatten(0, 1).T @ dA\n"
        "    return X.flatten(0, 1).T @ dA, dW_hh, dA.sum(0)",
    ),
    Variant(
        "bptt-truncated",
        "all losses one lag further together",
        "def truncated_gradients(dL_dH, H, W_hh, tau):\n"
        "    slope, dH, D = 1 - H[1:] ** 2, dL_dH.clone(), dL_dH\n"
        "    for _ in range(1, min(tau, len(dL_dH))):\n"
        "        D = (D[1:] * slope[1 : len(D)]) @ W_hh.T\n"
        "        dH[: len(D)] += D\n"
        "    return dH",
    ),
    Variant(
        "bptt-truncated",
        "a full pass for each step",
        "def truncated_gradients(dL_dH, H, W_hh, tau):\n"
        "    found = []\n"
        "    for k in range(1, len(H)):\n"
        "        last = min(k + tau - 1, len(dL_dH))\n"
        "        dH = dL_dH[last - 1]\n"
        "        for t in range(last, k, -1):\n"
        "            dA = dH - dH * H[t] * H[t]\n"
        "            dH = dL_dH[t - 2] + dA @ W_hh.T\n"
        "        found.append(dH)\n"
        "    return torch.stack(found)",
    ),
    Variant("bptt-detach", "one backward pass at the end", IN_ONE),
    Variant(
        "bptt-detach",
        "by hand",
        "def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):\n"
        "    states = [H]\n"
        "    for X_t in X:\n"
        "        A = X_t @ W_xh + states[-1] @ W_hh + b_h\n"
        "        states.append(torch.tanh(A))\n"
        "    dW_hh, flow = torch.zeros_like(W_hh), torch.zeros_like(H)\n"
        "    for t in range(len(X), 0, -1):\n"
        "        if t % tau == 0:\n"
        "            flow = torch.zeros_like(H)\n"
        "        dA = (states[t] - Y[t - 1] + flow) * (1 - states[t] ** 2)\n"
        "        dW_hh += states[t - 1].T @ dA\n"
        "        flow = dA @ W_hh.T\n"
        "    return dW_hh, states[-1]",
    ),
    Variant(
        "bptt-detach",
        "gradients of the argument itself",
        "def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):\n"
        "    W_hh.requires_grad_()\n"
        "    dW_hh = 0\n"
        "    for start in range(0, len(X), tau):\n"
        "        H, L = H.detach(), []\n"
        "        for t in range(start, min(start + tau, len(X))):\n"
        "            H = torch.tanh(X[t] @ W_xh + H @ W_hh + b_h)\n"
        "            L.append((H - Y[t]).pow(2).sum() / 2)\n"
        "        dW_hh = dW_hh + torch.autograd.grad(sum(L), W_hh)[0]\n"
        "    return dW_hh, H",
    ),
]
