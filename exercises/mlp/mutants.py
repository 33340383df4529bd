"""Known mistakes in the exercises on the network without state, and other right solutions."""

from rnncourse.grading.mutants import Answers, Mutant, Variant

ANSWERS = [
    Answers(
        exercise="mlp-forward",
        solution="""
            def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                H = np.tanh(X @ W_xh + b_h)  # (n, h)
                O = H @ W_hm + b_m  # (n, m)
                return H, O
        """,
        mutants=[
            Mutant(
                fault="hidden bias forgotten",
                edits={" + b_h)  # (n, h)": ")", "  # (n, m)": ""},
                check="mlp-forward-value",
                message="the hidden bias is left out",
            ),
            Mutant(
                fault="tanh forgotten",
                code="""
                    def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                        H = X @ W_xh + b_h  # <-
                        O = H @ W_hm + b_m
                        return H, O
                """,
                check="mlp-forward-value",
                message="tanh is left out",
            ),
            Mutant(
                fault="tanh on the output",
                code="""
                    def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                        H = np.tanh(X @ W_xh + b_h)
                        O = np.tanh(H @ W_hm + b_m)  # <-
                        return H, O
                """,
                check="mlp-forward-value",
                message="tanh is applied to the output",
            ),
            Mutant(
                fault="output bias forgotten",
                edits={"  # (n, h)": "", " + b_m  # (n, m)": ""},
                check="mlp-forward-value",
                message="the output's bias is left out",
            ),
            Mutant(
                fault="logistic function for tanh",
                code="""
                    def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                        H = 1 / (1 + np.exp(-(X @ W_xh + b_h)))  # <-
                        O = H @ W_hm + b_m
                        return H, O
                """,
                check="mlp-forward-value",
                message="the logistic function is used",
            ),
            Mutant(
                fault="only the output returned",
                code="""
                    def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                        H = np.tanh(X @ W_xh + b_h)
                        O = H @ W_hm + b_m
                        return O  # <-
                """,
                check="mlp-forward-value",
                message="expected 2 results, but got an array",
            ),
            Mutant(
                fault="cast to float32",
                code="""
                    def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                        H = np.tanh(X @ W_xh + b_h)
                        O = H @ W_hm + b_m
                        return H.astype(np.float32), O  # <-
                """,
                check="mlp-forward-value",
                message="dtype float64, but got float32",
            ),
            Mutant(
                fault="batch size hard-coded",
                code="""
                    def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                        H = np.tanh(X.reshape(5, -1) @ W_xh + b_h)  # <-
                        O = H @ W_hm + b_m
                        return H, O
                """,
                check="mlp-forward-value",
                message="mlp_forward raised ValueError",
            ),
            Mutant(
                fault="output before tanh",
                code="""
                    def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                        Z = X @ W_xh + b_h
                        return np.tanh(Z), Z @ W_hm + b_m
                """,
                check="mlp-forward-value",
                message="the output is computed before tanh",
            ),
            Mutant(
                fault="relu",
                code="""
                    def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                        H = np.maximum(X @ W_xh + b_h, 0)
                        return H, H @ W_hm + b_m
                """,
                check="mlp-forward-value",
                message="relu is used",
            ),
            Mutant(
                fault="swapped",
                code="""
                    def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                        H = np.tanh(X @ W_xh + b_h)
                        return H @ W_hm + b_m, H
                """,
                check="mlp-forward-value",
                message="the results are right, but in the order",
            ),
            Mutant(
                fault="the hidden bias is added after tanh",
                edits={" + b_h)  # (n, h)": ") + b_h", "  # (n, m)": ""},
                check="mlp-forward-value",
                message="the bias is added after tanh",
            ),
            Mutant(
                fault="the output is computed from the sum before tanh",
                code="""
                    def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                        Z = X @ W_xh + b_h
                        H = np.tanh(Z)
                        O = Z @ W_hm + b_m
                        return H, O
                """,
                check="mlp-forward-value",
                message="the output is computed before tanh",
            ),
            Mutant(
                fault="applies softmax to the output",
                code="""
                    def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                        H = np.tanh(X @ W_xh + b_h)
                        O = H @ W_hm + b_m
                        E = np.exp(O)
                        return H, E / E.sum(axis=1, keepdims=True)
                """,
                check="mlp-forward-value",
                message="the output goes through softmax",
            ),
        ],
        variants=[
            Variant(
                way="einsum",
                code="""
                    def mlp_forward(X, W_xh, b_h, W_hm, b_m):
                        H = np.tanh(np.einsum("nd,dh->nh", X, W_xh) + b_h)
                        O = H @ W_hm + b_m
                        return H, O
                """,
            ),
        ],
    ),
    Answers(
        exercise="stable-softmax",
        solution="""
            def softmax(O):
                E = np.exp(O - O.max(axis=1, keepdims=True))
                return E / E.sum(axis=1, keepdims=True)
        """,
        mutants=[
            Mutant(
                fault="sum down the columns",
                code="""
                    def softmax(O):
                        E = np.exp(O)
                        return E / E.sum(axis=0, keepdims=True)  # <-
                """,
                check="stable-softmax-value",
                message="the sum runs down the columns",
            ),
            Mutant(
                fault="sum over everything",
                edits={
                    " - O.max(axis=1, keepdims=True)": "",
                    "sum(axis=1, keepdims=True)": "sum()",
                },
                check="stable-softmax-value",
                message="the sum runs over everything",
            ),
            Mutant(
                fault="exp overflows",
                edits={" - O.max(axis=1, keepdims=True))": ")"},
                check="stable-softmax-large",
                message="does exp overflow",
            ),
            Mutant(
                fault="one maximum for all rows",
                edits={"axis=1, keepdims=True))": "))"},
                check="stable-softmax-large",
                message="does exp overflow|its own largest logit",
            ),
            Mutant(
                fault="input overwritten in place",
                code="""
                    def softmax(O):
                        O -= O.max(axis=1, keepdims=True)  # <-
                        E = np.exp(O)
                        return E / E.sum(axis=1, keepdims=True)
                """,
                check="stable-softmax-value",
                message="softmax changes its argument O",
            ),
            Mutant(
                fault="logarithm returned",
                edits={
                    "return E": "return np.log(E",
                    "sum(axis=1, keepdims=True)": "sum(axis=1, keepdims=True))",
                },
                check="stable-softmax-value",
                message="the logarithm is returned",
            ),
            Mutant(
                fault="mean of a row subtracted",
                edits={".max(": ".mean("},
                check="stable-softmax-large",
                message="take out the largest, not the mean or",
            ),
            Mutant(
                fault="smallest of a row subtracted",
                edits={".max(": ".min("},
                check="stable-softmax-large",
                message="take out the largest, not the mean or",
            ),
            Mutant(
                fault="logits clipped",
                edits={
                    "O - O.max(axis=1, keepdims=True": "np.clip(O, -500, 500"
                },
                check="stable-softmax-large",
                message="the logits are clamped",
            ),
            Mutant(
                fault="small number added to the sum",
                edits={
                    "/ E": "/ (E",
                    "sum(axis=1, keepdims=True)": "sum(axis=1, keepdims=True) + 1e-6)",
                },
                check="stable-softmax-value",
                message="is a small number added somewhere",
            ),
            Mutant(
                fault="divided by the largest",
                edits={"sum": "max"},
                check="stable-softmax-value",
                message="the sum is left out, after the largest was subtracted",
            ),
            Mutant(
                fault="columns hard-coded",
                edits={
                    "E.sum(axis=1, keepdims=True)": "(E[:, 0] + E[:, 1] + E[:, 2])[:, None]"
                },
                check="stable-softmax-value",
                message="right for the sizes before, but not for",
            ),
            Mutant(
                fault="sign",
                edits={" - O.max": ".min", "))": ") - O)"},
                check="stable-softmax-value",
                message="the sign of the logits is wrong",
            ),
            Mutant(
                fault="subtracts the largest of the whole array: a row far below underflows to 0/0",
                edits={"O.max(axis=1, keepdims=True": "np.max(O"},
                check="stable-softmax-large",
                message="each row needs its own largest logit taken out",
            ),
            Mutant(
                fault="nothing is subtracted",
                code="""
                    def softmax(O):
                        E = np.exp(O)
                        return E / np.sum(E, axis=1, keepdims=True)
                """,
                check="stable-softmax-large",
                message=r"logits near 1000 should be no trouble: does exp overflow\?",
            ),
            Mutant(
                fault="subtracts the row's mean, which does not prevent overflow",
                code="""
                    def softmax(O):
                        shifted = O - O.mean(axis=1, keepdims=True)
                        e = np.exp(shifted)
                        return e / e.sum(axis=1, keepdims=True)
                """,
                check="stable-softmax-large",
                message="wrong where one logit is near 1000, the others of its row near -1000:",
            ),
            Mutant(
                fault="clips the logits to plus/minus 700",
                code="""
                    def softmax(O):
                        O = np.clip(O, -700, 700)
                        e = np.exp(O)
                        return e / e.sum(axis=1, keepdims=True)
                """,
                check="stable-softmax-large",
                message="the logits are clamped, and become equal",
            ),
            Mutant(
                fault="divides by the sum over the whole array",
                edits={"sum(axis=1, keepdims=True)": "sum()"},
                check="stable-softmax-value",
                message="the sum runs over everything, after the largest of each row was",
            ),
            Mutant(
                fault="repairs the overflow with nan_to_num",
                code="""
                    def softmax(O):
                        E = np.exp(O)
                        P = E / E.sum(axis=1, keepdims=True)
                        return np.nan_to_num(P, nan=1.0)
                """,
                check="stable-softmax-large",
                message=r"logits near 1000 should be no trouble: does exp overflow\?",
            ),
            Mutant(
                fault="the maxima are those of the rows, but the sum is over axis 0",
                code="""
                    def softmax(O):
                        m = O.max(axis=1)
                        E = np.exp(O.T - m).T
                        return E / E.sum(axis=0)
                """,
                check="stable-softmax-value",
                message="the sum runs down the columns, the largest along the rows",
            ),
            Mutant(
                fault="subtracts the largest absolute value: rows that are all very negative become 0/0",
                edits={"O.": "np.abs(O)."},
                check="stable-softmax-large",
                message="there is NaN in it, which comes from inf / inf, inf - inf, 0 / 0 or 0",
            ),
        ],
        variants=[
            Variant(
                way="via the logarithm",
                code="""
                    def softmax(O):
                        O = O - O.max(1)[:, None]
                        return np.exp(O - np.log(np.exp(O).sum(1))[:, None])
                """,
            ),
        ],
    ),
    Answers(
        exercise="logit-gradient",
        solution="""
            def logit_gradient(O, y):
                n, m = O.shape
                E = np.exp(O - O.max(axis=1, keepdims=True))
                P = E / E.sum(axis=1, keepdims=True)
                return (P - np.eye(m)[y]) / n
        """,
        mutants=[
            Mutant(
                fault="not divided by n",
                edits={"(P": "P", ") / n": ""},
                check="logit-gradient-value",
                message="the division by n is forgotten",
            ),
            Mutant(
                fault="wrong sign",
                edits={"P - np.eye(m)[y]) / n": "np.eye(m)[y] - P) / n"},
                check="logit-gradient-value",
                message="the sign is wrong",
            ),
            Mutant(
                fault="one-hot rows forgotten",
                edits={"(P - np.eye(m)[y]) / n": "P / n"},
                check="logit-gradient-value",
                message="the one-hot rows are not subtracted",
            ),
            Mutant(
                fault="divided by the number of entries",
                edits={"/ n": "/ O.size"},
                check="logit-gradient-value",
                message="divided by the number of all entries",
            ),
            Mutant(
                fault="gradient with respect to P",
                edits={"P - np.eye(m)[y]) / n": "-np.eye(m)[y] / P) / n"},
                check="logit-gradient-value",
                message="the gradient with respect to P",
            ),
            Mutant(
                fault="one subtracted from whole columns",
                code="""
                    def logit_gradient(O, y):
                        n, m = O.shape
                        E = np.exp(O - O.max(axis=1, keepdims=True))
                        P = E / E.sum(axis=1, keepdims=True)
                        P[:, y] -= 1  # <-
                        return P / n
                """,
                check="logit-gradient-value",
                message="whole columns",
            ),
            Mutant(
                fault="one subtracted from whole rows",
                code="""
                    def logit_gradient(O, y):
                        n, m = O.shape
                        E = np.exp(O - O.max(axis=1, keepdims=True))
                        P = E / E.sum(axis=1, keepdims=True)
                        P[y] -= 1  # <-
                        return P / n
                """,
                check="logit-gradient-value",
                message="whole rows",
            ),
            Mutant(
                fault="divided by m",
                edits={"/ n": "/ m"},
                check="logit-gradient-value",
                message="divided by m",
            ),
            Mutant(
                fault="n hard-coded",
                edits={"/ n": "/ 4"},
                check="logit-gradient-value",
                message="right for the sizes before, but not for",
            ),
            Mutant(
                fault="classes hard-coded",
                edits={"m)": "3)"},
                check="logit-gradient-value",
                message="right for the sizes before, but not for",
            ),
            Mutant(
                fault="one-hot added",
                edits={" - np": " + np"},
                check="logit-gradient-value",
                message="1 is added at the right class, not subtracted",
            ),
            Mutant(
                fault="through softmax twice",
                edits={"/ n": "/ n * P * (1 - P)"},
                check="logit-gradient-value",
                message=r"it goes through the slope P \(1 - P\), too",
            ),
            Mutant(
                fault="squared loss",
                edits={" (": " 2 * ("},
                check="logit-gradient-value",
                message="every value is 2 times what it should be",
            ),
            Mutant(
                fault="only the right class",
                edits={"(P - np.eye(m)[y]": "-np.eye(m)[y] * (1 - P"},
                check="logit-gradient-value",
                message="only the entries of the right classes are kept",
            ),
            Mutant(
                fault="divides by n*m",
                code="""
                    def logit_gradient(O, y):
                        E = np.exp(O - O.max(axis=1, keepdims=True))
                        P = E / E.sum(axis=1, keepdims=True)
                        onehot = np.zeros_like(P)
                        onehot[np.arange(len(y)), y] = 1
                        return (P - onehot) / O.size
                """,
                check="logit-gradient-value",
                message="it is divided by the number of all entries",
            ),
            Mutant(
                fault="P[:, y] -= 1 subtracts from the columns of all classes in all rows",
                code="""
                    def logit_gradient(O, y):
                        E = np.exp(O - O.max(axis=1, keepdims=True))
                        P = E / E.sum(axis=1, keepdims=True)
                        P[:, y] -= 1
                        return P / len(y)
                """,
                check="logit-gradient-value",
                message=r"1 is taken off whole columns, P\[:, y\]",
            ),
            Mutant(
                fault="one-hot sized by y.max() + 1 instead of m",
                code="""
                    def logit_gradient(O, y):
                        E = np.exp(O - O.max(axis=1, keepdims=True))
                        P = E / E.sum(axis=1, keepdims=True)
                        Y = np.eye(y.max() + 1)[y]
                        return (P - Y) / len(y)
                """,
                check="logit-gradient-value",
                message="the number of classes is taken from y, not from O",
            ),
            Mutant(
                fault="subtracts from the logits, softmax forgotten",
                code="""
                    def logit_gradient(O, y):
                        G = O.copy()
                        G[np.arange(O.shape[0]), y] -= 1
                        return G / O.shape[0]
                """,
                check="logit-gradient-value",
                message="logits are taken for probabilities",
            ),
        ],
        variants=[
            Variant(
                way="one subtracted in place",
                code="""
                    def logit_gradient(O, y):
                        E = np.exp(O - O.max(1)[:, None])
                        P = E / E.sum(1)[:, None]
                        P[np.arange(len(y)), y] -= 1
                        return P / len(y)
                """,
            ),
        ],
    ),
    Answers(
        exercise="mlp-backward",
        solution="""
            def mlp_backward(dO, X, H, W_hm):
                dH = dO @ W_hm.T
                dZ = dH * H * (1 - H)
                return X.T @ dZ, dZ.sum(axis=0), H.T @ dO, dO.sum(axis=0)
        """,
        mutants=[
            Mutant(
                fault="the chapter's backward pass",
                edits={"H * (1 - H)": "(1 - H**2)"},
                check="mlp-backward-hidden",
                message="the slope of tanh is used",
            ),
            Mutant(
                fault="sigma's slope forgotten",
                edits={" * H * (1 - H)": ""},
                check="mlp-backward-hidden",
                message="the slope of sigma is forgotten",
            ),
            Mutant(
                fault="H without 1 - H",
                edits={" * (1 - H)": ""},
                check="mlp-backward-hidden",
                message="the slope is H, without 1 - H",
            ),
            Mutant(
                fault="1 - H without H",
                edits={"H * (1 - H)": "(1 - H)"},
                check="mlp-backward-hidden",
                message="the slope is 1 - H, without H",
            ),
            Mutant(
                fault="slopes of sigma and tanh mixed",
                edits={"H)": "H**2)"},
                check="mlp-backward-hidden",
                message=r"H\*\*2 is taken for H in the slope",
            ),
            Mutant(
                fault="sigma applied twice",
                code="""
                    def mlp_backward(dO, X, H, W_hm):
                        dH = dO @ W_hm.T
                        S = 1 / (1 + np.exp(-H))  # <-
                        dZ = dH * S * (1 - S)
                        return X.T @ dZ, dZ.sum(axis=0), H.T @ dO, dO.sum(axis=0)
                """,
                check="mlp-backward-hidden",
                message="sigma is applied to H once more",
            ),
            Mutant(
                fault="mean for the bias gradient",
                edits={"dO.sum(axis=0)": "dO.mean(axis=0)"},
                check="mlp-backward-output",
                message="the bias's gradient is a mean",
            ),
            Mutant(
                fault="dW_hm transposed",
                edits={
                    "H.T @ dO": "dO.T @ H",
                    "dO.sum(axis=0)": "dO.sum(axis=0)",
                },
                check="mlp-backward-output",
                message=r"expected the shape \(4, 2\) \(h, m\), but got \(2, 4\)",
            ),
            Mutant(
                fault="W_hm not transposed",
                edits={"W_hm.T": "W_hm"},
                check="mlp-backward-output",
                message="mlp_backward raised ValueError",
            ),
            Mutant(
                fault="dO overwritten in place",
                code="""
                    def mlp_backward(dO, X, H, W_hm):
                        dO *= 1.5  # <-
                        dH = dO @ W_hm.T
                        dZ = dH * H * (1 - H)
                        return X.T @ dZ, dZ.sum(axis=0), H.T @ dO, dO.sum(axis=0)
                """,
                check="mlp-backward-output",
                message="mlp_backward changes its argument dO",
            ),
            Mutant(
                fault="no return",
                edits={
                    "return": "result =",
                    "dO.sum(axis=0)": "dO.sum(axis=0)",
                },
                check="mlp-backward-output",
                message=r"got nothing \(is there a return\?\)",
            ),
            Mutant(
                fault="divided by n twice",
                edits={
                    " dO,": " dO / len(X),",
                    "dO.sum(axis=0)": "dO.sum(axis=0) / len(X)",
                },
                check="mlp-backward-output",
                message="which dO was already",
            ),
            Mutant(
                fault="bias gradient summed over the wrong axis",
                edits={"dO.sum(axis=0)": "dO.sum(axis=1)"},
                check="mlp-backward-output",
                message=r"the gradient of b_m: expected the shape \(2,\), but got \(5,\)",
            ),
            Mutant(
                fault="slope twice",
                code="""
                    def mlp_backward(dO, X, H, W_hm):
                        dZ = dO @ W_hm.T * (H * (1 - H)) ** 2
                        return X.T @ dZ, dZ.sum(0), H.T @ dO, dO.sum(0)
                """,
                check="mlp-backward-hidden",
                message="the slope is applied twice",
            ),
            Mutant(
                fault="order of results",
                code="""
                    def mlp_backward(dO, X, H, W_hm):
                        dZ = dO @ W_hm.T * H * (1 - H)
                        return H.T @ dO, dO.sum(0), X.T @ dZ, dZ.sum(0)
                """,
                check="mlp-backward-output",
                message=r"the gradient of W_hm: expected the shape \(4, 2\)",
            ),
            Mutant(
                fault="minus",
                code="""
                    def mlp_backward(dO, X, H, W_hm):
                        dZ = -dO @ W_hm.T * H * (1 - H)
                        return X.T @ dZ, dZ.sum(0), H.T @ dO, dO.sum(0)
                """,
                check="mlp-backward-hidden",
                message="the slope has the wrong sign",
            ),
            Mutant(
                fault="bias over the wrong axis",
                code="""
                    def mlp_backward(dO, X, H, W_hm):
                        dZ = dO @ W_hm.T * H * (1 - H)
                        return X.T @ dZ, dZ.sum(1), H.T @ dO, dO.sum(1)
                """,
                check="mlp-backward-output",
                message=r"the gradient of b_m: expected the shape \(2,\)",
            ),
            Mutant(
                fault="output layer's gradients returned first",
                code="""
                    def mlp_backward(dO, X, H, W_hm):
                        dW_hm = H.T @ dO
                        db_m = np.sum(dO, axis=0)
                        dA = dO @ W_hm.T * H * (1 - H)
                        dW_xh = X.T @ dA
                        db_h = np.sum(dA, axis=0)
                        return dW_hm, db_m, dW_xh, db_h
                """,
                check="mlp-backward-output",
                message="the gradients of the output layer come first",
            ),
            Mutant(
                fault="biases have the shape (1, h) and (1, m)",
                code="""
                    def mlp_backward(dO, X, H, W_hm):
                        dW_hm = np.dot(H.T, dO)
                        db_m = np.sum(dO, axis=0, keepdims=True)
                        dH = np.dot(dO, W_hm.T)
                        dZ = dH * H * (1 - H)
                        dW_xh = np.dot(X.T, dZ)
                        db_h = np.sum(dZ, axis=0, keepdims=True)
                        return dW_xh, db_h, dW_hm, db_m
                """,
                check="mlp-backward-output",
                message="the values are right, with an axis of length 1 too many",
            ),
            Mutant(
                fault="the hidden bias gets dH without the derivative",
                edits={"dZ ": "dA ", "dZ, dZ": "dA, dH"},
                check="mlp-backward-hidden",
                message="the slope of sigma is forgotten",
            ),
            Mutant(
                fault="divides everything by n although dO is the gradient of the mean loss already",
                code="""
                    def mlp_backward(dO, X, H, W_hm):
                        n = X.shape[0]
                        dA = (dO @ W_hm.T) * H * (1 - H)
                        grads = [X.T @ dA, dA.sum(axis=0), H.T @ dO, dO.sum(axis=0)]
                        return tuple(g / n for g in grads)
                """,
                check="mlp-backward-output",
                message="they are divided by n, which dO was already",
            ),
        ],
        variants=[
            Variant(
                way="row by row",
                code="""
                    def mlp_backward(dO, X, H, W_hm):
                        dW_xh, db_h, dW_hm, db_m = 0, 0, 0, 0
                        for g, x, h in zip(dO, X, H):
                            z = (W_hm @ g) * (h - h * h)
                            dW_hm, db_m = dW_hm + np.outer(h, g), db_m + g
                            dW_xh, db_h = dW_xh + np.outer(x, z), db_h + z
                        return dW_xh, db_h, dW_hm, db_m
                """,
            ),
        ],
    ),
]
