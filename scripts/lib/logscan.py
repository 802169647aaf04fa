# SPDX-License-Identifier: GPL-2.0
"""The one reading of a kernel log.

Every run, in UML and in QEMU, goes through scan(): it names each line that a
detector of the kernel printed, counts the reports that ntshim itself makes,
and says whether the log is complete. There is no list of exceptions: what a
run may contain is declared on its command line, as reports by rule.
"""

import collections
import dataclasses
import re

# Detector: what its lines look like. The first that matches names the fault,
# so the special ones stand before the general ones.
DETECTORS = [(name, re.compile(pattern)) for name, pattern in (
    ("kasan", r"BUG: KASAN|KASAN: "),
    ("kcsan", r"BUG: KCSAN"),
    ("kfence", r"BUG: KFENCE"),
    ("ubsan", r"UBSAN:"),
    ("debugobjects", r"ODEBUG:|debugobjects: .*(?:out of memory|disabled)|Debug objects.*off"),
    ("kmemleak", r"kmemleak: [1-9]\d* new suspected|unreferenced object 0x"
                 r"|kmemleak: .*(?:disabled due|Cannot)"),
    ("lockdep", r"possible (?:circular|recursive|irq lock|interrupt unsafe)"
                r"|possible irq lock inversion|inconsistent lock state"
                r"|(?:HARD|SOFT)IRQ-safe -> |suspicious RCU usage|Invalid wait context"
                r"|bad unlock balance|held lock freed|lock held when returning"
                r"|still has locks held|lockdep is turned off|DEBUG_LOCKS_WARN_ON"
                r"|BUG: MAX_LOCK|nested lock was not taken|register non-static key"
                r"|turning off the locking correctness validator|lock class .* was not taken"
                r"|locking bug in|BUG: .* lock held"),
    ("atomic", r"scheduling while atomic|sleeping function called from invalid context"
               r"|BUG: using .* in preemptible|Voluntary context switch within RCU"
               r"|bad: scheduling from the idle thread|workqueue: .* leaked atomic"
               r"|huh, entered softirq|NOHZ.*handler #"),
    ("hang", r"blocked for more than \d+ seconds|soft lockup|hard LOCKUP|workqueue lockup"
             r"|rcu:? INFO:|rcu_\w+ (?:self-)?detected|self-detected stall|detected stalls on"
             r"|rcu_\w+ kthread starved|sched: RT throttling"),
    ("slab", r"BUG kmalloc|Slab corruption|Poison overwritten|Redzone|Object already free"
             r"|list_(?:add|del) corruption|refcount_t:|Bad page|Objects remaining"
             r"|stack overflow|corrupted stack end|stack is corrupted|page_poisoning|pagealloc:"),
    ("memory", r"page allocation failure|Out of memory|oom-kill|SLUB: Unable to allocate"
               r"|vmap allocation .* failed"),
    ("fault injection", r"FAULT_INJECTION: forcing a failure"),
    ("oops", r"Kernel mode (?:signal|fault)"),
    ("panic", r"Kernel panic|Attempted to kill init"),
    ("oops", r"\bOops\b|general protection|[Uu]nable to handle|invalid opcode|divide error"
             r"|double fault|segfault|Kernel tried to access|Internal error|traps: "),
    ("warn", r"WARNING:|\[ cut here \]"),
    ("bug", r"kernel BUG at|\bBUG\b"),
    ("log", r"printk messages dropped|Start Of Log.*truncated"),
)]

REPORT = re.compile(r"ntshim: report ([A-Z]+[A-Z0-9-]*[0-9])\b")
STACK_DUMP = re.compile(r"Call Trace:")
# A report's own stack dump follows its first line within this many lines.
REPORT_BLOCK_LINES = 60
FIRST_LINE = re.compile(r"Linux version ")


@dataclasses.dataclass
class Fault:
    """One line of the log that makes a run fail."""
    detector: str
    number: int
    line: str

    def __str__(self):
        return f"{self.detector}: line {self.number}: {self.line.strip()}"


@dataclasses.dataclass
class Scan:
    """What a log holds."""
    faults: list
    reports: collections.Counter
    complete_start: bool

    def of(self, detector):
        return [fault for fault in self.faults if fault.detector == detector]


def detector_of(line):
    for name, pattern in DETECTORS:
        if pattern.search(line):
            return name
    return None


def scan(lines):
    """Read a whole kernel log. A stack dump that no detector and no report
    announced is a fault of its own: a new kind of complaint cannot hide."""
    faults, reports, complete_start = [], collections.Counter(), False
    announced = []
    for number, line in enumerate(lines, 1):
        complete_start = complete_start or bool(FIRST_LINE.search(line))
        report = REPORT.search(line)
        if report:
            reports[report.group(1)] += 1
            announced.append(number)
            continue
        detector = detector_of(line)
        if detector:
            faults.append(Fault(detector, number, line))
            announced.append(number)
        elif STACK_DUMP.search(line):
            announced = [n for n in announced if number - n <= REPORT_BLOCK_LINES]
            if announced:
                announced.pop(0)
            elif not (faults and number - faults[-1].number <= REPORT_BLOCK_LINES):
                faults.append(Fault("stack dump", number, line))
    return Scan(faults, reports, complete_start)


def report_differences(found, declared):
    """Reports that came more or less often than declared, as sentences."""
    differences = []
    for rule in sorted(set(found) | set(declared)):
        if found[rule] != declared.get(rule, 0):
            differences.append(f"report {rule}: {found[rule]} times,"
                               f" declared {declared.get(rule, 0)}")
    return differences
