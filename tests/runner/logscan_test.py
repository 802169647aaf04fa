# SPDX-License-Identifier: GPL-2.0
"""The log scan, on lines as kernels print them."""

import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts", "lib"))

import logscan  # noqa: E402

FIRST = "[    0.000000] Linux version 7.2.13 (someone) #1 SMP"
FAULTS = {
    "kasan": "BUG: KASAN: slab-use-after-free in f+0x1/0x2 [detect]",
    "kcsan": "BUG: KCSAN: data-race in f / g",
    "ubsan": "UBSAN: shift-out-of-bounds in detect.c:1:2",
    "debugobjects": "ODEBUG: free active (active state 0) object: 0 object type: hrtimer",
    "kmemleak": "kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
    "lockdep": "WARNING: possible circular locking dependency detected",
    "atomic": "BUG: scheduling while atomic: insmod/40/0x00000002",
    "hang": "INFO: task insmod:40 blocked for more than 30 seconds.",
    "slab": "BUG kmalloc-64 (Not tainted): Poison overwritten",
    "memory": "insmod: page allocation failure: order:0",
    "oops": "Oops: general protection fault, probably for non-canonical address",
    "panic": "Kernel panic - not syncing: deliberate",
    "warn": "WARNING: CPU: 0 PID: 1 at detect.c:1 f+0x1/0x2",
    "bug": "kernel BUG at detect.c:1!",
    "log": "** 12 printk messages dropped **",
}
HARMLESS = [
    "ntshim: loading out-of-tree module taints kernel.",
    "kmemleak: Kernel memory leak detector initialized (mem pool available: 15837)",
    "debug: unmapping init memory",
    "rcu: Hierarchical SRCU implementation.",
    "Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar",
    "Run /init as init process",
]


def scan(*lines):
    return logscan.scan([FIRST, *lines])


class Detectors(unittest.TestCase):
    def test_each_fault_is_named(self):
        for detector, line in FAULTS.items():
            with self.subTest(detector=detector):
                self.assertEqual([fault.detector for fault in scan(line).faults], [detector])

    def test_harmless_lines_are_no_faults(self):
        self.assertEqual(scan(*HARMLESS).faults, [])

    def test_unannounced_stack_dump_is_a_fault(self):
        self.assertEqual([f.detector for f in scan("Call Trace:").faults], ["stack dump"])

    def test_missing_first_line_is_seen(self):
        self.assertFalse(logscan.scan(["[    1.0] hello"]).complete_start)
        self.assertTrue(scan().complete_start)


class Reports(unittest.TestCase):
    def test_report_is_counted_and_brings_one_stack_dump(self):
        found = scan("ntshim: report KT-016 timer armed", "Call Trace:")
        self.assertEqual(found.reports, {"KT-016": 1})
        self.assertEqual(found.faults, [])

    def test_second_stack_dump_of_a_report_is_a_fault(self):
        found = scan("ntshim: report KT-016 timer armed", "Call Trace:", "Call Trace:")
        self.assertEqual([f.detector for f in found.faults], ["stack dump"])

    def test_stack_dump_far_behind_a_report_is_a_fault(self):
        filler = ["filler"] * (logscan.REPORT_BLOCK_LINES + 1)
        found = scan("ntshim: report KT-016 timer armed", *filler, "Call Trace:")
        self.assertEqual([f.detector for f in found.faults], ["stack dump"])

    def test_differences_from_the_declaration(self):
        reports = scan("ntshim: report KT-016", "ntshim: report W-HDR-07").reports
        different = logscan.report_differences
        self.assertEqual(different(reports, {"KT-016": 1, "W-HDR-07": 1}), [])
        self.assertEqual(len(different(reports, {"KT-016": 1})), 1)
        self.assertEqual(len(different(reports, {"KT-016": 2, "W-HDR-07": 1})), 1)
        self.assertEqual(len(different(reports, {"KT-016": 1, "W-HDR-07": 1, "DP-006": 1})), 1)


if __name__ == "__main__":
    unittest.main()
