"""How often the intervals of corrected counts hold the true count, and how wide they are.

Simulated: files of 100,000 records in 8 classes, an audit of 2,000 drawn at random. The coder is right with one
probability in every class; its errors fall on the other classes evenly ("even"), as the classes are large ("as large":
it then errs in and out of a class about alike, and its counts are nearly right by chance), or two in three on the
largest class ("to the largest", as coders trained on few examples of rare classes do). Every replicate draws the file,
the coder's errors and the audit anew. What is counted: the share of replicates whose 95 % interval holds the number of
records that are truly of the class.

Run from the project's root: `.venv/bin/python benchmarks/corrected.py [REPLICATES] [AUDITED]` (default 2,000 and 2,000;
some fifteen minutes).
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cop.measurement.records import confusion, score
from cop.measurement.records.corrected import Sample, correct, grouped

Errors = Literal["even", "as large", "to the largest"]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHARES = (0.005, 0.01, 0.03, 0.10, 0.30)
ACCURACIES = (0.60, 0.70, 0.80, 0.90, 0.95)
PATTERNS: tuple[Errors, ...] = ("even", "as large", "to the largest")
RECORDS, CLASSES = 100_000, 8


@dataclass(frozen=True, slots=True)
class World:
    """A file of records: the share of the class that is looked at, how often the coder is right, how it errs."""

    share: float
    accuracy: float
    errors: Errors

    def joint(self) -> Floats:
        """(true class, coder's class) probabilities; the class that is looked at is the first."""
        rest = 1 - self.share
        sizes = np.array([self.share, 0.4 * rest, *([0.6 * rest / (CLASSES - 2)] * (CLASSES - 2))])
        told = np.zeros((CLASSES, CLASSES))
        for k in range(CLASSES):
            others = np.ones(CLASSES) if self.errors != "as large" else sizes.copy()
            if self.errors == "to the largest" and k != 1:
                others[1] = 2.0 * (CLASSES - 2)
            others[k] = 0.0
            told[k] = (1 - self.accuracy) * others / others.sum()
            told[k, k] = self.accuracy
        return sizes[:, None] * told

    def draw(self, rng: np.random.Generator, audited: int) -> tuple[Ints, Ints]:
        """A file and its audit as tables of true class by coder's class."""
        file = rng.multinomial(RECORDS, self.joint().ravel())
        audit = rng.multivariate_hypergeometric(file, audited, method="marginals")
        return file.reshape(CLASSES, CLASSES), audit.reshape(CLASSES, CLASSES)


@dataclass(slots=True)
class Tally:
    """What one way of counting did over the replicates."""

    held: int = 0
    width: float = 0.0
    given: int = 0

    def add(self, low: float, high: float, true: float) -> None:
        if np.isnan(low):
            return
        self.given += 1
        self.held += low <= true <= high
        self.width += high - low

    @property
    def coverage(self) -> float:
        return self.held / self.given if self.given else float("nan")

    @property
    def mean(self) -> float:
        return self.width / self.given if self.given else float("nan")


def sample(file: Ints, audit: Ints, predicted: Floats | None = None) -> Sample:
    """The audit as the estimator takes it: one stratum, a part for each code of the coder."""
    truth, coded = (np.repeat(axis.ravel(), audit.ravel()) for axis in np.indices(audit.shape))
    groups = grouped(np.zeros(CLASSES, np.int64), audit.sum(axis=0))
    size = np.bincount(groups, weights=file.sum(axis=0)).astype(np.float64)
    return Sample(size, groups[coded], truth.astype(np.int64), np.ones(len(truth)), CLASSES, predicted)


def measured(world: World, *, replicates: int, audited: int, seed: int = 1) -> dict[str, Tally]:
    """Coverage and width of every way of counting the first class."""
    rng = np.random.default_rng(seed)
    ways = {name: Tally() for name in ("raw", "audit alone", "confusion", "corrected")}
    first, alone = np.eye(CLASSES)[:1], list[tuple[float, float]]()
    for _ in range(replicates):
        file, audit = world.draw(rng, audited)
        true, raw = float(file[0].sum()), float(file[:, 0].sum())
        half = 1.96 * sqrt(raw * (1 - raw / RECORDS))
        ways["raw"].add(raw - half, raw + half, true)
        alone.append((float(audit[0].sum()), true))
        drawn = sample(file, audit)
        truth, coded = (np.repeat(axis.ravel(), audit.ravel()) for axis in np.indices(audit.shape))
        seen = confusion.matrix(coded, truth, np.ones(audited), CLASSES, unseen=1 - audited / RECORDS)
        _, _, lows, highs = confusion.adjust(file.sum(axis=0).astype(np.float64), seen)
        ways["confusion"].add(lows[0], highs[0], true)
        _, _, lows, highs = correct(drawn).sums(first)
        ways["corrected"].add(lows[0], highs[0], true)
    cases, trues = np.array(alone).T
    whole, part, unseen = (np.array([float(v)]) for v in (RECORDS, audited, 1 - audited / RECORDS))
    for low, high, true in zip(*score.interval(whole, cases[:, None], part, unseen, 0.95), trues, strict=True):
        ways["audit alone"].add(low, high, true)
    return ways


def sure(rng: np.random.Generator, sharpness: float) -> tuple[Floats, Ints, Ints]:
    """Calibrated probabilities of 8 classes from 0.5 to 30 %, the coder's codes, the truth; sharper is surer."""
    shares = np.array([0.005, 0.01, 0.03, 0.055, 0.10, 0.20, 0.30, 0.30])
    probability = rng.dirichlet(shares * sharpness, RECORDS)
    truth = (rng.random((RECORDS, 1)) > probability.cumsum(axis=1)).sum(axis=1).clip(0, CLASSES - 1)
    return probability, probability.argmax(axis=1), truth


def with_probabilities(sharpness: float, *, replicates: int, audited: int, seed: int = 2) -> dict[str, float]:
    """Over all eight classes: coverage, and widths beside those of codes alone and of the audit alone."""
    rng = np.random.default_rng(seed)
    held, right, power = 0, 0.0, 0.0
    width, codes_width = np.zeros(CLASSES), np.zeros(CLASSES)
    every = np.eye(CLASSES)
    for _ in range(replicates):
        probability, coded, truth = sure(rng, sharpness)
        picked = rng.choice(RECORDS, audited, replace=False)
        groups = grouped(np.zeros(CLASSES, np.int64), np.bincount(coded[picked], minlength=CLASSES))
        group = groups[coded]
        size = np.bincount(group).astype(np.float64)
        mean = np.array([probability[group == g].mean(axis=0) for g in range(len(size))])
        judged = Sample(size, group[picked], truth[picked], np.ones(audited), CLASSES)
        told = replace(judged, predicted=probability[picked], mean=mean)
        found = correct(told)
        _, _, low, high = found.sums(every)
        _, _, codes_low, codes_high = correct(judged).sums(every)
        true, cases = (np.bincount(part, minlength=CLASSES).astype(np.float64) for part in (truth, truth[picked]))
        alone_low, alone_high = score.interval(
            np.array([float(RECORDS)]), cases[:, None], np.array([float(audited)]), np.array([1 - audited / RECORDS]),
            0.95,
        )  # fmt: skip
        held += int(((low <= true) & (true <= high)).sum())
        width += (high - low) / (alone_high - alone_low)
        codes_width += (codes_high - codes_low) / (alone_high - alone_low)
        right += (truth == coded).mean()
        power += found.power
    return {
        "right": right / replicates, "coverage": held / replicates / CLASSES, "power": power / replicates,
        "rare": width[0] / replicates, "large": width[-1] / replicates,
        "rare, codes": codes_width[0] / replicates, "large, codes": codes_width[-1] / replicates,
    }  # fmt: skip


def probabilities(replicates: int, audited: int) -> None:
    """What calibrated probabilities add to codes."""
    print(f"\nwith calibrated probabilities, {replicates:,} replicates of 8 classes")
    print(f"{'right':>6} {'lambda':>6} {'coverage':>8} | width/audit alone: {'0.5 %':>7} {'(codes)':>7} {'30 %':>7} "
          f"{'(codes)':>7}")  # fmt: skip
    for sharpness in (4.0, 1.5, 0.5):
        found = with_probabilities(sharpness, replicates=replicates, audited=audited)
        widths = " ".join(f"{found[name]:7.2f}" for name in ("rare", "rare, codes", "large", "large, codes"))
        print(f"{found['right']:6.0%} {found['power']:6.2f} {found['coverage']:8.1%} | {'':>18} {widths}", flush=True)


def main(replicates: int = 2000, audited: int = 2000) -> None:
    """The whole grid, a line each."""
    print(f"{RECORDS:,} records, {audited:,} audited, {replicates:,} replicates; Monte Carlo error of a coverage "
          f"{196 * sqrt(0.95 * 0.05 / replicates):.1f} points")  # fmt: skip
    print(f"{'errors':>15} {'share':>6} {'right':>6} | {'raw':>6} {'confusion':>9} {'audit':>6} {'corrected':>9} | "
          f"{'width corrected/audit':>21} {'confusion/audit':>15}")  # fmt: skip
    began, found = time.process_time(), []
    for errors in PATTERNS:
        for share in SHARES:
            for accuracy in ACCURACIES:
                ways = measured(World(share, accuracy, errors), replicates=replicates, audited=audited)
                raw, audit, adjusted, corrected = (ways[n] for n in ("raw", "audit alone", "confusion", "corrected"))
                found.append((errors, corrected.coverage, raw.coverage))
                given = "" if adjusted.given == replicates else f"  (confusion given {adjusted.given / replicates:.0%})"
                print(f"{errors:>15} {share:6.1%} {accuracy:6.0%} | {raw.coverage:6.1%} {adjusted.coverage:9.1%} "
                      f"{audit.coverage:6.1%} {corrected.coverage:9.1%} | {corrected.mean / audit.mean:21.2f} "
                      f"{adjusted.mean / audit.mean:15.2f}{given}", flush=True)  # fmt: skip
    for errors in PATTERNS:
        held = [c for name, c, _ in found if name == errors]
        raw_held = [r for name, _, r in found if name == errors]
        print(f"{errors}: corrected {np.mean(held):.1%} (from {min(held):.1%} to {max(held):.1%}), "
              f"raw {np.mean(raw_held):.1%}")  # fmt: skip
    probabilities(max(1, replicates // 8), audited)
    print(f"{time.process_time() - began:.0f} s of CPU")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
