"""What happens to synapses with state, against a transcription of the rules that walks spike trains one by one."""

from __future__ import annotations

import numpy as np
import pytest
from plastic_networks import DT, KINDS, Plastic, Reference, delays

CASES = {
    "all dendritic": (delays(0), delays(1, 2, 5, 9)),
    "all axonal": (delays(2, 3, 7), delays(0)),
    "both": (delays(0, 1, 2, 4, 11), delays(1, 2, 6)),
    "long": (delays(80, 100), delays(1, 70)),
    "equal": (delays(3), delays(4)),
}


def references(made, projection):
    """One for each synapse, from the spikes that there were."""
    spikes = made.spikes()
    modulator = sorted(spikes[2] + spikes[3] + spikes[35])
    v = made.v.samples().astype(float)
    delay = np.broadcast_to(projection.delay_steps, projection.size)
    dendritic = np.broadcast_to(projection.dendritic_steps, projection.size)
    w, rate = projection.get_variable("w"), projection.get_parameter("rate")
    return [
        Reference(
            projection.kernel,
            w[k],
            rate[k],
            int(delay[k]),
            int(dendritic[k]),
            spikes[projection.source[k]],
            spikes[projection.target[k]],
            modulator,
            v[:, projection.target[k] - made.cell.first],
        )
        for k in range(projection.size)
    ]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "Stochastic"])
def test_variables_at_any_time(models, synapse_models, kind, case):
    made = Plastic(models, synapse_models, [kind], *CASES[case])
    [projection] = made.projections
    index = np.array([5, 0, 17, 599, 5])
    signals = [projection.record(name, index, 3) for name in ("h", "x")]
    readings = {}
    for n in (1, 7, 500, 292, 400):
        made.network.run(n)
        readings[made.network.step] = [projection.get_variable(name) for name in ("h", "x")]
    made.network.run(100)
    synapses = references(made, projection)
    assert sum(len(s.events) for s in synapses) > 10 * projection.size  # there is something to get wrong
    samples = {step: k for k, step in enumerate(range(0, 1301, 3))}
    for boundary in range(1301):
        for k in range(projection.size) if boundary in readings else index:
            synapses[k].run(boundary)
        if boundary in readings:
            np.testing.assert_allclose(readings[boundary][0], [s.h for s in synapses], rtol=1e-12, atol=1e-300)
            np.testing.assert_allclose(readings[boundary][1], [s.x_at(boundary) for s in synapses], rtol=1e-12)
        if boundary in samples:
            at = samples[boundary]
            np.testing.assert_allclose(signals[0].samples()[at], [synapses[k].h for k in index], rtol=1e-12)
            np.testing.assert_allclose(
                signals[1].samples()[at], [synapses[k].x_at(boundary) for k in index], rtol=1e-12
            )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kinds", [["Pairs", "Facilitating"], ["Clocked", "Pairs", "Voltage"]])
def test_input_of_targets(models, synapse_models, kinds, case):
    made = Plastic(models, synapse_models, kinds, *CASES[case])
    made.network.run(1300)
    got = np.zeros((1300 + 200, made.cell.size))
    for projection in made.projections:
        for k, synapse in enumerate(references(made, projection)):
            synapse.run(1300)
            for _, slot, amount in synapse.inputs:
                got[slot, projection.target[k] - made.cell.first] += amount
    isyn = made.input.samples()
    expected = np.zeros_like(isyn)
    for step in range(1300):
        expected[step + 1] = expected[step] * np.exp(-DT / 5.0) + got[step]
    assert expected.max() > 0.5
    np.testing.assert_allclose(isyn, expected, rtol=1e-10, atol=1e-13)
