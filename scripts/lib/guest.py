# SPDX-License-Identifier: GPL-2.0
"""What is the same for every guest kernel, in UML and in QEMU.

A guest boots, loads modules, runs one command, unloads and powers off, led by
a shell script made here. It tells its progress in lines of the kernel log that
start with MARK, so that progress and kernel messages are in one order. The
command's own output goes to a second console and is never taken for kernel
messages. The machine (how to boot) is the caller's.

Exit status of a run: 0 good; the command's own status when only the command
failed; 124 out of time; 125 the kernel log, the modules or the kernel's end
are not as they must be, whatever the command said.
"""

import argparse
import contextlib
import ctypes
import os
import re
import resource
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import logscan

MARK = "ntshim-run:"
POWER_DOWN = "reboot: Power down"
STATUS_TIMEOUT = 124
STATUS_BAD_RUN = 125
TAIL_LINES = 40
# A report of a detector, with its stacks.
FAULT_LINES = 60


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "ntshim")


# ---------------------------------------------------------------- options

def _expectation(text):
    match = re.fullmatch(r"([A-Z]+[A-Z0-9-]*[0-9])=(\d+)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"'{text}' is not RULE=COUNT")
    return match.group(1), int(match.group(2))


def _load(text):
    path, _, params = text.partition(":")
    if not os.path.isfile(path):
        raise argparse.ArgumentTypeError(f"no such module: {path}")
    return os.path.abspath(path), params


def _positive(text):
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive number")
    return int(text)


def add_run_options(parser, default_cpus=2, default_timeout=300):
    parser.add_argument("--cpus", type=_positive, default=default_cpus, metavar="N")
    parser.add_argument("--load", type=_load, action="append", default=[],
                        metavar="FILE.ko[:PARAMS]",
                        help="load this module first; in order, unloaded in reverse")
    parser.add_argument("--timeout", type=_positive, default=default_timeout, metavar="S",
                        help="real seconds for the whole run (default %(default)s)")
    parser.add_argument("--expect", type=_expectation, action="append", default=[],
                        metavar="RULE=COUNT", help="reports of ntshim that must come")
    parser.add_argument("--expect-panic", action="store_true",
                        help="the run must end in a kernel panic")
    parser.add_argument("--leak-check", action="store_true",
                        help="scan for leaked memory after unloading (kmemleak)")
    parser.add_argument("--append", action="append", default=[], metavar="ARG",
                        help="one more argument of the kernel command line")
    parser.add_argument("--log", metavar="FILE", help="keep the kernel log here")
    parser.add_argument("--console", action="store_true",
                        help="show the kernel log on stderr while it comes")
    parser.set_defaults(command=[])
    parser.epilog = "After --: the command to run inside."


def parse(parser, argv):
    """Everything behind the first -- is the command, whatever it looks like."""
    own, command = argv, []
    if "--" in argv:
        split = argv.index("--")
        own, command = argv[:split], argv[split + 1:]
    args = parser.parse_args(own)
    if command:
        if not hasattr(args, "command"):
            parser.error("only run takes a command")
        args.command = command
    return args


# ----------------------------------------------------------- guest script

_PROLOGUE = """\
#!SHELL
# Made for one run; runs as the first process of the guest.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
bb=/bin/busybox  # static: starting it costs least
export PATH HOME=/run LANG=C.UTF-8 TERM=dumb NTSHIM_GUEST=1
mark() { echo "MARK $*" >/dev/kmsg; }
"""

_KERNEL_FILES = """\
$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
$bb mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
mark ready
"""

# Objects younger than five seconds are not reported, and an object counts as
# leaked only when a second scan finds its contents unchanged.
_LEAK_BASE = """\
if [ -w /sys/kernel/debug/kmemleak ]; then
	echo scan >/sys/kernel/debug/kmemleak
	echo clear >/sys/kernel/debug/kmemleak
else
	mark leaks unavailable
fi
"""

_LEAK_SCAN = """\
if [ -w /sys/kernel/debug/kmemleak ]; then
	echo scan >/sys/kernel/debug/kmemleak
	$bb sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	echo scan >/sys/kernel/debug/kmemleak
	mark leaks "$($bb grep -c '^unreferenced object' /sys/kernel/debug/kmemleak)"
	$bb head -n 200 /sys/kernel/debug/kmemleak | while IFS= read -r line; do
		echo "kmemleak: $line" >/dev/kmsg
	done
fi
"""

_EPILOGUE = """\
locks=$($bb sed -n 's/^ *debug_locks: *//p' /proc/lockdep_stats 2>/dev/null)
mark lockdep "${locks:-none}"
mark end
$bb sync
$bb poweroff -f
"""


def guest_script(options, shell, mounts, module_dir, output):
    """The text of the guest's init. shell: its interpreter; mounts: shell lines
    of the machine; module_dir and output: paths inside."""
    parts = [_PROLOGUE.replace("SHELL", shell).replace("MARK", MARK), mounts, _KERNEL_FILES]
    if options.leak_check:
        parts.append(_LEAK_BASE)
    names = [os.path.basename(path) for path, _ in options.load]
    loaded = "ok=1\n"
    for name, (_, params) in zip(names, options.load):
        loaded += (f"if [ $ok = 1 ]; then insmod {shlex.quote(module_dir + '/' + name)}"
                   f" {params} >{output} 2>&1; status=$?; mark load {name} $status;"
                   f" [ $status = 0 ] || ok=0; fi\n")
    parts.append(loaded)
    if options.command:
        command = " ".join(shlex.quote(word) for word in options.command)
        parts.append(f"if [ $ok = 1 ]; then\n\t( {command} ) </dev/null >{output} 2>&1\n"
                     "\tmark command $?\nfi\n")
    for name in reversed(names):
        module = name.removesuffix(".ko").replace("-", "_")
        parts.append(f"if [ -d /sys/module/{module} ]; then $bb rmmod {module} >{output} 2>&1;"
                     f" mark unload {name} $?; fi\n")
    if options.leak_check:
        parts.append(_LEAK_SCAN)
    parts.append(_EPILOGUE)
    return "".join(parts)


# ------------------------------------------------------------ run and kill

def _child_setup(stack_bytes):
    """In the child, before exec: dies with its parent, and has the stack limit
    that the machine needs."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if stack_bytes:
        _, hard = resource.getrlimit(resource.RLIMIT_STACK)
        resource.setrlimit(resource.RLIMIT_STACK, (stack_bytes, hard))


def _session_members(session):
    """Every process of a session: helpers of a machine have groups of their own."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
                if int(stat.read().rpartition(")")[2].split()[3]) == session:
                    yield int(pid)
        except (OSError, ValueError, IndexError):
            continue


def _kill_session(session):
    for _ in range(5):
        members = list(_session_members(session))
        if not members:
            return
        for pid in members:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)


