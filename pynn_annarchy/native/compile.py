"""The pipeline: the text of a neuron model to C++, and to a shared library.

=============  ============================================  =============================================
stage          input                                         output
=============  ============================================  =============================================
`parse`        `spec.NeuronText`, as the user wrote it       `model.NeuronModel`: sympy expressions
`integrate`    `model.NeuronModel`                           `ir.Step`: statements in order, parameters in them
`lower`        `ir.Step`                                     `ir.Program`: derived constants taken out, types
`printer`      `ir.Program`                                  one C++ struct, for csrc/neuron_model.h
`build`        C++ source, and a precision                   a shared library in the cache on disk
=============  ============================================  =============================================

`parse` raises `errors.EquationError` for what the language does not have, `integrate` for a method that does not apply;
nothing after them depends on what the user wrote being right. A struct does not depend on the precision: it is written
in the types ``real`` and ``acc``, which the compiler's command line defines.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .build import library
from .cxx import member
from .integrate import integrate
from .ir import Program
from .lower import lower
from .parse import parse
from .printer import print_struct
from .spec import NeuronText


def program(text: NeuronText) -> Program:
    """Return a model's program, the last stage before text."""
    model = parse(text)
    return lower(model, integrate(model))


def header(text: NeuronText) -> str:
    """Return the C++ header of a model: one struct, the same for every precision."""
    return _headers([program(text)])


def source(text: NeuronText) -> str:
    """Return the C++ source of a shared library with one model."""
    return f"{header(text)}\nPA_EXPORT_NEURON({member(text.name)})\n"


def compiled(text: NeuronText, precision: str) -> Path:
    """Return the shared library of a model, from the cache or newly built."""
    return library(source(text), precision)


def module_source(texts: Iterable[NeuronText], sources: Iterable[str], module: str) -> str:
    """Return the C++ source of a Python extension module with many models.

    Parameters
    ----------
    texts
        Models to generate.
    sources
        Names of hand-written models, structs of csrc/sources/sources.h.
    module
        The module's name, without packages. Its attribute ``addresses`` maps model names to addresses of kernels.
    """
    programs = [program(text) for text in texts]
    handwritten = list(sources)
    entries = [f'    {{"{p.name}", &pa::export_neuron<{member(p.name)}>}},' for p in programs]
    entries += [f'    {{"{name}", &pa::export_neuron<pa::{name}>}},' for name in handwritten]
    include = '#include "sources/sources.h"\n\n' if handwritten else ""
    table = "\n".join(entries)
    return f"#include <Python.h>\n\n{include}{_headers(programs)}\n" + _MODULE.format(module=module, table=table)


def _headers(programs: list[Program]) -> str:
    needed = dict.fromkeys(name for p in programs for name in p.headers)
    includes = "".join(f'#include "{name}"\n' for name in ["neuron_model.h", *needed])
    structs = "\n".join(print_struct(p) for p in programs)
    return f"{includes}\nnamespace {{\n\nusing namespace pa;\n\n{structs}\n}}  // namespace\n"


_MODULE = """\
namespace {{

struct Exported {{
  const char* name;
  const pa_neuron_kernel* (*kernel)();
}};

const Exported exported[] = {{
{table}
}};

int fill(PyObject* module) {{
  PyObject* addresses = PyDict_New();
  if (addresses == nullptr) return -1;
  for (const Exported& model : exported) {{
    PyObject* address = PyLong_FromVoidPtr(const_cast<pa_neuron_kernel*>(model.kernel()));
    if (address == nullptr || PyDict_SetItemString(addresses, model.name, address) < 0) {{
      Py_XDECREF(address);
      Py_DECREF(addresses);
      return -1;
    }}
    Py_DECREF(address);
  }}
  if (PyModule_AddObject(module, "addresses", addresses) < 0) {{
    Py_DECREF(addresses);
    return -1;
  }}
  return 0;
}}

PyModuleDef definition = {{PyModuleDef_HEAD_INIT, "{module}", "Compiled neuron models.", -1, nullptr,
                          nullptr, nullptr, nullptr, nullptr}};

}}  // namespace

PyMODINIT_FUNC PyInit_{module}(void) {{
  PyObject* module = PyModule_Create(&definition);
  if (module != nullptr && fill(module) < 0) {{
    Py_DECREF(module);
    return nullptr;
  }}
  return module;
}}
"""
