"""Run inside an environment: fails unless `pyNN.annarchy` is there, is `pynn_annarchy`, and behaves like any module."""

import importlib
import importlib.util
import pickle
import sys
from importlib import metadata

before = sorted((found.metadata["Name"], found.version) for found in metadata.distributions())
spec = importlib.util.find_spec("pyNN.annarchy")
assert spec is not None and spec.name == "pyNN.annarchy", spec
assert spec.origin is not None and spec.origin.endswith("pynn_annarchy/__init__.py"), spec
assert "pynn_annarchy" not in sys.modules, "asking where the module is has imported it"

import pyNN.annarchy as sim  # noqa: E402
import pyNN.utility  # noqa: E402

import pynn_annarchy  # noqa: E402

assert sim is pynn_annarchy is sys.modules["pyNN.annarchy"] is pyNN.annarchy
from pyNN import annarchy  # noqa: E402

assert annarchy is sim
assert sim.__name__ == sim.__spec__.name == sim.__package__ == "pynn_annarchy"
assert sim.__version__ == metadata.version("pynn-annarchy")
assert before == sorted((found.metadata["Name"], found.version) for found in metadata.distributions())

# Submodules, imported by either name and in either order, are one object.
import pyNN.annarchy.native.spec as by_alias  # noqa: E402
from pyNN.annarchy.populations import Population  # noqa: E402

import pynn_annarchy.native.spec as by_name  # noqa: E402

assert by_alias is by_name and Population is pynn_annarchy.populations.Population is sim.Population
assert importlib.import_module("pyNN.annarchy.standardmodels.cells") is pynn_annarchy.standardmodels.cells
assert importlib.util.find_spec("pyNN.annarchy.no_such_module") is None
doubled = [name for name in sys.modules if name.startswith("pyNN.annarchy")]
assert all(sys.modules[name] is sys.modules[name.replace("pyNN.annarchy", "pynn_annarchy")] for name in doubled)

# Pickles made under either name are read back as the same classes.
assert pickle.loads(pickle.dumps(sim.IF_cond_exp)) is sim.IF_cond_exp
assert pickle.loads(b"cpyNN.annarchy.populations\nPopulation\n.") is Population

# Reloading works and keeps one object.
assert importlib.reload(by_alias) is by_name is sys.modules["pynn_annarchy.native.spec"]
assert importlib.reload(sim) is pynn_annarchy is sys.modules["pyNN.annarchy"]

sys.argv = ["script", "annarchy"]
assert pyNN.utility.get_simulator()[0] is pynn_annarchy

# It simulates: one cell driven above threshold spikes.
sim.setup(timestep=0.1)
cells = sim.Population(1, sim.IF_cond_exp(i_offset=1.0))
cells.record("spikes")
sim.run(50.0)
assert len(cells.get_data().segments[0].spiketrains[0]) >= 1
sim.end()
print("probe passed", pyNN.__file__)
