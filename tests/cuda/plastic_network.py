"""A network with synapses of every standard model, and of a user's, for a comparison of engines."""

import numpy as np

from pynn_annarchy.native import kernels
from pynn_annarchy.native.spec import SynapseText

SOURCES, CELLS, SYNAPSES = 12, 8, 60

# Random numbers at every kind of event, a variable of rows, equations between events and in every step.
OF_A_USER = SynapseText(
    name="OfAUser",
    parameters="tau = 15.0; rate = 0.02; w_max = 0.02",
    equations="""
    dx/dt = -x / tau : event-driven
    dy/dt = -y / tau : event-driven
    dc/dt = (x - c) / 50.0 : explicit
    dw/dt = 0 : event-driven, min=0.0, max=w_max
    """,
    pre_spike="g_target += w * Uniform(0.5, 1.0); x += 1; w -= rate * y * w_max * Uniform(0.0, 1.0)",
    post_spike="y += 1; w += rate * x * w_max * Uniform(0.0, 1.0)",
)
READER = SynapseText(
    name="Reader",
    parameters="rate = 0.0001",
    equations="dw/dt = 0 : event-driven, min=0.0, max=0.05",
    pre_spike="g_target += w; w += rate * (post.v + 60.0) * 0.01",
    post_spike="w -= rate * exp(-since_pre / 20.0)",
)
GRADED = SynapseText(
    name="Graded",
    parameters="tau = 5.0",
    equations="dx/dt = -x / tau",
    pre_spike="x += 1",
    post_spike="x *= 0.5",
    psp="0.1 * w * x",
)


def synapse_kernels():
    standard = [kernels.standard_synapse(name) for name in kernels.standard_synapse_names()]
    return [*standard, *(kernels.compiled_synapse(text) for text in (GRADED, OF_A_USER, READER))]


class PlasticNetwork:
    """The same sources for all, cells of their own for each model; delays before and behind the synapse."""

    def __init__(self, network, models=None, rate=60.0):
        self.network, rng = network, np.random.default_rng(5)
        self.source = network.add_population(kernels.standard("SpikeSourcePoisson"), SOURCES, {"rate": rate})
        given = network.add_population(kernels.standard("SpikeSourceArray"), 2)
        given.set_spike_times([[0.0, 2.0, 2.01, 2.02, 30.0], [0.0, 4.0]])  # several in one step
        cell = {False: kernels.standard("IF_cond_exp"), True: kernels.standard("EIF_cond_exp_isfa_ista")}
        self.cells, self.projections, self.signals, self.records = [], [], [], []
        for kernel in synapse_kernels() if models is None else models:
            clopath = kernel.name.startswith("Clopath")
            drive = rng.uniform(0.8, 1.5, CELLS) if clopath else rng.uniform(0.7, 1.1, CELLS)
            cells = network.add_population(cell[clopath], CELLS, {"i_offset": drive})
            modulator = {"modulator": cells.first + np.arange(3), "modulator_delay_steps": 4}
            source = np.r_[
                self.source.first + rng.integers(0, SOURCES, SYNAPSES - 6), given.first + np.arange(6) % given.size
            ]
            dendritic = rng.integers(0, 4, SYNAPSES)
            # some are early, where all of the delay is behind the synapse
            dendritic *= not kernel.transmits
            delay = np.maximum(dendritic, 1) + rng.integers(0, 9, SYNAPSES) * (rng.random(SYNAPSES) < 0.8)
            self.projections.append(
                network.add_plastic_projection(
                    kernel,
                    source,
                    cells.first + rng.integers(0, CELLS, SYNAPSES),
                    receptor="excitatory",
                    variables={"w": rng.uniform(0.001, 0.01, SYNAPSES)},
                    delay_steps=delay,
                    dendritic_steps=dendritic,
                    **(modulator if kernel.modulated else {}),
                )
            )
            self.cells.append(cells)
            self.records.append(cells.record_spikes(np.arange(CELLS)))
            self.signals.append(self.projections[-1].record("w", np.arange(0, SYNAPSES, 3), 7))

    def spikes(self):
        return [np.array(array) for record in self.records for array in record.events()]

    def variables(self):
        """Name to values, of all synapses."""
        return {
            f"{p.kernel.name}.{name}": p.get_variable(name) for p in self.projections for name in p.kernel.variables
        }
