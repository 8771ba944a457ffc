"""The cells of one release: their keys, what is true or published of them, and what is asked for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cop.kernel.errors import Refused, Where
from cop.measurement.disclosure.space import Coverage
from cop.measurement.disclosure.system import Bools, Floats

MEASURE = "measure"


@dataclass(frozen=True)
class Cells:
    """Distinct cells of all tables of a release. Arrays are (n_cell,).

    Attributes:
        release: its name, for messages.
        keys: the measure and one code per dimension; each combination once.
        value: NaN where there is none, or where a published table withholds it.
        missing: there is no value to publish.
        withheld: primary cells before protection, all suppressed ones of a published release.
        secondary: marked D, where the release is published; before protection nothing is.
        counted: whole numbers.
        need_low, need_high: the interval the rules ask for; NaN where they ask nothing.
        insider: one contributor knows the cell.
        cost: what withholding it costs.
        covered: which cells each table shows.
        threshold: of the counts.
        plain: whether C can only mean a count from 1 to threshold - 1, as no other rule was applied.
        zeros: whether a zero may be withheld as well.
        torn: withheld in a published release, and its value shown all the same: no secret.
    """

    release: str
    keys: pl.DataFrame
    value: Floats
    missing: Bools
    withheld: Bools
    secondary: Bools
    counted: Bools
    need_low: Floats
    need_high: Floats
    insider: Bools
    cost: Floats
    covered: tuple[Coverage, ...]
    threshold: int
    plain: bool
    zeros: bool
    torn: Bools

    def __len__(self) -> int:
        return self.keys.height

    def bounds(self, told: Bools) -> tuple[Floats, Floats]:
        """What a status says of a withheld cell before any sum is used.

        C is a count from 1 to threshold - 1 where no other rule could have withheld it. D is the threshold or more,
        except for sums of withheld parts (`told`), which may be of any size: before protection the status of these is
        not known to be C.
        """
        low = np.where(self.counted & (not self.zeros), 1.0, 0.0)
        high = np.full(len(self), np.inf)
        if self.plain:
            first = self.withheld & ~self.secondary
            high[first & (self.published | ~told) & self.counted] = self.threshold - 1
            low[~first & ~told & self.counted] = self.threshold
        return low, high

    @property
    def published(self) -> bool:
        """Whether this is a release as others see it, without the values that it withholds."""
        return bool(np.isnan(self.value[self.withheld]).any())


def distinct(
    frame: pl.DataFrame, dimensions: Sequence[str], *, release: str, threshold: int, plain: bool, zeros: bool = False
) -> Cells:
    """The cells of a release, each once.

    Args:
        frame: `table`, `measure`, the dimensions, `value` (null: missing, unless `obs_status` is Q), `counted`; before
            protection `primary`, `need_low`, `need_high`, `insider`, `cost`, after it `obs_status`, `conf_status`.
        dimensions: their names.
        release: for messages.
        threshold: of the counts.
        plain: whether no other rule was applied.
        zeros: whether zeros may be withheld.

    Raises:
        Refused: a cell has two values.
    """
    keys = [MEASURE, *dimensions]
    empty = {
        "primary": pl.lit(value=False), "need_low": pl.lit(None, pl.Float64), "need_high": pl.lit(None, pl.Float64),
        "insider": pl.lit(value=False), "cost": pl.lit(1.0), "obs_status": pl.lit("A"), "conf_status": pl.lit("F"),
    }  # fmt: skip
    frame = frame.with_columns(expression.alias(n) for n, expression in empty.items() if n not in frame.columns)
    hidden = pl.col("obs_status") == "Q"
    cells = (
        frame.group_by(keys, maintain_order=True)
        .agg(
            pl.col("value").drop_nulls().first().cast(pl.Float64),
            pl.col("value").drop_nulls().n_unique().alias("~values"),
            (pl.col("primary") | hidden).any().alias("~withheld"),
            (pl.col("primary") | (hidden & (pl.col("conf_status") == "C"))).any().alias("~first"),
            pl.col("need_low").min(),
            pl.col("need_high").max(),
            pl.col("insider").any(),
            pl.col("cost").max(),
            pl.col("counted").all(),
            (hidden.any() & pl.col("value").is_not_null().any()).alias("~torn"),
        )
        .sort(keys)
    )  # what is withheld must not follow the order of rows
    _one_value(cells, frame, keys, release)
    withheld = cells["~withheld"].to_numpy().copy()
    value = cells["value"].fill_null(float("nan")).to_numpy().copy()
    torn = cells["~torn"].to_numpy()
    withheld[torn] = False
    return Cells(
        release=release, keys=cells.select(keys), value=value, missing=np.isnan(value) & ~withheld, withheld=withheld,
        secondary=withheld & ~cells["~first"].to_numpy(), counted=cells["counted"].to_numpy(),
        need_low=cells["need_low"].fill_null(float("nan")).to_numpy(),
        need_high=cells["need_high"].fill_null(float("nan")).to_numpy(), insider=cells["insider"].to_numpy(),
        cost=cells["cost"].to_numpy(), threshold=threshold, plain=plain, zeros=zeros, torn=torn,
        covered=tuple(
            Coverage.of(str(name), part, keys) for (name,), part in frame.partition_by("table", as_dict=True).items()
        ),
    )  # fmt: skip


def _one_value(cells: pl.DataFrame, frame: pl.DataFrame, keys: list[str], release: str) -> None:
    double = cells.filter(pl.col("~values") > 1)
    if not double.height:
        return
    row = double.row(0, named=True)
    said = ", ".join(f"{k}={row[k]}" for k in keys if row[k] != "_T")
    found = frame.filter(*(pl.col(k) == row[k] for k in keys)).select("table", "value").drop_nulls()
    values = " and ".join(f"{v:g} in {t}" for t, v in found.unique("value", maintain_order=True).iter_rows())
    raise Refused(f"the cell {said} has two values, {values}", where=Where(release), expected="one value a cell")
