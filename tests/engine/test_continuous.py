"""Continuous synapses against the same equations in numpy: sums, delays, learning, layouts, threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from device_network import Network
from hypothesis import given, settings
from hypothesis import strategies as st

from pynn_annarchy.native import kernels
from pynn_annarchy.native.spec import NeuronText, SynapseText
from pynn_annarchy.native.switches import Switches

OPERATIONS = {"Sum": np.sum, "Max": np.max, "Min": np.min, "Mean": np.mean}
THREADS = [1, pytest.param(3, marks=pytest.mark.threaded)]


@dataclass
class Reference:
    """Populations of `Rate` neurons and their projections, one step at a time."""

    sizes: list[int]
    drive: np.ndarray
    projections: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.r = [np.zeros(sum(self.sizes))]  # at every boundary
        self.last_sum = np.zeros(sum(self.sizes))

    def connect(self, kind: str, source: Any, target: Any, weight: Any, delay: Any, gain: Any = 1.0) -> None:
        n = len(source)
        self.projections.append(
            dict(kind=kind, source=np.array(source), target=np.array(target), gain=np.broadcast_to(gain, n),
                 w=np.broadcast_to(weight, n).astype(float), delay=np.broadcast_to(delay, n),
                 theta=dict.fromkeys(np.unique(target).tolist(), 0.0), level=0.0)
        )  # fmt: skip

    def step(self) -> None:
        n, r = len(self.r) - 1, self.r[-1]
        self.last_sum = np.zeros(len(r))
        for p in self.projections:
            then = np.array([self.r[max(n - (d - 1), 0)][s] for s, d in zip(p["source"], p["delay"], strict=True)])
            psp = p["gain"] * p["w"] * then
            join = OPERATIONS.get(p["kind"], np.sum)
            for target in p["theta"]:
                self.last_sum[target] += join(psp[p["target"] == target])
        means, first = np.zeros(len(r)), 0
        for size in self.sizes:
            means[first : first + size] = r[first : first + size].mean()
            first += size
        self.r.append(r + 0.5 * (self.drive + self.last_sum + 0.25 * means - r))
        for p in self.projections:
            if p["kind"] == "Hebb":
                self.learn(p)

    def learn(self, p: dict[str, Any]) -> None:
        r, edges = self.r[-1], np.cumsum([0, *self.sizes])
        populations = sorted({int(np.searchsorted(edges, s, side="right")) - 1 for s in p["source"]})
        p["level"] += np.concatenate([r[edges[i] : edges[i + 1]] for i in populations]).mean() / 128
        for target in p["theta"]:
            p["theta"][target] += r[target] / 64
        theta = np.array([p["theta"][t] for t in p["target"].tolist()])
        p["w"] += r[p["source"]] * r[p["target"]] / 1024 + theta + p["level"]


def build(models: Any, reference: Reference, threads: int = 1, precision: str = "double") -> Any:
    network = Network(dt_ms=1.0, threads=threads, seed=5, precision=precision)
    first, populations = 0, []
    for size in reference.sizes:
        drive = reference.drive[first : first + size]
        populations.append(network.add_population(models("Rate", precision), size, {"drive": drive}))
        first += size
    projections = [add(models, network, p, precision) for p in reference.projections]
    return network, populations, projections


def add(models: Any, network: Network, p: dict[str, Any], precision: str = "double") -> Any:
    return network.add_rows_projection(
        models(p["kind"], precision), p["source"], p["target"], receptor="exc", parameters={"gain": p["gain"]},
        variables={"w": p["w"]}, delay_steps=p["delay"],
    )  # fmt: skip


def rates(populations: Any, name: str = "r") -> np.ndarray:
    return np.concatenate([population.get_state(name) for population in populations])


def all_to_all(n_pre: int, first: int, n_post: int) -> tuple[np.ndarray, np.ndarray]:
    return np.tile(np.arange(n_pre), n_post), np.repeat(np.arange(first, first + n_post), n_pre)


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("kind", OPERATIONS)
@pytest.mark.parametrize("n_pre", [1, 15, 16, 17, 40])
def test_operations(continuous_models: Any, kind: str, n_pre: int, threads: int) -> None:
    rng = np.random.default_rng(n_pre)
    reference = Reference([n_pre, 70], rng.random(n_pre + 70))
    source, target = all_to_all(n_pre, n_pre, 70)
    reference.connect(kind, source, target, rng.normal(size=source.size) / n_pre, 1)
    network, populations, _ = build(continuous_models, reference, threads)
    for _ in range(5):
        network.run(1)
        reference.step()
        np.testing.assert_allclose(rates(populations), reference.r[-1], rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(rates(populations, "sum(exc)"), reference.last_sum, rtol=1e-12, atol=1e-14)


CONNECTIONS = st.lists(
    st.tuples(st.integers(0, 69), st.integers(0, 69), st.integers(1, 6), st.integers(-8, 8)), min_size=1, max_size=80
)


@settings(deadline=None, max_examples=40)
@given(st.data())
@pytest.mark.parametrize("threads", THREADS)
def test_any_network(continuous_models: Any, threads: int, data: st.DataObject) -> None:
    """Multapses, autapses, unordered lists, different delays; learning; cut into runs at any step."""
    sizes = data.draw(st.sampled_from([[70], [5, 65], [65, 2, 3]]))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    reference = Reference(sizes, rng.integers(0, 8, 70) / 8)
    for _ in range(data.draw(st.integers(1, 3))):
        source, target, delay, weight = np.array(data.draw(CONNECTIONS)).T
        kind = data.draw(st.sampled_from([*OPERATIONS, "Hebb"]))
        reference.connect(kind, source, target, weight / 64, delay if data.draw(st.booleans()) else delay[0])
    network, populations, projections = build(continuous_models, reference, threads)
    for n_steps in data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=4)):
        network.run(n_steps)
        for _ in range(n_steps):
            reference.step()
        np.testing.assert_allclose(rates(populations), reference.r[-1], rtol=1e-11, atol=1e-12)
        for projection, p in zip(projections, reference.projections, strict=True):
            np.testing.assert_array_equal(projection.source, p["source"])
            np.testing.assert_array_equal(projection.target, p["target"])
            np.testing.assert_allclose(projection.get_variable("w"), p["w"], rtol=1e-11, atol=1e-12)
            theta = np.array(list(p["theta"].values()))
            np.testing.assert_allclose(projection.get_variable("theta"), theta, rtol=1e-11, atol=1e-12)
            np.testing.assert_allclose(projection.get_variable("level"), p["level"], rtol=1e-11, atol=1e-12)


@pytest.mark.threaded
@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_same_bits_for_any_number_of_threads(continuous_models: Any, precision: str) -> None:
    found = []
    for threads in (1, 2, 5):
        rng = np.random.default_rng(3)
        source, target = rng.integers(0, 300, 5000), rng.integers(0, 300, 5000)
        reference = Reference([100, 200], np.linspace(0, 1, 300))
        reference.connect("Noisy", source, target, rng.normal(size=5000) / 1000, rng.integers(1, 4, 5000))
        network, populations, (projection,) = build(continuous_models, reference, threads, precision)
        network.run(5)
        found.append((rates(populations), projection.get_variable("w")))
    for r, w in found[1:]:
        np.testing.assert_array_equal(r, found[0][0])
        np.testing.assert_array_equal(w, found[0][1])
    assert np.isfinite(found[0][1]).all()
    assert len(np.unique(found[0][1])) > 4900  # every synapse has drawn for itself


def test_dense_and_listed_rows_have_the_same_bits(continuous_models: Any) -> None:
    """The same connections by one projection that is stored as a table, and by another that cannot be."""
    rng = np.random.default_rng(1)
    source, target = all_to_all(37, 40, 20)
    weight = rng.normal(size=source.size)
    order = rng.permutation(source.size)
    found = []
    for extra in (False, True):
        reference = Reference([40, 20], np.linspace(0.1, 1, 60))
        where = order if extra else np.arange(source.size)
        more = ([39], [40]) if extra else ([], [])  # of no weight; it comes last in its row
        sources = np.concatenate([source[where], np.array(more[0], int)])
        targets = np.concatenate([target[where], np.array(more[1], int)])
        reference.connect("Sum", sources, targets, np.concatenate([weight[where], np.zeros(len(more[0]))]), 1)
        network, populations, _ = build(continuous_models, reference)
        network.run(3)
        found.append(rates(populations)[41:])  # row 40 is longer, and so summed in another tree
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.parametrize("threads", THREADS)
def test_changes_between_runs(continuous_models: Any, threads: int) -> None:
    """Longer delays reach into what was recorded of the past; new neurons and synapses leave the rest as it is."""
    rng = np.random.default_rng(8)
    reference = Reference([70], rng.random(70))
    source, target = all_to_all(30, 30, 40)
    reference.connect("Hebb", source, target, rng.normal(size=source.size) / 30, 2)
    network, populations, projections = build(continuous_models, reference, threads)
    advance(network, reference, 4)
    projections[0].set_delay(3)
    reference.projections[0]["delay"] = np.full(source.size, 3)
    advance(network, reference, 4)
    projections[0].set_variable("w", 0.25, [0, 5])
    reference.projections[0]["w"][[0, 5]] = 0.25
    populations.append(network.add_population(continuous_models("Rate"), 9, {"drive": 0.5}))
    reference.sizes.append(9)
    reference.drive = np.concatenate([reference.drive, np.full(9, 0.5)])
    reference.r = [np.concatenate([r, np.zeros(9)]) for r in reference.r]
    reference.connect("Sum", [75, 3], [2, 78], 0.5, 1)
    projections.append(add(continuous_models, network, reference.projections[1]))
    advance(network, reference, 5)
    np.testing.assert_allclose(rates(populations), reference.r[-1], rtol=1e-12)
    np.testing.assert_allclose(projections[0].get_variable("w"), reference.projections[0]["w"], rtol=1e-12)


def advance(network: Network, reference: Reference, n_steps: int) -> None:
    network.run(n_steps)
    for _ in range(n_steps):
        reference.step()


@pytest.mark.parametrize("threads", THREADS)
def test_reset_and_recording(continuous_models: Any, threads: int) -> None:
    rng = np.random.default_rng(8)
    reference = Reference([70], rng.random(70))
    source, target = all_to_all(30, 30, 40)
    order = rng.permutation(source.size)
    reference.connect("Hebb", source[order], target[order], rng.normal(size=source.size) / 30, 2)
    start = reference.projections[0]["w"].copy()
    network, _, (projection,) = build(continuous_models, reference, threads)
    weights = projection.record("w", [7, 900, 3], interval_steps=2)
    theta, level = projection.record("theta", [39, 1]), projection.record("level", [0])
    expected = []
    for _ in range(8):
        p = reference.projections[0]
        expected.append((p["w"].copy(), np.array(list(p["theta"].values())), p["level"]))
        reference.step()
    for _ in range(2):
        network.run(3)
        network.run(4)
        np.testing.assert_allclose(weights.samples(), [w[[7, 900, 3]] for w, _, _ in expected[::2]], rtol=1e-12)
        np.testing.assert_allclose(theta.samples(), [t[[39, 1]] for _, t, _ in expected], rtol=1e-12)
        np.testing.assert_allclose(level.samples()[:, 0], [c for _, _, c in expected], rtol=1e-12)
        network.reset()
        np.testing.assert_array_equal(projection.get_variable("w"), start)


def test_switches(continuous_models: Any) -> None:
    reference = Reference([3], np.ones(3))
    reference.connect("Hebb", [0, 1], [2, 2], 1.0, 1)
    network, populations, (projection,) = build(continuous_models, reference)
    network.run(2)
    projection.set_switches(Switches(changes_weight=False))
    before, theta = projection.get_variable("w"), projection.get_variable("theta")
    network.run(3)
    np.testing.assert_array_equal(projection.get_variable("w"), before)
    assert (projection.get_variable("theta") != theta).all()
    projection.set_switches(Switches(period_steps=4, offset_steps=1))
    level = projection.record("level", [0])
    network.run(8)
    changed = np.flatnonzero(np.diff(level.samples()[:, 0]) != 0) + 5
    assert changed.tolist() == [5, 9]
    projection.set_switches(Switches(transmits=False, learns=False))
    theta = projection.get_variable("theta")
    network.run(1)
    assert populations[0].get_state("sum(exc)")[2] == 0
    np.testing.assert_array_equal(projection.get_variable("theta"), theta)


def test_parameters_of_every_locality(continuous_models: Any) -> None:
    reference = Reference([4], np.ones(4))
    reference.connect("Sum", [0, 1, 0], [2, 2, 3], [1.0, 2.0, 4.0], 1, gain=[1.0, 0.5, 0.25])
    network, populations, (projection,) = build(continuous_models, reference)
    advance(network, reference, 3)
    np.testing.assert_array_equal(rates(populations), reference.r[-1])
    projection.set_parameter("gain", 0.125)
    reference.projections[0]["gain"] = np.full(3, 0.125)
    advance(network, reference, 3)
    np.testing.assert_array_equal(rates(populations), reference.r[-1])


def test_bad_input(continuous_models: Any, models: Any) -> None:
    network = Network(dt_ms=1.0)
    network.add_population(continuous_models("Rate"), 2)
    spiking = network.add_population(models("Clock"), 2)
    kernel = continuous_models("Sum")
    with pytest.raises(ValueError, match=r"does not read sum\(inh\); it reads sum\(exc\)"):
        network.add_rows_projection(kernel, [0], [1], receptor="inh")
    with pytest.raises(ValueError, match=r"reads pre.r, which .* lacks"):
        network.add_rows_projection(kernel, [spiking.first], [1], receptor="exc")
    with pytest.raises(ValueError, match="2 sources for 1 targets"):
        network.add_rows_projection(kernel, [0, 1], [1], receptor="exc")
    with pytest.raises(ValueError, match=r"delays of 0\.0 to 0\.0 steps"):
        network.add_rows_projection(kernel, [0], [1], receptor="exc", delay_steps=0)
    projection = network.add_rows_projection(kernel, [0], [1], receptor="exc")
    with pytest.raises(KeyError, match="'tau' is no parameter of Sum; it has gain"):
        projection.set_parameter("tau", 1)
    with pytest.raises(ValueError, match="whole numbers from 1"):
        projection.set_switches(Switches(period_steps=0))
    with pytest.raises(ValueError, match="was compiled for 'single'"):
        network.add_rows_projection(continuous_models("Sum", "single"), [0], [1], receptor="exc")


@pytest.mark.parametrize("threads", THREADS)
def test_what_a_projection_has_once_is_advanced_once_a_step(threads: int) -> None:
    """Also where its targets are neurons of two models, whose rows are apart."""
    one = kernels.compiled(NeuronText(name="One", parameters="", equations="r = 2.0 + sum(exc) : init=2"))
    two = kernels.compiled(NeuronText(name="Two", parameters="", equations="r = 4.0\ns = r + sum(exc)"))
    rule = "level = level + mean(pre.r) : projection\nw = w + level"
    synapse = kernels.compiled_rows(SynapseText(name="Once", parameters="", equations=rule, psp="0 * w * pre.r"))
    network = Network(dt_ms=1.0, threads=threads)
    network.add_population(one, 3)
    network.add_population(two, 70)
    source, target = all_to_all(3, 0, 73)
    projection = network.add_rows_projection(synapse, source, target, receptor="exc", parameters={}, variables={})
    network.run(3)
    np.testing.assert_array_equal(projection.get_variable("level"), [6.0])
    np.testing.assert_array_equal(projection.get_variable("w"), np.full(219, 2.0 + 4.0 + 6.0))
