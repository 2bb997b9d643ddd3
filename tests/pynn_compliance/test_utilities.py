"""PyNN's tools around a simulation work on our modules, populations, projections and data."""

import logging
import shelve
import sys
import types

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot
from pyNN import utility
from pyNN.network import Network
from pyNN.random import NumpyRNG
from pyNN.space import Cuboid, Grid2D, Grid3D, Line, RandomStructure, Sphere
from pyNN.utility import plotting

import pynn_annarchy as sim


@pytest.fixture(autouse=True)
def fresh():
    sim.setup(timestep=0.1)
    yield
    pyplot.close("all")


def firing(n=4, t_stop=100.0, **options):
    """Cells that fire at different rates, with their potential and spikes recorded."""
    population = sim.Population(n, sim.IF_cond_exp(i_offset=np.linspace(1.0, 2.0, n), tau_refrac=2.0), **options)
    population.record(["spikes", "v"])
    population[:2].record("gsyn_exc")
    sim.run(t_stop)
    return population


# ---- scripts ---------------------------------------------------------------------------------------------------------


def test_get_simulator(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["script.py", "annarchy", "--plot-figure", "7"])
    module, arguments = utility.get_simulator(("--plot-figure", "plot", {"action": "store_true"}), ("n", "a number"))
    assert module is sim
    assert (arguments.simulator, arguments.plot_figure, arguments.n) == ("annarchy", True, "7")


def test_script_arguments(monkeypatch):
    monkeypatch.setattr(sys, "argv", [__file__, "annarchy"])
    assert utility.get_script_args(1) == ["annarchy"]


def test_progress_bars(capsys):
    population = sim.Population(2, sim.IF_cond_exp())
    sim.run(50.0, callbacks=[utility.SimulationProgressBar(5.0, 50.0)])
    shown = [int(part.split("%")[0].split()[-1]) for part in capsys.readouterr().out.split("\r") if "%" in part]
    assert shown == list(range(0, 101, 10))
    bar = utility.ProgressBar(width=20)
    sim.Projection(population, population, sim.AllToAllConnector(callback=bar.set_level))
    assert "100%" in capsys.readouterr().out.split("\r")[-2]


def test_timer():
    timer = utility.Timer()
    timer.mark("building")
    sim.run(1.0)
    assert timer.marks[0][0] == "building" and 0 <= timer.marks[0][1] <= timer.elapsed_time()
    assert timer.elapsed_time(format="long").endswith("second") or timer.diff() > 2


def test_file_names(tmp_path):
    name = utility.normalized_filename(str(tmp_path), "spikes", "pkl", "annarchy", sim.num_processes())
    assert name.startswith(str(tmp_path)) and "spikes_annarchy_np1_" in name and name.endswith(".pkl")
    firing().write_data(name)
    assert (tmp_path / name).stat().st_size > 0


def test_logging(tmp_path):
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers.clear()
    try:
        logger = utility.init_logging(str(tmp_path / "log"), debug=True, num_processes=sim.num_processes())
        sim.Projection(*[sim.Population(2, sim.IF_cond_exp())] * 2, sim.AllToAllConnector())
        logger.info("all connected")
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = before
        root.setLevel(level)
    assert "all connected" in (tmp_path / "log").read_text()


def test_populations_are_saved_and_loaded(tmp_path):
    """A network's spikes become a source of spikes.

    PyNN 0.13 saves the Block that getSpikes() returns since 0.8, but loads the rows of (cell, time) that it used to
    return; so the test gives it those.
    """
    population = firing(label="cells", structure=Grid2D(dx=2.0))
    expected = [train.magnitude.tolist() for train in population.get_data().segments[0].spiketrains]
    name = str(tmp_path / "saved")
    saved = types.SimpleNamespace(
        getSpikes=lambda: np.array([(k, t) for k, times in enumerate(expected) for t in times]),
        label=population.label,
        size=population.size,
        structure=population.structure,
        annotations={"layer": 4},
    )
    utility.save_population(saved, name, variables=["annotations"])
    with shelve.open(name) as file:
        assert file["size"] == 4
    sim.setup(timestep=0.1)
    loaded = utility.load_population(name, sim)
    assert (loaded.label, loaded.structure, loaded.annotations) == ("cells", Grid2D(dx=2.0), {"layer": 4})
    loaded.record("spikes")
    sim.run(100.0)
    assert [train.magnitude.tolist() for train in loaded.get_data().segments[0].spiketrains] == expected


# ---- plots -----------------------------------------------------------------------------------------------------------


