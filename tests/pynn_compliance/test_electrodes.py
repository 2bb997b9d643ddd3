"""Current sources: waveforms and their times, where they are injected, changes between runs, recorded currents."""

import neo
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import errors

import pynn_annarchy as sim

DT = 0.1


@pytest.fixture(autouse=True)
def fresh():
    sim.setup(timestep=DT)


def integrator(n=1):
    """Cells whose v - v_rest is the integral of the current: 1 nA for 1 ms is 1 mV."""
    cells = sim.Population(n, sim.IF_curr_exp(tau_m=1e9, cm=1.0, v_thresh=1e9, v_rest=0.0), initial_values={"v": 0.0})
    cells.record("v")
    return cells


def charge(cells):
    """Return the charge in pC that each cell got in each step."""
    v = cells.get_data("v").segments[-1].analogsignals[0].magnitude
    return np.diff(v, axis=0)


def steps(*pieces):
    return np.concatenate([np.full(round(duration / DT), value) for duration, value in pieces])


SOURCES = {
    "dc": (lambda: sim.DCSource(amplitude=0.5, start=1.0, stop=2.0), steps((1, 0), (1, 0.5), (1, 0))),
    "step": (
        lambda: sim.StepCurrentSource(times=[0.5, 1.0, 2.0], amplitudes=[0.2, -0.4, 0.1]),
        steps((0.5, 0), (0.5, 0.2), (1, -0.4), (1, 0.1)),
    ),
    "ac": (
        lambda: sim.ACSource(amplitude=0.5, offset=0.2, frequency=100.0, phase=30.0, start=1.0, stop=2.0),
        np.where(
            steps((1, 0), (1, 1), (1, 0)) > 0,
            0.2 + 0.5 * np.sin(2 * np.pi * 0.1 * (np.arange(30) * DT - 1.0) + np.pi / 6),
            0.0,
        ),
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_recorded_and_felt_current(name):
    make, expected = SOURCES[name]
    cells, source = integrator(), make()
    cells.inject(source)
    source.record()
    sim.run(1.3)  # in pieces that do not matter
    sim.run(1.7)
    current = source.get_data()
    assert isinstance(current, neo.AnalogSignal) and current.shape == (31, 1) and str(current.units) == "1.0 nA"
    assert current.t_start == 0 and float(current.sampling_period.rescale("ms")) == DT
    assert_allclose(current.magnitude[:-1, 0], expected, atol=1e-15)
    assert_allclose(charge(cells)[:, 0], expected * DT, atol=1e-9)


def test_noise():
    cells = integrator(2)
    source = sim.NoisyCurrentSource(mean=1.0, stdev=0.5, start=2.0, stop=402.0, dt=0.4)
    source.inject_into(cells)
    source.record()
    sim.run(500.0)
    i = source.get_data().magnitude[:, 0]
    assert (i[:20] == 0).all() and (i[4020:] == 0).all()
    held = i[20:4020].reshape(-1, 4)
    assert (held == held[:, :1]).all() and len(np.unique(held[:, 0])) == 1000
    assert abs(held.mean() - 1.0) < 0.07 and abs(held.std() - 0.5) < 0.05  # four standard errors
    assert_array_equal(*charge(cells).T)  # one current for all cells
    assert_allclose(charge(cells)[:, 0], i[:-1] * DT, atol=1e-7)  # the leak at 400 mV


def test_noise_has_the_time_step_if_no_interval_is_given():
    sim.setup(timestep=0.25)
    assert sim.NoisyCurrentSource(mean=0.0, stdev=1.0).dt == 0.25


def test_noise_is_fresh_in_every_segment_but_the_same_in_every_run():
    def traces():
        sim.setup(timestep=DT, seed=5)
        source = sim.NoisyCurrentSource(mean=0.0, stdev=1.0)
        source.inject_into(integrator())
        source.record()
        result = []
        for _ in range(2):
            sim.run(2.0)
            result.append(source.get_data().magnitude[:20])
            sim.reset()
        return result

    first, second = traces()
    assert (first != second).all()
    assert_array_equal([first, second], traces())


# ---- where -----------------------------------------------------------------------------------------------------------


def test_injection_adds_up():
    cells = integrator(5)
    everyone, twice = sim.DCSource(amplitude=1.0), sim.DCSource(amplitude=0.1)
    cells.inject(everyone)
    cells[[3, 0]].inject(twice)
    cells[3].inject(twice)
    twice.inject_into([cells[1], cells[2]])
    twice.inject_into(cells[4])
    sim.run(1.0)
    assert_allclose(charge(cells)[0], DT * np.array([1.1, 1.1, 1.1, 1.2, 1.1]), rtol=1e-7)


def test_injection_into_an_assembly():
    a, b = integrator(2), integrator(3)
    (a[1:] + b).inject(sim.DCSource(amplitude=1.0))
    sim.DCSource(amplitude=1.0).inject_into(a + b)
    sim.run(1.0)
    assert_allclose(charge(a)[0], [DT, 2 * DT], rtol=1e-7)
    assert_allclose(charge(b)[0], [2 * DT] * 3, rtol=1e-7)


def test_nothing_is_injected_into_a_spike_source():
    sources, cells = sim.Population(2, sim.SpikeSourcePoisson()), integrator()
    current = sim.DCSource(amplitude=1.0)
    for inject in (
        lambda: sources.inject(current),
        lambda: sources[0].inject(current),
        lambda: (cells + sources).inject(current),
        lambda: current.inject_into([cells[0], sources[1]]),
    ):
        with pytest.raises(TypeError, match="spike source"):
            inject()
    with pytest.raises(TypeError, match="into 3"):
        current.inject_into([3])
    sim.run(1.0)
    assert (charge(cells) == 0).all()


# ---- changes ---------------------------------------------------------------------------------------------------------


def test_changes_between_runs_leave_the_past_alone():
    cells, source = integrator(), sim.DCSource(amplitude=0.5)
    source.inject_into(cells)
    source.record()
    sim.run(1.0)
    source.amplitude = -0.25
    sim.run(1.0)
    source.set_parameters(stop=2.5, amplitude=1.0)
    sim.run(1.0)
    expected = steps((1, 0.5), (1, -0.25), (0.5, 1.0), (0.5, 0.0))
    assert_array_equal(source.get_data().magnitude[:-1, 0], expected)
    assert_allclose(charge(cells)[:, 0], expected * DT, atol=1e-9)
    assert (source.amplitude, source.stop, source.start) == (1.0, 2.5, 0.0)


def test_step_current_from_now_on():
    cells, source = integrator(), sim.StepCurrentSource(times=[0.0], amplitudes=[0.0])
    source.inject_into(cells)
    sim.run(1.0)
    source.set_parameters(times=[1.0], amplitudes=[2.0])
    sim.run(1.0)
    assert_allclose(charge(cells)[:, 0], steps((1, 0), (1, 2.0)) * DT, atol=1e-9)


def test_source_made_and_injected_after_a_run():
    cells = integrator()
    sim.run(1.0)
    cells.inject(sim.ACSource(amplitude=1.0, frequency=1.0, phase=90.0, start=1.0))
    sim.run(0.2)
    assert_allclose(charge(cells)[:, 0], [*[0.0] * 10, DT, DT * np.cos(2 * np.pi * 1e-4)], atol=1e-9)


def test_reset_rewinds():
    cells, source = integrator(), sim.DCSource(amplitude=1.0, start=0.5, stop=1.0)
    source.inject_into(cells)
    source.record()
    sim.run(2.0)
    sim.reset()
    sim.run(1.0)
    assert_allclose(charge(cells)[:, 0], steps((0.5, 0), (0.5, 1)) * DT, atol=1e-9)
    assert source.get_data().shape == (11, 1)


def test_times_fall_on_the_grid():
    source = sim.StepCurrentSource(times=[0.41, 0.42, 0.86], amplitudes=[0.5, -0.5, 0.25])
    assert_allclose(source.times, [0.4, 0.9])
    assert_array_equal(source.amplitudes, [-0.5, 0.25])


def test_empty_step_current():
    cells = integrator()
    cells.inject(sim.StepCurrentSource(times=[], amplitudes=[]))
    sim.run(1.0)
    assert (charge(cells) == 0).all()


# ---- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: sim.DCSource(amplitude=float("nan")),
        lambda: sim.DCSource(start=float("inf")),
        lambda: sim.ACSource(frequency=-1.0),
        lambda: sim.NoisyCurrentSource(stdev=-0.1),
        lambda: sim.NoisyCurrentSource(dt=0.15),
        lambda: sim.NoisyCurrentSource(dt=0.01),
        lambda: sim.StepCurrentSource(times=[0.4, -0.6], amplitudes=[1, 2]),
        lambda: sim.StepCurrentSource(times=[0.4, 0.2], amplitudes=[1, 2]),
        lambda: sim.StepCurrentSource(times=[0.4], amplitudes=[1, 2]),
        lambda: sim.StepCurrentSource(times=[0.4], amplitudes=[float("inf")]),
    ],
)
def test_bad_values(make):
    with pytest.raises(errors.InvalidParameterValueError, match="Source: "):
        make()
    sim.run(0.1)


