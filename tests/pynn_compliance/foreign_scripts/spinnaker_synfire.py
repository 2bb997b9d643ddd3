"""A chain of cells that hands one spike round and round, in the manner of sPyNNaker's tutorials."""

import pyNN.spiNNaker as sim

n_neurons = 40
delay = 7.0
run_time = 1000.0

sim.setup(timestep=1.0, min_delay=1.0, max_delay=144.0, n_chips_required=1, time_scale_factor=10)
sim.set_number_of_neurons_per_core(sim.IF_curr_exp, n_neurons // 2)

cell_params = {
    "cm": 0.25,
    "i_offset": 0.0,
    "tau_m": 20.0,
    "tau_refrac": 2.0,
    "tau_syn_E": 5.0,
    "tau_syn_I": 5.0,
    "v_reset": -70.0,
    "v_rest": -65.0,
    "v_thresh": -50.0,
}
chain = sim.Population(n_neurons, sim.IF_curr_exp(**cell_params), label="chain", neurons_per_core=10)
chain.add_placement_constraint(x=0, y=1)
first = sim.Population(1, sim.SpikeSourceArray(spike_times=[[0]]), label="first", additional_parameters={"seed": 1})

loop = [(i, (i + 1) % n_neurons, 2.0, delay) for i in range(n_neurons)]
sim.Projection(chain, chain, sim.FromListConnector(loop))
sim.Projection(first, chain, sim.FromListConnector([(0, 0, 2.0, 1.0)]))

chain.record(["v", "gsyn_exc", "gsyn_inh"])
chain.record("spikes")
sim.run(run_time)
data = chain.get_data(variables=["spikes", "gsyn_exc"]).segments[0]
input_current = data.filter(name="gsyn_exc")[0].magnitude
rows = chain.spinnaker_get_data("spikes")
spikes = [train.times.magnitude.tolist() for train in data.spiketrains]
simulator_name = sim.name()
sim.end()