def test_figures(tmp_path):
    data = firing().get_data().segments[0]
    v, gsyn = data.filter(name="v")[0], data.filter(name="gsyn_exc")[0]
    figure = plotting.Figure(
        plotting.Panel(v, ylabel="auto", yticks=True, data_labels=["cells"]),
        plotting.Panel(gsyn, yticks=True, legend=False),
        plotting.Panel(data.spiketrains, xticks=True, xlabel="Time (ms)"),
        plotting.Panel(plotting.isi_histogram(data)),
        plotting.Panel(plotting.DataTable(np.arange(3), np.arange(3.0) ** 2)),
        plotting.Panel(np.eye(3)),
        title="Everything",
        annotations="made by a test",
    )
    axes = figure.fig.axes
    assert axes[0].get_ylabel() == "v (mV)"
    assert [line.get_label() for line in axes[0].lines] == [f"cells (Neuron {k})" for k in range(4)]
    np.testing.assert_array_equal(axes[0].lines[3].get_ydata(), v.magnitude[:, 3])
    assert len(axes[1].lines) == 2
    spikes = np.array([(t, k) for k, train in enumerate(data.spiketrains) for t in train.magnitude])
    plotted = np.concatenate([np.column_stack(line.get_data()) for line in axes[2].lines])
    np.testing.assert_array_equal(plotted[np.lexsort(plotted.T)], spikes[np.lexsort(spikes.T)])
    assert sum(bar.get_height() for bar in axes[3].patches) == len(spikes) - 4
    figure.save(str(tmp_path / "folder" / "figure.png"))
    assert (tmp_path / "folder" / "figure.png").stat().st_size > 10_000


def test_comparison_of_runs():
    population = firing()
    sim.reset()
    population.set(tau_m=30.0)
    sim.run(100.0)
    segments = population.get_data().segments
    figure = plotting.comparison_plot(segments, labels=["first", "second"], title="two runs")
    # a panel for each cell's potential and each of the two conductances, and one for the spikes of each run
    panels = figure.fig.axes
    assert len(panels) == 4 + 2 + 2
    assert [len(panel.lines) for panel in panels[:6]] == [2] * 6


def test_connection_plot():
    pre, post = sim.Population(3, sim.IF_cond_exp()), sim.Population(4, sim.IF_cond_exp())
    weights = np.array([[0.1, np.nan, 0, 0.2], [np.nan] * 4, [0, 0.3, np.nan, np.nan]])
    projection = sim.Projection(pre, post, sim.DenseMatrixConnector(weights))
    assert plotting.connection_plot(projection) == "O .O\n    \n.O  "
    assert (
        plotting.connection_plot(projection, positive="x", zero="0", empty="_", spacer="|").split("\n")[0] == "x|_|0|x"
    )


# ---- networks --------------------------------------------------------------------------------------------------------


def network():
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 5.0]), label="source")
    a, b = sim.Population(3, sim.IF_cond_exp(i_offset=1.5), label="a"), sim.Population(4, sim.IF_curr_exp(), label="b")
    both = sim.Assembly(a, b, label="both")
    forth = sim.Projection(source, a, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01), label="forth")
    return Network(source, a[:2], both, forth)


def test_network():
    net = network()
    assert {p.label for p in net.populations} == {"source", "a", "b"}
    assert net.sim is sim
    assert (net.count_neurons(), net.count_connections()) == (9, 6)
    assert net.get_component("forth").post is net.get_component("a")
    assert net.get_component("nothing") is None
    assert {p.label for p in net.filter(cell_types="all").populations} == {"a", "b"}
    assert [p.label for p in net.filter(cell_types=[sim.IF_curr_exp]).populations] == ["b"]
    with pytest.raises(TypeError):
        net.add("population")


def test_network_records_and_writes(tmp_path):
    net = network()
    net.record("spikes", include_spike_source=False)
    net.get_component("both").record("v")
    sim.run(50.0)
    (block,) = net.get_data()
    (segment,) = block.segments
    assert block.name == "both"
    assert [len(train) > 0 for train in segment.spiketrains] == [True] * 3 + [False] * 4
    assert segment.filter(name="v")[0].shape == (501, 7)
    assert len(net.get_component("source").get_data().segments[0].spiketrains) == 0
    net.write_data(str(tmp_path / "network.nix"))  # several blocks, which pickles cannot hold
    assert (tmp_path / "network.nix").stat().st_size > 0


# ---- descriptions ----------------------------------------------------------------------------------------------------


def test_descriptions_of_groups():
    net = network()
    a, both, forth = (net.get_component(label) for label in ("a", "both", "forth"))
    for thing, words in (
        (a, ["a", "IF_cond_exp", "Line"]),
        (a[1:], ["a"]),
        (both, ["both"]),
        (forth, ["forth", "StaticSynapse", "AllToAllConnector", "6"]),
    ):
        text = thing.describe()
        assert isinstance(text, str) and all(word in text for word in words), text
        assert isinstance(thing.describe(template=None), dict)
        assert thing.describe("[$label]", engine="string") == f"[{thing.label}]"


@pytest.mark.parametrize("name", sorted(sim.list_standard_models()))
def test_descriptions_of_cells(name):
    made = getattr(sim, name)
    cell = made(sim.LIF(), excitatory=sim.ExpPSR()) if name == "PointNeuron" else made()
    assert name in cell.describe()
    described = cell.describe(template=None)
    assert described["name"] == name
    assert set(described["parameters"]) == set(cell.get_parameter_names())


@pytest.mark.parametrize(
    "structure",
    [
        Line(dx=2.0),
        Grid2D(),
        Grid3D(),
        RandomStructure(Cuboid(1, 2, 3), rng=NumpyRNG(1)),
        RandomStructure(Sphere(2), rng=NumpyRNG(1)),
    ],
)
def test_descriptions_of_structures(structure):
    population = sim.Population(8 if isinstance(structure, Grid3D) else 9, sim.IF_cond_exp(), structure=structure)
    assert type(structure).__name__ in population.structure.describe()
    assert type(structure).__name__ in population.describe()
