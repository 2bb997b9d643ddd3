#!/bin/sh
# Names what the system lacks, with the command that installs it, before anything is built.   check_system.sh [python3]
python=${1:-python3}
cxx=${CXX:-g++}
missing=""
packages=""
lacks() {
  missing="$missing
  - $1"
  packages="$packages $2"
}

if ! command -v "$python" >/dev/null 2>&1; then
  lacks "Python 3.10 or later (no '$python' found)" "python3 python3-venv python3-dev"
elif ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
  echo "pynn-annarchy needs Python 3.10 or later; '$python' is $("$python" --version 2>&1)." >&2
  echo "If a later one is installed, name it:  make PYTHON=python3.12 ..." >&2
  exit 1
else
  "$python" -c 'import ensurepip, venv' 2>/dev/null || lacks "Python's venv module" python3-venv
  "$python" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' ||
    lacks "Python's C headers" python3-dev
fi
echo '#include <memory>' | "$cxx" -x c++ -std=c++17 -fsyntax-only - 2>/dev/null || lacks "a C++17 compiler ('$cxx')" g++

[ -z "$missing" ] && exit 0
echo "Missing from this system:$missing" >&2
case $(uname -s) in
  Darwin) echo "Install them with:  xcode-select --install   (and Python from python.org or Homebrew)" >&2 ;;
  *) echo "Install them with:  sudo apt-get install$packages" >&2 ;;
esac
exit 1
