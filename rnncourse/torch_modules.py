"""What ``from_torch`` can convert of ``torch.nn.RNN``, ``LSTM`` and ``GRU``, and what it refuses."""

from collections.abc import Callable

from torch import Tensor, nn

NAMES = ("weight_ih_l{}", "weight_hh_l{}", "bias_ih_l{}", "bias_hh_l{}")
KINDS: tuple[Callable[..., nn.RNNBase], ...] = (nn.RNN, nn.LSTM, nn.GRU)


def refuse_unlike(module: nn.Module, kind: type[nn.RNNBase]) -> None:
    """Raise ``ValueError`` if ``module`` is not of this ``kind``, or computes what the course's layers do not."""
    if not isinstance(module, kind):
        raise ValueError(f"expected a torch.nn.{kind.__name__}, but got {module}")
    reasons = {
        "batch_first: sequences are (T, n, d) here; make the module without it, and transpose X": module.batch_first,
        "bidirectional: a layer here reads in one direction": module.bidirectional,
        "bias=False: a layer here has biases; make the module with biases of zero": not module.bias,
        "proj_size: there is no projection of the state here": module.proj_size,
    }
    if reason := next((reason for reason, holds in reasons.items() if holds), None):
        raise ValueError(f"cannot convert {module}, because of {reason}")
    parameters = {name for name, _ in module.named_parameters(recurse=False)}
    computed = [name for l in range(module.num_layers) for name in _names(l) if name not in parameters]
    if computed:
        raise ValueError(
            f"cannot convert {module}: {', '.join(computed)} must be a parameter; undo pruning by "
            "torch.nn.utils.prune.remove, and weight norm by torch.nn.utils.parametrize.remove_parametrizations"
        )


def one_layer_of(module: nn.Module, kind: type[nn.RNNBase]) -> list[Tensor]:
    """Return the two weights and the two biases of a module of one layer, in PyTorch's shapes.

    Raises:
        ValueError: if ``module`` is not of this ``kind``, has several layers, or computes what the layers here do not.
    """
    refuse_unlike(module, kind)
    if module.num_layers != 1:
        raise ValueError(f"expected one layer, but got {module}; DeepRNN.from_torch converts several")
    return [module.get_parameter(name).detach() for name in _names(0)]


def layers_of(module: nn.RNNBase) -> list[nn.RNNBase]:
    """Return the layers of ``module``, from the lowest up, as modules of one layer each that share its parameters.

    Raises:
        ValueError: if ``module`` computes what the layers here do not.
    """
    refuse_unlike(module, nn.RNNBase)
    kind = next(kind for kind in KINDS if isinstance(module, kind))  # type: ignore[arg-type]
    options = {"nonlinearity": module.nonlinearity} if isinstance(module, nn.RNN) else {}
    layers = []
    for l in range(module.num_layers):
        layer = kind(module.hidden_size if l else module.input_size, module.hidden_size, **options)
        for name, name_of_l in zip(_names(0), _names(l), strict=True):
            setattr(layer, name, module.get_parameter(name_of_l))
        layers.append(layer)
    return layers


def _names(l: int) -> list[str]:
    return [name.format(l) for name in NAMES]
