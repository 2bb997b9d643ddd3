"""What a user has chosen outside of scripts: environment variables and the configuration file.

A keyword in a script goes before an environment variable (the launcher sets these), that before the file, and that
before the default. The file is ``config.json`` in the user's folder for settings of ``pynn_annarchy``
(``~/.config/pynn_annarchy`` on Linux), or the one that ``PYNN_ANNARCHY_CONFIG`` names: one JSON object, whose keys are
those of `SETTINGS`.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .errors import SettingsError

_CONFIG = "PYNN_ANNARCHY_CONFIG"

# What is set, and the types that the file may give it.
SETTINGS: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "threads": (int,),  # or one of WORDS
        "precision": (str,),
        "device": (str,),
        "compiler": (str,),
        "compiler_flags": (str,),
        "cache_dir": (str,),
        "verbose": (bool,),
    }
)
WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType({"threads": ("auto",)})


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"PYNN_ANNARCHY_{name.upper()}"


def config_file() -> Path:
    """Return where the configuration file is, or would be."""
    chosen = os.environ.get(_CONFIG)
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_config_dir("pynn_annarchy")) / "config.json"


def setting(name: str) -> Any:
    """Return what the user has set, or None.

    Raises
    ------
    SettingsError
        If the environment variable or the file cannot be understood; it names both and what is allowed.
    """
    given = os.environ.get(variable(name), "").strip()
    if given:
        return _of_text(name, given)
    return read(config_file()).get(name)


def _of_text(name: str, text: str) -> Any:
    (kind,) = SETTINGS[name]
    if kind is str or text in WORDS.get(name, ()):
        return text
    if kind is bool and text.lower() in ("1", "true", "yes", "on", "0", "false", "no", "off"):
        return text.lower() in ("1", "true", "yes", "on")
    if kind is int and text.isdecimal():
        return int(text)
    raise SettingsError(f"{variable(name)}={text!r} is not {_described(name)}")


def _described(name: str) -> str:
    kind = {int: "a whole number", str: "a text", bool: "true or false"}[SETTINGS[name][0]]
    return " or ".join([kind, *map(repr, WORDS.get(name, ()))])


def read(path: Path) -> dict[str, Any]:
    """Return what a configuration file says: nothing, if there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError(f"{path} cannot be read: {problem}") from problem
    try:
        found = json.loads(text)
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise SettingsError(f"{path}, {where}: {problem.msg}; expected one JSON object") from problem
    if not isinstance(found, dict):
        raise SettingsError(f'{path} holds {found!r}; expected one JSON object such as {{"threads": 2}}')
    for name, value in found.items():
        if name not in SETTINGS:
            near = difflib.get_close_matches(name, SETTINGS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(SETTINGS)}"
            raise SettingsError(f"{path}: unknown setting {name!r}; {hint}")
        if type(value) not in SETTINGS[name] and value not in WORDS.get(name, ()):
            raise SettingsError(f"{path}: {name} is {value!r}, which is not {_described(name)}")
    return found
