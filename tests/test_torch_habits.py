"""What users of PyTorch do with a recurrent layer: it works as with ``torch.nn``, or one line says what to do."""

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, jacrev, vmap
from torch.nn import functional as F
from torch.nn.utils import prune

from rnncourse.deep_rnn import DeepRNN
from rnncourse.gated import GRU, LSTM
from rnncourse.rnn import RNN

T, N, D, H = 5, 2, 3, 4
LAYERS: dict[str, tuple[Callable[[Any], nn.Module], Callable[[], nn.RNNBase]]] = {
    "RNN": (RNN.from_torch, lambda: nn.RNN(D, H)),
    "LSTM": (LSTM.from_torch, lambda: nn.LSTM(D, H)),
    "GRU": (GRU.from_torch, lambda: nn.GRU(D, H)),
    "DeepRNN": (DeepRNN.from_torch, lambda: nn.RNN(D, H, num_layers=2)),
    "DeepRNN of LSTMs": (lambda module: DeepRNN.from_torch(module, LSTM), lambda: nn.LSTM(D, H, num_layers=2)),
}
Habit = Callable[[nn.Module, Tensor], Any]
HABITS: dict[str, Habit] = {}
REFERENCES: dict[str, Habit] = {}  # where torch.nn itself refuses


def habit(function: Habit) -> Habit:
    """Add a row to the table."""
    HABITS[function.__name__.replace("_", " ")] = function
    return function


def reference_for(habit: Habit) -> Callable[[Habit], Habit]:
    """Say how to get from torch.nn, by another way, what it refuses to do by ``habit``."""

    def add(function: Habit) -> Habit:
        REFERENCES[habit.__name__.replace("_", " ")] = function
        return function

    return add


def outputs_of(layer: nn.Module, parameters: dict[str, Tensor] | None = None) -> Callable[[Tensor], Tensor]:
    return lambda X: (layer(X) if parameters is None else functional_call(layer, parameters, (X,)))[0]


def parts(state: Any) -> list[Tensor]:
    return list(state) if isinstance(state, tuple) else [state]


@habit
def an_empty_batch(layer: nn.Module, X: Tensor) -> Any:
    outputs, state = layer(X[:, :0])
    outputs.sum().backward()
    return [outputs, *(part.reshape(-1) for part in parts(state))]


@habit
def write_into_the_outputs(layer: nn.Module, X: Tensor) -> Any:
    outputs, _ = layer(X.requires_grad_())
    outputs += 1
    outputs[0] = 0
    return torch.autograd.grad(outputs.square().sum(), X)


@habit
def an_activation_in_place(layer: nn.Module, X: Tensor) -> Any:
    outputs, _ = layer(X.requires_grad_())
    return torch.autograd.grad(nn.ReLU(inplace=True)(outputs).square().sum(), X)


@habit
def write_into_the_last_state(layer: nn.Module, X: Tensor) -> Any:
    outputs, state = layer(X.requires_grad_())
    for part in parts(state):
        part *= 2
    loss = outputs.square().sum() + sum(part.square().sum() for part in parts(state))
    return torch.autograd.grad(loss, X)


@habit
def write_into_the_inputs_afterwards_without_gradients(layer: nn.Module, X: Tensor) -> Any:
    with torch.no_grad():
        outputs, _ = layer(X)
        X.zero_()
    return outputs


@habit
def func_grad(layer: nn.Module, X: Tensor) -> Any:
    parameters = dict(layer.named_parameters())
    gradients = grad(lambda values: outputs_of(layer, values)(X).square().sum())(parameters)
    return sum(gradient.square().sum() for gradient in gradients.values() if gradient.dim() == 2)


@habit
def func_jacrev(layer: nn.Module, X: Tensor) -> Any:
    return jacrev(outputs_of(layer))(X)


@habit
def func_vmap(layer: nn.Module, X: Tensor) -> Any:
    return vmap(outputs_of(layer))(torch.stack([X, 2 * X, -X]))


