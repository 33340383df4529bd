"""Known mistakes in the exercises on gradient clipping, and other right solutions."""

from rnncourse.grading.mutants import Mutant, Variant

NORM = "def global_norm(gradients):\n    return "
CLIP = """def clip(gradients, theta):
    norm = torch.cat([g.flatten() for g in gradients]).norm()
    scale = theta / norm if norm > theta else 1.0
    return [scale * g for g in gradients]
"""
SHARE = "def share_clipped(norms, theta):\n    return "
VANISH = "def clipped_norm(w, T, theta):\n    return "

MUTANTS = [
    Mutant(
        "global-norm",
        "norm per array",
        NORM + "sum(g.norm() for g in gradients)",
        "global-norm-value",
        "the norms of the tensors are added",
    ),
    Mutant(
        "global-norm",
        "largest array",
        NORM + "max(g.norm() for g in gradients)",
        "global-norm-value",
        "only the largest of the tensors' norms",
    ),
    Mutant(
        "global-norm",
        "return within the loop",
        "def global_norm(gradients):\n    for g in gradients:\n        return g.norm()",
        "global-norm-value",
        "only the first tensor counts",
    ),
    Mutant(
        "global-norm",
        "no root",
        NORM + "sum(g.square().sum() for g in gradients)",
        "global-norm-value",
        "the root is missing",
    ),
    Mutant(
        "global-norm",
        "first two arrays only",
        NORM + "sum(g.square().sum() for g in gradients[:2]).sqrt()",
        "global-norm-value",
        "only the first two tensors are used",
    ),
    Mutant(
        "global-norm",
        "absolute values",
        NORM + "sum(g.abs().sum() for g in gradients)",
        "global-norm-value",
        "absolute values are added",
    ),
    Mutant(
        "global-norm",
        "mean of squares",
        NORM
        + "torch.cat([g.flatten() for g in gradients]).square().mean().sqrt()",
        "global-norm-value",
        "the mean is taken",
    ),
    Mutant(
        "global-norm",
        "a Python number",
        NORM + "float(sum(g.square().sum() for g in gradients).sqrt())",
        "global-norm-value",
        "expected a tensor, but got a number",
    ),
    Mutant(
        "global-norm",
        "cast to float32",
        NORM + "sum(g.float().square().sum() for g in gradients).sqrt()",
        "global-norm-value",
        "expected the inputs' dtype torch.float64",
    ),
    Mutant(
        "clip",
        "norm per array",
        CLIP.replace(
            "[scale * g for g in gradients]",
            "[min(1.0, theta / g.norm()) * g if g.norm() else g for g in gradients]",
        ),
        "clip-long",
        "each tensor is clipped by its own norm",
    ),
    Mutant(
        "clip",
        "value for norm",
        "def clip(gradients, theta):\n    return [g.clamp(-theta, theta) for g in gradients]",
        "clip-long",
        "every entry is cut off at theta",
    ),
    Mutant(
        "clip",
        "clipped in place",
        CLIP.replace(
            "return [scale * g for g in gradients]",
            "return [g.mul_(scale) for g in gradients]",
        ),
        "clip-long",
        "clip changes its argument gradients",
    ),
    Mutant(
        "clip",
        "theta ignored",
        CLIP.replace("theta / norm", "1 / norm"),
        "clip-long",
        "the gradients are scaled to norm 1",
    ),
    Mutant(
        "clip",
        "upside down",
        CLIP.replace("theta / norm", "norm / theta"),
        "clip-long",
        "the ratio is upside down",
    ),
    Mutant(
        "clip",
        "squared norm",
        CLIP.replace("theta / norm", "theta / norm**2"),
        "clip-long",
        "the squared norm is used",
    ),
    Mutant(
        "clip",
        "always scaled",
        CLIP.replace(" if norm > theta else 1.0", " if norm else 1.0"),
        "clip-short",
        "short gradients are made longer",
    ),
    Mutant(
        "clip",
        "NaN for zero",
        CLIP.replace(
            "theta / norm if norm > theta else 1.0",
            "(theta / norm) / (norm / norm) if norm == 0 or norm > theta else 1.0",
        ),
        "clip-zero",
        "zero gradients should stay zero",
    ),
    Mutant(
        "clip",
        "a tensor instead of a list",
        CLIP.replace(
            "return [scale * g for g in gradients]",
            "return torch.cat([scale * g.flatten() for g in gradients])",
        ),
        "clip-long",
        "expected 2 results, but got a tensor",
    ),
    Mutant(
        "clip-steps",
        "not divided",
        SHARE + "sum(norm > theta for norm in norms)",
        "clip-steps-value",
        "but not divided by their number",
    ),
    Mutant(
        "clip-steps",
        "equal counts",
        SHARE + "sum(norm >= theta for norm in norms) / len(norms)",
        "clip-steps-value",
        "a norm equal to theta counts",
    ),
    Mutant(
        "clip-steps",
        "below",
        SHARE + "sum(norm < theta for norm in norms) / len(norms)",
        "clip-steps-value",
        "those below theta are counted",
    ),
    Mutant(
        "clip-steps",
        "not above",
        SHARE + "sum(norm <= theta for norm in norms) / len(norms)",
        "clip-steps-value",
        "the others are counted",
    ),
    Mutant(
        "clip-steps",
        "per cent",
        SHARE + "100 * sum(norm > theta for norm in norms) / len(norms)",
        "clip-steps-value",
        "per cent are returned",
    ),
    Mutant(
        "clip-steps",
        "number hard-coded",
        SHARE + "3 / 9",
        "clip-steps-value",
        "with theta = 10 none is clipped",
    ),
    Mutant(
        "vanishing",
        "always theta",
        VANISH + "theta",
        "vanishing-value",
        "every gradient is brought to the radius",
    ),
    Mutant(
        "vanishing",
        "not clipped",
        VANISH + "abs(w) ** T",
        "vanishing-value",
        "nothing is clipped",
    ),
    Mutant(
        "vanishing",
        "the larger one",
        VANISH + "max(abs(w) ** T, theta)",
        "vanishing-value",
        "the larger one is taken",
    ),
    Mutant(
        "vanishing",
        "times T",
        VANISH + "min(abs(w) * T, theta)",
        "vanishing-value",
        "w is multiplied by T",
    ),
    Mutant(
        "vanishing",
        "factor clipped",
        VANISH + "min(abs(w), theta) ** T",
        "vanishing-value",
        "each factor is clipped",
    ),
    Mutant(
        "vanishing",
        "sign kept",
        VANISH + "min(w**T, theta)",
        "vanishing-value",
        "the sign of w is kept",
    ),
]

VARIANTS = [
    Variant(
        "global-norm",
        "one long vector",
        NORM + "torch.cat([g.flatten() for g in gradients]).norm()",
    ),
    Variant(
        "global-norm",
        "sum of squares",
        NORM + "sum(g.square().sum() for g in gradients).sqrt()",
    ),
    Variant("clip", "one long vector", CLIP),
    Variant(
        "clip",
        "in place on copies",
        "def clip(gradients, theta):\n    copies = [g.clone() for g in gradients]\n    norm = sum(float(g.square().sum()) for g in copies) ** 0.5\n    for g in copies:\n        g *= min(1.0, theta / norm) if norm else 1.0\n    return copies",
    ),
    Variant(
        "clip-steps",
        "with a tensor",
        "def share_clipped(norms, theta):\n    return (torch.tensor(norms) > theta).double().mean().item()",
    ),
    Variant(
        "vanishing",
        "with the factor",
        "def clipped_norm(w, T, theta):\n    norm = abs(w) ** T\n    return min(1, theta / norm) * norm",
    ),
]