def with_output_on_3(argv, fd):
    """Machines name the stream of the command's output by its number."""
    return ["/bin/sh", "-c", f'exec "$0" "$@" 3>&{fd}', *argv]


class Machine:
    """A started guest: its process, its two output streams, its time limit. The
    kernel's goes to a file as it comes: hours may pass, or not."""

    def __init__(self, argv, output_fd, log_path, stack_bytes=0, pass_fds=()):
        self.log = bytearray()
        self.log_path = log_path
        os.makedirs(os.path.dirname(os.path.abspath(log_path)), exist_ok=True)
        self._log_file = open(log_path, "wb", buffering=0)
        self.timed_out = False
        self.spread = 0
        self._output_fd = output_fd
        # A pipe that stays silent: consoles can wait on it, on /dev/null not.
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, pass_fds=pass_fds,
            preexec_fn=lambda: _child_setup(stack_bytes))
        for fd in pass_fds:
            os.close(fd)

    def _copy(self, selector, console):
        for key, _ in selector.select(timeout=0.2):
            data = os.read(key.fd, 65536)
            if not data:
                selector.unregister(key.fileobj)
            elif key.data == "kernel":
                self.log += data
                self._log_file.write(data)
                if console:
                    sys.stderr.buffer.write(data)
                    sys.stderr.buffer.flush()
            else:
                sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
                sys.stdout.buffer.flush()

    def _spread_threads(self):
        """Keep so many threads, its virtual processors, apart: schedulers like
        to put threads that wake each other on one processor."""
        processors = sorted(os.sched_getaffinity(0))
        # A guest that has just ended has no threads any more.
        with contextlib.suppress(OSError):
            threads = sorted(map(int, os.listdir(f"/proc/{self.process.pid}/task")))
            if len(threads) < self.spread:
                return
            for index, thread in enumerate(threads[:self.spread]):
                os.sched_setaffinity(thread, {processors[index % len(processors)]})
            self.spread = 0

    def wait(self, timeout, console=False):
        """Copy until the guest has ended or its time is over; then kill what
        is left of it. Returns the machine's exit status."""
        deadline = time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ, "kernel")
            selector.register(self._output_fd, selectors.EVENT_READ, "command")
            while selector.get_map() and time.monotonic() < deadline:
                self._copy(selector, console)
                if self.spread:
                    self._spread_threads()
                if self.process.poll() is not None:
                    self._drain(selector, console)
                    break
        try:
            self.process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.timed_out = True
        self.kill()
        return self.process.wait()

    def _drain(self, selector, console):
        """A helper that outlived the guest may hold a stream open: what has
        been written is taken, its end is not waited for."""
        while selector.get_map() and selector.select(timeout=0):
            self._copy(selector, console)

    def kill(self):
        _kill_session(self.process.pid)
        self._log_file.close()


# --------------------------------------------------------------- evaluation