@reference_for(func_vmap)
def one_call_each(layer: nn.Module, X: Tensor) -> Any:
    return torch.stack([layer(x)[0] for x in (X, 2 * X, -X)])


@habit
def gradients_of_each_sample(layer: nn.Module, X: Tensor) -> Any:
    return vmap(grad(lambda X: outputs_of(layer)(X).square().sum()))(torch.stack([X, 2 * X]))


@reference_for(gradients_of_each_sample)
def one_backward_pass_each(layer: nn.Module, X: Tensor) -> Any:
    samples = [x.clone().requires_grad_() for x in (X, 2 * X)]
    return torch.stack([torch.autograd.grad(layer(x)[0].square().sum(), x)[0] for x in samples])


@habit
def func_hessian(layer: nn.Module, X: Tensor) -> Any:
    return torch.func.hessian(lambda X: outputs_of(layer)(X).sin().sum())(X)


@habit
def func_jvp(layer: nn.Module, X: Tensor) -> Any:
    return torch.func.jvp(outputs_of(layer), (X,), (X.cos(),))


@habit
def forward_mode(layer: nn.Module, X: Tensor) -> Any:
    with torch.autograd.forward_ad.dual_level():
        outputs, _ = layer(torch.autograd.forward_ad.make_dual(X, X.cos()))
        return torch.autograd.forward_ad.unpack_dual(outputs).tangent


@habit
def jacobian(layer: nn.Module, X: Tensor) -> Any:
    return torch.autograd.functional.jacobian(outputs_of(layer), X)


@habit
def jacobian_vectorized(layer: nn.Module, X: Tensor) -> Any:
    return torch.autograd.functional.jacobian(outputs_of(layer), X, vectorize=True)


@habit
def many_gradients_at_a_time(layer: nn.Module, X: Tensor) -> Any:
    outputs, _ = layer(X.requires_grad_())
    return torch.autograd.grad(outputs, X, torch.stack([outputs.sin(), outputs.cos()]), is_grads_batched=True)


@habit
def a_gradient_penalty(layer: nn.Module, X: Tensor) -> Any:
    [dX] = torch.autograd.grad(layer(X.requires_grad_())[0].square().sum(), X, create_graph=True)
    return torch.autograd.grad(dX.norm(), X)


@habit
def gradcheck(layer: nn.Module, X: Tensor) -> Any:
    X.requires_grad_()
    return torch.autograd.gradcheck(outputs_of(layer), X) and torch.autograd.gradgradcheck(outputs_of(layer), X)


@habit
def backward_twice(layer: nn.Module, X: Tensor) -> Any:
    outputs, _ = layer(X.requires_grad_())
    outputs.sum().backward(retain_graph=True)
    outputs.sum().backward()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        outputs.sum().backward()
    return X.grad


@habit
def checkpointing(layer: nn.Module, X: Tensor) -> Any:
    outputs: Any = torch.utils.checkpoint.checkpoint(outputs_of(layer), X.requires_grad_(), use_reentrant=False)
    return torch.autograd.grad(outputs.square().sum(), X)


@habit
def frozen_parameters(layer: nn.Module, X: Tensor) -> Any:
    layer.requires_grad_(False)
    outputs, _ = layer(X)
    assert not outputs.requires_grad
    return torch.autograd.grad(layer(X.requires_grad_())[0].sum(), X)


@habit
def compile_with_eager(layer: nn.Module, X: Tensor) -> Any:
    torch.compiler.reset()
    outputs = torch.compile(layer, backend="eager")(X.requires_grad_())[0]
    return outputs, torch.autograd.grad(outputs.square().sum(), X)


@habit
def trace(layer: nn.Module, X: Tensor) -> Any:
    traced: Any = torch.jit.trace(layer, (X,), check_trace=False)
    return traced(2 * X)[0]


