"""Known mistakes in the exercises on deep RNNs, and other right solutions."""

from rnncourse.grading.mutants import Answers, Mutant, Variant

ANSWERS = [
    Answers(
        exercise="deep-parameters",
        solution="""
            def deep_parameters(d, h, L):
                first = d * h + h * h + h
                other = h * h + h * h + h
                return first + (L - 1) * other
        """,
        mutants=[
            Mutant(
                fault="d inputs in every layer",
                code="""
                    def deep_parameters(d, h, L):
                        return L * (d * h + h * h + h)
                """,
                check="deep-parameters-value",
                message="every layer reads d inputs",
            ),
            Mutant(
                fault="h inputs in every layer, as in the notes",
                code="""
                    def deep_parameters(d, h, L):
                        return L * (2 * h * h + h)
                """,
                check="deep-parameters-value",
                message="every layer reads h inputs",
            ),
            Mutant(
                fault="biases forgotten",
                code="""
                    def deep_parameters(d, h, L):
                        return d * h + h * h + (L - 1) * 2 * h * h
                """,
                check="deep-parameters-value",
                message="the biases are left out",
            ),
            Mutant(
                fault="two biases per layer",
                code="""
                    def deep_parameters(d, h, L):
                        return d * h + h * h + (L - 1) * 2 * h * h + 2 * L * h
                """,
                check="deep-parameters-value",
                message="two biases in a layer",
            ),
            Mutant(
                fault="one layer too many",
                code="""
                    def deep_parameters(d, h, L):
                        return d * h + h * h + h + L * (2 * h * h + h)
                """,
                check="deep-parameters-value",
                message="L layers follow the first one",
            ),
        ],
        variants=[
            Variant(
                way="a loop",
                code="""
                    def deep_parameters(d, h, L):
                        total, inputs = 0, d
                        for _ in range(L):
                            total, inputs = total + (inputs + h + 1) * h, h
                        return total
                """,
            ),
        ],
    ),
    Answers(
        exercise="deep-step",
        solution="""
            def deep_step(X_t, H, layers):
                below, states = X_t, []
                for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                    below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
                    states.append(below)
                return torch.stack(states)
        """,
        mutants=[
            Mutant(
                fault="old state of the layer below",
                code="""
                    def deep_step(X_t, H, layers):
                        below, states = X_t, []
                        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                            below = torch.tanh((X_t if not states else H[len(states) - 1]) @ W_xh + H_l @ W_hh + b_h)  # <-
                            states.append(below)
                        return torch.stack(states)
                """,
                check="deep-step-value",
                message="reads the old state of the layer below",
            ),
            Mutant(
                fault="layer's own old state ignored",
                code="""
                    def deep_step(X_t, H, layers):
                        below, states = X_t, []
                        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                            below = torch.tanh(below @ W_xh + (below if states else H_l) @ W_hh + b_h)  # <-
                            states.append(below)
                        return torch.stack(states)
                """,
                check="deep-step-value",
                message="own old state is not used",
            ),
            Mutant(
                fault="old state of layer 1 in every layer",
                code="""
                    def deep_step(X_t, H, layers):
                        below, states = X_t, []
                        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                            below = torch.tanh(below @ W_xh + H[0] @ W_hh + b_h)  # <-
                            states.append(below)
                        return torch.stack(states)
                """,
                check="deep-step-value",
                message="every layer uses the old state of layer 1",
            ),
            Mutant(
                fault="state overwritten in place",
                code="""
                    def deep_step(X_t, H, layers):
                        below, states = X_t, []
                        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                            below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
                            H_l.copy_(below)  # <-
                        return H
                """,
                check="deep-step-value",
                message="deep_step changes its argument H",
            ),
            Mutant(
                fault="only the last layer returned",
                code="""
                    def deep_step(X_t, H, layers):
                        below, states = X_t, []
                        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                            below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
                            states.append(below)
                        return below  # <-
                """,
                check="deep-step-value",
                message=r"expected the shape \(3, 5, 4\) \(L, n, h\), but got \(5, 4\)",
            ),
            Mutant(
                fault="list instead of a tensor",
                code="""
                    def deep_step(X_t, H, layers):
                        below, states = X_t, []
                        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                            below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
                            states.append(below)
                        return states  # <-
                """,
                check="deep-step-value",
                message="expected a tensor, but got a list",
            ),
            Mutant(
                fault="number of layers hard-coded",
                code="""
                    def deep_step(X_t, H, layers):
                        below, states = X_t, []
                        for H_l, (W_xh, W_hh, b_h) in [(H[l], layers[l]) for l in range(3)]:  # <-
                            below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
                            states.append(below)
                        return torch.stack(states)
                """,
                check="deep-step-one",
                message="deep_step raised IndexError",
            ),
            Mutant(
                fault="tanh forgotten",
                code="""
                    def deep_step(X_t, H, layers):
                        below, states = X_t, []
                        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                            below = below @ W_xh + H_l @ W_hh + b_h  # <-
                            states.append(below)
                        return torch.stack(states)
                """,
                check="deep-step-value",
                message="tanh is missing",
            ),
            Mutant(
                fault="biases forgotten",
                code="""
                    def deep_step(X_t, H, layers):
                        below, states = X_t, []
                        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                            below = torch.tanh(below @ W_xh + H_l @ W_hh)  # <-
                            states.append(below)
                        return torch.stack(states)
                """,
                check="deep-step-value",
                message="the biases are left out",
            ),
            Mutant(
                fault="W_hh transposed",
                code="""
                    def deep_step(X_t, H, layers):
                        below, states = X_t, []
                        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                            below = torch.tanh(below @ W_xh + H_l @ W_hh.T + b_h)  # <-
                            states.append(below)
                        return torch.stack(states)
                """,
                check="deep-step-value",
                message="transposed",
            ),
        ],
        variants=[
            Variant(
                way="as one product",
                code="""
                    def deep_step(X_t, H, layers):
                        below, states = X_t, []
                        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                            below = torch.tanh(torch.cat([below, H_l], 1) @ torch.cat([W_xh, W_hh]) + b_h)
                            states.append(below)
                        return torch.stack(states)
                """,
            ),
        ],
    ),
    Answers(
        exercise="deep-loop",
        solution="""
            def deep_loop(X, H, layers):
                outputs = []
                for X_t in X:
                    below, states = X_t, []
                    for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                        below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
                        states.append(below)
                    H = torch.stack(states)
                    outputs.append(below)
                return torch.stack(outputs), H
        """,
        mutants=[
            Mutant(
                fault="first layer's states as outputs",
                code="""
                    def deep_loop(X, H, layers):
                        outputs = []
                        for X_t in X:
                            below, states = X_t, []
                            for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                                below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
                                states.append(below)
                            H = torch.stack(states)
                            outputs.append(states[0])  # <-
                        return torch.stack(outputs), H
                """,
                check="deep-loop-value",
                message="the states of the first layer are returned",
            ),
            Mutant(
                fault="given state ignored",
                code="""
                    def deep_loop(X, H, layers):
                        outputs, H = [], 0 * H  # <-
                        for X_t in X:
                            below, states = X_t, []
                            for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                                below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
                                states.append(below)
                            H = torch.stack(states)
                            outputs.append(below)
                        return torch.stack(outputs), H
                """,
                check="deep-loop-value",
                message="H is replaced by zeros",
            ),
            Mutant(
                fault="state not carried",
                code="""
                    def deep_loop(X, H, layers):
                        outputs = []
                        for X_t in X:
                            below, states = X_t, []
                            for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                                below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
                                states.append(below)
                            S = torch.stack(states)  # <-
                            outputs.append(below)
                        return torch.stack(outputs), S
                """,
                check="deep-loop-value",
                message="the state is not carried from step to step",
            ),
            Mutant(
                fault="only the last layer's state returned",
                code="""
                    def deep_loop(X, H, layers):
                        outputs = []
                        for X_t in X:
                            below, states = X_t, []
                            for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                                below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
                                states.append(below)
                            H = torch.stack(states)
                            outputs.append(below)
                        return torch.stack(outputs), below  # <-
                """,
                check="deep-loop-value",
                message=r"expected the shape \(3, 5, 4\)",
            ),
            Mutant(
                fault="first input at every step",
                code="""
                    def deep_loop(X, H, layers):
                        outputs = []
                        for X_t in X:
                            below, states = X[0], []  # <-
                            for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                                below = torch.tanh(below @ W_xh + H_l @ W_hh + b_h)
                                states.append(below)
                            H = torch.stack(states)
                            outputs.append(below)
                        return torch.stack(outputs), H
                """,
                check="deep-loop-value",
                message="wrong states",
            ),
        ],
        variants=[
            Variant(
                way="layers in the outer loop",
                code="""
                    def deep_loop(X, H, layers):
                        last = []
                        for state, (W_xh, W_hh, b_h) in zip(H, layers):
                            outputs = []
                            for X_t in X:
                                state = torch.tanh(X_t @ W_xh + state @ W_hh + b_h)
                                outputs.append(state)
                            X = torch.stack(outputs)
                            last.append(state)
                        return X, torch.stack(last)
                """,
            ),
        ],
    ),
    Answers(
        exercise="deep-path",
        solution="""
            def path_length(s, t, L):
                return (t - s) + L
        """,
        mutants=[
            Mutant(
                fault="input arrow forgotten",
                code="""
                    def path_length(s, t, L):
                        return t - s + L - 1
                """,
                check="deep-path-value",
                message="the arrow from the input is forgotten",
            ),
            Mutant(
                fault="steps counted, not arrows",
                code="""
                    def path_length(s, t, L):
                        return t - s + 1 + L
                """,
                check="deep-path-value",
                message="steps are counted",
            ),
            Mutant(
                fault="product for sum",
                code="""
                    def path_length(s, t, L):
                        return (t - s) * L
                """,
                check="deep-path-value",
                message="every layer is walked through",
            ),
            Mutant(
                fault="s ignored",
                code="""
                    def path_length(s, t, L):
                        return t + L
                """,
                check="deep-path-value",
                message="s is left out",
            ),
        ],
        variants=[
            Variant(
                way="by recursion",
                code="""
                    def path_length(s, t, L):
                        if s < t:
                            return 1 + path_length(s + 1, t, L)
                        return L
                """,
            ),
        ],
    ),
]
