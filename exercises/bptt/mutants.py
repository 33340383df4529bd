"""Known mistakes in the exercises on back-propagation through time, and other right solutions."""

from rnncourse.grading.mutants import Answers, Mutant, Variant

ANSWERS = [
    Answers(
        exercise="bptt-lag",
        solution="""
            def gradient_norms(dL_dh, W_hh, T):
                norms = []
                for _ in range(T):
                    norms.append(dL_dh.norm())
                    dL_dh = dL_dh @ W_hh.T
                return torch.stack(norms)
        """,
        mutants=[
            Mutant(
                fault="W_hh not transposed",
                edits={".T": ""},
                check="bptt-lag-value",
                message="W_hh is not transposed",
            ),
            Mutant(
                fault="squared norms",
                edits={"dL_dh.norm())": "(dL_dh**2).sum())"},
                check="bptt-lag-value",
                message="the norms are squared",
            ),
            Mutant(
                fault="sorted by step, not by lag",
                edits={"norms)": "norms[::-1])"},
                check="bptt-lag-value",
                message="the largest lag comes first",
            ),
            Mutant(
                fault="starts at lag 1",
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        norms = []
                        for _ in range(T):
                            dL_dh = dL_dh @ W_hh.T  # <-
                            norms.append(dL_dh.norm())
                        return torch.stack(norms)
                """,
                check="bptt-lag-value",
                message="the lags start at 1",
            ),
            Mutant(
                fault="one lag too many",
                edits={"(T):": "(T + 1):"},
                check="bptt-lag-value",
                message=r"expected the shape \(6,\) \(T\), but got \(7,\)",
            ),
            Mutant(
                fault="norm of W_hh in place of W_hh",
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        W = torch.linalg.matrix_norm(W_hh, 2)  # <-
                        return torch.stack([dL_dh.norm() * W**j for j in range(T)])
                """,
                check="bptt-lag-value",
                message="the norm of W_hh is taken for W_hh",
            ),
            Mutant(
                fault="gradient left out",
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        power = torch.linalg.matrix_power
                        norm = torch.linalg.matrix_norm
                        return torch.stack([norm(power(W_hh, j), 2) for j in range(T)])
                """,
                check="bptt-lag-value",
                message="only the norm of the matrices is taken",
            ),
            Mutant(
                fault="list instead of a tensor",
                edits={"torch.stack(norms)": "[float(a) for a in norms]"},
                check="bptt-lag-value",
                message="expected a tensor, but got a list",
            ),
            Mutant(
                fault="gradient overwritten in place",
                edits={"dL_dh =": "dL_dh[:] =", ".T": ".T"},
                check="bptt-lag-value",
                message="changes its argument dL_dh",
            ),
            Mutant(
                fault="number of lags hard-coded",
                edits={"(T):": "(6):"},
                check="bptt-lag-cases",
                message=r"expected the shape \(1,\)",
            ),
            Mutant(
                fault="norms added",
                edits={"norms)": "norms).cumsum(0)"},
                check="bptt-lag-value",
                message="the norms are added up",
            ),
            Mutant(
                fault="entry by entry",
                edits={"dL_dh @ W_hh.T": "(dL_dh * W_hh).sum(0)"},
                check="bptt-lag-value",
                message="a norm is wrong",
            ),
            Mutant(
                fault="root missing",
                edits={"dL_dh.norm": "(dL_dh ** 2).sum"},
                check="bptt-lag-value",
                message="the norms are squared",
            ),
            Mutant(
                fault="W ** k elementwise instead of the matrix power",
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        return torch.stack([(dL_dh @ (W_hh.T ** k)).norm() for k in range(T)])
                """,
                check="bptt-lag-value",
                message=r"W_hh \*\* k is taken, the power of each entry",
            ),
            Mutant(
                fault="one lag too many, T + 1 norms",
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        g = dL_dh
                        norms = [g.norm()]
                        for _ in range(T):
                            g = g @ W_hh.T
                            norms.append(g.norm())
                        return torch.stack(norms)
                """,
                check="bptt-lag-value",
                message="lag T is among them: T norms are those of the lags 0 to T - 1",
            ),
        ],
        variants=[
            Variant(
                way="column vectors",
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        norms = torch.empty(T, dtype=W_hh.dtype)
                        for j in range(T):
                            norms[j] = (dL_dh * dL_dh).sum().sqrt()
                            dL_dh = W_hh @ dL_dh
                        return norms
                """,
            ),
            Variant(
                way="powers",
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        power = torch.linalg.matrix_power
                        rows = [dL_dh @ power(W_hh.T, lag) for lag in range(T)]
                        return torch.linalg.vector_norm(torch.stack(rows), dim=1)
                """,
            ),
        ],
    ),
    Answers(
        exercise="bptt-backward",
        solution="""
            def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                h = len(W_hh)
                dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                flow = torch.zeros_like(H[0])
                for t in range(len(X), 0, -1):
                    dH = dL_dH[t - 1] + flow
                    dA = alpha * dH * (1 - g[t - 1] ** 2)
                    dW_xh += X[t - 1].T @ dA
                    dW_hh += H[t - 1].T @ dA
                    db_h += dA.sum(0)
                    flow = (1 - alpha) * dH + dA @ W_hh.T
                return dW_xh, dW_hh, db_h
        """,
        mutants=[
            Mutant(
                fault="the chapter's backward pass",
                edits={
                    "alpha * dH * (1 - g[t - 1] ** 2)": "dH * (1 - H[t] ** 2)",
                    "(1 - alpha) * dH + dA @ W_hh.T": "dA @ W_hh.T",
                },
                check="bptt-backward-step",
                message="dW_xh for T = 1: wrong for a single step",
            ),
            Mutant(
                fault="alpha forgotten",
                edits={"alpha * ": "", "2)": "2)"},
                check="bptt-backward-step",
                message="the factor alpha is forgotten",
            ),
            Mutant(
                fault="1 - alpha for alpha",
                edits={"alpha ": "(1 - alpha) ", "2)": "2)"},
                check="bptt-backward-step",
                message="the factor is 1 - alpha",
            ),
            Mutant(
                fault="tanh's slope forgotten",
                edits={" * (1 - g[t - 1] ** 2)": ""},
                check="bptt-backward-step",
                message="the slope of tanh is forgotten",
            ),
            Mutant(
                fault="slope at the state",
                edits={"g[t - 1] ** 2)": "H[t] ** 2)"},
                check="bptt-backward-step",
                message="the slope is taken at H_t",
            ),
            Mutant(
                fault="slope without the square",
                edits={" ** 2)": ")"},
                check="bptt-backward-step",
                message="the slope is 1 - g_t, without the square",
            ),
            Mutant(
                fault="H_t for H_{t-1} in dW_hh",
                edits={"H[t - 1].T @ dA": "H[t].T @ dA"},
                check="bptt-backward-step",
                message=r"H_t is used in place of H_\{t-1\} in dW_hh",
            ),
            Mutant(
                fault="g_t for H_{t-1} in dW_hh",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = alpha * dH * (1 - g[t - 1] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += g[t - 1].T @ dA  # <-
                            db_h += dA.sum(0)
                            flow = (1 - alpha) * dH + dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message=r"g_t is used in place of H_\{t-1\} in dW_hh",
            ),
            Mutant(
                fault="dW_hh transposed",
                edits={"H[t - 1].T @ dA": "dA.T @ H[t - 1]"},
                check="bptt-backward-step",
                message="dW_hh for T = 1: wrong for a single step",
            ),
            Mutant(
                fault="bias gradient summed over the units, too",
                edits={"0)": ")"},
                check="bptt-backward-step",
                message="db_h for T = 1: wrong for a single step",
            ),
            Mutant(
                fault="bias gradient not summed over the minibatch",
                edits={
                    "torch.zeros_like(W_hh[0])": "0",
                    "+= dA.sum(0)": "= db_h + dA",
                },
                check="bptt-backward-step",
                message=r"expected the shape \(4,\), but got \(2, 4\)",
            ),
            Mutant(
                fault="mean over the minibatch",
                edits={"+ flow": "/ len(H[0]) + flow"},
                check="bptt-backward-step",
                message="the mean over the minibatch is taken",
            ),
            Mutant(
                fault="cast to float32",
                edits={
                    "dW_xh,": "dW_xh.float(),",
                    ", dW_hh, db_h": ", dW_hh, db_h",
                },
                check="bptt-backward-step",
                message="expected the inputs' dtype torch.float64, but got torch.float32",
            ),
            Mutant(
                fault="last step left out",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        dW_xh = dW_hh = db_h = flow = 0
                        for t in range(len(X) - 1, 0, -1):  # <-
                            dH = dL_dH[t - 1] + flow
                            dA = alpha * dH * (1 - g[t - 1] ** 2)
                            dW_xh = dW_xh + X[t - 1].T @ dA
                            dW_hh = dW_hh + H[t - 1].T @ dA
                            db_h = db_h + dA.sum(0)
                            flow = (1 - alpha) * dH + dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message="dW_xh for T = 1: expected a tensor, but got a number",
            ),
            Mutant(
                fault="bias gradient not returned",
                edits={", dW_hh, db_h": ", dW_hh"},
                check="bptt-backward-step",
                message="expected 3 results, but got 2 results",
            ),
            Mutant(
                fault="= for += through time",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = alpha * dH * (1 - g[t - 1] ** 2)
                            dW_xh = X[t - 1].T @ dA  # <-
                            dW_hh = H[t - 1].T @ dA  # <-
                            db_h = dA.sum(0)  # <-
                            flow = (1 - alpha) * dH + dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-time",
                message=r"only step 1 counts \(= for \+=\)",
            ),
            Mutant(
                fault="= for += in dW_hh only",
                edits={
                    "dW_hh += ": "dW_hh = ",
                    "H[t - 1].T @ dA": "H[t - 1].T @ dA",
                },
                check="bptt-backward-time",
                message=r"only step 1 counts \(= for \+=\)",
            ),
            Mutant(
                fault="direct way forgotten",
                edits={"(1 - alpha) * dH + dA @ W_hh.T": "dA @ W_hh.T"},
                check="bptt-backward-time",
                message="what flows back directly is left out",
            ),
            Mutant(
                fault="direct way only",
                edits={" + dA @ W_hh.T": ""},
                check="bptt-backward-time",
                message="what flows back through A_t is left out",
            ),
            Mutant(
                fault="direct way without 1 - alpha",
                edits={"(1 - alpha) * ": "", "W_hh.T": "W_hh.T"},
                check="bptt-backward-time",
                message="all of dH_t flows back directly, without 1 - alpha",
            ),
            Mutant(
                fault="direct way for dA in place of dH",
                edits={" dH +": " dA +", "W_hh.T": "W_hh.T"},
                check="bptt-backward-time",
                message="wrong for T = 6",
            ),
            Mutant(
                fault="no gradient from later steps",
                edits={" + flow": ""},
                check="bptt-backward-time",
                message="nothing comes back from later steps",
            ),
            Mutant(
                fault="losses before step T left out",
                edits={"t - 1] + flow": "-1] if t == len(X) else flow"},
                check="bptt-backward-time",
                message="the steps before T have no loss of their own",
            ),
            Mutant(
                fault="W_hh not transposed",
                edits={"W_hh.T": "W_hh"},
                check="bptt-backward-time",
                message="W_hh is not transposed",
            ),
            Mutant(
                fault="no slope in what flows back",
                edits={"dA @ W_hh.T": "alpha * dH @ W_hh.T"},
                check="bptt-backward-time",
                message="the slope is missing in what flows back through A_t",
            ),
            Mutant(
                fault="loop runs forward in time",
                edits={"len(X), 0, -1):": "1, len(X) + 1):"},
                check="bptt-backward-time",
                message="wrong for T = 6",
            ),
            Mutant(
                fault="losses' gradients overwritten in place",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dL_dH[t - 1] += flow  # <-
                            dH = dL_dH[t - 1]
                            dA = alpha * dH * (1 - g[t - 1] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum(0)
                            flow = (1 - alpha) * dH + dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-time",
                message="changes its argument dL_dH",
            ),
            Mutant(
                fault="flow accumulated over all later steps",
                edits={"= (": "= flow + (", "W_hh.T": "W_hh.T"},
                check="bptt-backward-numeric",
                message="finite differences give another gradient",
            ),
            Mutant(
                fault="steps without a loss skipped",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            if not dL_dH[t - 1].any():  # <-
                                continue  # <-
                            dH = dL_dH[t - 1] + flow
                            dA = alpha * dH * (1 - g[t - 1] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum(0)
                            flow = (1 - alpha) * dH + dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-numeric",
                message="finite differences give another gradient",
            ),
            Mutant(
                fault="alpha of the first check hard-coded",
                edits={" = len(W_hh)": ", alpha = len(W_hh), 0.3"},
                check="bptt-backward-numeric",
                message="finite differences give another gradient with alpha = 0.6",
            ),
            Mutant(
                fault="division by 1 - alpha",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = alpha * dH * (1 - g[t - 1] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum(0)
                            dH = dH * (1 - alpha)  # <-
                            flow = dH + alpha * (dH / (1 - alpha)) * (1 - g[t - 1] ** 2) @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-numeric",
                message="finite differences give another gradient with alpha = 1",
            ),
            Mutant(
                fault="1 - tanh(g)^2",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        dW_xh, dW_hh, db_h = 0, 0, 0
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = alpha * dH * (1 - torch.tanh(g[t - 1]) ** 2)
                            dW_xh = dW_xh + X[t - 1].T @ dA
                            dW_hh = dW_hh + H[t - 1].T @ dA
                            db_h = db_h + dA.sum(0)
                            flow = (1 - alpha) * dH + dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message=r"the slope is taken of tanh\(g_t\) once more",
            ),
            Mutant(
                fault="slope twice",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        dW_xh, dW_hh, db_h = 0, 0, 0
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = alpha * dH * (1 - g[t - 1] ** 2) ** 2
                            dW_xh = dW_xh + X[t - 1].T @ dA
                            dW_hh = dW_hh + H[t - 1].T @ dA
                            db_h = db_h + dA.sum(0)
                            flow = (1 - alpha) * dH + dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message="the slope is applied twice",
            ),
            Mutant(
                fault="alpha squared",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        dW_xh, dW_hh, db_h = 0, 0, 0
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = alpha ** 2 * dH * (1 - g[t - 1] ** 2)
                            dW_xh = dW_xh + X[t - 1].T @ dA
                            dW_hh = dW_hh + H[t - 1].T @ dA
                            db_h = db_h + dA.sum(0)
                            flow = (1 - alpha) * dH + dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message="the factor alpha is squared",
            ),
            Mutant(
                fault="own loss flows only",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        dW_xh, dW_hh, db_h = 0, 0, 0
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = alpha * dH * (1 - g[t - 1] ** 2)
                            dW_xh = dW_xh + X[t - 1].T @ dA
                            dW_hh = dW_hh + H[t - 1].T @ dA
                            db_h = db_h + dA.sum(0)
                            flow = (1 - alpha) * dL_dH[t - 1] + alpha * dL_dH[t - 1] * (1 - g[t - 1] ** 2) @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-time",
                message="dL_dH flows back, not dH",
            ),
            Mutant(
                fault="minus",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        dW_xh, dW_hh, db_h = 0, 0, 0
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = -alpha * dH * (1 - g[t - 1] ** 2)
                            dW_xh = dW_xh + X[t - 1].T @ dA
                            dW_hh = dW_hh + H[t - 1].T @ dA
                            db_h = db_h + dA.sum(0)
                            flow = (1 - alpha) * dH + dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message="the sign is wrong",
            ),
            Mutant(
                fault="the bias gets the mean over the minibatch",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        T = len(X)
                        dW_xh, dW_hh, db_h = 0, 0, 0
                        dH = torch.zeros_like(H[0])
                        for t in range(T - 1, -1, -1):
                            dH = dH + dL_dH[t]
                            dA = alpha * dH * (1 - g[t] ** 2)
                            dW_xh = dW_xh + X[t].T @ dA
                            dW_hh = dW_hh + H[t].T @ dA
                            db_h = db_h + dA.mean(0)
                            dH = dA @ W_hh.T + (1 - alpha) * dH
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message="the mean over the minibatch is taken, not the sum",
            ),
            Mutant(
                fault="the loop ends before step 1",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        T = len(X)
                        dW_xh = torch.zeros(X.shape[2], W_hh.shape[0], dtype=X.dtype)
                        dW_hh = torch.zeros_like(W_hh)
                        db_h = torch.zeros(W_hh.shape[0], dtype=X.dtype)
                        dH = torch.zeros_like(H[0])
                        for t in range(T - 1, 0, -1):
                            dH = dH + dL_dH[t]
                            dA = alpha * dH * (1 - g[t] ** 2)
                            dW_xh += X[t].T @ dA
                            dW_hh += H[t].T @ dA
                            db_h += dA.sum(0)
                            dH = dA @ W_hh.T + (1 - alpha) * dH
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message="the loop does not reach step 1",
            ),
        ],
        variants=[
            Variant(
                way="products after the loop",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        slope, dH = alpha * (1 - g**2), dL_dH.clone()
                        for t in range(len(X) - 1, 0, -1):
                            dH[t - 1] += (1 - alpha) * dH[t] + (dH[t] * slope[t]) @ W_hh.T
                        dA = (dH * slope).flatten(0, 1)
                        dW_hh = H[:-1].flatten(0, 1).T @ dA
                        return X.flatten(0, 1).T @ dA, dW_hh, dA.sum(0)
                """,
            ),
            Variant(
                way="Jacobians",
                code="""
                    def leaky_gradients(dL_dH, X, H, g, W_hh, alpha):
                        dH, dA = torch.zeros_like(H[0]), []
                        same = (1 - alpha) * torch.eye(len(W_hh), dtype=H.dtype)
                        for t in reversed(range(len(X))):
                            dH = dH + dL_dH[t]
                            slope = alpha * (1 - g[t] * g[t])
                            dA.insert(0, slope * dH)
                            jacobian = same + slope[:, :, None] * W_hh.T  # of each sequence
                            dH = torch.einsum("ni,nij->nj", dH, jacobian)
                        dA = torch.stack(dA)
                        dW_xh, dW_hh = (torch.einsum("tnd,tnh->dh", A, dA) for A in (X, H[:-1]))
                        return dW_xh, dW_hh, dA.sum((0, 1))
                """,
            ),
        ],
    ),
    Answers(
        exercise="bptt-truncated",
        solution="""
            def truncated_gradients(dL_dH, H, W_hh, tau):
                dH = torch.zeros_like(dL_dH)
                for t in range(1, len(H)):
                    D = dL_dH[t - 1]
                    for k in range(t, max(t - tau, 0), -1):
                        dH[k - 1] += D
                        D = (D * (1 - H[k] ** 2)) @ W_hh.T
                return dH
        """,
        mutants=[
            Mutant(
                fault="one step too far",
                edits={", 0), -1):": " - 1, 0), -1):"},
                check="bptt-truncated-value",
                message="t - k <= tau, one step too far",
            ),
            Mutant(
                fault="one step too short",
                edits={", 0), -1):": " + 1, 0), -1):"},
                check="bptt-truncated-value",
                message="the reach is one step too short",
            ),
            Mutant(
                fault="tau ignored",
                edits={"max(t - tau, 0), -1):": "0, -1):"},
                check="bptt-truncated-value",
                message="nothing is cut",
            ),
            Mutant(
                fault="cut into windows",
                edits={"max(t - tau, 0), -1):": "(t - 1) // tau * tau, -1):"},
                check="bptt-truncated-value",
                message="the gradient is cut into windows",
            ),
            Mutant(
                fault="loss of the step itself left out",
                edits={"= D": "= D if k < t else 0"},
                check="bptt-truncated-value",
                message="the loss of the step itself is left out",
            ),
            Mutant(
                fault="= for +=",
                edits={"+= D": "= D"},
                check="bptt-truncated-value",
                message=r"a later loss replaces the others \(= for \+=\)",
            ),
            Mutant(
                fault="W_hh not transposed",
                edits={".T": ""},
                check="bptt-truncated-value",
                message="W_hh is not transposed",
            ),
            Mutant(
                fault="tanh's slope forgotten",
                edits={"(D * (1 - H[k] ** 2)) @ W_hh.T": "D @ W_hh.T"},
                check="bptt-truncated-value",
                message=r"the factor 1 - H\^2 is forgotten",
            ),
            Mutant(
                fault="slope of step k - 1 for step k",
                edits={"k]": "k - 1]", "T": "T"},
                check="bptt-truncated-value",
                message="the factor is that of step k",
            ),
            Mutant(
                fault="losses' gradients overwritten in place",
                edits={"D = (": "D[:] = (", "T": "T"},
                check="bptt-truncated-value",
                message="changes its argument dL_dH",
            ),
            Mutant(
                fault="gradient of H_0 included",
                edits={"dL_dH)": "H)"},
                check="bptt-truncated-value",
                message=r"expected the shape \(8, 2, 4\) \(T, n, h\), but got \(9, 2, 4\)",
            ),
            Mutant(
                fault="k runs below step 1",
                edits={"max(t - tau, 0), -1):": "t - tau, -1):"},
                check="bptt-truncated-value",
                message="k runs below 1",
            ),
            Mutant(
                fault="losses' gradients counted twice",
                edits={"torch.zeros_like(dL_dH)": "dL_dH.clone()"},
                check="bptt-truncated-value",
                message="the loss of the step itself counts twice",
            ),
            Mutant(
                fault="always at least one lag",
                edits={"tau, 0), -1):": "max(tau, 2), 0), -1):"},
                check="bptt-truncated-cases",
                message="each loss reaches its own step only",
            ),
            Mutant(
                fault="nothing flows back when tau exceeds T",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, max(t - tau, 0), -1):
                                dH[k - 1] += D
                                D = (D * (1 - H[k] ** 2)) @ W_hh.T
                        if tau >= len(H):  # <-
                            return dL_dH  # <-
                        return dH
                """,
                check="bptt-truncated-cases",
                message="with tau = 100 >= T it should be the full gradient",
            ),
            Mutant(
                fault="reaches one step too far (t - k <= tau)",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        T = dL_dH.shape[0]
                        dH = torch.zeros_like(dL_dH)
                        for t in range(T):
                            g = dL_dH[t]
                            for k in range(t, max(t - tau, 0) - 1, -1):
                                dH[k] += g
                                g = (g * (1 - H[k + 1] ** 2)) @ W_hh.T
                        return dH
                """,
                check="bptt-truncated-value",
                message="the reach is t - k <= tau, one step too far",
            ),
            Mutant(
                fault="the minimum with T is forgotten: index out of range",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        T = dL_dH.shape[0]
                        out = []
                        for k in range(1, T + 1):
                            total = torch.zeros_like(dL_dH[0])
                            for t in range(k, k + tau):
                                g = dL_dH[t - 1]
                                for j in range(t - 1, k - 1, -1):
                                    g = (g * (1 - H[j + 1] ** 2)) @ W_hh.T
                                total = total + g
                            out.append(total)
                        return torch.stack(out)
                """,
                check="bptt-truncated-value",
                message="truncated_gradients raised IndexError: index 8 is out of bounds for",
            ),
        ],
        variants=[
            Variant(
                way="lag by lag, all losses at once",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        slope, dH, D = 1 - H[1:] ** 2, dL_dH.clone(), dL_dH
                        for _ in range(1, min(tau, len(dL_dH))):
                            D = (D[1:] * slope[1 : len(D)]) @ W_hh.T
                            dH[: len(D)] += D
                        return dH
                """,
            ),
            Variant(
                way="a full pass for each step",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        gradients = []
                        for k in range(1, len(H)):
                            last = min(k + tau - 1, len(dL_dH))
                            dH = dL_dH[last - 1]
                            for t in range(last, k, -1):
                                dA = dH - dH * H[t] * H[t]
                                dH = dL_dH[t - 2] + dA @ W_hh.T
                            gradients.append(dH)
                        return torch.stack(gradients)
                """,
            ),
        ],
    ),
    Answers(
        exercise="bptt-detach",
        solution="""
            def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                W_hh = W_hh.clone().requires_grad_()
                states = [H]
                for start in range(0, len(X), k):
                    end = min(start + k, len(X))
                    begin = max(end - tau, 0)
                    H, L = states[begin], 0
                    for t in range(begin, end):
                        H = torch.tanh(X[t] @ W_xh + H @ W_hh + b_h)
                        if t >= start:
                            L = L + ((H - Y[t]) ** 2).sum() / 2
                            states.append(H.detach())
                    L.backward()
                return W_hh.grad, states[-1]
        """,
        mutants=[
            Mutant(
                fault="the chapter's windows of tau steps",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):  # <-
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-value",
                message="windows of tau steps are taken, without overlap",
            ),
            Mutant(
                fault="the chapter's windows of k steps",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(k), Y.split(k), strict=True):  # <-
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-value",
                message="the windows do not overlap",
            ),
            Mutant(
                fault="the chapter's sliding reach",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        W_hh = W_hh.clone().requires_grad_()
                        states = [H]
                        for t in range(len(X)):
                            states.append(torch.tanh(X[t] @ W_xh + states[-1] @ W_hh + b_h).detach())
                            begin = max(t + 1 - tau, 0)  # <-
                            H = states[begin]
                            for s in range(begin, t + 1):
                                H = torch.tanh(X[s] @ W_xh + H @ W_hh + b_h)
                            (((H - Y[t]) ** 2).sum() / 2).backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-value",
                message="wrong for blocks of 2 steps in windows of 4",
            ),
            Mutant(
                fault="detach forgotten",
                edits={".detach())": ")"},
                check="bptt-detach-value",
                message="backward runs into the window before: detach its states",
            ),
            Mutant(
                fault="detach forgotten, seen with a shorter last block",
                edits={".detach())": ")"},
                check="bptt-detach-cases",
                message="backward runs into the window before: detach its states",
            ),
            Mutant(
                fault="gradient read from the original, not from the copy",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        W = W_hh.clone().requires_grad_()
                        states = [H]
                        for start in range(0, len(X), k):
                            end = min(start + k, len(X))
                            begin = max(end - tau, 0)
                            H, L = states[begin], 0
                            for t in range(begin, end):
                                H = torch.tanh(X[t] @ W_xh + H @ W + b_h)
                                if t >= start:
                                    L = L + ((H - Y[t]) ** 2).sum() / 2
                                    states.append(H.detach())
                            L.backward()
                        return W_hh.grad, states[-1]  # <-
                """,
                check="bptt-detach-value",
                message="the gradient is None",
            ),
            Mutant(
                fault="detach forgotten, one backward pass",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        W_hh = W_hh.clone().requires_grad_()
                        states = [H]
                        total = 0
                        for start in range(0, len(X), k):
                            end = min(start + k, len(X))
                            H, L = states[start], 0
                            for t in range(start, end):
                                H = torch.tanh(X[t] @ W_xh + H @ W_hh + b_h)
                                if t >= start:
                                    L = L + ((H - Y[t]) ** 2).sum() / 2
                                    states.append(H)  # <-
                            total = total + L
                        total.backward()  # <-
                        return W_hh.grad, states[-1].detach()
                """,
                check="bptt-detach-value",
                message="the state is not detached",
            ),
            Mutant(
                fault="detached at every step",
                edits={" H @": " H.detach() @", "b_h)": "b_h)"},
                check="bptt-detach-value",
                message="the state is detached at every step",
            ),
            Mutant(
                fault="all losses of a window counted",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        W_hh = W_hh.clone().requires_grad_()
                        states = [H]
                        for start in range(0, len(X), k):
                            end = min(start + k, len(X))
                            begin = max(end - tau, 0)
                            H, L = states[begin], 0
                            for t in range(begin, end):
                                H = torch.tanh(X[t] @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y[t]) ** 2).sum() / 2  # <-
                                if t >= start:
                                    states.append(H.detach())
                            L.backward()
                        return W_hh.grad, states[-1]
                """,
                check="bptt-detach-value",
                message="all losses of a window count, not its block's",
            ),
            Mutant(
                fault="window before the block",
                edits={"end - tau, 0)": "start - tau, 0)"},
                check="bptt-detach-value",
                message="a window begins tau steps before its block",
            ),
            Mutant(
                fault="window one step too short",
                edits={", 0)": " + 1, 0)"},
                check="bptt-detach-value",
                message="a window begins one step too late",
            ),
            Mutant(
                fault="window one step too long",
                edits={", 0)": " - 1, 0)"},
                check="bptt-detach-value",
                message="a window begins one step too early",
            ),
            Mutant(
                fault="begin below 0, which counts from the end",
                edits={"max(end - tau, 0)": "end - tau"},
                check="bptt-detach-value",
                message="window_gradient raised|wrong for blocks",
            ),
            Mutant(
                fault="state reset to zeros before each window",
                edits={"states[begin], 0": "torch.zeros_like(H), 0"},
                check="bptt-detach-value",
                message="each window starts from zeros",
            ),
            Mutant(
                fault="state reset to the given one",
                edits={"begin], 0": "0], 0"},
                check="bptt-detach-value",
                message="each window starts from the given state",
            ),
            Mutant(
                fault="state of the block in place of the window's",
                edits={"begin], 0": "start], 0"},
                check="bptt-detach-value",
                message="wrong for blocks of 2 steps in windows of 4",
            ),
            Mutant(
                fault="given state ignored",
                edits={"H]": "0 * H]"},
                check="bptt-detach-value",
                message="the given state is ignored",
            ),
            Mutant(
                fault="gradient reset before each window",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        W_hh = W_hh.clone().requires_grad_()
                        states = [H]
                        for start in range(0, len(X), k):
                            end = min(start + k, len(X))
                            begin = max(end - tau, 0)
                            H, L = states[begin], 0
                            for t in range(begin, end):
                                H = torch.tanh(X[t] @ W_xh + H @ W_hh + b_h)
                                if t >= start:
                                    L = L + ((H - Y[t]) ** 2).sum() / 2
                                    states.append(H.detach())
                            W_hh.grad = None  # <-
                            L.backward()
                        return W_hh.grad, states[-1]
                """,
                check="bptt-detach-value",
                message="only the last window counts",
            ),
            Mutant(
                fault="return inside the loop",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        W_hh = W_hh.clone().requires_grad_()
                        states = [H]
                        for start in range(0, len(X), k):
                            end = min(start + k, len(X))
                            begin = max(end - tau, 0)
                            H, L = states[begin], 0
                            for t in range(begin, end):
                                H = torch.tanh(X[t] @ W_xh + H @ W_hh + b_h)
                                if t >= start:
                                    L = L + ((H - Y[t]) ** 2).sum() / 2
                                    states.append(H.detach())
                            L.backward()
                            return W_hh.grad, states[-1]  # <-
                """,
                check="bptt-detach-value",
                message="only the first window counts",
            ),
            Mutant(
                fault="mean over the windows",
                edits={", states[-1]": " / len(X.split(k)), states[-1]"},
                check="bptt-detach-value",
                message="the mean over the windows is taken",
            ),
            Mutant(
                fault="factor 1/2 forgotten",
                edits={" / 2": ""},
                check="bptt-detach-value",
                message="the factor 1/2 of the loss is left out",
            ),
            Mutant(
                fault="mean over the entries of a state",
                edits={"sum() / 2": "mean() / 2"},
                check="bptt-detach-value",
                message="the mean over the entries of a state is taken",
            ),
            Mutant(
                fault="only the last loss of each block",
                edits={"L + ": "", "/ 2": "/ 2"},
                check="bptt-detach-value",
                message="the loss of the last step of a window alone counts",
            ),
            Mutant(
                fault="only the gradient returned",
                edits={", states[-1]": ""},
                check="bptt-detach-value",
                message="expected 2 results, but got a tensor",
            ),
            Mutant(
                fault="shorter last block dropped",
                edits={"), k):": ") - k + 1, k):"},
                check="bptt-detach-cases",
                message="the shorter last block is left out",
            ),
            Mutant(
                fault="shorter window for the shorter last block",
                edits={"end - tau, 0)": "start + k - tau, 0)"},
                check="bptt-detach-cases",
                message="the last window has fewer than tau steps",
            ),
            Mutant(
                fault="tau and k swapped",
                edits={"tau, k):": "k, tau):"},
                check="bptt-detach-value",
                message="wrong for blocks|raised|the windows are",
            ),
            Mutant(
                fault="a shorter last block is dropped",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        T = X.shape[0]
                        W = W_hh.clone().detach().requires_grad_()
                        states = [H.detach()]
                        for t in range(T):
                            states.append(torch.tanh(X[t] @ W_xh + states[-1] @ W_hh + b_h).detach())
                        grad = torch.zeros_like(W_hh)
                        for block in range(T // k):
                            e = (block + 1) * k
                            s = max(e - tau, 0)
                            h = states[s]
                            loss = torch.tensor(0.0, dtype=X.dtype)
                            for t in range(s, e):
                                h = torch.tanh(X[t] @ W_xh + h @ W + b_h)
                                if t >= e - k:
                                    loss = loss + 0.5 * ((h - Y[t]) ** 2).sum()
                            grad = grad + torch.autograd.grad(loss, W)[0]
                        return grad, states[-1]
                """,
                check="bptt-detach-cases",
                message="the shorter last block is left out",
            ),
            Mutant(
                fault="each window starts from a zero state instead of the carried one",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        T = X.shape[0]
                        W = W_hh.clone().detach().requires_grad_()
                        for b in range(0, T, k):
                            e = min(b + k, T)
                            s = max(e - tau, 0)
                            h = H if s == 0 else torch.zeros_like(H)
                            loss = 0
                            for t in range(s, e):
                                h = torch.tanh(X[t] @ W_xh + h @ W + b_h)
                                if t >= b:
                                    loss = loss + 0.5 * ((h - Y[t]) ** 2).sum()
                            loss.backward()
                        return W.grad, h.detach()
                """,
                check="bptt-detach-value",
                message="each window but those at step 1 starts from zeros",
            ),
            Mutant(
                fault="max(..., 0) forgotten: negative index picks a late state",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        T = X.shape[0]
                        W = W_hh.clone().detach().requires_grad_()
                        states = [H]
                        with torch.no_grad():
                            for t in range(T):
                                states.append(torch.tanh(X[t] @ W_xh + states[t] @ W_hh + b_h))
                        for b in range(0, T, k):
                            e = min(b + k, T)
                            h = states[e - tau]
                            loss = 0
                            for t in range(e - tau, e):
                                h = torch.tanh(X[t] @ W_xh + h @ W + b_h)
                                if t >= b:
                                    loss = loss + 0.5 * ((h - Y[t]) ** 2).sum()
                            loss.backward()
                        return W.grad, states[-1]
                """,
                check="bptt-detach-value",
                message="e - tau is negative for the first window, and counts from the end:",
            ),
            Mutant(
                fault="sets requires_grad on the argument W_hh and leaves its grad there",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        T = X.shape[0]
                        W_hh.requires_grad_()
                        states = [H]
                        with torch.no_grad():
                            for t in range(T):
                                states.append(torch.tanh(X[t] @ W_xh + states[t] @ W_hh + b_h))
                        for b in range(0, T, k):
                            e = min(b + k, T)
                            s = max(e - tau, 0)
                            h = states[s]
                            loss = 0
                            for t in range(s, e):
                                h = torch.tanh(X[t] @ W_xh + h @ W_hh + b_h)
                                if t >= b:
                                    loss = loss + 0.5 * ((h - Y[t]) ** 2).sum()
                            loss.backward()
                        return W_hh.grad, states[-1]
                """,
                check="bptt-detach-value",
                message="window_gradient changes its argument W_hh: its grad stays, and the",
            ),
        ],
        variants=[
            Variant(
                way="states first, one backward pass at the end",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        states = [H]
                        for X_t in X:
                            states.append(torch.tanh(X_t @ W_xh + states[-1] @ W_hh + b_h))
                        W, L, T = W_hh.clone().requires_grad_(), 0, len(X)
                        for start in range(0, T, k):
                            end = min(start + k, T)
                            begin = max(end - tau, 0)
                            H, losses = states[begin], []
                            for X_t, Y_t in zip(X[begin:end], Y[begin:end]):
                                H = torch.tanh(X_t @ W_xh + H @ W + b_h)
                                losses.append((H - Y_t).square().sum() / 2)
                            L = L + sum(losses[start - begin :])
                        L.backward()
                        return W.grad, states[-1]
                """,
            ),
            Variant(
                way="by hand",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        states = [H]
                        for X_t in X:
                            A = X_t @ W_xh + states[-1] @ W_hh + b_h
                            states.append(torch.tanh(A))
                        dW_hh = torch.zeros_like(W_hh)
                        for start in range(0, len(X), k):
                            end, flow = min(start + k, len(X)), torch.zeros_like(H)
                            for t in range(end, max(end - tau, 0), -1):
                                dH = states[t] - Y[t - 1] + flow if t > start else flow
                                dA = dH * (1 - states[t] ** 2)
                                dW_hh += states[t - 1].T @ dA
                                flow = dA @ W_hh.T
                        return dW_hh, states[-1]
                """,
            ),
            Variant(
                way="gradients of the argument itself",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau, k):
                        W_hh.requires_grad_()
                        dW_hh, states = 0, [H]
                        for end in [*range(k, len(X), k), len(X)]:
                            begin, block = max(end - tau, 0), len(states) - 1
                            H, L = states[begin].detach(), []
                            for t in range(begin, end):
                                H = torch.tanh(X[t] @ W_xh + H @ W_hh + b_h)
                                if t >= block:
                                    L.append((H - Y[t]).pow(2).sum() / 2)
                                    states.append(H)
                            dW_hh = dW_hh + torch.autograd.grad(sum(L), W_hh)[0]
                        return dW_hh, H
                """,
            ),
        ],
    ),
]