@habit
def export(layer: nn.Module, X: Tensor) -> Any:
    return torch.export.export(layer, (X,)).module()(X)[0]


@habit
def deepcopy(layer: nn.Module, X: Tensor) -> Any:
    duplicate = copy.deepcopy(layer)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
    return duplicate(X)[0]


@habit
def pickling(layer: nn.Module, X: Tensor) -> Any:
    return pickle.loads(pickle.dumps(layer))(X)[0]


@habit
def save_and_load(layer: nn.Module, X: Tensor) -> Any:
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    layer.load_state_dict(torch.load(file))
    return layer(X)[0]


@habit
def autocast(layer: nn.Module, X: Tensor) -> Any:
    with torch.autocast("cpu", torch.bfloat16):
        outputs, _ = layer.float()(X.float())
        (outputs @ outputs.mT).sum().backward()
    return {parameter.grad.dtype for parameter in layer.parameters()}  # type: ignore[union-attr]


@habit
def inference_mode(layer: nn.Module, X: Tensor) -> Any:
    with torch.inference_mode():
        return layer(X)[0].clone()


@habit
def the_meta_device(layer: nn.Module, X: Tensor) -> Any:
    outputs, _ = layer.to("meta")(X.to("meta"))
    return outputs.shape, outputs.device


@habit
def hooks(layer: nn.Module, X: Tensor) -> Any:
    seen = []
    layer.register_forward_hook(lambda module, inputs, results: seen.append(results[0]))
    layer.register_full_backward_hook(lambda module, to_inputs, to_results: seen.append(to_results[0]))
    layer(X.requires_grad_())[0].square().sum().backward()
    return seen


@habit
def weight_normalization(layer: nn.Module, X: Tensor) -> Any:
    name = next(name for name, value in layer.named_parameters() if value.shape[0] != value.shape[-1])
    *path, last = name.split(".")
    part = layer.get_submodule(".".join(path))
    nn.utils.parametrizations.weight_norm(part, last)
    return layer(X)[0]


@habit
def strided_inputs(layer: nn.Module, X: Tensor) -> Any:
    wide = torch.stack([X, X], dim=-1).permute(2, 1, 0, 3)[..., 0].permute(2, 1, 0).requires_grad_()
    return torch.autograd.grad(layer(wide)[0].square().sum(), wide)


@habit
def training_with_a_state_carried_on(layer: nn.Module, X: Tensor) -> Any:
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    state, losses = None, []
    for _ in range(3):
        outputs, state = layer(X, state)
        loss = F.mse_loss(outputs, torch.ones_like(outputs))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(layer.parameters(), 100.0)
        state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
        losses.append(loss.detach())
    return losses


SLOW = {name: pytest.mark.slow for name in ("gradcheck", "compile with eager", "export", "func hessian")}


def flat(results: Any) -> list[Any]:
    if isinstance(results, tuple | list) and not isinstance(results, torch.Size):
        return [leaf for part in results for leaf in flat(part)]
    return [results]


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning", "ignore::torch.jit.TracerWarning"
)
@pytest.mark.parametrize("name", [pytest.param(name, marks=SLOW.get(name, ())) for name in HABITS])
@pytest.mark.parametrize("kind", LAYERS)
def test_as_with_torch_nn(kind: str, name: str) -> None:
    torch.manual_seed(0)
    from_torch, make = LAYERS[kind]
    module = make().double()
    layer = from_torch(module)
    X = torch.randn(T, N, D, dtype=torch.float64)
    results = flat(HABITS[name](layer, X.clone()))
    if name in REFERENCES:
        with pytest.raises(RuntimeError):
            HABITS[name](module, X.clone())
    expected = flat(REFERENCES.get(name, HABITS[name])(module, X.clone()))
    assert len(results) == len(expected) > 0
    for result, right in zip(results, expected, strict=True):
        if isinstance(right, Tensor):
            torch.testing.assert_close(result, right, rtol=0, atol=1e-10)
        else:
            assert result == right


