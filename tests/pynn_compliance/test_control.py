"""Set-up and control: setup, run, callbacks, reset, end, state queries."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from pyNN.standardmodels import cells

import pynn_annarchy as sim


def one_cell(**parameters):
    cell = sim.Population(1, sim.IF_curr_exp(i_offset=0.1, **parameters))
    cell.record("v")
    return cell


def voltage(population, segment=0):
    return population.get_data().segments[segment].filter(name="v")[0]


def test_same_module_as_in_pynn():
    import pyNN.annarchy
    import pyNN.annarchy.simulator

    assert pyNN.annarchy is sim
    assert pyNN.annarchy.simulator is sim.simulator


def test_network_knows_its_backend():
    sim.setup()
    population = sim.Population(2, sim.IF_cond_exp())
    assert sim.Network(population, population[:1]).sim is sim


def test_state_queries():
    assert sim.setup(timestep=0.2, min_delay=0.4, max_delay=8.0) == 0
    assert (sim.get_time_step(), sim.get_min_delay(), sim.get_max_delay()) == (0.2, 0.4, 8.0)
    assert (sim.get_current_time(), sim.rank(), sim.num_processes()) == (0.0, 0, 1)
    sim.run(3.0)
    assert sim.get_current_time() == pytest.approx(3.0, abs=1e-12)


def test_min_delay_auto_is_the_time_step_without_connections():
    for auto in ({}, {"min_delay": "auto"}, {"min_delay": None, "max_delay": None}):  # None is sPyNNaker's default
        sim.setup(timestep=0.25, **auto)
        assert sim.get_min_delay() == 0.25


def test_seeds_have_many_names():
    for keyword in ({"seed": 7}, {"rng_seed": 7}, {"rng_seeds": [7, 8]}, {"grng_seed": np.int64(7)}):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sim.setup(**keyword)
        assert sim.simulator.state.network.seed == 7


def test_misspelled_keyword_has_a_warning_of_its_own():
    with pytest.warns(UserWarning) as caught:
        sim.setup(thread=2, verbosity="error", frobnication=1)
    assert [str(warning.filename) for warning in caught] == [__file__] * 3
    foreign, frobnication, thread = (str(warning.message) for warning in caught)
    assert "verbosity (NEST)" in foreign and "thread" not in foreign
    assert "'thread' is no keyword of any backend" in thread and "did you mean 'threads'?" in thread
    assert "'frobnication' is no keyword of any backend" in frobnication and "precision, seed" in frobnication


@pytest.mark.parametrize("name", ["mindelay", "maxdelay", "dt", "time_step"])
def test_pynns_own_error_for_wrong_names(name):
    with pytest.raises(Exception, match=f"{name} is not a valid argument"):
        sim.setup(**{name: 0.1})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (dict(timestep=0.0), "timestep=0.0"),
        (dict(timestep=float("nan")), "timestep=nan"),
        (dict(timestep="fast"), "timestep='fast'"),
        (dict(min_delay=-1.0), "min_delay=-1.0"),
        (dict(max_delay="long"), "max_delay='long'"),
        (dict(max_delay=0.01), "max_delay=0.01"),
        (dict(threads=0), "threads=0"),
        (dict(threads=1.5), "threads=1.5"),
        (dict(seed=-3), "seed=-3"),
        (dict(seed=1, rng_seed=2), "more than once"),
        (dict(precision="half"), "precision='half'"),
    ],
)
def test_bad_setup_says_what_was_given_and_keeps_the_old_simulation(wrong, message):
    sim.setup(timestep=0.5)
    with pytest.raises(ValueError, match=message):
        sim.setup(**wrong)
    assert sim.get_time_step() == 0.5


@pytest.mark.parametrize("wrong", [dict(min_delay=2.0, max_delay=1.0), dict(timestep=0.2, min_delay=0.1)])
def test_bad_delays_raise_pynns_error(wrong):
    with pytest.raises(Exception, match="min_delay"):
        sim.setup(**wrong)


def in_new_process(script, folder):
    """Run a script in a process of its own, with the package that is tested here."""
    package = Path(sim.__file__).parents[1]
    subprocess.run(
        [sys.executable, "-c", script], check=True, cwd=folder, env={**os.environ, "PYTHONPATH": str(package)}
    )


def test_api_before_setup(tmp_path):
    script = """
import pytest, pynn_annarchy as sim
for use in (lambda: sim.run(1.0), sim.get_time_step, sim.get_current_time, sim.reset, sim.get_min_delay,
            lambda: sim.Population(1, sim.IF_cond_exp()), lambda: sim.DCSource(amplitude=1.0)):
    with pytest.raises(RuntimeError, match="setup"):
        use()
