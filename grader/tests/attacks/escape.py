"""Attempts to see or reach what lies outside the sandbox.

Each says `tell(...)` when it gets where it must not.  The answers themselves are stubs or zeros.
"""

from __future__ import annotations

from attacks.form import GUARD, TELL, ZEROS, Attack, logistic_with

# libc with a way to call the kernel, and `allowed(what, result)`.
LIBC = (
    TELL
    + """
import ctypes
import errno
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)

def system_call(name, *arguments):
    x86 = platform.machine() == "x86_64"
    number = NUMBERS[name][0 if x86 else 1]
    return libc.syscall(ctypes.c_long(number), *arguments)

NUMBERS = {
    "keyctl": (250, 219), "bpf": (321, 280), "io_uring_setup": (425, 425),
    "userfaultfd": (323, 282), "perf_event_open": (298, 241), "fsopen": (430, 430),
    "open_tree": (428, 428), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "kcmp": (312, 272), "name_to_handle_at": (303, 264), "clone3": (435, 435),
    "process_vm_readv": (310, 270), "fanotify_init": (300, 262), "mount_setattr": (442, 442),
}

def allowed(what, result):
    if result >= 0:
        tell(what)
"""
)

# secrets(text): says so when bytes read somewhere hold what no student may see.
SECRETS = (
    TELL
    + """
import os
import re

HIDDEN = re.compile(
    rb"def hidden_[l]ogistic|BEGIN HIDDEN [T]ESTS|random_cases\\(question_[s]eed|[S]ECRET-"
)

def secrets(where, data):
    found = HIDDEN.search(data)
    if found:
        tell(where + " holds " + repr(data[found.start() : found.start() + 60]))
"""
)


def doing(source: str, prelude: str = TELL) -> dict[str, str]:
    """Return an answer whose cell runs ``source`` and whose function runs it again."""
    body = "\n".join(f"    {line}" if line else "" for line in source.strip().splitlines())
    return {
        "logistic": f"{prelude}\ndef attempt():\n{body}\n\nattempt()\n"
        + logistic_with("\n    attempt()")
    }


