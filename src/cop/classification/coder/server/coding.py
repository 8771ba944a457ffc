"""Codes for texts from an operator's server: the contract of the local coder, kept whatever the server says."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from cop.classification.coder import calibration as cal
from cop.classification.coder.coding import Coded
from cop.classification.coder.server import answers, prompt
from cop.classification.coder.server.address import locate
from cop.classification.coder.server.answers import Answer
from cop.classification.coder.server.calibration import Calibration, Origin, calibrate
from cop.classification.coder.server.faults import Fault
from cop.classification.coder.server.protocol import Connection, body
from cop.classification.coder.server.settings import Settings, read_settings
from cop.classification.coder.text import TEXT_LIMIT
from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.errors import Refused, Unavailable
from cop.kernel.hashing import canonical_json, text_sha256

_REMEMBERED = 50_000


class LocalCoder(Protocol):
    """The coder of this installation, as far as it is needed here."""

    model: str
    scheme: str

    def code(self, texts: Sequence[str], *, all_scores: bool = False) -> list[Coded]:
        """One `Coded` per text, in order."""
        ...


@dataclass(frozen=True, slots=True)
class _Judged:
    """What becomes of the answered texts: (n, n_codes) probabilities and sets, (n,) whether closed by software."""

    probability: cal.Array
    members: cal.Flags
    auto: cal.Flags


class ServerCoder:
    """Gives codes to texts by asking a server; use it as a `Coder`, in one process.

    A record whose answer will not do gets the local coder's answer, for a person to read, and is counted by reason. A
    record is closed by software only if the calibration allows it and the local coder, which a report cannot talk into
    anything, has the code in its set and does not itself see an urgent class.

    Args:
        settings: where the server is and how it is asked.
        scheme: the classification.
        fallback: the local coder, of the same version of the classification.
        policy: the classification in words for a model.
        calibration: of this server; without one every record goes to a person.
        pause: waits before another try.

    Attributes:
        model: name of the server's model and beginning of the prompt's hash.
        scheme: version of the classification whose codes it gives.
        origin: what a calibration must be of.

    Raises:
        Refused: the address leaves the house without leave, or the parts do not fit one another.
        Unavailable: the server's name cannot be looked up.
        NotFound: the key's variable is not set.
    """

    def __init__(
        self, settings: Settings, scheme: Scheme, fallback: LocalCoder, *, policy: prompt.Policy = prompt.pack_policy,
        calibration: Calibration | None = None, pause: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        if fallback.scheme != scheme.version:
            raise Refused.value(
                fallback.scheme, "is the local coder's classification", expected=f"{scheme.version}, as the prompt's"
            )
        locate(settings.address, allow_remote=settings.allow_remote)
        self._settings, self._fallback, self._pause, self._key = settings, fallback, pause, settings.key()
        self._codes = tuple(sorted(scheme.leaves))
        self._urgency = {code: scheme.urgency(code) for code in self._codes}
        self._urgent = np.array([self._urgency[code] == 1 for code in self._codes])
        self._sections = {code: scheme.section(code) for code in self._codes}
        self._system = prompt.system(policy(scheme, "en"), self._codes)
        self._schema = prompt.schema(self._codes)
        digest = text_sha256(canonical_json(self._question("")))
        self.origin = Origin(
            model=settings.model, scheme=scheme.version, prompt_sha256=digest, codes=self._codes,
            logprobs=settings.logprobs,
        )  # fmt: skip
        if calibration is not None:
            calibration.check(self.origin, Path(settings.calibration) if settings.calibration else None)
        self._calibration = calibration
        self.model = f"server:{settings.model}:{digest[:8]}"
        self.scheme = scheme.version
        self._remembered: dict[str, Answer] = {}
        self._answered = self._held = 0
        self._reasons: Counter[str] = Counter()

    @property
    def summary(self) -> dict[str, Any]:
        """Records so far: coded by the server, by the local coder and why, and kept open though calibrated to close."""
        local = sum(self._reasons.values())
        return {
            "records": self._answered + local,
            "server": self._answered,
            "local": local,
            "reasons": dict(sorted(self._reasons.items())),
            "held_for_review": self._held,
            "calibrated": self._calibration is not None,
        }

    def code(self, texts: Sequence[str], *, all_scores: bool = False) -> list[Coded]:
        """One `Coded` per text, in order; `model` of each says who coded it.

        Raises:
            Refused: texts is one string, or the server's name leads outside the house by now.
        """
        local = self._locally(texts, all_scores=all_scores)
        said = self._ask(texts)
        rows = [n for n, one in enumerate(said) if isinstance(one, Answer)]
        judged = self._judged([one for one in said if isinstance(one, Answer)], [local[n] for n in rows])
        coded = [replace(one, route="review") for one in local]
        for place, row in enumerate(rows):
            coded[row] = self._coded(judged, place, local[row], all_scores=all_scores)
        self._answered += len(rows)
        self._reasons.update(one for one in said if isinstance(one, str))
        return coded

    def fit(self, texts: Sequence[str], truth: Sequence[str]) -> Calibration:
        """Ask about a labelled sample and learn a calibration from what was answered as asked.

        Raises:
            Refused: a true code is not of the classification, too few texts were answered, or some answers have token
                probabilities and others not.
        """
        for code in truth:
            if code not in self._codes:
                raise Refused.value(code, "is no code a record may get", expected="a class of the lowest level")
        local, said = self._locally(texts, all_scores=False), self._ask(texts)
        if len(truth) != len(said):
            raise Refused(f"{len(truth)} codes are given for {len(said)} texts", expected="one each")
        rows = [n for n, one in enumerate(said) if isinstance(one, Answer)]
        given = [one for one in said if isinstance(one, Answer)]
        self._answered += len(rows)
        self._reasons.update(one for one in said if isinstance(one, str))
        kinds = {one.tokens is not None for one in given}
        if len(kinds) > 1:
            raise Refused("some answers have token probabilities, others not", expected="logprobs = false")
        return calibrate(
            self._scores(given),
            np.array([self._codes.index(truth[n]) for n in rows], dtype=np.int64),
            [local[n].language for n in rows],
            self._urgent,
            origin=self.origin.model_copy(update={"logprobs": True in kinds}),
        )

    def _locally(self, texts: Sequence[str], *, all_scores: bool) -> list[Coded]:
        if isinstance(texts, str):
            raise Refused("texts is one text", expected="a sequence of texts")
        return self._fallback.code(texts, all_scores=all_scores)

    def _question(self, text: str) -> Mapping[str, Any]:
        return body(self._settings, self._system, prompt.user(text), self._schema)

    def _ask(self, texts: Sequence[str]) -> list[Answer | str]:
        """An answer or the reason why there is none, per text; equal texts are asked about once."""
        known: dict[str, Answer | str] = {}
        for text in dict.fromkeys(texts):
            if not any(c.isalpha() for c in text):
                known[text] = "no letter in the text"
            elif len(text) > TEXT_LIMIT:
                known[text] = "text too long"
            elif (earlier := self._remembered.get(_digest(text))) is not None:
                known[text] = earlier
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known.update(zip(missing, self._sent(missing), strict=True))
        for text in missing:
            answer = known[text]
            if isinstance(answer, Answer):
                self._remembered[_digest(text)] = answer
        while len(self._remembered) > _REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return [known[text] for text in texts]

    def _sent(self, texts: Sequence[str]) -> list[Answer | str]:
        try:
            connection = Connection(self._settings, self._key, self._pause)
        except Unavailable:
            return ["unreachable"] * len(texts)

        def one(text: str) -> Answer | str:
            try:
                return answers.read(connection.ask(self._question(text)), self._codes)
            except Fault as fault:
                return fault.reason

        with connection, ThreadPoolExecutor(self._settings.concurrency) as pool:
            return list(pool.map(one, texts))

    def _scores(self, given: Sequence[Answer]) -> cal.Array:
        rows = [answers.scores(one, self._codes) for one in given]
        return np.array(rows).reshape(len(rows), len(self._codes))

    def _judged(self, given: Sequence[Answer], local: Sequence[Coded]) -> _Judged:
        scores = self._scores(given)
        if self._calibration is None:
            # the local coder's sets are calibrated: with them the truth is in, as the contract says
            probability = cal.probabilities(scores, np.ones(len(scores)))
            members = np.array([[code in one.class_set for code in self._codes] for one in local], bool)
            members = members.reshape(probability.shape)
            members[np.arange(len(given)), probability.argmax(axis=1)] = True
            return _Judged(probability, members, np.zeros(len(given), bool))
        probability = self._calibration.probabilities(scores, [one.language for one in local])
        learnt = self._calibration.learnt
        members = learnt.sets(probability)
        allowed = learnt.rule.allows(probability, members, self._urgent)
        tops = [self._codes[int(top)] for top in probability.argmax(axis=1)]
        kinds = np.array([(one.tokens is not None) == self._calibration.origin.logprobs for one in given], bool)
        backed = np.array([_backed(code, one) for code, one in zip(tops, local, strict=True)], bool)
        self._held += int((allowed & ~(kinds & backed)).sum())
        return _Judged(probability, members, allowed & kinds & backed)

    def _coded(self, judged: _Judged, place: int, local: Coded, *, all_scores: bool) -> Coded:
        probability = judged.probability[place]
        order = np.argsort(-probability, kind="stable")
        code = self._codes[int(probability.argmax())]
        return Coded(
            code=code,
            section=self._sections[code],
            probability=round(float(probability.max()), 6),
            class_set=tuple(self._codes[n] for n in order[judged.members[place][order]].tolist()),
            route="auto" if judged.auto[place] else "review",
            urgency=self._urgency[code],
            language=local.language,
            scheme=self.scheme,
            model=self.model,
            scores=dict(zip(self._codes, probability.tolist(), strict=True)) if all_scores else None,
        )


def from_settings(path: Path, fallback: LocalCoder, *, calibrated: bool = True) -> ServerCoder:
    """The coder that a settings file describes.

    Args:
        path: the TOML file.
        fallback: the local coder.
        calibrated: read the calibration that the file names; False is for making one.

    Raises:
        NotFound: the file, the calibration or the key it names is not there.
        Refused: the file is not as it must be, the address leaves the house without leave, or the calibration is of
            something else.
    """
    settings = read_settings(path)
    named = Path(settings.calibration) if settings.calibration and calibrated else None
    return ServerCoder(
        settings, load_scheme(), fallback, calibration=None if named is None else Calibration.load(named)
    )


def _backed(code: str, local: Coded) -> bool:
    return code in local.class_set and local.urgency != 1 and local.language != "und"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
