"""What a forked process does to itself before it runs code that is not trusted.

It enters the empty jail that bubblewrap has prepared (all of its namespaces), gives up every
capability, accepts limits, and installs a filter of system calls.  None of this can be undone.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import resource
import socket
from pathlib import Path
from typing import Any

_LIBC = ctypes.CDLL(None, use_errno=True)
_NS_GET_USERNS = 0xB701  # ioctl_ns(2)
_PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP, _PR_SET_PDEATHSIG = 38, 24, 1  # prctl(2)
_CAPABILITY_VERSION_3 = 0x20080522  # capget(2)
_CLONE_THREAD = 0x00010000

_FORBIDDEN = """
acct add_key adjtimex bpf chroot clock_adjtime clock_settime create_module delete_module
fanotify_init finit_module fsconfig fsmount fsopen fspick get_mempolicy init_module
io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load
keyctl lookup_dcookie mbind memfd_create memfd_secret migrate_pages mknod mknodat mount
mount_setattr move_mount move_pages msgget name_to_handle_at nfsservctl open_by_handle_at
open_tree perf_event_open personality pidfd_getfd pidfd_open pidfd_send_signal pivot_root
process_madvise process_vm_readv process_vm_writev ptrace quotactl reboot request_key semget
set_mempolicy setdomainname sethostname setns settimeofday shmget swapoff swapon syslog
umount2 unshare uselib userfaultfd ustat vhangup vmsplice
"""
_NO_PROCESSES = ("fork", "vfork", "execve", "execveat")


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)
    if os.getppid() == 1:
        os._exit(1)


def enter_jail(pid: int) -> None:
    """Join all namespaces of process ``pid``; children are inside, and so is this process.

    The order matters: first the user namespace that owns the mount namespace, because it
    gives the right to join the others; last the inner one, in which there is no such right.

    Raises
    ------
    OSError
        If one of the namespaces cannot be joined.
    """
    folder = f"/proc/{pid}/ns"
    spaces = {name: os.open(f"{folder}/{name}", os.O_RDONLY) for name in os.listdir(folder)}
    inner, mount = spaces["user"], spaces["mnt"]
    owner = fcntl.ioctl(mount, _NS_GET_USERNS)
    _join(owner)
    for name in ("net", "ipc", "uts", "cgroup", "pid", "mnt"):
        _join(spaces[name])
    if not os.path.sameopenfile(owner, inner):
        _join(inner)
    os.chdir("/home/student")


def _join(namespace: int) -> None:
    if _LIBC.setns(namespace, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"setns: {os.strerror(number)}")


def close_files(keep: set[int]) -> None:
    """Close every file but those in ``keep``; standard input and output become /dev/null."""
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        if number > 2 and number not in keep:
            try:
                os.close(number)
            except OSError as error:
                if error.errno != errno.EBADF:
                    raise
    null = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.close(null)


def limit(memory_mb: int, disk_mb: int, threads: int, processor_seconds: float) -> None:
    """Set the limits that the kernel enforces, on top of what the process already uses."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    in_use = pages * resource.getpagesize()
    # Address space is cheap: thread stacks and allocator arenas reserve far more than they use.
    # The watchdog outside looks at the memory that is really taken.
    address_space = in_use + (2 * memory_mb + 1024) * 2**20
    for kind, number in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_FSIZE, disk_mb * 2**20),
        (resource.RLIMIT_CPU, int(processor_seconds) + 1),
        (resource.RLIMIT_NOFILE, 128),
        (resource.RLIMIT_NPROC, max(threads, 1)),  # does not bind root: the filter below does
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 2**16),
    ):
        _, hard = resource.getrlimit(kind)
        ceiling = number if hard == resource.RLIM_INFINITY else min(number, hard)
        resource.setrlimit(kind, (ceiling, ceiling))


def drop_rights() -> None:
    """Give up all capabilities for good, and the chance to gain any by a program."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for number in range(last + 1):
        _LIBC.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    if _LIBC.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")


def system_call_filter() -> Any:
    """Return the filter: no new process, no way out of the jail, no rare kernel interfaces.

    Threads are allowed.  Sockets exist only of the kinds that a network namespace contains;
    others, such as those between a virtual machine and its host, are not bound to it.
    """
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(defaction=seccomp.ALLOW)

    def deny(name: str, number: int, *conditions: Any) -> None:
        try:
            rules.add_rule(seccomp.ERRNO(number), name, *conditions)
        except (OSError, ValueError, RuntimeError):
            if not conditions and name not in _NO_PROCESSES:
                return  # this system call does not exist on this processor
            raise

    for name in _FORBIDDEN.split():
        deny(name, errno.EPERM)
    for name in _NO_PROCESSES:
        if platform.machine() == "x86_64" or name.startswith("exec"):
            deny(name, errno.EPERM)
    deny("clone3", errno.ENOSYS)  # its flags are out of sight of a filter; libc falls back
    deny("clone", errno.EPERM, seccomp.Arg(0, seccomp.MASKED_EQ, _CLONE_THREAD, 0))
    deny("ioctl", errno.EPERM, seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, 0x5412))  # TIOCSTI
    allowed = {int(socket.AF_UNIX), int(socket.AF_INET), int(socket.AF_INET6)}
    for family in range(max(allowed) + 1):
        if family not in allowed:
            deny("socket", errno.EAFNOSUPPORT, seccomp.Arg(0, seccomp.EQ, family))
    deny("socket", errno.EAFNOSUPPORT, seccomp.Arg(0, seccomp.GT, max(allowed)))
    return rules
