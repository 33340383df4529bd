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
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        norms = []
                        for _ in range(T):
                            norms.append(dL_dh.norm())
                            dL_dh = dL_dh @ W_hh  # <-
                        return torch.stack(norms)
                """,
                check="bptt-lag-value",
                message="W_hh is not transposed",
            ),
            Mutant(
                fault="squared norms",
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        norms = []
                        for _ in range(T):
                            norms.append((dL_dh**2).sum())  # <-
                            dL_dh = dL_dh @ W_hh.T
                        return torch.stack(norms)
                """,
                check="bptt-lag-value",
                message="the norms are squared",
            ),
            Mutant(
                fault="sorted by step, not by lag",
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        norms = []
                        for _ in range(T):
                            norms.append(dL_dh.norm())
                            dL_dh = dL_dh @ W_hh.T
                        return torch.stack(norms[::-1])  # <-
                """,
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
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        norms = []
                        for _ in range(T + 1):  # <-
                            norms.append(dL_dh.norm())
                            dL_dh = dL_dh @ W_hh.T
                        return torch.stack(norms)
                """,
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
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        norms = []
                        for _ in range(T):
                            norms.append(dL_dh.norm())
                            dL_dh = dL_dh @ W_hh.T
                        return [float(a) for a in norms]  # <-
                """,
                check="bptt-lag-value",
                message="expected a tensor, but got a list",
            ),
            Mutant(
                fault="gradient overwritten in place",
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        norms = []
                        for _ in range(T):
                            norms.append(dL_dh.norm())
                            dL_dh[:] = dL_dh @ W_hh.T  # <-
                        return torch.stack(norms)
                """,
                check="bptt-lag-value",
                message="changes its argument dL_dh",
            ),
            Mutant(
                fault="number of lags hard-coded",
                code="""
                    def gradient_norms(dL_dh, W_hh, T):
                        norms = []
                        for _ in range(6):  # <-
                            norms.append(dL_dh.norm())
                            dL_dh = dL_dh @ W_hh.T
                        return torch.stack(norms)
                """,
                check="bptt-lag-cases",
                message=r"expected the shape \(1,\)",
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
            def rnn_gradients(dL_dH, X, H, W_hh):
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
        """,
        mutants=[
            Mutant(
                fault="tanh's slope forgotten",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = dH  # <-
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message=r"the factor 1 - H_t\^2 is forgotten",
            ),
            Mutant(
                fault="slope of the previous step",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = dH * (1 - H[t - 1] ** 2)  # <-
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message=r"the factor is 1 - H_\{t-1\}\^2",
            ),
            Mutant(
                fault="slope without the square",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = dH * (1 - H[t])  # <-
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message=r"the factor is 1 - H_t(\n|$)",
            ),
            Mutant(
                fault="H_t for H_{t-1} in dW_hh",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = dH * (1 - H[t] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t].T @ dA  # <-
                            db_h += dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message=r"H_t stands for H_\{t-1\} in dW_hh",
            ),
            Mutant(
                fault="dW_hh transposed",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = dH * (1 - H[t] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += dA.T @ H[t - 1]  # <-
                            db_h += dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message="dW_hh for T = 1: wrong for a single step",
            ),
            Mutant(
                fault="bias gradient summed over the units, too",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = dH * (1 - H[t] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum()  # <-
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message="db_h for T = 1: wrong for a single step",
            ),
            Mutant(
                fault="bias gradient not summed over the minibatch",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), 0
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = dH * (1 - H[t] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h = db_h + dA  # <-
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message=r"expected the shape \(4,\), but got \(2, 4\)",
            ),
            Mutant(
                fault="mean over the minibatch",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] / len(H[0]) + flow  # <-
                            dA = dH * (1 - H[t] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message="the mean over the minibatch is taken",
            ),
            Mutant(
                fault="cast to float32",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
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
                        return dW_xh.float(), dW_hh, db_h  # <-
                """,
                check="bptt-backward-step",
                message="expected the inputs' dtype torch.float64, but got torch.float32",
            ),
            Mutant(
                fault="last step left out",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        dW_xh = dW_hh = db_h = flow = 0
                        for t in range(len(X) - 1, 0, -1):  # <-
                            dA = (dL_dH[t - 1] + flow) * (1 - H[t] ** 2)
                            dW_xh = dW_xh + X[t - 1].T @ dA
                            dW_hh = dW_hh + H[t - 1].T @ dA
                            db_h = db_h + dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-step",
                message="dW_xh for T = 1: expected a tensor, but got a number",
            ),
            Mutant(
                fault="bias gradient not returned",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
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
                        return dW_xh, dW_hh  # <-
                """,
                check="bptt-backward-step",
                message="expected 3 results, but got 2 results",
            ),
            Mutant(
                fault="= for += through time",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = dH * (1 - H[t] ** 2)
                            dW_xh = X[t - 1].T @ dA  # <-
                            dW_hh = H[t - 1].T @ dA  # <-
                            db_h = dA.sum(0)  # <-
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-time",
                message=r"only step 1 counts \(= for \+=\)",
            ),
            Mutant(
                fault="= for += in dW_hh only",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1] + flow
                            dA = dH * (1 - H[t] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh = H[t - 1].T @ dA  # <-
                            db_h += dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-time",
                message=r"only step 1 counts \(= for \+=\)",
            ),
            Mutant(
                fault="no gradient from later steps",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[t - 1]  # <-
                            dA = dH * (1 - H[t] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-time",
                message="nothing comes back from later steps",
            ),
            Mutant(
                fault="losses before step T left out",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dH = dL_dH[-1] if t == len(X) else flow  # <-
                            dA = dH * (1 - H[t] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-time",
                message="the steps before T have no loss of their own",
            ),
            Mutant(
                fault="W_hh not transposed",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
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
                            flow = dA @ W_hh  # <-
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-time",
                message="W_hh is not transposed",
            ),
            Mutant(
                fault="no slope in what flows back",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
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
                            flow = dH @ W_hh.T  # <-
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-time",
                message=r"no factor 1 - H_t\^2 is in what flows back",
            ),
            Mutant(
                fault="loop runs forward in time",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(1, len(X) + 1):  # <-
                            dH = dL_dH[t - 1] + flow
                            dA = dH * (1 - H[t] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-time",
                message="wrong for T = 6; first see",
            ),
            Mutant(
                fault="losses' gradients overwritten in place",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            dL_dH[t - 1] += flow  # <-
                            dH = dL_dH[t - 1]
                            dA = dH * (1 - H[t] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-time",
                message="changes its argument dL_dH",
            ),
            Mutant(
                fault="flow accumulated over all later steps",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
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
                            flow = flow + dA @ W_hh.T  # <-
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-numeric",
                message="finite differences give another gradient",
            ),
            Mutant(
                fault="steps without a loss skipped",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        h = len(W_hh)
                        dW_xh = torch.zeros(X.shape[2], h, dtype=X.dtype)
                        dW_hh, db_h = torch.zeros_like(W_hh), torch.zeros_like(W_hh[0])
                        flow = torch.zeros_like(H[0])
                        for t in range(len(X), 0, -1):
                            if not dL_dH[t - 1].any():  # <-
                                continue  # <-
                            dH = dL_dH[t - 1] + flow
                            dA = dH * (1 - H[t] ** 2)
                            dW_xh += X[t - 1].T @ dA
                            dW_hh += H[t - 1].T @ dA
                            db_h += dA.sum(0)
                            flow = dA @ W_hh.T
                        return dW_xh, dW_hh, db_h
                """,
                check="bptt-backward-numeric",
                message="finite differences give another gradient",
            ),
        ],
        variants=[
            Variant(
                way="products after the loop",
                code="""
                    def rnn_gradients(dL_dH, X, H, W_hh):
                        slope, dH = 1 - H**2, torch.zeros_like(H)
                        dH[1:] = dL_dH
                        for t in range(len(X), 1, -1):
                            dH[t - 1] += (dH[t] * slope[t]) @ W_hh.T
                        dA = (dH * slope)[1:].flatten(0, 1)
                        dW_hh = H[:-1].flatten(0, 1).T @ dA
                        return X.flatten(0, 1).T @ dA, dW_hh, dA.sum(0)
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
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, max(t - tau - 1, 0), -1):  # <-
                                dH[k - 1] += D
                                D = (D * (1 - H[k] ** 2)) @ W_hh.T
                        return dH
                """,
                check="bptt-truncated-value",
                message="t - k <= tau, one step too far",
            ),
            Mutant(
                fault="one step too short",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, max(t - tau + 1, 0), -1):  # <-
                                dH[k - 1] += D
                                D = (D * (1 - H[k] ** 2)) @ W_hh.T
                        return dH
                """,
                check="bptt-truncated-value",
                message="the reach is one step too short",
            ),
            Mutant(
                fault="tau ignored",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, 0, -1):  # <-
                                dH[k - 1] += D
                                D = (D * (1 - H[k] ** 2)) @ W_hh.T
                        return dH
                """,
                check="bptt-truncated-value",
                message="nothing is cut",
            ),
            Mutant(
                fault="cut into windows",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, (t - 1) // tau * tau, -1):  # <-
                                dH[k - 1] += D
                                D = (D * (1 - H[k] ** 2)) @ W_hh.T
                        return dH
                """,
                check="bptt-truncated-value",
                message="the gradient is cut into windows",
            ),
            Mutant(
                fault="loss of the step itself left out",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, max(t - tau, 0), -1):
                                dH[k - 1] += D if k < t else 0  # <-
                                D = (D * (1 - H[k] ** 2)) @ W_hh.T
                        return dH
                """,
                check="bptt-truncated-value",
                message="the loss of the step itself is left out",
            ),
            Mutant(
                fault="= for +=",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, max(t - tau, 0), -1):
                                dH[k - 1] = D  # <-
                                D = (D * (1 - H[k] ** 2)) @ W_hh.T
                        return dH
                """,
                check="bptt-truncated-value",
                message=r"a later loss replaces the others \(= for \+=\)",
            ),
            Mutant(
                fault="W_hh not transposed",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, max(t - tau, 0), -1):
                                dH[k - 1] += D
                                D = (D * (1 - H[k] ** 2)) @ W_hh  # <-
                        return dH
                """,
                check="bptt-truncated-value",
                message="W_hh is not transposed",
            ),
            Mutant(
                fault="tanh's slope forgotten",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, max(t - tau, 0), -1):
                                dH[k - 1] += D
                                D = D @ W_hh.T  # <-
                        return dH
                """,
                check="bptt-truncated-value",
                message=r"the factor 1 - H\^2 is forgotten",
            ),
            Mutant(
                fault="slope of step k - 1 for step k",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, max(t - tau, 0), -1):
                                dH[k - 1] += D
                                D = (D * (1 - H[k - 1] ** 2)) @ W_hh.T  # <-
                        return dH
                """,
                check="bptt-truncated-value",
                message="the factor is that of step k",
            ),
            Mutant(
                fault="losses' gradients overwritten in place",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, max(t - tau, 0), -1):
                                dH[k - 1] += D
                                D[:] = (D * (1 - H[k] ** 2)) @ W_hh.T  # <-
                        return dH
                """,
                check="bptt-truncated-value",
                message="changes its argument dL_dH",
            ),
            Mutant(
                fault="gradient of H_0 included",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(H)  # <-
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, max(t - tau, 0), -1):
                                dH[k - 1] += D
                                D = (D * (1 - H[k] ** 2)) @ W_hh.T
                        return dH
                """,
                check="bptt-truncated-value",
                message=r"expected the shape \(8, 2, 4\) \(T, n, h\), but got \(9, 2, 4\)",
            ),
            Mutant(
                fault="k runs below step 1",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, t - tau, -1):  # <-
                                dH[k - 1] += D
                                D = (D * (1 - H[k] ** 2)) @ W_hh.T
                        return dH
                """,
                check="bptt-truncated-value",
                message="k runs below 1",
            ),
            Mutant(
                fault="losses' gradients counted twice",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = dL_dH.clone()  # <-
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, max(t - tau, 0), -1):
                                dH[k - 1] += D
                                D = (D * (1 - H[k] ** 2)) @ W_hh.T
                        return dH
                """,
                check="bptt-truncated-value",
                message="the loss of the step itself counts twice",
            ),
            Mutant(
                fault="always at least one lag",
                code="""
                    def truncated_gradients(dL_dH, H, W_hh, tau):
                        dH = torch.zeros_like(dL_dH)
                        for t in range(1, len(H)):
                            D = dL_dH[t - 1]
                            for k in range(t, max(t - max(tau, 2), 0), -1):  # <-
                                dH[k - 1] += D
                                D = (D * (1 - H[k] ** 2)) @ W_hh.T
                        return dH
                """,
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
            def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                W_hh = W_hh.clone().requires_grad_()
                for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                    H, L = H.detach(), 0
                    for X_t, Y_t in zip(X_w, Y_w, strict=True):
                        H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                        L = L + ((H - Y_t) ** 2).sum() / 2
                    L.backward()
                return W_hh.grad, H.detach()
        """,
        mutants=[
            Mutant(
                fault="detach forgotten",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H, 0  # <-
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-value",
                message="backward runs through the window before: detach its last state",
            ),
            Mutant(
                fault="detach forgotten, seen with a shorter last window",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H, 0  # <-
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-cases",
                message="backward runs through the window before: detach its last state",
            ),
            Mutant(
                fault="gradient read from the original, not from the copy",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad, H.detach()  # <-
                """,
                check="bptt-detach-value",
                message="the gradient is None",
            ),
            Mutant(
                fault="detach forgotten, one backward pass",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        L = 0
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                        L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-value",
                message="the state is not detached",
            ),
            Mutant(
                fault="detached at every step",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H.detach() @ W_hh + b_h)  # <-
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-value",
                message="the state is detached at every step",
            ),
            Mutant(
                fault="state reset to zeros before each window",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = torch.zeros_like(H), 0  # <-
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-value",
                message="each window starts from zeros",
            ),
            Mutant(
                fault="state reset to zeros after each window",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                            last, H = H, 0 * H  # <-
                        return W_hh.grad, last.detach()
                """,
                check="bptt-detach-value",
                message="later windows start from zeros",
            ),
            Mutant(
                fault="state reset to the given one",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh, H_0 = W_hh.clone().requires_grad_(), H
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H_0, 0  # <-
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-value",
                message="each window starts from the given state",
            ),
            Mutant(
                fault="given state ignored",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        H = 0 * H  # <-
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-value",
                message="the given state is ignored",
            ),
            Mutant(
                fault="gradient reset before each window",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            W_hh.grad = None  # <-
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-value",
                message="only the last window counts",
            ),
            Mutant(
                fault="return inside the loop",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                            return W_hh.grad, H.detach()  # <-
                """,
                check="bptt-detach-value",
                message="only the first window counts",
            ),
            Mutant(
                fault="mean over the windows",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad / len(X.split(tau)), H.detach()  # <-
                """,
                check="bptt-detach-value",
                message="the mean over the windows is taken",
            ),
            Mutant(
                fault="factor 1/2 forgotten",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum()  # <-
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-value",
                message="the factor 1/2 of the loss is left out",
            ),
            Mutant(
                fault="only the last loss of each window",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = ((H - Y_t) ** 2).sum() / 2  # <-
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-value",
                message="wrong for two windows of 3 steps",
            ),
            Mutant(
                fault="only the gradient returned",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad  # <-
                """,
                check="bptt-detach-value",
                message="expected 2 results, but got a tensor",
            ),
            Mutant(
                fault="shorter last window dropped",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        T = len(X) // tau * tau  # <-
                        for X_w, Y_w in zip(X[:T].split(tau), Y[:T].split(tau), strict=True):
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-cases",
                message="the shorter last window is left out",
            ),
            Mutant(
                fault="cut along the minibatch",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        for X_w, Y_w in zip(X.split(tau, 1), Y.split(tau, 1), strict=True):  # <-
                            H, L = H.detach(), 0
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                            L.backward()
                        return W_hh.grad, H.detach()
                """,
                check="bptt-detach-cases",
                message="raised RuntimeError|wrong for|with tau = 1",
            ),
        ],
        variants=[
            Variant(
                way="one backward pass at the end",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh = W_hh.clone().requires_grad_()
                        L = 0
                        for X_w, Y_w in zip(X.split(tau), Y.split(tau), strict=True):
                            H = H.detach()
                            for X_t, Y_t in zip(X_w, Y_w, strict=True):
                                H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                                L = L + ((H - Y_t) ** 2).sum() / 2
                        L.backward()
                        return W_hh.grad, H.detach()
                """,
            ),
            Variant(
                way="by hand",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        states = [H]
                        for X_t in X:
                            A = X_t @ W_xh + states[-1] @ W_hh + b_h
                            states.append(torch.tanh(A))
                        dW_hh, flow = torch.zeros_like(W_hh), torch.zeros_like(H)
                        for t in range(len(X), 0, -1):
                            if t % tau == 0:
                                flow = torch.zeros_like(H)
                            dA = (states[t] - Y[t - 1] + flow) * (1 - states[t] ** 2)
                            dW_hh += states[t - 1].T @ dA
                            flow = dA @ W_hh.T
                        return dW_hh, states[-1]
                """,
            ),
            Variant(
                way="gradients of the argument itself",
                code="""
                    def window_gradient(X, Y, H, W_xh, W_hh, b_h, tau):
                        W_hh.requires_grad_()
                        dW_hh = 0
                        for start in range(0, len(X), tau):
                            H, L = H.detach(), []
                            for t in range(start, min(start + tau, len(X))):
                                H = torch.tanh(X[t] @ W_xh + H @ W_hh + b_h)
                                L.append((H - Y[t]).pow(2).sum() / 2)
                            dW_hh = dW_hh + torch.autograd.grad(sum(L), W_hh)[0]
                        return dW_hh, H
                """,
            ),
        ],
    ),
]
