"""Tuning: the encoder's layers and a linear head, fitted together to coded texts by gradient descent.

JAX takes the derivatives; it is needed for training alone (the extra `train`), never to code a report. Everything
random comes from one seed and every batch has one of a few shapes, so the same texts give the same layers on the same
machine. Source of the recipe: Adam (Kingma & Ba 2015) with linear warm-up and cosine decay, label smoothing (Szegedy et
al. 2016), drop-out of features and of whole pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from cop.classification.coder.encoder import BRANCHES, POOLED, WIDTH, Encoder, Floats, Integers, Vocabulary
from cop.kernel.progress import SILENT, Progress

_LENGTHS = (32, 48, 64, 96, 128, 192, 320, 512)
_EPSILON = 1e-12
_WARM_UP = 0.1
_LAST_RATE = 0.02
_SAMPLE = 4
Array = Any
"""A JAX array or a NumPy array: JAX takes both and has no types for them."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How the encoder is tuned; chosen on writers whose texts were held out.

    `scale` multiplies what the head sums, so that its weights move at the pace of the layers below.
    """

    epochs: int = 4
    batch: int = 32
    rate: float = 3e-4
    head_rate: float = 1e-2
    dropped: float = 0.2
    dropped_pieces: float = 0.05
    smoothing: float = 0.05
    scale: float = 8.0


class Parameters(NamedTuple):
    """What the descent moves: the layers by name, and the head's weights for sums, directions and a constant."""

    layers: Mapping[str, Array]
    sums: Array
    directions: Array
    constant: Array


class Examples(NamedTuple):
    """A batch: vectors (n, length, 512), which of them are pieces (n, length), codes (n,), weights (n,)."""

    vectors: Array
    mask: Array
    labels: Array
    weights: Array


@dataclass(frozen=True, eq=False)
class Tuned:
    """What tuning gives: the encoder, and the head's weights.

    `weights` is (POOLED + WIDTH + 1, n_codes) float32: for the summed outputs, the direction, and a constant.
    """

    encoder: Encoder
    weights: Floats