"""
    in_new_process(script, tmp_path)


def test_import_is_light(tmp_path):
    without_csa = "import sys; sys.modules['csa'] = None; "  # PyNN imports it where it is installed, and it matplotlib
    script = without_csa + "import pynn_annarchy; assert not {'sympy', 'matplotlib'} & set(sys.modules)"
    in_new_process(script, tmp_path)


@pytest.mark.cpu
def test_small_script_loads_nothing_more_than_pynn(tmp_path):
    """From the import to the first data: beside PyNN's modules, this package and what finds its settings."""
    script = """
import sys
sys.modules["csa"] = None
import pyNN.common, pyNN.connectors, pyNN.standardmodels.cells
before = set(sys.modules)
import pynn_annarchy as sim
sim.setup(timestep=0.1)
cells = sim.Population(100, sim.IF_curr_exp(i_offset=0.5))
source = sim.Population(100, sim.SpikeSourcePoisson(rate=50.0))
sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1, delay=1.0))
cells.record(["spikes", "v"])
sim.run(10.0)
assert len(list(cells.get_data().segments[0].spiketrains)) == 100
loaded = {name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names
loaded = {name for name in loaded if not name.startswith("_")}
assert loaded <= {"pyNN", "pynn_annarchy", "pynn_annarchy_finder", "platformdirs"}, loaded
"""
    in_new_process(script, tmp_path)


def test_second_setup_starts_clean(tmp_path):
    sim.setup()
    old = one_cell()
    old.record("v", to_file=str(tmp_path / "old.pkl"))
    sim.run(1.0)
    sim.setup()
    assert sim.get_current_time() == 0.0
    assert not sim.simulator.state.write_on_end and not sim.simulator.state.recorders
    new = one_cell()
    sim.run(2.0)
    assert [len(s.analogsignals) for s in new.get_data().segments] == [1]
    assert new.get_data().segments[0].name == "segment000"
    with pytest.raises(RuntimeError, match="later setup"):
        old.set(tau_m=10.0)
    sim.end()
    assert not (tmp_path / "old.pkl").exists()


def test_end_writes_once(tmp_path):
    file = tmp_path / "data" / "v.pkl"
    sim.setup()
    cell = one_cell()
    cell.record("v", to_file=str(file))
    sim.run(1.0)
    sim.end()
    file.unlink()
    sim.end()
    assert not file.exists()
    assert len(voltage(cell)) == 11  # still readable


# ---- running ---------------------------------------------------------------------------------------------------------


def test_pieces_of_a_run_are_the_whole():
    results = []
    for pieces in ([10.0], [3.3, 0.1, 6.6]):
        sim.setup(timestep=0.1)
        cell = one_cell(v_thresh=-64.0)
        for piece in pieces:
            sim.run(piece)
        results.append(voltage(cell))
    assert_array_equal(*results)
    assert len(results[0]) == 101


def test_run_for_is_run_and_returns_the_time():
    sim.setup(timestep=0.1)
    assert sim.run_for(2.5) == sim.get_current_time() == pytest.approx(2.5)
    assert sim.run_until(4.0) == pytest.approx(4.0)
    assert sim.run(0.0) == pytest.approx(4.0)


@pytest.mark.parametrize("backwards", [lambda: sim.run(-1.0), lambda: sim.run_until(1.0)])
def test_backwards_in_time(backwards):
    sim.setup()
    sim.run(5.0)
    with pytest.raises(ValueError, match="past"):
        backwards()
    sim.run(5.0)
    assert sim.get_current_time() == pytest.approx(10.0)


@pytest.mark.parametrize("never", [float("nan"), float("inf")])
def test_run_to_no_time(never):
    sim.setup()
    with pytest.raises(ValueError, match="finite"):
        sim.run(never)


@pytest.mark.parametrize("run", [sim.run, sim.run_until])
@pytest.mark.parametrize("time", ["10", None, [1.0]])
def test_run_to_what_is_no_number(run, time):
    sim.setup()
    with pytest.raises(TypeError, match="not a time"):
        run(time)


def test_callbacks_are_called_at_their_times():
    sim.setup(timestep=0.1)
    times = {1.0: [], 0.7: []}

    def every(interval):
        def callback(t):
            times[interval].append(t)
            return t + interval

        return callback

    sim.run(3.04, callbacks=[every(1.0), every(0.7)])  # a time between two steps, where PyNN's loop would hang
    np.testing.assert_allclose(times[1.0], [0, 1.0, 2.0, 3.0], atol=1e-9)
    np.testing.assert_allclose(times[0.7], [0, 0.7, 1.4, 2.1, 2.8], atol=1e-9)


def test_callback_that_asks_for_the_past():
    sim.setup()
    with pytest.raises(ValueError, match="wishes to be called next"):
        sim.run(2.0, callbacks=[lambda t: t])
    assert sim.run(1.0) == pytest.approx(1.0)


