"""Architectures are drawn from the modules, with their counts."""

import re
from pathlib import Path

import pytest

from added import add_linear, linear
from collected import setting
from digitpairs.models.counts import parameters_of
from digitpairs.products.figures import architecture
from digitpairs.spec import Setting
from digitpairs.study.schema import Study
from nets import STACK


def printed(of: Setting, label: str) -> str:
    """All that the drawing of a net says."""
    study = Study(kind="architecture", title="Nets", variants=["x"])
    (axes,) = architecture.draw(study, {"x": of}, {"x": label}).axes
    return " ".join([text.get_text() for text in axes.texts] + [axes.get_title()])


@pytest.mark.parametrize("shared", [True, False])
def test_a_siamese_net_shows_each_layer_and_both_counts(shared: bool) -> None:
    net = setting("siamese_convnet", shared=shared)
    text = printed(net, "Twins")
    for expected in ("Twins", "Conv 3×3, 1 → 128", "36,896 parameters", "47,758", "20 → 100"):
        assert expected in text
    assert ("both branches the same" in text) == shared
    assert ("93,214" in text) == (not shared)
    counts = [int(n.replace(",", "")) for n in re.findall(r", ([\d,]+) parameters", text)]
    assert len(counts) == 2 * (2 * 2 + 2) + 2  # conv, BatchNorm twice, linear twice; a head
    branch, head = counts[: len(counts) // 2 - 1], counts[-2:]
    assert sum(branch) * (1 if shared else 2) + sum(head) == parameters_of(net.model)


def test_a_naive_net_has_one_column() -> None:
    text = printed(setting("mlp"), "MLP")
    counts = [int(n.replace(",", "")) for n in re.findall(r", ([\d,]+) parameters", text)]
    assert sum(counts) == 98_902
    assert "MLP\n98,902 parameters" in text


def test_nets_of_one_study_stand_side_by_side() -> None:
    study = Study(kind="architecture", title="Nets", variants=["a", "b"])
    nets = {"a": setting("mlp"), "b": setting("siamese_mlp")}
    axes = architecture.draw(study, nets, {"b": "Twins", "a": "One"}).axes
    assert [each.get_title().split("\n")[0] for each in axes] == ["Twins", "One"]


def test_a_stack_has_one_column_and_an_arc_for_each_residual() -> None:
    study = Study(kind="architecture", title="Nets", variants=["x"])
    (axes,) = architecture.draw(study, {"x": Setting(STACK, 1e-3)}, {"x": "Stack"}).axes
    texts = [text.get_text() for text in axes.texts]
    for expected in ("pair 2×14×14", "Each of 2", "Add", "2 together", "Linear 20 → 100"):
        assert expected in texts
    title = axes.get_title()
    assert title == f"Stack\n{parameters_of(STACK):,} parameters"
    arrows = [text.arrow_patch for text in axes.texts if getattr(text, "arrow_patch", None)]
    arcs = [arrow for arrow in arrows if arrow.get_connectionstyle().rad]
    assert len(arcs) == 1
    assert len(arrows) > len(arcs)


def test_a_net_that_somebody_adds_is_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    add_linear(monkeypatch, tmp_path)
    text = printed(Setting(linear(), 1e-3), "One layer")
    assert "Linear 392 → 2" in text
    assert "One layer\n786 parameters" in text