ATTACKS = [
    Attack(
        "reads-outside-files",
        "Opens files outside: the canary, passwords, the course, devices, sockets of services.",
        doing(
            """
for path in (
    "{canary}/secret.txt", "{course}", "{home}", "/etc/shadow", "/etc/machine-id", "/root",
    "/proc/1/root{canary}/secret.txt", "/proc/self/root{canary}/secret.txt", "/proc/1/cwd{canary}",
    "/proc/kcore", "/proc/kmsg", "/dev/mem", "/dev/sda", "/dev/vda", "/dev/kmsg", "/dev/kvm",
    "/sys/firmware", "/dev/vsock", "/var/run/docker.sock", "/run/dbus/system_bus_socket",
    "/tmp/.X11-unix", "/var/lib", "/boot",
):
    try:
        seen = os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(64)
    except OSError:
        continue
    if isinstance(seen, list):  # the way to the interpreter may lead through the folder
        way = sys.base_prefix + "/"
        seen = [name for name in seen if not way.startswith(path + "/" + name + "/")]
        if not seen:
            continue
    tell((path, seen[:64]))
""",
            TELL + "import os\nimport sys\n",
        ),
    ),
    Attack(
        "writes-outside-files",
        "Leaves a file wherever it can: package folders, start-up folders, system folders.",
        doing(
            """
folders = ["{canary}", "{course}", "{home}", "/etc", "/usr", "/usr/local/bin", "/var/tmp", "/run"]
folders += ["/var/spool/cron", "/etc/profile.d", "/dev", "/", "/opt", "/srv", "/home", "/root"]
folders += sys.path + [os.path.dirname(module) for module in (np.__file__, os.__file__)]
for folder in folders:
    path = os.path.join(folder or "/", "{token}")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        os.unlink(path)
    except OSError:
        continue
    tell(path)
""",
            TELL + "import os\nimport sys\n",
        ),
    ),
    Attack(
        "reads-processes",
        "Reads command lines, environments, maps and folders of every process in sight.",
        doing(
            """
for pid in filter(str.isdigit, os.listdir("/proc")):
    for name in ("cmdline", "environ", "maps", "stat", "mountinfo", "io"):
        try:
            data = open(f"/proc/{pid}/{name}", "rb").read()
        except OSError:
            continue
        secrets(f"/proc/{pid}/{name}", data)
        if name == "cmdline" and (b"pytest" in data or b"nbgrader" in data):
            tell(data)
        if name == "environ" and int(pid) != os.getpid() and b"SSH" in data:
            tell(data)
secrets("environment", repr(os.environ).encode())
""",
            SECRETS,
        ),
    ),
    Attack(
        "reads-memory",
        "Searches the memory of its own and of every other process for hidden tests and keys.",
        doing(
            """
for pid in {"self", *filter(str.isdigit, os.listdir("/proc"))}:
    try:
        maps = open(f"/proc/{pid}/maps").read().splitlines()
        memory = open(f"/proc/{pid}/mem", "rb", 0)
    except OSError:
        continue
    for line in maps:
        span, rights, _, _, inode, *path = line.split(None, 5)
        start, end = (int(number, 16) for number in span.split("-"))
        if "rw" not in rights or end - start > 2**27 or path and path[0].startswith("/"):
            continue
        try:
            memory.seek(start)
            secrets(f"memory of {pid}", memory.read(end - start))
        except (OSError, ValueError, OverflowError):
            pass
""",
            SECRETS,
        ),
    ),
    Attack(
        "writes-memory-of-others",
        "Opens the memory of every other process for writing, and reads it by system call.",
        doing(
            """
for pid in {*filter(str.isdigit, os.listdir("/proc")), "{pid}", str(os.getppid())}:
    if int(pid) in (0, os.getpid()):
        continue
    for name in ("mem", "oom_score_adj", "coredump_filter"):
        try:
            os.close(os.open(f"/proc/{pid}/{name}", os.O_WRONLY))
        except OSError:
            continue
        if pid == "{pid}":
            tell(f"/proc/{pid}/{name}")
    here = (ctypes.c_size_t * 2)(id(NUMBERS), 8)
    allowed("process_vm_readv", system_call(
        "process_vm_readv", int(pid), here, ctypes.c_long(1), here, ctypes.c_long(1), 0
    ))
""",
            LIBC,
        ),
    ),
    Attack(
        "traces-processes",
        "Calls ptrace on its parent, on the first process and on itself.",
        doing(
            """
allowed("PTRACE_TRACEME", libc.ptrace(0, 0, None, None))
for pid in (os.getppid(), {pid}):
    if pid > 1:
        allowed(f"PTRACE_SEIZE {pid}", libc.ptrace(0x4206, pid, None, None))
allowed("pidfd_open", system_call("pidfd_open", {pid}, 0))
allowed("kcmp", system_call("kcmp", os.getpid(), os.getpid(), 0, 0, 1))
""",
            LIBC,
        ),
    ),
    Attack(
        "old-system-calls",
        "Uses the 32-bit and x32 system call tables, which a careless filter forgets.",
        {
            "logistic": LIBC
            + """
if platform.machine() == "x86_64":
    allowed("x32 ptrace", libc.syscall(ctypes.c_long(0x40000000 + 521), 0, 0, 0, 0))
    import mmap

    code = bytes.fromhex("53b81a00000031db31c931d231f6cd805bc3")  # ptrace(0, 0, 0, 0) by int 0x80
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    allowed("int 0x80 ptrace", ctypes.CFUNCTYPE(ctypes.c_int)(start)())
"""
            + ZEROS
        },
    ),
    Attack(
        "new-namespaces",
        "Makes namespaces, enters those of other processes, and remounts file systems.",
        doing(
            """
for name, flag in (("user", 1 << 28), ("mount", 1 << 17), ("net", 1 << 30), ("pid", 1 << 29)):
    allowed(f"unshare {name}", libc.unshare(flag))
for pid in ("1", "self", str(os.getppid())):
    for name in ("user", "mnt", "net", "pid", "cgroup"):
        try:
            space = os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY)
        except OSError:
            continue
        allowed(f"setns {name} of {pid}", libc.setns(space, 0))
        os.close(space)
for name, call in (  # there is no such folder: whoever may ask is told just that
    ("mount", lambda: libc.mount(b"none", b"/{token}", b"tmpfs", 0, None)),
    ("umount", lambda: libc.umount2(b"/{token}", 2)),
    ("chroot", lambda: libc.chroot(b"/{token}")),
):
    ctypes.set_errno(0)
    if call() == 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        tell(name)
allowed("fsopen", system_call("fsopen", b"tmpfs", 0))
allowed("open_tree", system_call("open_tree", -100, b"/", 1))
""",
            LIBC,
        ),
    ),
    Attack(
        "rare-kernel-interfaces",
        "Opens io_uring, bpf, userfaultfd, perf events, keys and file handles.",
        doing(
            """
buffer = ctypes.create_string_buffer(256)
allowed("io_uring", system_call("io_uring_setup", 4, buffer))
allowed("bpf", system_call("bpf", 0, buffer, 72))
allowed("userfaultfd", system_call("userfaultfd", 1))
allowed("perf", system_call("perf_event_open", buffer, 0, -1, -1, 0))
allowed("keyctl", system_call("keyctl", 0, -3, 0, 0, 0))
allowed("fanotify", system_call("fanotify_init", 0x200, 0))
allowed("handle", system_call("name_to_handle_at", -100, b"/", buffer, buffer, 0))
allowed("memfd", libc.memfd_create(b"{token}", 0))
""",
            LIBC,
        ),
    ),
    Attack(
        "odd-sockets",
        "Makes packet, raw, netlink, vsock and crypto sockets.",
        doing(
            """
for family, kind, number in (
    ("AF_PACKET", "SOCK_RAW", 0x300), ("AF_INET", "SOCK_RAW", 1), ("AF_VSOCK", "SOCK_STREAM", 0),
    ("AF_ALG", "SOCK_SEQPACKET", 0), ("AF_NETLINK", "SOCK_RAW", 0),
    ("AF_BLUETOOTH", "SOCK_RAW", 1), ("AF_CAN", "SOCK_RAW", 1), ("AF_TIPC", "SOCK_RDM", 0),
):
    try:
        made = socket.socket(getattr(socket, family), getattr(socket, kind), number)
    except (OSError, AttributeError):
        continue
    made.close()
    tell(family)
""",
            TELL + "import socket\n",
        ),
    ),
    Attack(
        "network",
        "Connects to the grading machine over TCP and UDP, by every address it can think of.",
        doing(
            """
try:
    addresses = {entry[4][0] for entry in socket.getaddrinfo(socket.gethostname(), {port})}
except OSError:
    addresses = set()
for address in {"127.0.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1"} | addresses:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(family, kind) as made:
                made.settimeout(0.2)
                made.connect((address, {port}))
                made.send(b"{token}")
        except OSError:
            pass
for program in ("curl", "wget"):
    try:
        subprocess.run([program, "http://127.0.0.1:{port}/{token}"], capture_output=True, timeout=1)
    except (OSError, subprocess.SubprocessError):
        pass
""",
            TELL + "import socket\nimport subprocess\n",
        ),
    ),
    Attack(
        "local-sockets",
        "Connects to the harness through a socket file and through an abstract name.",
        doing(
            """
for name in ("{canary}/socket", "\\0{canary}", "/run/systemd/private", "/var/run/docker.sock"):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_UNIX, kind) as made:
                made.connect(name)
                made.send(b"{token}")
                tell(name)
        except OSError:
            pass
""",
            TELL + "import socket\n",
        ),
    ),
    Attack(
        "signals",
        "Sends harmless signals to the process that grades, to its parent and to its group.",
        {
            "logistic": TELL
            + """
import os
import signal

def attempt():
    for send, number in (
        (os.kill, {pid}), (os.kill, os.getppid()), (os.killpg, 0)
    ):
        try:
            send(number, signal.SIGUSR1)
            if number == {pid}:
                tell("kill")
        except OSError:
            pass

"""
            + logistic_with("\n    attempt()")
        },
    ),
    Attack(
        "shared-memory",
        "Makes System V shared memory, semaphores and queues, which outlive a process.",
        doing(
            """
key = int("{token}"[-6:], 16)
for get, remove in (
    (lambda: libc.shmget(key, 4096, 0o1600), lambda made: libc.shmctl(made, 0, None)),
    (lambda: libc.semget(key, 1, 0o1600), lambda made: libc.semctl(made, 0, 0)),
    (lambda: libc.msgget(key, 0o1600), lambda made: libc.msgctl(made, 0, None)),
):
    made = get()
    if made >= 0:
        remove(made)
        if os.path.exists("{canary}"):
            tell("System V")
""",
            LIBC,
        ),
    ),
    Attack(
        "inherited-files",
        "Looks through every open file, climbs out of folders and reads what pipes hold.",
        doing(
            """
for name in os.listdir("/proc/self/fd"):
    number = int(name)
    try:
        target = os.readlink(f"/proc/self/fd/{name}")
        if os.path.isdir(f"/proc/self/fd/{name}") and not target.startswith("/proc"):
            tell(("folder", target))
            climbed = os.open("../../../../../../../../..{canary}", os.O_RDONLY, dir_fd=number)
            tell(os.listdir(climbed))
        elif target.startswith("/") and not target.startswith(("/dev/null", "/proc")):
            secrets(target, os.pread(number, 10**6, 0))
            tell(("file", target))
        elif target.startswith("pipe:") or "anon_inode" in target:
            tell(target)
    except OSError:
        pass
""",
            SECRETS,
        ),
    ),
    Attack(
        "passes-files",
        "Sends and asks for open files over its channel with SCM_RIGHTS.",
        doing(
            """
for name in os.listdir("/proc/self/fd"):
    try:
        if os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
            with socket.socket(fileno=os.dup(int(name))) as channel:
                socket.send_fds(channel, [b"r"], [os.open("/", os.O_RDONLY)] * 5)
                channel.setblocking(False)
                _, files, _, _ = socket.recv_fds(channel, 0, 16)
                if files:
                    tell(files)
    except OSError:
        pass
""",
            TELL + "import os\nimport socket\n",
        ),
    ),
    Attack(
        "privileges",
        "Checks that it has no capability, cannot gain any, and is filtered; tries to get some.",
        doing(
            """
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
for name in ("CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd"):
    if int(status[name], 16):
        tell((name, status[name].strip()))
if status["NoNewPrivs"].strip() != "1" or status["Seccomp"].strip() != "2":
    tell("no filter")
for change in (lambda: os.setuid(0) if os.getuid() else None, lambda: os.setgroups([0])):
    try:
        change()
    except OSError:
        continue
    if os.path.exists("{canary}"):
        tell("setuid")
try:
    os.mknod("{token}", 0o20666, os.makedev(1, 3))
    os.unlink("{token}")
    tell("mknod")
except OSError:
    pass
for program in ("su", "sudo", "mount", "unshare", "bwrap", "newuidmap", "pkexec"):
    try:
        run = subprocess.run([program, "-r", "true"], stdin=-3, capture_output=True, timeout=1)
        if run.returncode == 0:
            tell(program)
    except (OSError, subprocess.SubprocessError):
        pass
""",
            TELL + "import os\nimport subprocess\n",
        ),
    ),
    Attack(
        "limits",
        "Raises its own limits and those of others, and its priority.",
        doing(
            """
for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE"):
    kind = getattr(resource, name)
    soft, hard = resource.getrlimit(kind)
    if hard == resource.RLIM_INFINITY:
        tell((name, "unlimited"))
        continue
    try:
        resource.setrlimit(kind, (hard + 1, hard + 1))
        tell(name)
    except (OSError, ValueError):
        pass
for attempt in (lambda: os.nice(-5), lambda: resource.prlimit({pid}, resource.RLIMIT_NOFILE)):
    try:
        attempt()
        tell("priority or limits of others")
    except OSError:
        pass
try:
    os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), b"-1000")
    tell("oom score")
except OSError:
    pass
""",
            TELL + "import os\nimport resource\n",
        ),
    ),
    Attack(
        "machine-settings",
        "Sets the clock to what it is, the host's name to what it is, and kernel settings.",
        doing(
            """
clock = time.CLOCK_REALTIME
attempts = {
    "clock": lambda: time.clock_settime(clock, time.clock_gettime(clock)),
    "host name": lambda: socket.sethostname(socket.gethostname()),
}
for what, attempt in attempts.items():
    try:
        attempt()
        tell(what)
    except OSError:
        pass
for path in (
    *("/proc/sys/kernel/" + name for name in ("core_pattern", "modprobe", "sysrq", "panic")),
    "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches", "/proc/sys/fs/binfmt_misc/register",
    "/proc/irq/default_smp_affinity", "/sys/power/state",
):
    try:
        os.close(os.open(path, os.O_WRONLY))  # opened only, nothing is written
        tell(path)
    except OSError:
        pass
for folder in ("/sys/fs/cgroup", "/sys/kernel/debug", "/sys/fs/bpf"):
    try:
        os.mkdir(folder + "/{token}")
        os.rmdir(folder + "/{token}")
        tell(folder)
    except OSError:
        pass
""",
            TELL + "import os\nimport socket\nimport time\n",
        ),
    ),
    Attack(
        "terminal",
        "Opens the terminal of whoever grades.",
        doing(
            """
for path in ("/dev/tty", "/dev/console", "/dev/stdin", "/dev/pts/0", "/proc/1/fd/0"):
    try:
        opened = os.open(path, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        continue
    if os.isatty(opened):
        tell(path)
    os.close(opened)
""",
            TELL + "import os\n",
        ),
    ),
    Attack(
        "new-processes",
        "Starts processes by every way there is; each would leave the name of this attack behind.",
        doing(
            """
import _posixsubprocess
libc.prctl(15, b"{token}"[:15])
for start in (
    os.fork, lambda: os.posix_spawn("/bin/sleep", ["20"], {}), libc.vfork,
    lambda: subprocess.Popen(["/bin/sleep", "20"]), lambda: os.system("sleep 20 &"),
    lambda: multiprocessing.get_context("spawn").Process(target=time.sleep, args=(20,)).start(),
    lambda: libc.syscall(ctypes.c_long(56 if platform.machine() == "x86_64" else 220), 17, 0, 0),
    lambda: system_call("clone3", ctypes.create_string_buffer(88), 88),
):
    try:
        pid = start()
    except (OSError, ValueError, RuntimeError):
        continue
    if pid == 0:
        time.sleep(20)
        os._exit(0)
""",
            GUARD + LIBC + "import multiprocessing\nimport subprocess\nimport time\n",
        ),
    ),
]
