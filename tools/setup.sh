#!/bin/sh
# Set-up for the Makefile; POSIX sh, because nothing of the course is installed when it runs.
#
#   setup.sh environment   complete .venv: find a Python, install requirements.lock and the course
#   setup.sh system        install what `make test` needs of the system, where that is allowed
#
# From the environment: PYTHON, an interpreter to take; TORCH_ARGS, pip's arguments for PyTorch.
# Whatever goes wrong ends in one sentence that says what to do; build/setup.log has the rest.
set -u
unset CDPATH # else cd may lead to another folder
cd "$(dirname "$0")/.." || exit 1
here=$(pwd -P)
log=build/setup.log

stop() {
    printf '%s\n' "$*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

### the environment

# `command` passes over the functions of this script, and survives builtins such as `.`.
version() {
    command "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'
}

supported() {
    case $(version "$1" 2>/dev/null) in 3.11 | 3.12 | 3.13) ;; *) return 1 ;; esac
}

# Whether a program lies in .venv, which is deleted before it is made anew.
inside() {
    place=$(command -v "$1") && [ "$(cd "$(dirname "$place")" 2>/dev/null && pwd -P)" = "$here/.venv/bin" ]
}

# Print the Python to take: PYTHON, or the first that fits; never the one inside .venv.
find_python() {
    while [ "$PATH" != "${PATH#"$here/.venv/bin:"}" ]; do PATH=${PATH#"$here/.venv/bin:"}; done
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3.11 python3.12 python3.13 python3; fi
    bare=
    for python; do
        supported "$python" || continue
        if inside "$python"; then
            [ -z "${PYTHON:-}" ] || stop "PYTHON=$PYTHON lies in .venv, which has to be made anew: name another Python, or leave PYTHON out."
            continue
        fi
        if "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            printf '%s\n' "$python"
            return
        fi
        bare=${bare:-$(version "$python")}
    done
    [ -z "$bare" ] || stop "Python $bare is here without its venv module: install that (Debian, Ubuntu: sudo apt-get install python$bare-venv) and start again."
    [ -z "${PYTHON:-}" ] || stop "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13: name one, or leave PYTHON out."
    stop "The course needs Python 3.11, 3.12 or 3.13 and finds none: install one, or name it, as in: make book PYTHON=/path/to/python3.12"
}

# What .venv was made from, kept in .venv/installed once all is there: this folder, these files.
recipe() {
    printf '%s\n' "$here"
    cat requirements.lock pyproject.toml grader/pyproject.toml | cksum
}

complete() {
    [ "$(cat .venv/installed 2>/dev/null)" = "$(recipe)" ] && .venv/bin/python -c '' 2>/dev/null
}

# Whether .venv was complete once, in this folder, so that it can be brought up to date.
usable() {
    [ "$(head -n 1 .venv/installed 2>/dev/null)" = "$here" ] && .venv/bin/python -m pip --version >/dev/null 2>&1
}

# The kilobytes that are left on the disk of this folder.
room() {
    df -Pk . | awk 'NR == 2 { print $4 }'
}

need_room() {
    [ "$(room)" -ge "$(($1 * 1000000))" ] || stop "Installing needs about $1 GB and the disk of $here has less: free some, or move the course to another disk, and start again."
}

need_writable() {
    [ -w . ] && mkdir -p build 2>/dev/null && : 2>/dev/null >"$log" ||
        stop "This folder cannot be written ($here): copy the course into a folder of your own and start there."
}

# Say in one sentence why a step failed; its output is in the log.
explain() {
    temporary=${TMPDIR:-/tmp}
    if grep -qi 'no space left' "$log" || [ "$(room)" -lt 10000 ]; then
        stop "The disk is full ($here or $temporary): free some gigabytes, or set TMPDIR to a folder with room, and start again."
    elif grep -qiE 'failed to resolve|name resolution|new connection|connection (refused|reset|broken)|unreachable|timed out|proxyerror|sslerror' "$log"; then
        stop "The packages could not be loaded: check the network, and pip's settings for a proxy, then start again (details: $log)."
    fi
    last=$(grep -iE '^ *error' "$log" | tail -n 1)
    last=${last:-$(tail -n 1 "$log")}
    stop "Installing failed with '${last:-no message}': see $log, and start again when it is mended."
}

pip() {
    .venv/bin/python -m pip --disable-pip-version-check --no-input "$@" >>"$log" 2>&1 || explain
}

locked() {
    grep "^$1==" requirements.lock
}

# PyTorch alone, by the reader's arguments; else look what pip would take, and warn of gigabytes.
install_torch() {
    if [ -n "${TORCH_ARGS:-}" ]; then
        set -f # the words as they stand, no names of files in place of a *
        pip install --no-deps $TORCH_ARGS "$(locked torch)"
        set +f
        return
    fi
    pip install --dry-run --no-deps --report build/torch.json "$(locked torch)"
    grep -q '"triton' build/torch.json || return 0
    need_room 10
    ls /dev/nvidiactl >/dev/null 2>&1 || ls /dev/dxg >/dev/null 2>&1 || echo "pip takes PyTorch with CUDA, several gigabytes; README.md, section Versions, says how to get the CPU build, which is enough here"
}

environment() {
    if complete; then
        [ -z "${PYTHON:-}" ] || [ "$(version "$PYTHON" 2>/dev/null)" = "$(version .venv/bin/python)" ] ||
            stop ".venv was made with Python $(version .venv/bin/python): delete it to take PYTHON=$PYTHON."
        return
    fi
    need_writable
    [ ! -e .venv ] || [ -d .venv ] || stop ".venv is a file where a folder should be ($here): move it away and start again."
    if ! usable; then
        python=$(find_python) || exit 1
        need_room 4
        rm -rf .venv
        "$python" -m venv .venv >>"$log" 2>&1 || explain
    fi
    rm -f .venv/installed
    echo "installing into .venv (a few minutes the first time)"
    pip install "$(locked pip)"
    install_torch
    pip install -r requirements.lock
    pip install --no-deps --no-build-isolation --editable . --editable grader
    recipe >.venv/installed
}

### the system

# Print the Debian names of what is missing.
missing() {
    have chromium || have chromium-browser || have google-chrome || have chrome || echo chromium
    have bwrap || echo bubblewrap
    PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null | grep -q 'libseccomp\.so\.2' || echo libseccomp2
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
}

system() {
    names=$(echo $(missing))
    [ -n "$names" ] || return 0
    need_writable
    have apt-get || stop "make test needs more of the system: install, with its package manager, what Debian calls $names, and start again."
    by_hand="sudo apt-get update && sudo apt-get install --no-install-recommends $names"
    if [ "$(id -u)" -eq 0 ]; then as_root=; elif sudo -n true 2>/dev/null; then as_root="sudo -n"; else
        stop "make test needs more of the system: run '$by_hand' and start again."
    fi
    echo "installing into the system: $names"
    apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq"
    { $apt update && $apt install -y --no-install-recommends $names; } >"$log" 2>&1 </dev/null
    [ -z "$(missing)" ] || stop "The system's packages could not be installed: run '$by_hand', mend what it says, and start again (details: $log)."
}

case ${1:-} in
    environment | system) "$1" ;;
    *) stop "usage: setup.sh environment | system" ;;
esac