def test_one_value_for_all_cells():
    with pytest.raises(errors.InvalidDimensionsError):
        sim.DCSource(amplitude=[1.0, 2.0])


def test_unknown_parameter_names():
    with pytest.raises(errors.NonExistentParameterError, match="amplitude"):
        sim.DCSource(ampltude=1.0)
    source = sim.DCSource()
    with pytest.raises(errors.NonExistentParameterError):
        source.set_parameters(frequency=3.0)
    with pytest.raises(errors.NonExistentParameterError):
        source.frequency  # noqa: B018


def test_bad_change_changes_nothing():
    source = sim.StepCurrentSource(times=[1.0, 2.0], amplitudes=[0.5, 0.0])
    for wrong in ({"times": [3.0]}, {"amplitudes": [1.0, float("nan")]}):
        with pytest.raises(errors.InvalidParameterValueError):
            source.set_parameters(**wrong)
    assert_allclose(source.times, [1.0, 2.0])
    assert_array_equal(source.amplitudes, [0.5, 0.0])


def test_current_that_is_not_recorded():
    with pytest.raises(errors.NothingToWriteError, match="record"):
        sim.DCSource().get_data()


def test_source_of_an_earlier_simulation():
    source = sim.DCSource()
    sim.setup()
    with pytest.raises(RuntimeError, match="later setup"):
        source.inject_into(integrator())
