"""Known mistakes in the exercises on gradient clipping, and other right solutions."""

from rnncourse.grading.mutants import Answers, Mutant, Variant

ANSWERS = [
    Answers(
        exercise="global-norm",
        solution="""
            def global_norm(gradients):
                return torch.stack([g.norm() for g in gradients]).norm()
        """,
        mutants=[
            Mutant(
                fault="norms added",
                edits={"torch.stack([": "sum(", "]).norm()": ")"},
                check="global-norm-value",
                message="the norms of the tensors are added",
            ),
            Mutant(
                fault="largest norm only",
                edits={"torch.stack([": "max(", "]).norm()": ")"},
                check="global-norm-value",
                message="only the largest of the tensors' norms",
            ),
            Mutant(
                fault="return inside the loop",
                code="""
                    def global_norm(gradients):
                        for g in gradients:
                            return g.norm()  # <-
                """,
                check="global-norm-value",
                message="only the first tensor counts",
            ),
            Mutant(
                fault="square root forgotten",
                edits={
                    "torch.stack([g.norm": "sum(g.square().sum",
                    "]).norm()": ")",
                },
                check="global-norm-value",
                message="the root is missing",
            ),
            Mutant(
                fault="first two tensors only",
                edits={
                    "torch.stack([g.norm": "sum(g.square().sum",
                    "]).norm": "[:2]).sqrt",
                },
                check="global-norm-value",
                message="only the first two tensors are used",
            ),
            Mutant(
                fault="sum of absolute values",
                edits={
                    "torch.stack([g.norm": "sum(g.abs().sum",
                    "]).norm()": ")",
                },
                check="global-norm-value",
                message="absolute values are added",
            ),
            Mutant(
                fault="mean instead of sum",
                edits={
                    "stack([g.norm": "cat([g.flatten",
                    ").norm()": ").square().mean().sqrt()",
                },
                check="global-norm-value",
                message="the mean is taken",
            ),
            Mutant(
                fault="Python number instead of a tensor",
                edits={
                    "torch.stack([g.norm": "float(sum(g.square().sum",
                    "]).norm()": ").sqrt())",
                },
                check="global-norm-value",
                message="expected a tensor, but got a number",
            ),
            Mutant(
                fault="cast to float32",
                edits={
                    "torch.stack([g.norm": "sum(g.float().square().sum",
                    "]).norm": ").sqrt",
                },
                check="global-norm-value",
                message="expected the inputs' dtype torch.float64",
            ),
            Mutant(
                fault="first left out",
                edits={"gradients]": "gradients[1:] or gradients]"},
                check="global-norm-value",
                message="the first tensor is left out",
            ),
            Mutant(
                fault="centered",
                code="""
                    def global_norm(gradients):
                        flat = torch.cat([g.flatten() for g in gradients])
                        return (flat - flat.mean()).norm()
                """,
                check="global-norm-value",
                message="the mean of the entries is subtracted first",
            ),
            Mutant(
                fault="mean of norms",
                edits={").norm()": ").mean()"},
                check="global-norm-value",
                message="the mean of the tensors' norms is taken",
            ),
            Mutant(
                fault="linalg.norm(ord=2) of a matrix is the spectral norm",
                code="""
                    def global_norm(gradients):
                        norms = [torch.linalg.norm(g, ord=2) for g in gradients]
                        return torch.stack(norms).norm()
                """,
                check="global-norm-value",
                message="of a matrix the largest singular value is taken, as with ord=2",
            ),
            Mutant(
                fault="overwrites in the loop: only the last tensor counts",
                code="""
                    def global_norm(gradients):
                        for g in gradients:
                            total = torch.sum(g ** 2)
                        return torch.sqrt(total)
                """,
                check="global-norm-value",
                message="the last tensor counts alone",
            ),
        ],
        variants=[
            Variant(
                way="one long vector",
                code="""
                    def global_norm(gradients):
                        return torch.cat([g.flatten() for g in gradients]).norm()
                """,
            ),
            Variant(
                way="sum of squares",
                code="""
                    def global_norm(gradients):
                        return sum(g.square().sum() for g in gradients).sqrt()
                """,
            ),
        ],
    ),
    Answers(
        exercise="clip",
        solution="""
            def clip(pieces, theta):
                gradients = [torch.stack(parts).mean(0) for parts in zip(*pieces)]
                norm = torch.cat([g.flatten() for g in gradients]).norm()
                scale = theta / norm if norm > theta else 1.0
                return [scale * g for g in gradients]
        """,
        mutants=[
            Mutant(
                fault="each piece clipped before the mean",
                code="""
                    def clip(pieces, theta):
                        clipped = []
                        for gradients in pieces:
                            norm = torch.cat([g.flatten() for g in gradients]).norm()
                            scale = theta / norm if norm > theta else 1.0
                            clipped.append([scale * g for g in gradients])  # <-
                        return [torch.stack(parts).mean(0) for parts in zip(*clipped)]
                """,
                check="clip-long",
                message="each piece is clipped, and then the mean is taken",
            ),
            Mutant(
                fault="each piece clipped before the mean, seen with opposite ones",
                code="""
                    def clip(pieces, theta):
                        clipped = []
                        for gradients in pieces:
                            norm = torch.cat([g.flatten() for g in gradients]).norm()
                            scale = theta / norm if norm > theta else 1.0
                            clipped.append([scale * g for g in gradients])  # <-
                        return [torch.stack(parts).mean(0) for parts in zip(*clipped)]
                """,
                check="clip-short",
                message="each piece is clipped, and then the mean is taken",
            ),
            Mutant(
                fault="mean of the pieces' norms",
                code="""
                    def clip(pieces, theta):
                        gradients = [torch.stack(parts).mean(0) for parts in zip(*pieces)]
                        norms = [torch.cat([g.flatten() for g in piece]).norm() for piece in pieces]
                        norm = sum(norms) / len(norms)  # <-
                        scale = theta / norm if norm > theta else 1.0
                        return [scale * g for g in gradients]
                """,
                check="clip-long",
                message="the norm is the mean of the pieces' norms",
            ),
            Mutant(
                fault="last piece only",
                code="""
                    def clip(pieces, theta):
                        for piece in pieces:
                            gradients = piece  # <-
                        norm = torch.cat([g.flatten() for g in gradients]).norm()
                        scale = theta / norm if norm > theta else 1.0
                        return [scale * g for g in gradients]
                """,
                check="clip-long",
                message="only the last piece counts",
            ),
            Mutant(
                fault="first piece only, as the chapter's function would",
                edits={
                    "[torch.stack(parts).mean(0) for parts in zip(*pieces)]": "pieces[0]"
                },
                check="clip-long",
                message="only the first piece counts",
            ),
            Mutant(
                fault="pieces added",
                edits={"mean": "sum", ")]": ")]"},
                check="clip-short",
                message="the pieces are added, and no mean is taken",
            ),
            Mutant(
                fault="mean over the parameters",
                edits={
                    "stack(parts).mean(0) for parts in zip(*pieces)]": "cat([g.flatten() for g in piece]).mean() for piece in pieces]"
                },
                check="clip-long",
                message="expected 2 results, but got 3 results",
            ),
            Mutant(
                fault="each tensor clipped by its own norm",
                code="""
                    def clip(pieces, theta):
                        gradients = [torch.stack(parts).mean(0) for parts in zip(*pieces)]
                        return [min(1.0, theta / g.norm()) * g if g.norm() else g for g in gradients]  # <-
                """,
                check="clip-long",
                message="each tensor is clipped by its own norm",
            ),
            Mutant(
                fault="clipped by value, not by norm",
                code="""
                    def clip(pieces, theta):
                        gradients = [torch.stack(parts).mean(0) for parts in zip(*pieces)]
                        return [g.clamp(-theta, theta) for g in gradients]  # <-
                """,
                check="clip-long",
                message="every entry is cut off at theta",
            ),
            Mutant(
                fault="added up in place",
                code="""
                    def clip(pieces, theta):
                        gradients = pieces[0]
                        for piece in pieces[1:]:
                            for g, more in zip(gradients, piece):
                                g += more  # <-
                        gradients = [g / len(pieces) for g in gradients]
                        norm = torch.cat([g.flatten() for g in gradients]).norm()
                        scale = theta / norm if norm > theta else 1.0
                        return [scale * g for g in gradients]
                """,
                check="clip-long",
                message="clip changes its argument pieces",
            ),
            Mutant(
                fault="theta ignored",
                edits={" theta /": " 1 /", ".0": ".0"},
                check="clip-long",
                message="the gradient is scaled to norm 1",
            ),
            Mutant(
                fault="ratio upside down",
                edits={"theta / norm": "norm / theta", ".0": ".0"},
                check="clip-long",
                message="the ratio is upside down",
            ),
            Mutant(
                fault="divided by the squared norm",
                edits={" norm if": " norm**2 if", ".0": ".0"},
                check="clip-long",
                message="the squared norm is used",
            ),
            Mutant(
                fault="always scaled",
                edits={"> theta else 1.0": "else 1.0"},
                check="clip-short",
                message="short gradients are made longer",
            ),
            Mutant(
                fault="NaN for zero gradients",
                edits={
                    "theta / norm if": "(theta / norm) / (norm / norm) if norm == 0 or",
                    ".0": ".0",
                },
                check="clip-zero",
                message="zero gradients should stay zero",
            ),
            Mutant(
                fault="number of pieces hard-coded",
                edits={
                    "torch.stack(parts).mean(0)": "sum(parts) / 3",
                    ")]": ")]",
                },
                check="clip-short",
                message="wrong for a mean shorter than theta, which is not scaled",
            ),
            Mutant(
                fault="tensor instead of a list",
                code="""
                    def clip(pieces, theta):
                        gradients = [torch.stack(parts).mean(0) for parts in zip(*pieces)]
                        norm = torch.cat([g.flatten() for g in gradients]).norm()
                        scale = theta / norm if norm > theta else 1.0
                        return torch.cat([scale * g.flatten() for g in gradients])  # <-
                """,
                check="clip-long",
                message="expected 2 results, but got a tensor",
            ),
            Mutant(
                fault="small number added to the norm",
                code="""
                    def clip(pieces, theta):
                        gradients = [torch.stack(parts).mean(0) for parts in zip(*pieces, strict=True)]
                        norm = torch.stack([g.norm() for g in gradients]).norm()
                        return [min(1.0, theta / (norm + 1e-6)) * g for g in gradients]
                """,
                check="clip-long",
                message="a small number is added to the norm",
            ),
            Mutant(
                fault="the minimum with 1 forgotten",
                code="""
                    def clip(pieces, theta):
                        gradients = [torch.stack(parts).mean(0) for parts in zip(*pieces, strict=True)]
                        norm = torch.stack([g.norm() for g in gradients]).norm()
                        return [theta / norm * g for g in gradients]
                """,
                check="clip-short",
                message="short gradients are made longer",
            ),
            Mutant(
                fault="root of the ratio",
                code="""
                    def clip(pieces, theta):
                        gradients = [torch.stack(parts).mean(0) for parts in zip(*pieces, strict=True)]
                        norm = torch.stack([g.norm() for g in gradients]).norm()
                        return [min(1.0, theta / norm.clamp(min=1e-30)) ** 0.5 * g for g in gradients]
                """,
                check="clip-long",
                message="the root of the ratio is used",
            ),
            Mutant(
                fault="sums into the first piece's tensors, the arguments change",
                code="""
                    def clip(pieces, theta):
                        grads = pieces[0]
                        for other in pieces[1:]:
                            for g, o in zip(grads, other):
                                g += o
                        for g in grads:
                            g /= len(pieces)
                        norm = torch.sqrt(sum((g ** 2).sum() for g in grads))
                        if norm > theta:
                            for g in grads:
                                g *= theta / norm
                        return grads
                """,
                check="clip-long",
                message=r"clip changes its argument pieces, in pieces\[0\]\[0\]; compute a new one",
            ),
            Mutant(
                fault="max instead of min",
                code="""
                    def clip(pieces, theta):
                        mean = [torch.stack(gs).mean(0) for gs in zip(*pieces)]
                        norm = sum((g ** 2).sum() for g in mean).sqrt()
                        if norm == 0:
                            return mean
                        scale = max(1, theta / norm)
                        return [g * scale for g in mean]
                """,
                check="clip-long",
                message="what is too long is returned as it came",
            ),
            Mutant(
                fault="divides by the number of parameters instead of that of pieces",
                code="""
                    def clip(pieces, theta):
                        k = len(pieces[0])
                        mean = [sum(piece[j] for piece in pieces) / k for j in range(k)]
                        norm = torch.sqrt(sum(g.pow(2).sum() for g in mean))
                        if norm > theta:
                            mean = [g * (theta / norm) for g in mean]
                        return mean
                """,
                check="clip-short",
                message="the sum is divided by the number of tensors in a piece, not by the",
            ),
            Mutant(
                fault="the norm is that of the first piece, not of the mean",
                code="""
                    def clip(pieces, theta):
                        norm = torch.sqrt(sum((g ** 2).sum() for g in pieces[0]))
                        mean = [sum(gs) / len(pieces) for gs in zip(*pieces)]
                        if norm > theta:
                            return [g * theta / norm for g in mean]
                        return mean
                """,
                check="clip-long",
                message="the norm is that of the first piece, not of the mean",
            ),
        ],
        variants=[
            Variant(
                way="helpers called norm, flat and pieces",
                code="""
                    def norm(gradients):
                        return sum((g**2).sum() for g in gradients).sqrt()

                    def clip(pieces, theta):
                        flat = [sum(parts) / len(parts) for parts in zip(*pieces)]
                        length = norm(flat)
                        return [g * theta / length if length > theta else g for g in flat]
                """,
            ),
            Variant(
                way="one long vector",
                code="""
                    def clip(pieces, theta):
                        flat = [torch.cat([g.flatten() for g in piece]) for piece in pieces]
                        g = torch.stack(flat).mean(0)
                        if g.norm() > theta:
                            g *= theta / g.norm()
                        sizes = [shape.numel() for shape in (part.shape for part in pieces[0])]
                        return [a.view(b.shape) for a, b in zip(g.split(sizes), pieces[0])]
                """,
            ),
            Variant(
                way="in place on copies",
                code="""
                    def clip(pieces, theta):
                        gradients = [g / len(pieces) for g in pieces[0]]
                        for piece in pieces[1:]:
                            for g, more in zip(gradients, piece):
                                g += more / len(pieces)
                        norm = sum(float(g.square().sum()) for g in gradients) ** 0.5
                        for g in gradients:
                            g *= min(1.0, theta / norm) if norm else 1.0
                        return gradients
                """,
            ),
        ],
    ),
    Answers(
        exercise="clip-steps",
        solution="""
            def share_clipped(norms, theta):
                return sum(norm > theta for norm in norms) / len(norms)
        """,
        mutants=[
            Mutant(
                fault="not divided by the number of steps",
                edits={" / len(norms)": ""},
                check="clip-steps-value",
                message="but not divided by their number",
            ),
            Mutant(
                fault="norms equal to theta counted",
                edits={">": ">="},
                check="clip-steps-value",
                message="a norm equal to theta counts",
            ),
            Mutant(
                fault="norms below theta counted",
                edits={">": "<"},
                check="clip-steps-value",
                message="those below theta are counted",
            ),
            Mutant(
                fault="unclipped steps counted",
                edits={">": "<="},
                check="clip-steps-value",
                message="the others are counted",
            ),
            Mutant(
                fault="percentage instead of a share",
                edits={"return": "return 100 *"},
                check="clip-steps-value",
                message="a percentage is returned",
            ),
            Mutant(
                fault="result hard-coded",
                edits={
                    "sum(norm > theta for norm in norms) / len(norms)": "3 / 9"
                },
                check="clip-steps-value",
                message="of [0-9]+ norms, [0-9]+ are above 1.5: wrong",
            ),
            Mutant(
                fault="mean of the norms",
                edits={"norm > theta for norm in ": ""},
                check="clip-steps-value",
                message="the mean of the norms is returned",
            ),
            Mutant(
                fault="divided by the others",
                code="""
                    def share_clipped(norms, theta):
                        more = sum(norm > theta for norm in norms)
                        return more / max(len(norms) - more, 1)
                """,
                check="clip-steps-value",
                message="the number of the others is divided by",
            ),
            Mutant(
                fault="returns how many, not the share",
                code="""
                    def share_clipped(norms, theta):
                        count = 0
                        for norm in norms:
                            if norm > theta:
                                count += 1
                        return count
                """,
                check="clip-steps-value",
                message="they are counted, but not divided by their number",
            ),
            Mutant(
                fault="share of the norms' sum, not of the updates",
                edits={
                    "norm > theta for norm in norms) / len": "n for n in norms if n > theta) / sum"
                },
                check="clip-steps-value",
                message="the sum of the larger norms is divided by the sum of all",
            ),
            Mutant(
                fault="// gives 0 unless all are clipped",
                edits={
                    "norm > theta for norm in norms) ": "1 for n in norms if n > theta) /"
                },
                check="clip-steps-value",
                message="it is rounded to a whole number",
            ),
            Mutant(
                fault="mean of the clipping factor",
                code="""
                    def share_clipped(norms, theta):
                        factors = [min(1.0, theta / n) for n in norms]
                        return sum(factors) / len(factors)
                """,
                check="clip-steps-value",
                message="the factors are averaged",
            ),
            Mutant(
                fault="counts each distinct norm only once",
                code="""
                    def share_clipped(norms, theta):
                        distinct = set(norms)
                        return len({n for n in distinct if n > theta}) / len(distinct)
                """,
                check="clip-steps-value",
                message="equal norms are counted once",
            ),
            Mutant(
                fault="rounds to two decimals",
                code="""
                    def share_clipped(norms, theta):
                        return round(sum(n > theta for n in norms) / len(norms), 2)
                """,
                check="clip-steps-value",
                message="it is rounded to 2 decimals",
            ),
        ],
        variants=[
            Variant(
                way="with a tensor",
                code="""
                    def share_clipped(norms, theta):
                        return (torch.tensor(norms) > theta).double().mean().item()
                """,
            ),
        ],
    ),
    Answers(
        exercise="vanishing",
        solution="""
            def clipped_norm(w, T, theta):
                return min(abs(w) ** T, theta)
        """,
        mutants=[
            Mutant(
                fault="always theta",
                edits={"min(abs(w) ** T, theta)": "theta"},
                check="vanishing-value",
                message="every gradient is brought to the radius",
            ),
            Mutant(
                fault="not clipped",
                edits={"min(abs(w) ** T, theta)": "abs(w) ** T"},
                check="vanishing-value",
                message="nothing is clipped",
            ),
            Mutant(
                fault="maximum for minimum",
                edits={"min": "max"},
                check="vanishing-value",
                message="the larger one is taken",
            ),
            Mutant(
                fault="w multiplied by T",
                edits={"* ": " "},
                check="vanishing-value",
                message="w is multiplied by T",
            ),
            Mutant(
                fault="each factor clipped",
                edits={" ** T, theta)": ", theta) ** T"},
                check="vanishing-value",
                message="each factor is clipped",
            ),
            Mutant(
                fault="sign of w kept",
                edits={"abs(w) ** ": "w**"},
                check="vanishing-value",
                message="the sign of w is kept",
            ),
            Mutant(
                fault="short gradients of |w| > 1",
                edits={
                    "min(abs(w) ** T, theta)": "theta if abs(w) > 1 else abs(w) ** T"
                },
                check="vanishing-value",
                message=r"all gradients with \|w\| > 1 are clipped, however short",
            ),
            Mutant(
                fault="clipped at each step",
                code="""
                    def clipped_norm(w, T, theta):
                        norm = 1.0
                        for _ in range(T):
                            norm = min(norm * abs(w), theta)
                        return norm
                """,
                check="vanishing-value",
                message="it is clipped at each of the T steps, not once at the end",
            ),
            Mutant(
                fault="factor returned",
                edits={"abs(w) ** T, theta": "1, theta / abs(w) ** T"},
                check="vanishing-value",
                message="the factor is returned, not the norm",
            ),
            Mutant(
                fault="one step more",
                edits={"* T, ": "* (T + 1), "},
                check="vanishing-value",
                message=r"T \+ 1 factors are taken",
            ),
            Mutant(
                fault="one factor too few",
                code="""
                    def clipped_norm(w, T, theta):
                        norm = abs(w) ** (T - 1)
                        return min(norm, theta)
                """,
                check="vanishing-value",
                message="T - 1 factors are taken",
            ),
            Mutant(
                fault="theta / norm divides by zero for w = 0 or underflow",
                code="""
                    def clipped_norm(w, T, theta):
                        norm = abs(w) ** T
                        return min(1, theta / norm) * norm
                """,
                check="vanishing-value",
                message="clipped_norm raised ZeroDivisionError: float division by zero",
            ),
        ],
        variants=[
            Variant(
                way="by the scaling factor",
                code="""
                    def clipped_norm(w, T, theta):
                        norm = abs(w) ** T
                        return norm and min(1, theta / norm) * norm
                """,
            ),
        ],
    ),
]
