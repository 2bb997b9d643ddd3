"""The pipeline: the text of a model to C++, and to a shared library.

=============  ==============================================  =============================================
stage          input                                           output
=============  ==============================================  =============================================
`parse`        `spec.NeuronText`, as the user wrote it         `model.NeuronModel`: sympy expressions
`integrate`    `model.NeuronModel`                             `ir.Behaviour`: statements in order, parameters in them
`lower`        `ir.Behaviour`                                  `ir.Program`: derived constants taken out, types
`printer`      `ir.Program`                                    one C++ struct, for csrc/neuron_model.h
`build`        C++ source, and a precision                     a shared library in the cache on disk
=============  ==============================================  =============================================

A synapse (`spec.SynapseText`) takes the same way through `parse_synapse`, `integrate_synapse`, the same `lower` and
`print_synapse`, to a struct for csrc/synapse_model.h; one that has nothing to do with spikes through `parse_rows`,
`integrate_rows` and `print_rows`, to a struct for csrc/rows_model.h.

`parse` raises `errors.EquationError` for what the language does not have, `integrate` for a method that does not apply;
nothing after them depends on what the user wrote being right. A struct does not depend on the precision: it is written
in the types ``real`` and ``acc``, which the compiler's command line defines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from .build import library
from .cxx import member
from .integrate import integrate
from .integrate_rows import integrate_rows
from .integrate_synapse import integrate_synapse
from .ir import Program
from .lower import lower
from .model import Model, NeuronModel, RowsModel
from .parse import parse
from .parse_rows import parse_rows
from .parse_synapse import parse_synapse
from .print_neuron import print_neuron
from .print_rows import print_rows
from .print_synapse import print_synapse
from .spec import NeuronText, SynapseText

Text = NeuronText | SynapseText


def model_of(text: Text) -> Model:
    """Return a model in expressions, if its text is right and its methods apply to its equations.

    Raises
    ------
    EquationError
        If not, with the line and the column.
    """
    return program(text).model


def program(text: Text) -> Program:
    """Return a model's program, the last stage before text."""
    if isinstance(text, NeuronText):
        neuron = parse(text)
        return lower(neuron, integrate(neuron))
    if text.continuous:
        rows = parse_rows(text)
        return lower(rows, integrate_rows(rows))
    synapse = parse_synapse(text)
    return lower(synapse, integrate_synapse(synapse))


def header(text: Text) -> str:
    """Return the C++ header of a model: one struct, the same for every precision."""
    return _headers([program(text)])


def source(text: Text) -> str:
    """Return the C++ source of a shared library with one model."""
    return library_source(program(text))


def library_source(program: Program) -> str:
    """Return the C++ source of a shared library with one program."""
    return f"{_headers([program])}\nPA_EXPORT_{_kind(program.model).upper()}({member(program.name)})\n"


def _kind(model: Model) -> str:
    """Return what csrc/ calls models of this kind."""
    if isinstance(model, NeuronModel):
        return "neuron"
    return "rows" if isinstance(model, RowsModel) else "synapse"


def without_defaults(program: Program) -> Program:
    """Return a program whose source is the same whatever the default and initial values are."""
    model = replace(program.model, parameters=dict.fromkeys(program.model.parameters, 0.0))
    return replace(program, model=model, states=dict.fromkeys(program.states, 0.0))


def compiled(text: Text, precision: str) -> Path:
    """Return the shared library of a model, from the cache or newly built."""
    return library(source(text), precision)


def module_source(texts: Iterable[Text], sources: Iterable[str] = (), module: str = "MODULE_NAME") -> str:
    """Return the C++ source of a Python extension module with many models.

    Parameters
    ----------
    texts
        Models to generate.
    sources
        Names of hand-written neuron models, structs of csrc/sources/sources.h.
    module
        The module's name, without packages. Its attributes ``addresses`` and ``synapses`` map names of neuron and of
        synapse models to addresses of their kernels.
    """
    programs = [program(text) for text in texts]
    handwritten = list(sources)
    entries: dict[str, list[str]] = {"neuron": [], "synapse": []}
    for p in programs:
        kind = _kind(p.model)
        entries[kind].append(_entry(p.name, f"pa::export_{kind}<{member(p.name)}>"))
    entries["neuron"] += [_entry(name, f"pa::export_neuron<pa::{name}>") for name in handwritten]
    include = '#include "sources/sources.h"\n\n' if handwritten else ""
    tables = {kind: "\n".join([*lines, "    {nullptr, nullptr},"]) for kind, lines in entries.items()}
    return f"#include <Python.h>\n\n{include}{_headers(programs)}\n" + _MODULE.format(module=module, **tables)


def _entry(name: str, export: str) -> str:
    return f'    {{"{name}", []() -> const void* {{ return {export}(); }}}},'


def _headers(programs: list[Program]) -> str:
    kinds = {f"{_kind(p.model)}_model.h" for p in programs}
    needed = dict.fromkeys(name for p in programs for name in p.headers)
    includes = "".join(f'#include "{name}"\n' for name in [*sorted(kinds), *needed])
    structs = "\n".join(_struct(p) for p in programs)
    return f"{includes}\nnamespace {{\n\nusing namespace pa;\n\n{structs}\n}}  // namespace\n"


def _struct(program: Program) -> str:
    if isinstance(program.model, NeuronModel):
        return print_neuron(program, program.model)
    if isinstance(program.model, RowsModel):
        return print_rows(program, program.model)
    return print_synapse(program, program.model)


_MODULE = """\
namespace {{

struct Exported {{
  const char* name;
  const void* (*kernel)();
}};

const Exported neurons[] = {{
{neuron}
}};

const Exported synapses[] = {{
{synapse}
}};

int add(PyObject* module, const char* name, const Exported* models) {{
  PyObject* addresses = PyDict_New();
  if (addresses == nullptr) return -1;
  for (; models->name != nullptr; ++models) {{
    PyObject* address = PyLong_FromVoidPtr(const_cast<void*>(models->kernel()));
    if (address == nullptr || PyDict_SetItemString(addresses, models->name, address) < 0) {{
      Py_XDECREF(address);
      Py_DECREF(addresses);
      return -1;
    }}
    Py_DECREF(address);
  }}
  if (PyModule_AddObject(module, name, addresses) < 0) {{
    Py_DECREF(addresses);
    return -1;
  }}
  return 0;
}}

PyModuleDef definition = {{PyModuleDef_HEAD_INIT, "{module}", "Compiled models.", -1, nullptr,
                          nullptr, nullptr, nullptr, nullptr}};

}}  // namespace

PyMODINIT_FUNC PyInit_{module}(void) {{
  PyObject* module = PyModule_Create(&definition);
  if (module == nullptr) return nullptr;
  if (add(module, "addresses", neurons) < 0 || add(module, "synapses", synapses) < 0) {{
    Py_DECREF(module);
    return nullptr;
  }}
  return module;
}}
"""
