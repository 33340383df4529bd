"""What ``from_torch`` takes over from ``torch.nn.RNN``, ``LSTM`` and ``GRU``, and what it refuses."""

from collections.abc import Callable

from torch import Tensor, nn

NAMES = ("weight_ih_l{}", "weight_hh_l{}", "bias_ih_l{}", "bias_hh_l{}")


def refuse_unlike(module: nn.Module, kind: type[nn.RNNBase]) -> None:
    """Raise ``ValueError`` if ``module`` is not of this ``kind``, or computes what the course's layers do not."""
    if not isinstance(module, kind):
        raise ValueError(f"expected a torch.nn.{kind.__name__}, but got {module}")
    reasons = {
        "batch_first=True: its sequences are (n, T, d), and here they are (T, n, d)": module.batch_first,
        "bidirectional=True: a layer here reads in one direction": module.bidirectional,
        "bias=False: a layer here has biases": not module.bias,
        "dropout: there is none between the layers here": module.dropout and module.num_layers > 1,
        "proj_size: there is no projection of the state here": module.proj_size,
    }
    if reason := next((reason for reason, holds in reasons.items() if holds), None):
        raise ValueError(f"cannot take over {module} with {reason}")
    names = [name.format(l) for l in range(module.num_layers) for name in NAMES] if module.bias else []
    if computed := [name for name in names if name not in module._parameters]:
        raise ValueError(f"cannot take over {module}: its {', '.join(computed)} are computed from other parameters")


def one_layer_of(module: nn.Module, kind: type[nn.RNNBase]) -> list[Tensor]:
    """Return the two weights and the two biases of a module of one layer, in PyTorch's shapes.

    Raises:
        ValueError: if ``module`` is not of this ``kind``, has several layers, or computes what the layers here do not.
    """
    refuse_unlike(module, kind)
    if module.num_layers != 1:
        raise ValueError(f"expected one layer, but got {module}; DeepRNN.from_torch takes several")
    return [module.get_parameter(name.format(0)).detach() for name in NAMES]


def layers_of(module: nn.RNNBase) -> list[nn.RNNBase]:
    """Return the layers of ``module``, from the lowest up, as modules of one layer each that share its parameters.

    Raises:
        ValueError: if ``module`` computes what the layers here do not.
    """
    refuse_unlike(module, nn.RNNBase)
    kind: Callable[..., nn.RNNBase] = type(module)
    options = {"nonlinearity": module.nonlinearity} if isinstance(module, nn.RNN) else {}
    layers = []
    for l in range(module.num_layers):
        d = module.hidden_size if l else module.input_size
        layer = kind(d, module.hidden_size, **options)
        for name in NAMES:
            layer.register_parameter(name.format(0), module.get_parameter(name.format(l)))
        layers.append(layer)
    return layers