def test_callback_may_change_parameters():
    sim.setup(timestep=0.1)
    cell = sim.Population(1, sim.IF_curr_exp())
    cell.record("v")

    def step_up(t):
        if t > 0:
            cell.set(i_offset=0.5)
        return t + 5.0

    sim.run(10.0, callbacks=[step_up])
    v = voltage(cell).magnitude[:, 0]
    assert (v[:51] == v[0]).all() and v[51] > v[50]


def test_ctrl_c_keeps_data():
    import _thread
    import threading

    sim.setup(timestep=0.01)
    cell = one_cell()
    threading.Timer(0.3, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        sim.run(1e7)
    t = sim.get_current_time()
    assert 0 < t < 1e7
    assert len(voltage(cell)) == round(t / 0.01) + 1
    sim.run(1.0)
    assert sim.get_current_time() == pytest.approx(t + 1.0)


def test_progress_bar_needs_a_terminal_and_a_second(capsys, monkeypatch):
    import time

    with sim.simulator._progress_bar(10, 0, 0.1) as progress:
        assert progress is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    sim.setup()
    sim.run(10.0)
    assert capsys.readouterr().err == ""
    with sim.simulator._progress_bar(100, 500, 0.1) as progress:
        time.sleep(1.01)
        progress(540)
    assert "40%" in capsys.readouterr().err


# ---- reset -----------------------------------------------------------------------------------------------------------


def test_reset_repeats_and_makes_segments():
    sim.setup()
    cell = one_cell()
    for note in ("first", "second"):
        sim.run(5.0)
        sim.reset(annotations={"note": note})
    sim.run(5.0)
    block = cell.get_data()
    assert [segment.name for segment in block.segments] == ["segment000", "segment001", "segment002"]
    assert [segment.annotations.get("note") for segment in block.segments] == ["first", "second", None]
    assert_array_equal(voltage(cell, 0), voltage(cell, 2))


def test_reset_keeps_parameters_and_restores_initial_values():
    sim.setup()
    cell = one_cell()
    cell.initialize(v=-70.0)
    sim.run(5.0)
    cell.set(i_offset=0.2)
    sim.reset()
    assert cell.get("i_offset") == 0.2
    sim.run(5.0)
    assert voltage(cell, 0)[0, 0] == voltage(cell, 1)[0, 0]
    assert voltage(cell, 0)[-1, 0] < voltage(cell, 1)[-1, 0]


def test_two_resets_in_a_row_make_one_segment():
    sim.setup()
    cell = one_cell()
    sim.run(1.0)
    sim.reset()
    sim.reset()
    sim.run(1.0)
    assert len(cell.get_data().segments) == 2


def test_random_initial_values_are_the_same_after_a_reset():
    sim.setup()
    cells = sim.Population(
        5, sim.IF_cond_exp(), initial_values={"v": sim.RandomDistribution("uniform", (-70.0, -60.0))}
    )
    cells.record("v")
    sim.run(1.0)
    sim.reset()
    sim.run(1.0)
    first, second = voltage(cells, 0), voltage(cells, 1)
    assert len(set(first[0].magnitude)) == 5
    assert_array_equal(first, second)


# ---- procedural API --------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_procedural_api(tmp_path):
    sim.setup(timestep=0.1)
    cells = sim.create(sim.IF_cond_exp, n=3)
    sim.set(cells, i_offset=0.2)
    sim.initialize(cells, v=-66.0)
    sim.record_v(cells[0], str(tmp_path / "v.pkl"))
    sim.record_gsyn(cells, str(tmp_path / "g.pkl"))
    sim.record("spikes", cells, str(tmp_path / "spikes.pkl"), annotations={"script": "mine"})
    assert_array_equal(cells.get("i_offset"), 0.2)
    sim.run(10.0)
    sim.end()
    v = sim_block(tmp_path / "v.pkl").segments[0].analogsignals
    assert [(signal.name, signal.shape) for signal in v] == [("v", (101, 1))]
    assert v[0].magnitude[0, 0] == -66.0
    g = sim_block(tmp_path / "g.pkl").segments[0].analogsignals
    assert {signal.name: signal.shape for signal in g} == {"gsyn_exc": (101, 3), "gsyn_inh": (101, 3)}
    spikes = sim_block(tmp_path / "spikes.pkl")
    assert len(spikes.segments[0].spiketrains) == 3 and spikes.annotations["script"] == "mine"


def sim_block(path):
    from neo.io import PickleIO

    return PickleIO(str(path)).read_block()


def test_standard_models_are_listed_as_they_are():
    sim.setup()
    names = sim.list_standard_models()
    point_neurons = {
        name
        for name, cls in vars(cells).items()
        if isinstance(cls, type) and issubclass(cls, sim.StandardCellType) and cls.__module__ == cells.__name__
    } - {"MultiCompartmentNeuron"}
    assert sorted(names) == sorted(point_neurons)
    for name in set(names) - {"PointNeuron"}:
        assert sim.Population(1, getattr(sim, name)()).size == 1
