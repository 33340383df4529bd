"""Known mistakes in the exercises on LSTM and GRU, and other right solutions."""

from rnncourse.grading.mutants import Answers, Mutant, Variant

ANSWERS = [
    Answers(
        exercise="lstm-gates",
        solution="""
            def lstm_gates(A):
                i, f, g, o = A.chunk(4, dim=1)  # (n, 4h) -> 4 x (n, h)
                return torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        """,
        mutants=[
            Mutant(
                fault="blocks read as i, f, o, g",
                edits={"g, o": "o, g", "(n, 4h) -> 4 x (n, h)": "<-"},
                check="lstm-gates-order",
                message="the blocks are read as i, f, o, g",
            ),
            Mutant(
                fault="o returned before g",
                edits={
                    "  # (n, 4h) -> 4 x (n, h)": "",
                    "tanh(g), torch.sigmoid(o)": "sigmoid(o), torch.tanh(g)",
                },
                check="lstm-gates-order",
                message="o is returned before g",
            ),
            Mutant(
                fault="third block taken for o",
                code="""
                    def lstm_gates(A):
                        A_i, A_f, A_o, A_g = A.chunk(4, dim=1)  # <-
                        return A_i.sigmoid(), A_f.sigmoid(), A_o.sigmoid(), A_g.tanh()
                """,
                check="lstm-gates-order",
                message="sigma is applied to block 3",
            ),
            Mutant(
                fault="sigma for all four blocks",
                code="""
                    def lstm_gates(A):
                        return torch.sigmoid(A).chunk(4, dim=1)
                """,
                check="lstm-gates-order",
                message="sigma is applied to block 3",
            ),
            Mutant(
                fault="tanh and sigma swapped",
                edits={
                    "  # (n, 4h) -> 4 x (n, h)": "",
                    "sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)": "tanh(i), torch.tanh(f), torch.sigmoid(g), torch.tanh(o)",
                },
                check="lstm-gates-order",
                message="tanh is applied to a gate",
            ),
            Mutant(
                fault="no function applied",
                code="""
                    def lstm_gates(A):
                        return A.chunk(4, dim=1)
                """,
                check="lstm-gates-order",
                message="no function is applied",
            ),
            Mutant(
                fault="every fourth column",
                edits={
                    "A.chunk(4, dim=1)  # (n, 4h) -> 4 x (n, h)": "(A[:, k::4] for k in range(4))"
                },
                check="lstm-gates-order",
                message="a block takes every fourth column",
            ),
            Mutant(
                fault="split along the batch",
                edits={"1)  # (n, 4h) -> 4 x (n, h)": "0)"},
                check="lstm-gates-order",
                message="lstm_gates raised ValueError",
            ),
            Mutant(
                fault="one tensor instead of four",
                code="""
                    def lstm_gates(A):
                        i, f, g, o = A.chunk(4, dim=1)
                        return torch.cat(  # <-
                            [torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)], dim=1
                        )
                """,
                check="lstm-gates-order",
                message="expected 4 results, but got a tensor",
            ),
            Mutant(
                fault="block width hard-coded",
                edits={
                    "chunk(4, dim=1)  # (n, 4h) -> 4 x (n, h)": "view(-1, 4, 5).unbind(1)"
                },
                check="lstm-gates-large",
                message="lstm_gates raised RuntimeError",
            ),
            Mutant(
                fault="slices of a hard-coded width",
                edits={
                    "A.chunk(4, dim=1)  # (n, 4h) -> 4 x (n, h)": "(A[:, k : k + 5] for k in (0, 5, 10, 15))"
                },
                check="lstm-gates-large",
                message=r"i_t for h = 1: expected the shape \(6, 1\) \(n, h\), but got \(6, 4\)",
            ),
            Mutant(
                fault="sigma from exp, which overflows",
                code="""
                    def lstm_gates(A):
                        i, f, g, o = A.chunk(4, dim=1)
                        return torch.sigmoid(i), f.exp() / (1 + f.exp()), torch.tanh(g), torch.sigmoid(o)  # <-
                """,
                check="lstm-gates-large",
                message="f_t for h = 1: .* does exp overflow",
            ),
            Mutant(
                fault="tanh from exp, which overflows",
                code="""
                    def lstm_gates(A):
                        i, f, g, o = A.chunk(4, dim=1)
                        return (
                            torch.sigmoid(i),
                            torch.sigmoid(f),
                            (g.exp() - (-g).exp()) / (g.exp() + (-g).exp()),  # <-
                            torch.sigmoid(o),
                        )
                """,
                check="lstm-gates-large",
                message="does exp overflow",
            ),
            Mutant(
                fault="i and f swapped",
                edits={"i, f": "f, i", "(n, 4h) -> 4 x (n, h)": "<-"},
                check="lstm-gates-order",
                message="i and f are swapped",
            ),
            Mutant(
                fault="relu for the candidate",
                edits={
                    "  # (n, 4h) -> 4 x (n, h)": "",
                    "torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o": "i.sigmoid(), f.sigmoid(), g.relu(), o.sigmoid(",
                },
                check="lstm-gates-order",
                message="relu is applied to the candidate",
            ),
            Mutant(
                fault="width hard-coded",
                code="""
                    def lstm_gates(A):
                        i, f, g, o = A[:, :5], A[:, 5:10], A[:, 10:15], A[:, 15:20]
                        return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
                """,
                check="lstm-gates-order",
                message="right for the sizes before, but not for",
            ),
            Mutant(
                fault="sigmoid as exp(x) / (1 + exp(x)): inf/inf",
                code="""
                    def lstm_gates(A):
                        def sigma(x):
                            return torch.exp(x) / (1 + torch.exp(x))
                        i, f, g, o = torch.chunk(A, 4, dim=-1)
                        return sigma(i), sigma(f), torch.tanh(g), sigma(o)
                """,
                check="lstm-gates-large",
                message="i_t for h = 1: for numbers of 1000 the results are 0, 1 or -1: does",
            ),
            Mutant(
                fault="tanh from exponentials: inf/inf",
                code="""
                    def lstm_gates(A):
                        h = A.shape[1] // 4
                        i, f, g, o = (A[:, k * h:(k + 1) * h] for k in range(4))
                        g = (torch.exp(g) - torch.exp(-g)) / (torch.exp(g) + torch.exp(-g))
                        return torch.sigmoid(i), torch.sigmoid(f), g, torch.sigmoid(o)
                """,
                check="lstm-gates-large",
                message="g_t for h = 1: for numbers of 1000 the results are 0, 1 or -1: does",
            ),
            Mutant(
                fault="clamps A to [-10, 10] to keep the exponentials finite",
                code="""
                    def lstm_gates(A):
                        A = A.clamp(-10, 10)
                        i, f, g, o = A.chunk(4, dim=1)
                        sig = lambda x: 1 / (1 + torch.exp(-x))
                        return sig(i), sig(f), torch.tanh(g), sig(o)
                """,
                check="lstm-gates-large",
                message="the numbers are clamped, to 10 at most",
            ),
        ],
        variants=[
            Variant(
                way="stacked in one tensor",
                code="""
                    def lstm_gates(A):
                        i, f, g, o = A.chunk(4, dim=1)
                        return torch.stack([i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()])
                """,
            ),
            Variant(
                way="both functions of all columns, then slices",
                code="""
                    def lstm_gates(A):
                        h = A.shape[1] // 4
                        S, G = 1 / (1 + torch.exp(-A)), torch.tanh(A)
                        return [S[:, :h], S[:, h : 2 * h], G[:, 2 * h : 3 * h], S[:, 3 * h :]]
                """,
            ),
            Variant(
                way="tanh from sigma",
                code="""
                    def lstm_gates(A):
                        i, f, g, o = A.reshape(len(A), 4, -1).unbind(1)
                        return i.sigmoid(), f.sigmoid(), 2 * (2 * g).sigmoid() - 1, o.sigmoid()
                """,
            ),
        ],
    ),
    Answers(
        exercise="lstm-step",
        solution="""
            def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                i = torch.sigmoid(i + p[0] * C)
                f = torch.sigmoid(f + p[1] * C)
                C = f * C + i * torch.tanh(g)
                o = torch.sigmoid(o + p[2] * C)
                H = o * torch.tanh(C)
                return H, C
        """,
        mutants=[
            Mutant(
                fault="the chapter's step, without peepholes",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i, f, o = i.sigmoid(), f.sigmoid(), o.sigmoid()  # <-
                        C = f * C + i * torch.tanh(g)
                        H = o * torch.tanh(C)
                        return H, C
                """,
                check="lstm-step-memory",
                message="the peepholes are left out",
            ),
            Mutant(
                fault="output gate at the old memory",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i = torch.sigmoid(i + p[0] * C)
                        f = torch.sigmoid(f + p[1] * C)
                        o = torch.sigmoid(o + p[2] * C)  # <-
                        C = f * C + i * torch.tanh(g)
                        H = o * torch.tanh(C)
                        return H, C
                """,
                check="lstm-step-memory",
                message="the output gate looks at the old memory",
            ),
            Mutant(
                fault="output gate at tanh of the memory",
                edits={"2] * C)": "2] * torch.tanh(C))"},
                check="lstm-step-memory",
                message="the output gate looks at tanh of the memory",
            ),
            Mutant(
                fault="no peephole of the output gate",
                edits={" + p[2] * C)": ")"},
                check="lstm-step-memory",
                message="the output gate has no peephole",
            ),
            Mutant(
                fault="peephole of the output gate only",
                edits={" + p[0] * C)": ")", " + p[1] * C)": ")"},
                check="lstm-step-memory",
                message="only the output gate has a peephole",
            ),
            Mutant(
                fault="peepholes of i and f swapped",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i = torch.sigmoid(i + p[1] * C)  # <-
                        f = torch.sigmoid(f + p[0] * C)  # <-
                        C = f * C + i * torch.tanh(g)
                        o = torch.sigmoid(o + p[2] * C)
                        H = o * torch.tanh(C)
                        return H, C
                """,
                check="lstm-step-memory",
                message="the rows of p are read as f, i, o",
            ),
            Mutant(
                fault="rows of p in the order i, o, f",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i = torch.sigmoid(i + p[0] * C)
                        f = torch.sigmoid(f + p[2] * C)  # <-
                        C = f * C + i * torch.tanh(g)
                        o = torch.sigmoid(o + p[1] * C)  # <-
                        H = o * torch.tanh(C)
                        return H, C
                """,
                check="lstm-step-memory",
                message="the rows of p are read as i, o, f",
            ),
            Mutant(
                fault="peepholes at the state",
                edits={"0] * C)": "0] * H)", "1] * C)": "1] * H)"},
                check="lstm-step-memory",
                message="look at what is made of b_h, p and C",
            ),
            Mutant(
                fault="bias left out",
                edits={" + b_h": "", "1)": "1)"},
                check="lstm-step-memory",
                message="b_h is left out",
            ),
            Mutant(
                fault="input and forget gate swapped",
                edits={"i, f": "f, i", "1)": "1)"},
                check="lstm-step-memory",
                message="i and f are swapped",
            ),
            Mutant(
                fault="blocks read as i, f, o, g",
                edits={"g, o": "o, g", "1)": "1)"},
                check="lstm-step-memory",
                message="the blocks are read as i, f, o, g",
            ),
            Mutant(
                fault="sigma for the candidate",
                edits={"tanh(g)": "sigmoid(g)"},
                check="lstm-step-memory",
                message="sigma is applied to the candidate",
            ),
            Mutant(
                fault="tanh and sigma swapped",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i = torch.tanh(i + p[0] * C)  # <-
                        f = torch.tanh(f + p[1] * C)  # <-
                        C = f * C + i * torch.sigmoid(g)  # <-
                        o = torch.sigmoid(o + p[2] * C)
                        H = o * torch.tanh(C)
                        return H, C
                """,
                check="lstm-step-memory",
                message="look at what is made of b_h, p and C",
            ),
            Mutant(
                fault="input gate forgotten",
                edits={"i * ": "", "g)": "g)"},
                check="lstm-step-memory",
                message="the input gate is left out",
            ),
            Mutant(
                fault="no forget gate, as in 1997",
                edits={"f * ": "", "g)": "g)"},
                check="lstm-step-memory",
                message="the forget gate is left out",
            ),
            Mutant(
                fault="old memory forgotten",
                edits={"f * C + ": "", "g)": "g)"},
                check="lstm-step-memory",
                message="the old memory is left out",
            ),
            Mutant(
                fault="output gate forgotten",
                edits={"o * ": "", "(C)": "(C)"},
                check="lstm-step-memory",
                message="the output gate is left out",
            ),
            Mutant(
                fault="state from the old memory",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i = torch.sigmoid(i + p[0] * C)
                        f = torch.sigmoid(f + p[1] * C)
                        new = f * C + i * torch.tanh(g)
                        o = torch.sigmoid(o + p[2] * new)
                        H = o * torch.tanh(C)  # <-
                        return H, new
                """,
                check="lstm-step-memory",
                message="H comes from the old memory",
            ),
            Mutant(
                fault="tanh around the memory forgotten",
                edits={"torch.tanh(C)": "C"},
                check="lstm-step-memory",
                message="tanh is missing in H",
            ),
            Mutant(
                fault="tanh kept in the memory",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i = torch.sigmoid(i + p[0] * C)
                        f = torch.sigmoid(f + p[1] * C)
                        C = f * C + i * torch.tanh(g)
                        o = torch.sigmoid(o + p[2] * C)
                        C = torch.tanh(C)  # <-
                        H = o * C
                        return H, C
                """,
                check="lstm-step-memory",
                message="tanh of the memory is returned",
            ),
            Mutant(
                fault="old memory returned",
                edits={"C =": "old, C = C,", "return H, C": "return H, old"},
                check="lstm-step-memory",
                message="the memory is returned as it came",
            ),
            Mutant(
                fault="results swapped",
                edits={"return H, C": "return C, H"},
                check="lstm-step-memory",
                message="C is returned before H",
            ),
            Mutant(
                fault="memory not returned",
                edits={"return H, C": "return H"},
                check="lstm-step-memory",
                message="expected 2 results, but got a tensor",
            ),
            Mutant(
                fault="memory overwritten in place",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i = torch.sigmoid(i + p[0] * C)
                        f = torch.sigmoid(f + p[1] * C)
                        C *= f  # <-
                        C += i * torch.tanh(g)  # <-
                        o = torch.sigmoid(o + p[2] * C)
                        H = o * torch.tanh(C)
                        return H, C
                """,
                check="lstm-step-memory",
                message="changes its argument C",
            ),
            Mutant(
                fault="cast to float32",
                edits={"return H, C": "return H.float(), C.float()"},
                check="lstm-step-memory",
                message="expected the inputs' dtype torch.float64, but got torch.float32",
            ),
            Mutant(
                fault="matrix product of forget gate and memory",
                edits={"f * C": "f @ C", "g)": "g)"},
                check="lstm-step-memory",
                message="lstm_step raised RuntimeError",
            ),
            Mutant(
                fault="state left out of the sum",
                edits={"H @ W_hh + ": "", "1)": "1)"},
                check="lstm-step-sum",
                message="the sum has no other term than H W_hh",
            ),
            Mutant(
                fault="memory in place of the state",
                edits={" H @": " C @", "1)": "1)"},
                check="lstm-step-sum",
                message="the sum has no other term than H W_hh",
            ),
            Mutant(
                fault="output gate from the new state",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i = torch.sigmoid(i + p[0] * C)
                        f = torch.sigmoid(f + p[1] * C)
                        C = f * C + i * torch.tanh(g)
                        o = torch.sigmoid(o + p[2] * C)
                        H = o * torch.tanh(C)
                        o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, 1)[3]  # <-
                        H = torch.sigmoid(o + p[2] * C) * torch.tanh(C)
                        return H, C
                """,
                check="lstm-step-sum",
                message="the sum has no other term than H W_hh",
            ),
            Mutant(
                fault="batch and width hard-coded",
                edits={"chunk(4, dim=1)": "view(6, 4, 5).unbind(1)"},
                check="lstm-step-sequence",
                message="lstm_step raised RuntimeError",
            ),
            Mutant(
                fault="axis squeezed away for a batch of one",
                edits={"return H, C": "return H.squeeze(), C.squeeze()"},
                check="lstm-step-sequence",
                message=r"expected the shape \(1, 3\) \(n, h\), but got \(3,\)",
            ),
            Mutant(
                fault="memory clipped",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i = torch.sigmoid(i + p[0] * C)
                        f = torch.sigmoid(f + p[1] * C)
                        C = f * C + i * torch.tanh(g)
                        C = C.clamp(-10, 10)  # <-
                        o = torch.sigmoid(o + p[2] * C)
                        H = o * torch.tanh(C)
                        return H, C
                """,
                check="lstm-step-sequence",
                message="is it kept",
            ),
            Mutant(
                fault="gates cross",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i, f = torch.sigmoid(i + p[0] * C), torch.sigmoid(f + p[1] * C)
                        C = i * C + f * torch.tanh(g)
                        o = torch.sigmoid(o + p[2] * C)
                        return o * torch.tanh(C), C
                """,
                check="lstm-step-memory",
                message="the gates multiply the other's part",
            ),
            Mutant(
                fault="1 - f",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i, f = torch.sigmoid(i + p[0] * C), torch.sigmoid(f + p[1] * C)
                        C = f * C + (1 - f) * torch.tanh(g)
                        o = torch.sigmoid(o + p[2] * C)
                        return o * torch.tanh(C), C
                """,
                check="lstm-step-memory",
                message="1 - f is taken for the input gate",
            ),
            Mutant(
                fault="candidate without tanh",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i, f = torch.sigmoid(i + p[0] * C), torch.sigmoid(f + p[1] * C)
                        C = f * C + i * g
                        o = torch.sigmoid(o + p[2] * C)
                        return o * torch.tanh(C), C
                """,
                check="lstm-step-memory",
                message="tanh is missing in the candidate",
            ),
            Mutant(
                fault="sigma of the new memory",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i, f = torch.sigmoid(i + p[0] * C), torch.sigmoid(f + p[1] * C)
                        C = f * C + i * torch.tanh(g)
                        o = torch.sigmoid(o + p[2] * C)
                        return o * torch.sigmoid(C), C
                """,
                check="lstm-step-memory",
                message="sigma of the memory is taken in H, not tanh",
            ),
            Mutant(
                fault="adds the peephole after the sigmoid",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i = torch.sigmoid(i) + p[0] * C
                        f = torch.sigmoid(f) + p[1] * C
                        C_t = f * C + i * torch.tanh(g)
                        o = torch.sigmoid(o) + p[2] * C_t
                        return o * torch.tanh(C_t), C_t
                """,
                check="lstm-step-memory",
                message="the peepholes are added after sigma, not before",
            ),
            Mutant(
                fault="forgets 1 - i instead of f (coupled gates)",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i = torch.sigmoid(i + p[0] * C)
                        C_t = (1 - i) * C + i * torch.tanh(g)
                        o = torch.sigmoid(o + p[2] * C_t)
                        return o * torch.tanh(C_t), C_t
                """,
                check="lstm-step-memory",
                message="1 - i is taken for the forget gate",
            ),
            Mutant(
                fault="the peepholes look at H instead of C",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=1)
                        i = torch.sigmoid(i + p[0] * H)
                        f = torch.sigmoid(f + p[1] * H)
                        C_t = f * C + i * torch.tanh(g)
                        o = torch.sigmoid(o + p[2] * H)
                        return o * torch.tanh(C_t), C_t
                """,
                check="lstm-step-memory",
                message="the peepholes look at H, not at C",
            ),
        ],
        variants=[
            Variant(
                way="a helper called gates",
                code="""
                    def gates(A, C, p):
                        i, f, g, o = A.chunk(4, dim=1)
                        return torch.sigmoid(i + p[0] * C), torch.sigmoid(f + p[1] * C), torch.tanh(g), o

                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        i, f, g, o = gates(X_t @ W_xh + H @ W_hh + b_h, C, p)
                        C = f * C + i * g
                        return torch.sigmoid(o + p[2] * C) * torch.tanh(C), C
                """,
            ),
            Variant(
                way="eight products",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        parts = zip(W_xh.chunk(4, 1), W_hh.chunk(4, 1), b_h.chunk(4))
                        i, f, g, o = (X_t @ W + H @ U + b for W, U, b in parts)
                        i, f = torch.addcmul(i, p[0], C), torch.addcmul(f, p[1], C)
                        C_t = torch.addcmul(f.sigmoid() * C, i.sigmoid(), g.tanh())
                        return torch.addcmul(o, p[2], C_t).sigmoid() * C_t.tanh(), C_t
                """,
            ),
            Variant(
                way="torch's cell, twice",
                code="""
                    def lstm_step(X_t, H, C, W_xh, W_hh, b_h, p):
                        W_i, W_f, W_o = torch.diag_embed(p)
                        zero, no = torch.zeros_like(W_o), torch.zeros_like(b_h)
                        looking = torch.cat([W_xh, torch.cat([W_i, W_f, zero, zero], 1)])
                        _, C_t = torch.lstm_cell(torch.cat([X_t, C], 1), (H, C), looking.T, W_hh.T, b_h, no)
                        looking = torch.cat([looking, torch.cat([zero, zero, zero, W_o], 1)])
                        return torch.lstm_cell(torch.cat([X_t, C, C_t], 1), (H, C), looking.T, W_hh.T, b_h, no)
                """,
            ),
        ],
    ),
    Answers(
        exercise="gru-step",
        solution="""
            def gru_step(X_t, H, W_xh, W_hh, b_h):
                x_r, x_z, x_g = (X_t @ W_xh + b_h).chunk(3, dim=1)
                W_hr, W_hz, W_hg = W_hh.chunk(3, dim=1)
                r = torch.sigmoid(x_r + H @ W_hr)
                z = torch.sigmoid(x_z + H @ W_hz)
                g = torch.tanh(x_g + (r * H) @ W_hg)
                return (1 - z) * H + z * g
        """,
        mutants=[
            Mutant(
                fault="the chapter's step",
                edits={
                    "(r * H) @ W_hg)": "r * (H @ W_hg))",
                    "H + z * g": "g + z * H",
                },
                check="gru-step-update",
                message="z keeps the old state, as in the course",
            ),
            Mutant(
                fault="z and 1 - z swapped",
                edits={"H + z * g": "g + z * H"},
                check="gru-step-update",
                message="z keeps the old state, as in the course",
            ),
            Mutant(
                fault="blocks read as z, r, g",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        x_z, x_r, x_g = (X_t @ W_xh + b_h).chunk(3, dim=1)  # <-
                        W_hz, W_hr, W_hg = W_hh.chunk(3, dim=1)  # <-
                        r = torch.sigmoid(x_r + H @ W_hr)
                        z = torch.sigmoid(x_z + H @ W_hz)
                        g = torch.tanh(x_g + (r * H) @ W_hg)
                        return (1 - z) * H + z * g
                """,
                check="gru-step-update",
                message="the blocks are read as z, r, g",
            ),
            Mutant(
                fault="candidate not weighted by z",
                edits={"z * g": "g"},
                check="gru-step-update",
                message="the candidate is not multiplied by z",
            ),
            Mutant(
                fault="old state not weighted by 1 - z",
                edits={"(1 - z) * H + z * g": "H + z * g"},
                check="gru-step-update",
                message="the old state is not multiplied by 1 - z",
            ),
            Mutant(
                fault="old state forgotten",
                edits={"(1 - z) * H + z * g": "z * g"},
                check="gru-step-update",
                message="the old state is left out",
            ),
            Mutant(
                fault="sigma for the candidate",
                edits={"tanh": "sigmoid", "W_hg)": "W_hg)"},
                check="gru-step-update",
                message="sigma is applied to the candidate",
            ),
            Mutant(
                fault="bias forgotten",
                edits={" + b_h": "", ").chunk(3, dim=1)": ").chunk(3, dim=1)"},
                check="gru-step-update",
                message="b_h is left out",
            ),
            Mutant(
                fault="no return",
                edits={"return": "H =", "* g": "* g"},
                check="gru-step-update",
                message=r"got nothing \(is there a return\?\)",
            ),
            Mutant(
                fault="reset gate around the whole sum, seen without a state",
                edits={"x_g + (r * H) @ W_hg)": "r * (x_g + H @ W_hg))"},
                check="gru-step-update",
                message="r multiplies the input's part",
            ),
            Mutant(
                fault="reset after the product",
                edits={"(r * H) @ W_hg)": "r * (H @ W_hg))"},
                check="gru-step-reset",
                message="the reset gate acts after the product",
            ),
            Mutant(
                fault="reset gate forgotten",
                edits={"(r * H) @ W_hg)": "H @ W_hg)"},
                check="gru-step-reset",
                message="the reset gate is left out",
            ),
            Mutant(
                fault="reset gate around the whole sum",
                edits={"x_g + (r * H) @ W_hg)": "r * (x_g + H @ W_hg))"},
                check="gru-step-reset",
                message="r multiplies the input's part, too",
            ),
            Mutant(
                fault="reset gate on the input's part",
                edits={"x_g + (r * H) @ W_hg)": "r * x_g + H @ W_hg)"},
                check="gru-step-reset",
                message="r multiplies the input's part, not the state's",
            ),
            Mutant(
                fault="update gate for the reset gate",
                edits={"(r ": "(z ", "W_hg)": "W_hg)"},
                check="gru-step-reset",
                message="z is used in place of r in the candidate",
            ),
            Mutant(
                fault="state ignored by the gates",
                edits={" + H @ W_hr)": ")", " + H @ W_hz)": ")"},
                check="gru-step-reset",
                message="the state does not act on the gates",
            ),
            Mutant(
                fault="reset state in the mixture",
                edits={"H + z * g": "(r * H) + z * g"},
                check="gru-step-reset",
                message="the reset state is carried on, too",
            ),
            Mutant(
                fault="W_hh transposed",
                edits={
                    "= W_hh": "= (W.T for W in W_hh",
                    "W_hh.chunk(3, dim=1)": "W_hh.chunk(3, dim=1))",
                },
                check="gru-step-reset",
                message="wrong with W_hh: look at the reset gate",
            ),
            Mutant(
                fault="reset gate on the weights",
                edits={"(r * H) @ W_hg)": "H @ (r * W_hg))"},
                check="gru-step-reset",
                message="gru_step raised RuntimeError",
            ),
            Mutant(
                fault="block width hard-coded",
                edits={
                    ").chunk(3, dim=1)": ").split(4, dim=1)",
                    "W_hh.chunk(3, dim=1)": "W_hh.split(4, dim=1)",
                },
                check="gru-step-keep",
                message="gru_step raised RuntimeError",
            ),
            Mutant(
                fault="reset gate forgotten, seen with the gate closed",
                edits={"(r * H) @ W_hg)": "H @ W_hg)"},
                check="gru-step-keep",
                message="the candidate should see nothing of H",
            ),
            Mutant(
                fault="sigma from exp, which overflows",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        x_r, x_z, x_g = (X_t @ W_xh + b_h).chunk(3, dim=1)
                        W_hr, W_hz, W_hg = W_hh.chunk(3, dim=1)
                        r = torch.sigmoid(x_r + H @ W_hr)
                        z = torch.exp(x_z + H @ W_hz)  # <-
                        z = z / (1 + z)  # <-
                        g = torch.tanh(x_g + (r * H) @ W_hg)
                        return (1 - z) * H + z * g
                """,
                check="gru-step-keep",
                message="the candidate should replace the state",
            ),
            Mutant(
                fault="1 - r",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        h = H.shape[1]
                        A = X_t @ W_xh + b_h
                        r = torch.sigmoid(A[:, :h] + H @ W_hh[:, :h])
                        z = torch.sigmoid(A[:, h:2 * h] + H @ W_hh[:, h:2 * h])
                        g = torch.tanh(A[:, 2 * h:] + ((1 - r) * H) @ W_hh[:, 2 * h:])
                        return (1 - z) * H + z * g
                """,
                check="gru-step-reset",
                message="1 - r is used in place of r",
            ),
            Mutant(
                fault="no tanh",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        h = H.shape[1]
                        A = X_t @ W_xh + b_h
                        r = torch.sigmoid(A[:, :h] + H @ W_hh[:, :h])
                        z = torch.sigmoid(A[:, h:2 * h] + H @ W_hh[:, h:2 * h])
                        g = A[:, 2 * h:] + (r * H) @ W_hh[:, 2 * h:]
                        return (1 - z) * H + z * g
                """,
                check="gru-step-update",
                message="tanh is missing in the candidate",
            ),
            Mutant(
                fault="z for both",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        h = H.shape[1]
                        A = X_t @ W_xh + b_h
                        r = torch.sigmoid(A[:, :h] + H @ W_hh[:, :h])
                        z = torch.sigmoid(A[:, h:2 * h] + H @ W_hh[:, h:2 * h])
                        g = torch.tanh(A[:, 2 * h:] + (r * H) @ W_hh[:, 2 * h:])
                        return z * H + z * g
                """,
                check="gru-step-update",
                message="z is taken for both shares",
            ),
            Mutant(
                fault="candidate only",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        h = H.shape[1]
                        A = X_t @ W_xh + b_h
                        r = torch.sigmoid(A[:, :h] + H @ W_hh[:, :h])
                        z = torch.sigmoid(A[:, h:2 * h] + H @ W_hh[:, h:2 * h])
                        g = torch.tanh(A[:, 2 * h:] + (r * H) @ W_hh[:, 2 * h:])
                        return g
                """,
                check="gru-step-update",
                message="the candidate is returned",
            ),
            Mutant(
                fault="tanh of all",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        h = H.shape[1]
                        A = X_t @ W_xh + b_h
                        r = torch.sigmoid(A[:, :h] + H @ W_hh[:, :h])
                        z = torch.sigmoid(A[:, h:2 * h] + H @ W_hh[:, h:2 * h])
                        g = torch.tanh(A[:, 2 * h:] + (r * H) @ W_hh[:, 2 * h:])
                        return torch.tanh((1 - z) * H + z * g)
                """,
                check="gru-step-update",
                message="tanh is applied to the new state, too",
            ),
            Mutant(
                fault="width hard-coded",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        h = 4
                        A = X_t @ W_xh + b_h
                        r = torch.sigmoid(A[:, :h] + H @ W_hh[:, :h])
                        z = torch.sigmoid(A[:, h:2 * h] + H @ W_hh[:, h:2 * h])
                        g = torch.tanh(A[:, 2 * h:] + (r * H) @ W_hh[:, 2 * h:])
                        return (1 - z) * H + z * g
                """,
                check="gru-step-reset",
                message="right for the sizes before, but not for",
            ),
            Mutant(
                fault="the candidate's bias is missing",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        h = H.shape[1]
                        r, z = torch.sigmoid(X_t @ W_xh[:, :2*h] + H @ W_hh[:, :2*h] + b_h[:2*h]).chunk(2, dim=1)
                        g = torch.tanh(X_t @ W_xh[:, 2*h:] + (r * H) @ W_hh[:, 2*h:])
                        return (1 - z) * H + z * g
                """,
                check="gru-step-update",
                message="the candidate has no bias",
            ),
            Mutant(
                fault="mixes with the reset state r * H instead of H",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        h = H.shape[1]
                        r = torch.sigmoid(X_t @ W_xh[:, :h] + H @ W_hh[:, :h] + b_h[:h])
                        z = torch.sigmoid(X_t @ W_xh[:, h:2*h] + H @ W_hh[:, h:2*h] + b_h[h:2*h])
                        H = r * H
                        g = torch.tanh(X_t @ W_xh[:, 2*h:] + H @ W_hh[:, 2*h:] + b_h[2*h:])
                        return (1 - z) * H + z * g
                """,
                check="gru-step-update",
                message="the reset state r H is carried on, not H",
            ),
            Mutant(
                fault="sigmoid as exp(x) / (1 + exp(x)), not a number for open gates",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        def sigma(x):
                            e = x.exp()
                            return e / (1 + e)
                        h = H.shape[1]
                        xr, xz, xg = (X_t @ W_xh + b_h).split(h, dim=1)
                        r = sigma(xr + H @ W_hh[:, :h])
                        z = sigma(xz + H @ W_hh[:, h:2*h])
                        g = torch.tanh(xg + (r * H) @ W_hh[:, 2*h:])
                        return H + z * (g - H)
                """,
                check="gru-step-keep",
                message="both gates are 1 here, sigma of about 1000: the candidate should",
            ),
        ],
        variants=[
            Variant(
                way="both gates at once",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        h = H.shape[1]
                        A = X_t @ W_xh + b_h
                        r, z = torch.sigmoid(A[:, : 2 * h] + H @ W_hh[:, : 2 * h]).chunk(2, dim=1)
                        g = torch.tanh(A[:, 2 * h :] + r * H @ W_hh[:, 2 * h :])
                        return H + z * (g - H)
                """,
            ),
            Variant(
                way="three products of inputs and state side by side",
                code="""
                    def gru_step(X_t, H, W_xh, W_hh, b_h):
                        W_r, W_z, W_g = torch.cat([W_xh, W_hh]).chunk(3, dim=1)
                        b_r, b_z, b_g = b_h.chunk(3)
                        XH = torch.cat([X_t, H], dim=1)
                        r, z = torch.sigmoid(XH @ W_r + b_r), torch.sigmoid(XH @ W_z + b_z)
                        g = torch.tanh(torch.cat([X_t, r * H], dim=1) @ W_g + b_g)
                        return torch.lerp(H, g, z)
                """,
            ),
        ],
    ),
    Answers(
        exercise="memory-gradient",
        solution="""
            def memory_gradient(f):
                return f.flip(0).cumprod(dim=0).flip(0)
        """,
        mutants=[
            Mutant(
                fault="product from the beginning",
                edits={"flip(0).": "", ").flip(0)": ")"},
                check="memory-gradient-value",
                message="the product starts at f_1, not at f_T",
            ),
            Mutant(
                fault="sum for product",
                edits={"cumprod": "cumsum"},
                check="memory-gradient-value",
                message="the gates are added",
            ),
            Mutant(
                fault="one gate per factor",
                edits={"flip(0).cumprod(dim=0).flip(0)": "clone()"},
                check="memory-gradient-value",
                message="there is only one gate in each factor",
            ),
            Mutant(
                fault="off by one",
                code="""
                    def memory_gradient(f):
                        P, product = [], torch.ones_like(f[0])
                        for f_t in f.flip(0):
                            P.insert(0, product)  # <-
                            product = product * f_t
                        return torch.stack(P)
                """,
                check="memory-gradient-value",
                message=r"f_\(t\+1\) is missing",
            ),
            Mutant(
                fault="not flipped back",
                edits={").flip(0)": ")"},
                check="memory-gradient-value",
                message="time runs backwards in the result",
            ),
            Mutant(
                fault="flipped only after the product",
                edits={"flip(0).": ""},
                check="memory-gradient-value",
                message="f is turned around only after the product",
            ),
            Mutant(
                fault="only the factor of t = 0",
                edits={"flip(0).cumprod(dim=0).flip(0)": "prod(dim=0)"},
                check="memory-gradient-value",
                message=r"expected the shape \(5, 2, 3\) \(T, n, h\), but got \(2, 3\)",
            ),
            Mutant(
                fault="factor of t = 0 for all t",
                edits={
                    "flip(0).cumprod(dim=0).flip(0": "prod(dim=0).expand_as(f"
                },
                check="memory-gradient-value",
                message="the factor is that of t = 0 for all t",
            ),
            Mutant(
                fault="product over the sequences",
                edits={"(0).": "(1).", "0).flip(0": "1).flip(1"},
                check="memory-gradient-value",
                message="the product runs over the minibatch",
            ),
            Mutant(
                fault="P_T = 1 included",
                code="""
                    def memory_gradient(f):
                        product = torch.ones_like(f[0])
                        P = [product]  # <-
                        for f_t in f.flip(0):
                            product = product * f_t
                            P.insert(0, product)
                        return torch.stack(P)
                """,
                check="memory-gradient-value",
                message=r"expected the shape \(5, 2, 3\) \(T, n, h\), but got \(6, 2, 3\)",
            ),
            Mutant(
                fault="list instead of a tensor",
                code="""
                    def memory_gradient(f):
                        P, product = [], torch.ones_like(f[0])
                        for f_t in f.flip(0):
                            product = product * f_t
                            P.insert(0, product)
                        return P  # <-
                """,
                check="memory-gradient-value",
                message="expected a tensor, but got a list",
            ),
            Mutant(
                fault="gates overwritten in place",
                code="""
                    def memory_gradient(f):
                        for t in reversed(range(len(f) - 1)):
                            f[t] *= f[t + 1]  # <-
                        return f
                """,
                check="memory-gradient-value",
                message="changes its argument f",
            ),
            Mutant(
                fault="divided by a product from the beginning",
                edits={".flip(0).": ".prod(dim=0) / f.", ").flip(0)": ") * f"},
                check="memory-gradient-closed",
                message="nothing can be divided by it",
            ),
            Mutant(
                fault="number of steps hard-coded",
                code="""
                    def memory_gradient(f):
                        P, product = [], torch.ones_like(f[0])
                        for f_t in [f[t] for t in (4, 3, 2, 1, 0)]:  # <-
                            product = product * f_t
                            P.insert(0, product)
                        return torch.stack(P)
                """,
                check="memory-gradient-closed",
                message="memory_gradient raised IndexError",
            ),
            Mutant(
                fault="one gate too many",
                code="""
                    def memory_gradient(f):
                        P = f.flip(0).cumprod(dim=0).flip(0)
                        return torch.cat([P[:1], P[1:] * f[:-1]])
                """,
                check="memory-gradient-value",
                message="f_t is a factor too many",
            ),
            Mutant(
                fault="divided",
                edits={
                    "flip(0).cumprod(dim=0).flip(0)": "prod(0) / f.cumprod(0) * f"
                },
                check="memory-gradient-closed",
                message="wrong where a gate is 0, which nothing passes",
            ),
            Mutant(
                fault="1 - f",
                edits={"f.": "(1 - f)."},
                check="memory-gradient-value",
                message="the factor of one step is 1 - f",
            ),
            Mutant(
                fault="divides the whole product by the beginning: 0/0 with closed gates",
                code="""
                    def memory_gradient(f):
                        c = torch.cumprod(f, dim=0)
                        total = c[-1]
                        before = torch.cat([torch.ones_like(f[:1]), c[:-1]])
                        return total / before
                """,
                check="memory-gradient-closed",
                message="wrong where a gate is 0, which nothing passes: it has no logarithm,",
            ),
            Mutant(
                fault="takes f_t to the power T - t instead of the product",
                code="""
                    def memory_gradient(f):
                        T = f.shape[0]
                        return torch.stack([f[t] ** (T - t) for t in range(T)])
                """,
                check="memory-gradient-value",
                message="one gate is raised to a power, for the product of all",
            ),
            Mutant(
                fault="sum of logarithms, clamped at 1e-6 to avoid log(0)",
                code="""
                    def memory_gradient(f):
                        logs = torch.log(f.clamp(min=1e-6))
                        T = len(f)
                        return torch.stack([torch.exp(logs[t:].sum(dim=0)) for t in range(T)])
                """,
                check="memory-gradient-closed",
                message="wrong where a gate is 0, which nothing passes: it has no logarithm,",
            ),
            Mutant(
                fault="one entry too many: P_T = 1 at the end, shape (T + 1, n, h)",
                code="""
                    def memory_gradient(f):
                        P = [torch.ones_like(f[0])]
                        for f_t in reversed(list(f)):
                            P.insert(0, f_t * P[0])
                        return torch.stack(P)
                """,
                check="memory-gradient-value",
                message="P_T = 1 is in it, too",
            ),
            Mutant(
                fault="reversed products along the minibatch axis",
                edits={"0).cumprod(dim=0).flip(0": "1).cumprod(1).flip(1"},
                check="memory-gradient-value",
                message="the product runs over the minibatch, not over time",
            ),
        ],
        variants=[
            Variant(
                way="loop from the end",
                code="""
                    def memory_gradient(f):
                        P, product = [], torch.ones_like(f[0])
                        for f_t in f.flip(0):
                            product = product * f_t
                            P.insert(0, product)
                        return torch.stack(P)
                """,
            ),
            Variant(
                way="product of each tail",
                code="""
                    def memory_gradient(f):
                        return torch.stack([f[t:].prod(dim=0) for t in range(len(f))])
                """,
            ),
            Variant(
                way="sum of logarithms",
                code="""
                    def memory_gradient(f):
                        return f.log().flip(0).cumsum(0).flip(0).exp()
                """,
            ),
        ],
    ),
    Answers(
        exercise="forget-bias",
        solution="""
            def forget_bias(s, T):
                f = s ** (1 / T)
                return math.log(f / (1 - f))
        """,
        mutants=[
            Mutant(
                fault="gate returned, not its bias",
                edits={"math.log(f / (1 - f))": "f"},
                check="forget-bias-value",
                message="the gate is returned, not its bias",
            ),
            Mutant(
                fault="wrong sign",
                edits={"f / (1 - f))": "(1 - f) / f)"},
                check="forget-bias-value",
                message="the sign is wrong",
            ),
            Mutant(
                fault="T ignored",
                edits={" ** (1 / T)": ""},
                check="forget-bias-value",
                message="T is ignored",
            ),
            Mutant(
                fault="s divided by T",
                edits={"** (1 / T)": "/ T"},
                check="forget-bias-value",
                message="s is divided by T",
            ),
            Mutant(
                fault="power T instead of 1 / T",
                edits={" ** (1 / T)": "**T"},
                check="forget-bias-value",
                message="s is raised to the power T",
            ),
            Mutant(
                fault="parentheses forgotten",
                edits={" ** (1 / T)": "**1 / T"},
                check="forget-bias-value",
                message="s is divided by T",
            ),
            Mutant(
                fault="logarithm forgotten",
                edits={"math.log(f / (1 - f))": "f / (1 - f)"},
                check="forget-bias-value",
                message="the logarithm is missing",
            ),
            Mutant(
                fault="logarithm to base 2",
                edits={"log": "log2", "))": "))"},
                check="forget-bias-value",
                message="2 is the base of the logarithm",
            ),
            Mutant(
                fault="tensor instead of a number",
                edits={"math.log(f / (1 - f))": "torch.tensor(f).logit()"},
                check="forget-bias-value",
                message="expected a number, but got a tensor",
            ),
            Mutant(
                fault="computed in float32",
                edits={
                    "math.log(f / (1 - f))": "torch.tensor(f).logit().item()"
                },
                check="forget-bias-edges",
                message="wrong for 1,000 steps",
            ),
            Mutant(
                fault="gate assumed to be near 1",
                code="""
                    def forget_bias(s, T):
                        return math.log(T / -math.log(s))
                """,
                check="forget-bias-edges",
                message="a half is left by a gate of 1/2",
            ),
            Mutant(
                fault="bias never negative",
                edits={" math": " max(0.0, math", "))": ")))"},
                check="forget-bias-edges",
                message="a gate below 1/2 needs a negative bias",
            ),
            Mutant(
                fault="number of steps hard-coded",
                edits={"/ T)": "/ 32)"},
                check="forget-bias-edges",
                message="a half is left by a gate of 1/2",
            ),
            Mutant(
                fault="log for logit",
                code="""
                    def forget_bias(s, T):
                        return math.log(s ** (1 / T))
                """,
                check="forget-bias-value",
                message=r"ln f is taken, not ln\(f / \(1 - f\)\)",
            ),
            Mutant(
                fault="log10",
                edits={"log": "log10"},
                check="forget-bias-value",
                message="the logarithm has the base 10",
            ),
            Mutant(
                fault="1 - s",
                edits={"s ": "(1 - s) "},
                check="forget-bias-value",
                message="1 - s is taken for s",
            ),
            Mutant(
                fault="divided by T",
                code="""
                    def forget_bias(s, T):
                        return math.log(s / (1 - s)) / T
                """,
                check="forget-bias-value",
                message="the bias of T steps is divided by T",
            ),
            Mutant(
                fault="atanh",
                code="""
                    def forget_bias(s, T):
                        return math.atanh(s ** (1 / T))
                """,
                check="forget-bias-value",
                message="the tanh was undone, not sigma",
            ),
        ],
        variants=[
            Variant(
                way="a helper called logit",
                code="""
                    def logit(f):
                        return math.log(f) - math.log1p(-f)

                    def forget_bias(s, T):
                        return logit(s ** (1 / T))
                """,
            ),
            Variant(
                way="from the logarithm of s",
                code="""
                    def forget_bias(s, T):
                        return -math.log(math.expm1(-math.log(s) / T))
                """,
            ),
            Variant(
                way="torch's logit",
                code="""
                    def forget_bias(s, T):
                        f = torch.tensor(s, dtype=torch.float64) ** (1 / T)
                        return f.logit().item()
                """,
            ),
        ],
    ),
]