def pruned() -> Any:
    return prune.l1_unstructured(nn.LSTM(D, H), "weight_hh_l0", amount=0.5)


def weight_normed() -> Any:
    return nn.utils.parametrizations.weight_norm(nn.RNN(D, H), "weight_hh_l0")


def other_kind(kind: Callable[..., nn.Module], *options: Any) -> Any:
    return kind(D, H, *options)


def a_function() -> Any:
    return torch.relu


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "batch_first": (lambda: RNN.from_torch(nn.RNN(D, H, batch_first=True)), "because of batch_first"),
    "batch_first, LSTM": (lambda: LSTM.from_torch(nn.LSTM(D, H, batch_first=True)), "because of batch_first"),
    "batch_first, GRU": (lambda: GRU.from_torch(nn.GRU(D, H, batch_first=True)), "because of batch_first"),
    "batch_first, deep": (lambda: DeepRNN.from_torch(nn.RNN(D, H, batch_first=True)), "because of batch_first"),
    "two directions": (lambda: GRU.from_torch(nn.GRU(D, H, bidirectional=True)), "because of bidirectional"),
    "no bias": (lambda: LSTM.from_torch(nn.LSTM(D, H, bias=False)), "because of bias=False"),
    "projection": (lambda: LSTM.from_torch(nn.LSTM(D, H, proj_size=2)), "because of proj_size"),
    "several layers": (lambda: LSTM.from_torch(nn.LSTM(D, H, 2)), r"one layer.*DeepRNN\.from_torch converts several"),
    "pruned": (lambda: LSTM.from_torch(pruned()), "weight_hh_l0 must be a parameter; undo pruning by"),
    "weight-normed": (
        lambda: RNN.from_torch(weight_normed()),
        "weight_hh_l0 must be a parameter; undo pruning by",
    ),
    "another kind": (lambda: LSTM.from_torch(other_kind(nn.GRU)), r"expected a torch\.nn\.LSTM, but got GRU\(3, 4\)"),
    "another kind, deep": (lambda: DeepRNN.from_torch(nn.LSTM(D, H, 2)), r"expected a torch\.nn\.RNN, but got LSTM"),
    "no recurrence": (lambda: RNN.from_torch(other_kind(nn.Linear)), r"expected a torch\.nn\.RNN, but got Linear"),
    "phi as a function": (
        lambda: RNN(D, H, phi=a_function()),
        "one of tanh, relu, sigmoid, linear, but it is",
    ),
    "number of layers by position, as in torch": (lambda: other_kind(LSTM, 2), "positional arguments"),
    "state with an axis of layers": (
        lambda: RNN(D, H)(torch.zeros(T, N, D), torch.zeros(1, N, H)),
        r"f32\[1,2,4\](.|\n)*n \{self.h\}",
    ),
    "no batch": (lambda: RNN(D, H)(torch.zeros(T, D)), r"f32\[5,3\](.|\n)*T n \{self.d\}"),
    "state as a list": (
        lambda: DeepRNN(D, H, 1, LSTM)(torch.zeros(T, N, D), [torch.zeros(1, N, H)] * 2),
        "a tensor or a tuple of tensors, but it is a list",
    ),
    "state of too few layers": (
        lambda: DeepRNN(D, H, 3)(torch.zeros(T, N, D), torch.zeros(2, N, H)),
        r"the states of 3 layers, \(3, n, 4\), but got \(2, 2, 4\)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_represented_is_refused(name: str) -> None:
    call, message = REFUSED[name]
    with pytest.raises((ValueError, TypeError), match=message):
        call()


@pytest.mark.parametrize("kind", LAYERS)
def test_repr_tells_the_sizes(kind: str) -> None:
    from_torch, make = LAYERS[kind]
    assert "d=3, h=4" in repr(from_torch(make()))