def tune(
    texts: Sequence[str],
    labels: Integers,
    weights: NDArray[np.float64],
    codes: int,
    *,
    vocabulary: Vocabulary,
    settings: Tuning | None = None,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Tuned:
    """An encoder and a head for these texts.

    Args:
        texts: training texts.
        labels: (n,) numbers of their codes.
        weights: (n,) how much each text counts; only their ratios matter.
        codes: number of codes.
        vocabulary: the word pieces, with the layers to start from.
        settings: of the descent.
        seed: of the order of texts and of what is dropped.
        progress: counts batches.
    """
    settings = settings or Tuning()
    reading = _Reading(texts, labels, weights / weights.mean(), vocabulary, settings)
    center, spread = _moments(Encoder(vocabulary.layers, vocabulary), texts)
    held = Parameters(
        layers={name: jnp.asarray(value) for name, value in vocabulary.layers.items()},
        sums=jnp.zeros((POOLED, codes)),
        directions=jnp.zeros((WIDTH, codes)),
        constant=jnp.zeros(codes),
    )
    steps = settings.epochs * len(reading)
    optimiser = optax.multi_transform(
        {"layers": optax.adam(_rate(settings.rate, steps)), "head": optax.adam(_rate(settings.head_rate, steps))},
        Parameters("layers", "head", "head", "head"),  # type: ignore[arg-type] - labels in place of arrays
    )
    step = _stepper(optimiser, center, spread, settings)
    state = optimiser.init(held)
    key, chance = jax.random.PRNGKey(seed), np.random.default_rng(seed)
    progress.total(steps)
    for _ in range(settings.epochs):
        for examples in reading.epoch(chance):
            key, use = jax.random.split(key)
            held, state = step(held, state, examples, use)
            progress.advance()
    return _tuned(held, center, spread, settings, vocabulary)


def _tuned(held: Parameters, center: Floats, spread: Floats, settings: Tuning, vocabulary: Vocabulary) -> Tuned:
    """The head with what standardises its inputs folded into its weights."""
    sums = np.asarray(held.sums) * settings.scale / (spread[:, None] * np.sqrt(POOLED))
    directions = np.asarray(held.directions) * settings.scale
    constant = np.asarray(held.constant) - center @ sums
    layers = {name: np.asarray(value, np.float32) for name, value in held.layers.items()}
    return Tuned(Encoder(layers, vocabulary), np.vstack([sums, directions, constant[None, :]]).astype(np.float32))


def _moments(encoder: Encoder, texts: Sequence[str]) -> tuple[Floats, Floats]:
    """Mean and spread of the sums of the encoder as it starts, over every fourth text."""
    sums, _ = encoder.encode(texts[::_SAMPLE])
    return sums.mean(axis=0), sums.std(axis=0) + np.float32(1e-6)


def _rate(peak: float, steps: int) -> Any:  # noqa: ANN401 - a schedule of Optax
    warm = max(1, int(steps * _WARM_UP))
    return optax.warmup_cosine_decay_schedule(0.0, peak, warm, max(steps, warm + 1), peak * _LAST_RATE)


Step = Callable[[Parameters, Any, Examples, Array], tuple[Parameters, Any]]


def _stepper(optimiser: Any, center: Floats, spread: Floats, settings: Tuning) -> Step:  # noqa: ANN401
    """One step down the mean loss of a batch, compiled."""

    def loss(held: Parameters, examples: Examples, key: Array) -> Array:
        first, second = jax.random.split(key)
        keep = 1.0 - settings.dropped
        summed, direction = _forward(held.layers, examples.vectors, examples.mask, (first, keep))
        standard = (summed - center) / spread / np.sqrt(POOLED)
        standard = standard * jax.random.bernoulli(second, keep, standard.shape) / keep
        scores = settings.scale * (direction @ held.directions + standard @ held.sums) + held.constant
        codes = scores.shape[-1]
        wanted = jax.nn.one_hot(examples.labels, codes) * (1 - settings.smoothing) + settings.smoothing / codes
        losses = -(wanted * jax.nn.log_softmax(scores)).sum(-1)
        return (losses * examples.weights).sum() / examples.weights.sum()

    @jax.jit
    def step(held: Parameters, state: Any, examples: Examples, key: Array) -> tuple[Parameters, Any]:  # noqa: ANN401
        slope = jax.grad(loss)(held, examples, key)
        change, state = optimiser.update(slope, state, held)
        return cast("Parameters", optax.apply_updates(cast("Any", held), change)), state

    return cast("Step", step)


def _forward(
    layers: Mapping[str, Array], vectors: Array, mask: Array, drop: tuple[Array, float]
) -> tuple[Array, Array]:
    """What `Encoder.encode` computes, for padded texts and with derivatives; some of the mean is dropped."""
    inside = mask[..., None]
    outputs = [vectors]
    gain, offset, weights, constant = (_of_all(layers, name) for name in ("ln_g", "ln_b", "proj", "proj_b"))
    inputs = jnp.split(_normal(vectors @ weights + constant, gain, offset) * inside, len(BRANCHES), axis=-1)
    for (width, left), entered in zip(BRANCHES, inputs, strict=True):
        seen = jax.nn.relu(_convolved(entered, layers[f"w1_{width}"], width, left) + layers[f"b1_{width}"])
        hidden = (seen + entered) * inside
        again = jax.nn.relu(_convolved(hidden, layers[f"w2_{width}"], width, left) + layers[f"b2_{width}"])
        outputs.append(again + hidden)
    roots = jnp.sqrt(mask.sum(axis=1, keepdims=True))
    outward = _normal(jnp.concatenate(outputs, axis=-1), layers["ln_g"], layers["ln_b"])
    summed = (outward * inside).sum(axis=1) / roots
    mean = summed @ layers["cnn_W"] + roots * layers["cnn_b"]
    mean = mean * jax.random.bernoulli(drop[0], drop[1], mean.shape) / drop[1]
    one = jax.nn.relu(mean @ layers["p1"] + jax.nn.relu(mean @ layers["d0"]) @ layers["d1"])
    far = jnp.tanh(one @ layers["p3"] + jax.nn.relu(one @ layers["d2"]) @ layers["d3"])
    return summed, far / jnp.sqrt(jnp.maximum((far * far).sum(axis=-1, keepdims=True), _EPSILON))


def _convolved(rows: Array, weights: Array, width: int, left: int) -> Array:
    """Each piece with its neighbours, times the weights of their places."""
    length, channels = rows.shape[1:]
    padded = jnp.pad(rows, ((0, 0), (left, width - 1 - left), (0, 0)))
    return sum(padded[:, k : k + length] @ weights[k * channels : (k + 1) * channels] for k in range(width))


def _of_all(layers: Mapping[str, Array], name: str) -> Array:
    """The arrays of that name of all branches, side by side."""
    return jnp.concatenate([layers[f"{name}{width}"] for width, _ in BRANCHES], axis=-1)


def _normal(rows: Array, gain: Array, offset: Array) -> Array:
    centered = rows - rows.mean(axis=-1, keepdims=True)
    variance = (centered**2).mean(axis=-1, keepdims=True)
    return centered / jnp.sqrt(variance + _EPSILON) * gain + offset


class _Reading:
    """The texts as batches of pieces, texts of about one length together."""

    def __init__(
        self, texts: Sequence[str], labels: Integers, weights: NDArray[np.float64], vocabulary: Vocabulary, how: Tuning
    ) -> None:
        flat, sizes = vocabulary.pieces(texts)
        self._pieces = np.split(flat, np.cumsum(sizes)[:-1])
        self._sizes = sizes
        self._labels, self._weights = labels, weights.astype(np.float32)
        self._vocabulary = vocabulary
        self._how = how

    def __len__(self) -> int:
        return (len(self._sizes) + self._how.batch - 1) // self._how.batch

    def epoch(self, chance: np.random.Generator) -> Iterator[Examples]:
        """Every text once, in batches in an order of their own."""
        order = np.argsort(self._sizes + 8 * chance.random(len(self._sizes)), kind="stable")
        batches = [order[first : first + self._how.batch] for first in range(0, len(order), self._how.batch)]
        for number in chance.permutation(len(batches)):
            yield self._examples(batches[number], chance)

    def _examples(self, chosen: Integers, chance: np.random.Generator) -> Examples:
        """A batch of full size: what is missing is filled with texts that count nothing, so that shapes are few."""
        kept = [self._thinned(self._pieces[n], chance) for n in chosen]
        length = next(size for size in _LENGTHS if size >= max(map(len, kept)))
        pieces = np.zeros((self._how.batch, length), np.int64)
        mask = np.zeros((self._how.batch, length), np.float32)
        for row, text in enumerate(kept):
            pieces[row, : len(text)] = text
            mask[row, : len(text)] = 1
        mask[len(kept) :, 0] = 1
        vectors = self._vocabulary.vectors(pieces.ravel()).reshape(*pieces.shape, WIDTH) * mask[..., None]
        labels, weights = np.zeros(self._how.batch, np.int32), np.zeros(self._how.batch, np.float32)
        labels[: len(chosen)], weights[: len(chosen)] = self._labels[chosen], self._weights[chosen]
        return Examples(vectors, mask, labels, weights)

    def _thinned(self, pieces: Integers, chance: np.random.Generator) -> Integers:
        kept = chance.random(len(pieces)) >= self._how.dropped_pieces
        return pieces[kept] if kept.any() else pieces
