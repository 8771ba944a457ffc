"""Stages: a key changes exactly when something it depends on does, and what is done is not done again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.kernel.progress import SILENT, Progress
from cop.road.stages import Input, Markers, Stage, all_different, read_input, run, to_do


def stage(
    id_: str = "a",
    *,
    parameters: object = 0,
    inputs: Sequence[Input] = (),
    after: Sequence[Stage] = (),
    makes: Callable[[str], Sequence[Path]] = lambda _: [],
    work: Callable[[str, Progress], None] = lambda _key, _progress: None,
    title: str = "",
) -> Stage:
    """A stage that makes and does nothing unless told to."""
    return Stage(id_, title or id_, parameters, inputs, after, makes, work)


def file(name: str, digest: str = "00", folder: str = "/here") -> Input:
    """An input that need not exist."""
    return Input(Path(folder) / name, name, digest)


@dataclass
class Heard:
    """A listener that writes down what it hears."""

    said: list[str] = field(default_factory=list[str])

    def begin(self, stage: Stage) -> Progress:
        self.said.append(f"begin {stage.id}")
        return SILENT

    def end(self, stage: Stage) -> None:
        self.said.append(f"end {stage.id}")


# --- keys


def test_a_key_is_the_same_for_the_same_facts_whatever_the_title_and_the_place() -> None:
    here = stage(title="one", inputs=[file("x.csv", folder="/here")])
    there = stage(title="two", inputs=[file("x.csv", folder="/there")])

    assert here.key == there.key


@pytest.mark.parametrize(
    "other",
    [
        stage("b", parameters={"p": 1}, inputs=[file("x")], after=[stage("u")]),
        stage("a", parameters={"p": 2}, inputs=[file("x")], after=[stage("u")]),
        stage("a", parameters={"p": 1}, inputs=[file("x", "01")], after=[stage("u")]),
        stage("a", parameters={"p": 1}, inputs=[file("y")], after=[stage("u")]),
        stage("a", parameters={"p": 1}, inputs=[file("x"), file("z")], after=[stage("u")]),
        stage("a", parameters={"p": 1}, inputs=[], after=[stage("u")]),
        stage("a", parameters={"p": 1}, inputs=[file("x")], after=[stage("u", parameters=1)]),
        stage("a", parameters={"p": 1}, inputs=[file("x")], after=[stage("v")]),
        stage("a", parameters={"p": 1}, inputs=[file("x")], after=[]),
    ],
)
def test_a_key_changes_with_its_name_a_parameter_an_input_and_what_comes_before(other: Stage) -> None:
    assert other.key != stage("a", parameters={"p": 1}, inputs=[file("x")], after=[stage("u")]).key


@st.composite
def graphs(draw: st.DrawFn) -> list[tuple[int, str, list[int]]]:
    """Stages in order, each (parameter, hash of its input, numbers of the stages before it)."""
    size = draw(st.integers(1, 8))
    return [
        (
            draw(st.integers(0, 3)),
            draw(st.sampled_from(["aa", "bb", "cc"])),
            draw(st.lists(st.integers(0, n - 1), unique=True, max_size=3)) if n else [],
        )
        for n in range(size)
    ]


def build(graph: list[tuple[int, str, list[int]]]) -> list[Stage]:
    """The stages of a graph."""
    made: list[Stage] = []
    for n, (parameter, digest, before) in enumerate(graph):
        made.append(
            stage(f"s{n}", parameters=parameter, inputs=[file(f"f{n}", digest)], after=[made[b] for b in before])
        )
    return made


def depends(graph: list[tuple[int, str, list[int]]], changed: int) -> set[int]:
    """The stage that changed and every stage that comes after it, however far."""
    touched = {changed}
    for n, (_, _, before) in enumerate(graph):
        if touched & set(before):
            touched.add(n)
    return touched


@given(data=st.data(), graph=graphs())
def test_keys_change_exactly_for_what_depends_on_the_change(
    data: st.DataObject, graph: list[tuple[int, str, list[int]]]
) -> None:
    changed = data.draw(st.integers(0, len(graph) - 1))
    parameter, digest, before = graph[changed]
    other = data.draw(
        st.one_of(
            st.integers(4, 6).map(lambda p: (p, digest, before)),
            st.just((parameter, "dd", before)),
        )
    )
    old, new = build(graph), build([*graph[:changed], other, *graph[changed + 1 :]])

    assert {n for n in range(len(graph)) if old[n].key != new[n].key} == depends(graph, changed)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), graph=graphs())
def test_a_run_after_a_change_does_exactly_what_depends_on_it(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, graph: list[tuple[int, str, list[int]]]
) -> None:
    markers = Markers(tmp_path_factory.mktemp("done"))
    changed = data.draw(st.integers(0, len(graph) - 1))
    _, digest, before = graph[changed]
    run(build(graph), markers, Heard())
    new = build([*graph[:changed], (9, digest, before), *graph[changed + 1 :]])

    assert [s.id for s in to_do(new, markers)] == [f"s{n}" for n in sorted(depends(graph, changed))]
    assert go(new, markers) == [f"s{n}" for n in sorted(depends(graph, changed))]
    assert to_do(new, markers) == []


def test_two_stages_of_one_name_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        all_different([stage("survey:s"), stage("b"), stage("survey:s", parameters=1)])

    assert str(refused.value) == (
        '"survey:s" is named twice in the description (expected each file and each survey once)'
    )
    assert [s.id for s in all_different([stage("a"), stage("b")])] == ["a", "b"]


# --- inputs


def test_an_input_within_the_observatory_is_named_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "a.csv").write_bytes(b"a,b\n")

    assert read_input(tmp_path / "inputs" / ".." / "inputs" / "a.csv", tmp_path).name == "inputs/a.csv"


def test_an_input_elsewhere_is_named_by_its_last_three_parts(tmp_path: Path) -> None:
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "deep" / "a.csv").write_bytes(b"a,b\n")
    found = read_input(tmp_path / "data" / "deep" / "a.csv", tmp_path / "observatory")

    assert found.name == "data/deep/a.csv"
    assert found.sha256 == hashlib.sha256(b"a,b\n").hexdigest()


# --- markers


def go(stages: Sequence[Stage], markers: Markers) -> list[str]:
    """Do what is not done; its names."""
    return [s.id for s in run(to_do(stages, markers), markers, Heard())]


def test_work_is_told_its_own_key_and_marked_when_it_is_done(tmp_path: Path) -> None:
    told: list[str] = []
    one = stage(work=lambda key, _: told.append(key))
    heard = Heard()

    assert run([one], Markers(tmp_path / "done"), heard) == [one]
    assert told == [one.key]
    assert heard.said == ["begin a", "end a"]


def test_what_is_done_is_not_done_again_by_another_process(tmp_path: Path) -> None:
    run([stage()], Markers(tmp_path), Heard())

    assert go([stage()], Markers(tmp_path)) == []


def test_a_stage_whose_work_failed_is_not_marked_and_what_came_before_it_is(tmp_path: Path) -> None:
    def fail(_key: str, _progress: Progress) -> None:
        raise RuntimeError("power cut")

    first = stage("a")
    second = stage("b", after=[first], work=fail)
    third = stage("c", after=[second])
    with pytest.raises(RuntimeError, match="power cut"):
        run([first, second, third], Markers(tmp_path), Heard())

    assert [s.id for s in to_do([first, second, third], Markers(tmp_path))] == ["b", "c"]


def test_a_stage_that_fails_after_it_was_done_is_not_done(tmp_path: Path) -> None:
    """Half of the work may have undone what the older marker says, also when its input is as it was again."""
    broken = False

    def work(_key: str, _progress: Progress) -> None:
        if broken:
            raise RuntimeError("power cut")

    markers = Markers(tmp_path)
    before = stage(inputs=[file("x", "aa")], work=work)
    run([before], markers, Heard())
    broken = True
    with pytest.raises(RuntimeError, match="power cut"):
        run([stage(inputs=[file("x", "bb")], work=work)], markers, Heard())

    assert to_do([before], markers) == [before]


def test_a_stage_that_left_and_comes_back_is_done_anew(tmp_path: Path) -> None:
    markers = Markers(tmp_path)
    run([stage("a"), stage("b")], markers, Heard())
    markers.keep_only([stage("a")])

    assert [s.id for s in to_do([stage("a"), stage("b")], markers)] == ["b"]


def test_a_stage_whose_product_was_deleted_is_done_again(tmp_path: Path) -> None:
    product = tmp_path / "product"
    one = stage(makes=lambda _: [product], work=lambda _key, _progress: product.touch())
    two = stage("b", after=[one])
    markers = Markers(tmp_path / "done")
    run([one, two], markers, Heard())
    product.unlink()

    assert go([one, two], markers) == ["a"]
    assert go([one, two], markers) == []


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"id": "a"}', '{"id": "a", "key": "other"}', "\ufeff{}"])
def test_a_marker_that_says_anything_else_does_not_count(tmp_path: Path, content: str) -> None:
    run([stage()], Markers(tmp_path), Heard())
    [marker] = tmp_path.glob("*.json")
    marker.write_text(content)

    assert [s.id for s in to_do([stage()], Markers(tmp_path))] == ["a"]


def test_a_marker_half_written_by_a_killed_build_does_no_harm(tmp_path: Path) -> None:
    run([stage()], Markers(tmp_path), Heard())
    [marker] = tmp_path.glob("*.json")
    marker.rename(marker.with_suffix(".part"))

    assert go([stage()], Markers(tmp_path)) == ["a"]
    assert json.loads(marker.read_text()) == {"id": "a", "key": stage().key}


names = st.text(st.sampled_from("ab:/_. é"), min_size=1, max_size=12) | st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300
)


@settings(max_examples=25, deadline=None)
@given(st.lists(names, min_size=2, max_size=6, unique=True))
def test_stages_of_any_names_do_not_take_each_other_for_done(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str]
) -> None:
    markers = Markers(tmp_path_factory.mktemp("done"))
    stages = [stage(id_) for id_ in ids]

    assert go(stages, markers) == ids
    assert go(stages, markers) == []
