"""PyNN's MultiSim runs a network on several simulators, each in a process of its own."""

import multiprocessing
import signal

import pytest
from numpy.testing import assert_allclose
from pyNN import mock
from pyNN.multisim import MultiSim

import pynn_annarchy as sim

# MultiSim hands the module of a simulator to each process, and modules can be inherited but not pickled.
pytestmark = pytest.mark.skipif(
    multiprocessing.get_start_method() != "fork", reason="PyNN's MultiSim needs processes that are forked"
)


class Driven:
    """A cell that fires regularly, and one that it drives."""

    def __init__(self, sim, parameters):
        self.sim = sim
        sim.setup(timestep=parameters["timestep"])
        self.cells = sim.Population(2, sim.IF_curr_exp(**parameters["cell"]), label="cells")
        self.cells.initialize(v=-65.0)
        self.cells.set(i_offset=[parameters["current"], 0.0])
        connector = sim.FromListConnector([(0, 1, parameters["weight"], 2.0)])
        self.projection = sim.Projection(
            self.cells, self.cells, connector, sim.StaticSynapse(), receptor_type="excitatory"
        )
        self.cells.record(["spikes", "v"])

    def spikes(self):
        return [train.magnitude.tolist() for train in self.cells.get_data().segments[0].spiketrains]

    def connections(self):
        return self.projection.get(["weight", "delay"], "list")

    def strengthen(self, weight):
        self.projection.set(weight=weight)

    def time(self):
        return self.sim.get_current_time()


PARAMETERS = {"timestep": 0.1, "current": 2.0, "weight": 9.0, "cell": {"tau_m": 10.0, "tau_refrac": 2.0}}


def _too_long(*_):
    raise TimeoutError("no answer from a process after a minute")


@pytest.fixture
def multisim():
    made = []

    def make(*sims):
        made.append(MultiSim(sims, Driven, PARAMETERS))
        return made[-1]

    # MultiSim waits for ever for the answer of a process that has failed
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(60)
    yield make
    signal.alarm(0)
    for each in made:
        if any(process.exitcode is not None for process in each.processes.values()):
            pytest.fail("a process has ended before it was told to")
        each.end()
        assert all(process.exitcode == 0 for process in each.processes.values())


def alone(times):
    """The same network in this process."""
    network = Driven(sim, PARAMETERS)
    for t in times:
        sim.run(t)
    return network.spikes()


def test_one_simulator(multisim):
    network = multisim(sim)
    network.run(100.0, steps=4)
    assert network.time() == {"pynn_annarchy": pytest.approx(100.0)}
    spikes = network.spikes()["pynn_annarchy"]
    assert min(map(len, spikes)) > 3
    assert spikes == alone([25.0] * 4) == alone([100.0])
    network.strengthen(6.0)
    assert_allclose(network.connections()["pynn_annarchy"], [(0, 1, 6.0, 2.0)])


def test_several_simulators(multisim):
    """PyNN's mock simulator keeps what it is told, and invents spikes."""
    network = multisim(sim, mock)
    network.run(20.0)
    assert network.connections() == {"pynn_annarchy": [(0, 1, 9.0, 2.0)], "pyNN.mock": [(0, 1, 9.0, 2.0)]}
    assert network.time() == {"pynn_annarchy": pytest.approx(20.0), "pyNN.mock": pytest.approx(20.0)}


def test_this_process_keeps_its_own_network(multisim):
    here = Driven(sim, PARAMETERS)
    sim.run(30.0)
    network = multisim(sim)
    network.run(50.0)
    sim.run(20.0)
    assert here.spikes() == network.spikes()["pynn_annarchy"]
