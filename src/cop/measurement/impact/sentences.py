"""Every sentence of the page on a programme, by name, in English: message ids for gettext.

`N_` marks them for extraction; the page translates each with the function it is given and then fills in the figures, so
a translation holds the same names in braces. Only this module holds words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Translate = Callable[[str], str]


def N_(message: str) -> str:  # noqa: N802 - gettext's name for "extract, do not translate yet"
    """Mark a message for extraction."""
    return message


VERDICTS: Mapping[str, str] = {
    "worked": N_("It worked"),
    "no-effect": N_("No effect found"),
    "harm": N_("It did harm"),
    "cannot-tell": N_("We cannot tell"),
}

HEADINGS: Mapping[str, str] = {
    "programme": N_("The programme"),
    "found": N_("What was found"),
    "why": N_("Why this verdict"),
    "change": N_("What would change it"),
    "checks": N_("The checks"),
    "otherwise": N_("The same question asked otherwise"),
    "limits": N_("What this does not say"),
}

LABELS: Mapping[str, str] = {
    "what": N_("What"),
    "where": N_("Where"),
    "when": N_("Since"),
    "whom": N_("For whom"),
    "outcome": N_("What it should change"),
    "comparison": N_("Compared with"),
    "check": N_("Check"),
    "result": N_("Result"),
    "passed": N_("Passed"),
    "way": N_("Otherwise"),
    "effect": N_("Effect ({unit})"),
    "interval": N_("Interval ({level})"),
    "yes": N_("yes"),
    "no": N_("no"),
    "not_made": N_("could not be made"),
    "better_lower": N_("{name} ({unit}); less is better"),
    "better_higher": N_("{name} ({unit}); more is better"),
    "footer": N_("Method: {method}. Rules: {rules}. Data: {file}, {rows} rows, {left_out} without a value left out."),
}

METHODS: Mapping[str, str] = {
    "two-period": N_("difference-in-differences, before and after"),
    "staggered": N_("difference-in-differences with different starts (Callaway and Sant'Anna)"),
    "synthetic": N_("synthetic control (Abadie, Diamond and Hainmueller)"),
    "interrupted": N_("interrupted time series"),
}

EFFECTS: Mapping[str, str] = {
    "lower": N_("{name} was {size} lower with the programme than it would have been without it."),
    "higher": N_("{name} was {size} higher with the programme than it would have been without it."),
    "no-effect": N_("{name}: the estimated difference is {change}, which cannot be told from none."),
    "cannot-tell": N_("{name}: the estimated difference is {change}, which cannot be put down to the programme."),
    "same": N_("{name} was the same with the programme as it would have been without it."),
    "interval": N_("The data agree with anything from {low} to {high} ({level} interval; {p})."),
    "open_low": N_("The data agree with anything from {high} downwards ({level} interval, without a lower end; {p})."),
    "open_high": N_("The data agree with anything from {low} upwards ({level} interval, without an upper end; {p})."),
    "open": N_("The data set no limit to the effect on either side ({level} interval; {p})."),
    "detectable": N_(
        "The smallest true effect this data would show {power} of the time is {size}; {matters} was named as "
        "the smallest that matters."
    ),
    "errors": N_(
        "Of three standard errors (the model's, overdispersed by {dispersion}, autocorrelated; Ljung-Box "
        "{autocorrelation_p}) this one is used: {inference}."
    ),
    "undetectable": N_(
        "How small an effect this data could show cannot be said; {matters} was named as the smallest that matters."
    ),
}

REASONS: Mapping[str, str] = {
    "because.worked": N_(
        "The interval does not include zero, the effect goes the way it should, and it holds when the "
        "question is asked otherwise."
    ),
    "because.harm": N_(
        "The interval does not include zero, the effect goes the wrong way, and it holds when the question is"
        " asked otherwise."
    ),
    "because.no-effect": N_(
        "The interval includes zero and rules out every improvement that was named as large enough to matter."
    ),
    "because.fragile": N_(
        "The interval does not include zero, but the result does not hold when the question is asked otherwise."
    ),
    "because.imprecise": N_("The interval includes both zero and an improvement large enough to matter."),
    "failed.units": N_(
        "There are {treated} units with the programme and {untreated} without: too few to know how much they "
        "differ by chance."
    ),
    "failed.pretrend": N_(
        "Before the programme began the groups were already moving apart ({p}), so a later difference need "
        "not come from it."
    ),
    "failed.periods_before": N_(
        "Only {periods} periods before the start are known: too few to find units that moved alike."
    ),
    "failed.prefit": N_(
        "No mixture of other units followed this one closely before the start (error index {index}, at most "
        "{limit} allowed)."
    ),
    "failed.placebos": N_(
        "With {placebos} other units even the most unusual result could come up by chance with {smallest_p}."
    ),
    "failed.points_before": N_("Only {points} periods before the start are known: too few to see its path."),
    "failed.points_after": N_(
        "Only {points} periods since the start are known: too few to see whether the path changed."
    ),
    "failed.placebo_start": N_("The same method finds an effect at {start}, before there was a programme ({p})."),
    "missing.units": N_("How many units there are is not known."),
    "missing.pretrend": N_(
        "One period before the start is known, so nobody can see whether the groups moved alike before."
    ),
    "missing.periods_before": N_("Periods before the start are not known."),
    "missing.prefit": N_("The fit before the start could not be computed."),
    "missing.placebos": N_("No other unit could be treated as if it had the programme."),
    "missing.points_before": N_("Periods before the start are not known."),
    "missing.points_after": N_("Periods since the start are not known."),
    "missing.placebo_start": N_(
        "The {periods} periods before the start are too few to test whether the method finds an effect where "
        "there was none."
    ),
}

CHANGES: Mapping[str, str] = {
    "change.units": N_("More units on the smaller side, or survey estimates with standard errors for those there are."),
    "change.pretrend": N_(
        "A comparison that moved alike before the start, with two or more measurements before it; or chance "
        "deciding who gets the programme."
    ),
    "change.periods_before": N_("A longer history of the outcome."),
    "change.prefit": N_("Units more like this one to compare with, or a longer history to fit on."),
    "change.placebos": N_("At least {needed} other units that could have had the programme."),
    "change.points_before": N_("A longer series before the start."),
    "change.points_after": N_("Waiting: a longer series since the start."),
    "change.placebo_start": N_(
        "A series that can be followed before the start (other season or trend), or places without the "
        "programme to compare with."
    ),
    "change.drift": N_(
        "If, since the start, the groups had drifted apart for other reasons by {m} times the largest step "
        "seen before it, the interval would include zero."
    ),
    "change.alternatives": N_("The interval includes zero when the question is asked in these ways: {listed}."),
    "change.smaller": N_("An error that moves the estimate by {room} towards no effect would be enough."),
    "change.rank": N_(
        "One more unit without the programme with as unusual a course would move its p-value from {p} to {next}."
    ),
    "change.smaller_effect": N_(
        "A smaller effect than {matters} was not ruled out; if one would matter, more data is needed to see it."
    ),
    "change.precision": N_(
        "About {times} times as much data (units, periods or respondents) would be needed to show {matters}."
    ),
    "change.direction": N_("The effect points the other way when the question is asked in these ways: {listed}."),
    "change.longer": N_("More periods, or more units, would narrow the interval."),
}

CHECKS: Mapping[str, str] = {
    "units": N_("Enough units on both sides"),
    "pretrend": N_("Moved alike before the start"),
    "periods_before": N_("A history long enough"),
    "prefit": N_("The mixture follows the unit before the start"),
    "placebos": N_("Enough units to stand in as placebos"),
    "points_before": N_("Enough periods before"),
    "points_after": N_("Enough periods since"),
    "placebo_start": N_("No effect where there was no programme"),
    "backdated": N_("Little effect when the start is pretended earlier (shown, not needed)"),
}

RESULTS: Mapping[str, str] = {
    "units": N_("{treated} with, {untreated} without"),
    "pretrend": N_("{p}, {tested} effects tested"),
    "periods_before": N_("{periods} periods"),
    "prefit": N_("error index {index}, mean squared error {mspe}"),
    "placebos": N_("rank {rank} of {ranked}; smallest possible: {smallest_p}"),
    "points_before": N_("{points} periods"),
    "points_after": N_("{points} periods"),
    "backdated": N_("start pretended at {start}: {estimate}, {share} of the effect"),
    "placebo_start": N_("start pretended at {start}: {p}"),
}

WAYS: Mapping[str, str] = {
    "without": N_("without {what}"),
    "since": N_("from {what} only"),
    "without_period": N_("without {what}"),
    "against": N_("against other units ({what})"),
    "estimation": N_("estimated by {what}"),
    "without_covariates": N_("without covariates"),
    "without_group": N_("without those who started in {what}"),
    "harmonics": N_("season of {what} harmonics"),
    "slope": N_("with a change of trend: {what}"),
    "window": N_("nearest {what} of the series"),
    "skip": N_("without the first periods since the start ({what})"),
    "without_point": N_("without the most unusual period"),
    "drift": N_("drift of {what} times the largest step before"),
}

LIMITS: Mapping[str, str] = {
    "two-period": N_(
        "It holds for the units measured. It takes for granted that without the programme both sides would "
        "have changed alike, and that the programme did not reach those without it."
    ),
    "staggered": N_(
        "It holds for the units measured. It takes for granted that without the programme all would have "
        "changed alike, and that the programme did not reach those without it."
    ),
    "synthetic": N_(
        "It holds for this one unit. It takes for granted that nothing else happened to it alone at the same "
        "time, and that the programme did not reach the units it is compared with."
    ),
    "interrupted": N_(
        "There is no comparison but the past. Anything else that began at the same time, and any change in "
        "what is counted or how, would look the same."
    ),
}
SYNTHETIC = N_("The figures are synthetic: they say nothing about a real place.")