class Verdict:
    """Judges one run from its log. Problems are (detector, sentence)."""

    def __init__(self, options, log_text, timed_out, exit_status):
        self.options = options
        self.lines = log_text.replace("\r", "").splitlines()
        self.marks = [line.split(MARK, 1)[1].split()
                      for line in self.lines if MARK + " " in line]
        self.timed_out = timed_out
        self.exit_status = exit_status
        self.problems = []
        # Now and then UML aborts after its last line, when the modules are gone
        # and the log is complete. Why is not known: perhaps interrupts that
        # were pending run once more after the halt, with the consoles closed.
        self.aborted_when_off = (exit_status == -signal.SIGABRT
                                 and self._last_words().endswith(POWER_DOWN))
        self._judge()

    def _last_words(self):
        return next((line for line in reversed(self.lines) if line.strip()), "")

    def _mark(self, kind):
        return [mark[1:] for mark in self.marks if mark and mark[0] == kind]

    def _add(self, detector, sentence):
        self.problems.append((detector, sentence))

    def _judge(self):
        scan = logscan.scan(self.lines)
        self.first_fault = scan.faults[0].number if scan.faults else None
        self.panicked = bool(scan.of("panic"))
        for fault in scan.faults:
            if not (self.options.expect_panic and fault.detector == "panic"):
                self._add(fault.detector, str(fault))
        for sentence in logscan.report_differences(scan.reports, dict(self.options.expect)):
            self._add("report", sentence)
        if not scan.complete_start:
            self._add("log", "the log does not start with the kernel's first line")
        self._judge_modules()
        self._judge_end()

    def _judge_modules(self):
        for kind in ("load", "unload"):
            for name, status in self._mark(kind):
                if status != "0":
                    self._add("module", f"{kind} of {name} failed with status {status}")
        leaks = [mark[0] for mark in self._mark("leaks")]
        if self.options.leak_check and not self.panicked and leaks != ["0"]:
            self._add("kmemleak", f"leak check: {' '.join(leaks) or 'did not run'}")

    def _judge_end(self):
        if self.timed_out:
            self._add("timeout", f"killed after {self.options.timeout} s")
        if self.options.expect_panic:
            if not self.panicked:
                self._add("panic", "the run did not end in a kernel panic")
            return
        if not self._mark("end"):
            if not self.timed_out:
                self._add("death", f"the kernel died (machine status {self.exit_status})")
        elif self.exit_status != 0 and not self.timed_out and not self.aborted_when_off:
            self._add("death", f"the machine ended with status {self.exit_status}")
        if self._mark("lockdep") == [["0"]]:
            self._add("lockdep", "lockdep is off at the end of the run")
        for name, _ in self.options.load:
            if [os.path.basename(name), "0"] in self._mark("load") and self._mark("end") \
                    and [os.path.basename(name), "0"] not in self._mark("unload"):
                self._add("module", f"{os.path.basename(name)} was not unloaded")

    def status(self):
        if self.timed_out and not self.panicked:
            return STATUS_TIMEOUT
        if self.problems:
            return STATUS_BAD_RUN
        if self.options.expect_panic or not self.options.command:
            return 0
        command = self._mark("command")
        return int(command[0][0]) if command else STATUS_BAD_RUN

    def show(self, program, log_path):
        if self.aborted_when_off:
            print(f"{program}: remark: the machine aborted after its power down", file=sys.stderr)
        for detector, sentence in self.problems:
            text = sentence if sentence.startswith(detector + ":") else f"{detector}: {sentence}"
            print(f"{program}: fault: {text}", file=sys.stderr)
        if not self.problems:
            return
        tail = max(0, len(self.lines) - TAIL_LINES)
        if self.first_fault:
            start = self.first_fault - 1
            self._show_lines(f"{program}: line {self.first_fault} of {log_path} and what follows:",
                             self.lines[start:min(start + FAULT_LINES, tail)])
        self._show_lines(f"{program}: the last lines of {log_path}:", self.lines[tail:])

    @staticmethod
    def _show_lines(title, lines):
        if lines:
            print(title, *(f"    {line}" for line in lines), sep="\n", file=sys.stderr)


def log_path(options, kind):
    """Where the user wants the log, or a name of its own in the cache."""
    return options.log or os.path.join(cache_dir(), "log", f"{kind}-{os.getpid()}.log")


def finish(program, options, machine, exit_status):
    """Judge the log, show what is wrong, return the run's status."""
    text = machine.log.decode("utf-8", "replace")
    verdict = Verdict(options, text, machine.timed_out, exit_status)
    verdict.show(program, machine.log_path)
    return verdict.status()


class RunDirectory:
    """A private directory of one run below the cache, with the modules in it."""

    def __init__(self, options):
        parent = os.path.join(cache_dir(), "run")
        os.makedirs(parent, exist_ok=True)
        self.path = tempfile.mkdtemp(prefix="run-", dir=parent)
        os.mkdir(os.path.join(self.path, "modules"))
        for path, _ in options.load:
            shutil.copy(path, os.path.join(self.path, "modules"))

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.path, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path, mode)
        return path

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        shutil.rmtree(self.path, ignore_errors=True)


def _tell_of(kind, error, trace):
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


def die_on_signals():
    """SIGTERM and SIGHUP unwind like an interrupt, so that guests are killed.
    Python dies of an interrupt itself, which is how the shell that waits for it
    knows to stop as well; only the traceback says nothing."""
    def stop(number, _frame):
        sys.exit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    sys.excepthook = _tell_of
