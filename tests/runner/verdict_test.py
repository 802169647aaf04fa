# SPDX-License-Identifier: GPL-2.0
"""How a run is judged from its log, and what its command line accepts."""

import argparse
import contextlib
import io
import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts", "lib"))

import guest  # noqa: E402

GOOD = """\
[    0.000000] Linux version 7.2.13 (someone) #1 SMP
[    0.100000] ntshim-run: ready
[    0.200000] ntshim-run: load a.ko 0
[    0.300000] ntshim-run: command 0
[    0.400000] ntshim-run: unload a.ko 0
[    0.500000] ntshim-run: lockdep 1
[    0.600000] ntshim-run: end
"""


def options(*argv):
    parser = argparse.ArgumentParser()
    guest.add_run_options(parser)
    parsed = guest.parse(parser, list(argv))
    parsed.load = parsed.load or [("/somewhere/a.ko", "")]
    return parsed


def judge(log, *argv, timed_out=False, machine_status=0):
    return guest.Verdict(options(*argv, "--", "true"), log, timed_out, machine_status)


class Judging(unittest.TestCase):
    def assert_bad(self, detector, verdict, status=guest.STATUS_BAD_RUN):
        self.assertIn(detector, [name for name, _ in verdict.problems])
        self.assertEqual(verdict.status(), status)

    def test_good_run(self):
        self.assertEqual(judge(GOOD).status(), 0)
        self.assertEqual(judge(GOOD).problems, [])

    def test_command_status_comes_through(self):
        self.assertEqual(judge(GOOD.replace("command 0", "command 42")).status(), 42)

    def test_fault_outweighs_the_command_status(self):
        log = GOOD.replace("command 0", "command 42") + "[ 1.0] BUG: KASAN: x\n"
        self.assert_bad("kasan", judge(log))

    def test_what_follows_a_fault_is_shown(self):
        report = "[ 0.25] BUG: KASAN: x\n[ 0.25]  the call that did it\n"
        log = GOOD.replace("[    0.300000]", report + "[    0.300000]") + "[ 1.0] later\n" * 100
        with contextlib.redirect_stderr(io.StringIO()) as shown:
            judge(log).show("uml", "a.log")
        self.assertEqual(shown.getvalue().count("the call that did it"), 1)

    def test_missing_command_status(self):
        log = GOOD.replace("[    0.300000] ntshim-run: command 0\n", "")
        self.assertEqual(judge(log).status(), guest.STATUS_BAD_RUN)

    def test_failed_load_and_unload(self):
        self.assert_bad("module", judge(GOOD.replace("load a.ko 0", "load a.ko 1", 1)))
        self.assert_bad("module", judge(GOOD.replace("unload a.ko 0", "unload a.ko 1")))

    def test_module_that_was_not_unloaded(self):
        log = GOOD.replace("[    0.400000] ntshim-run: unload a.ko 0\n", "")
        self.assert_bad("module", judge(log))

    def test_death(self):
        self.assert_bad("death", judge(GOOD.replace("ntshim-run: end", "")))
        self.assert_bad("death", judge(GOOD, machine_status=-6))

    def test_abort_after_the_power_down_is_no_death(self):
        off = GOOD + "[    0.700000] reboot: Power down\n\n"
        self.assertEqual(judge(off, machine_status=-6).problems, [])
        self.assert_bad("death", judge(off, machine_status=-11))
        self.assert_bad("death", judge(off + "[ 0.8] and then\n", machine_status=-6))
        self.assert_bad("death", judge(off.replace("ntshim-run: end", ""), machine_status=-6))

    def test_lockdep_off(self):
        self.assert_bad("lockdep", judge(GOOD.replace("lockdep 1", "lockdep 0")))

    def test_truncated_log(self):
        self.assert_bad("log", judge(GOOD.partition("\n")[2]))

    def test_timeout(self):
        verdict = judge(GOOD.replace("ntshim-run: end", ""), timed_out=True)
        self.assert_bad("timeout", verdict, guest.STATUS_TIMEOUT)

    def test_undeclared_and_declared_report(self):
        log = GOOD + "[ 1.0] ntshim: report KT-016 x\n"
        self.assert_bad("report", judge(log))
        self.assertEqual(judge(log, "--expect", "KT-016=1").status(), 0)

    def test_expected_panic(self):
        log = GOOD.partition("[    0.3")[0] + "[ 1.0] Kernel panic - not syncing: x\n"
        self.assert_bad("panic", judge(log, machine_status=-6))
        self.assertEqual(judge(log, "--expect-panic", machine_status=-6).status(), 0)
        self.assert_bad("panic", judge(GOOD, "--expect-panic"))

    def test_fault_before_an_expected_panic(self):
        log = GOOD.partition("[    0.3")[0] + "BUG: KASAN: x\nKernel panic - not syncing: x\n"
        self.assert_bad("kasan", judge(log, "--expect-panic"))

    def test_leak_check_that_did_not_run(self):
        self.assert_bad("kmemleak", judge(GOOD, "--leak-check"))
        self.assertEqual(judge(GOOD + "[ 1.0] ntshim-run: leaks 0\n", "--leak-check").status(), 0)


class CommandLine(unittest.TestCase):
    def assert_refused(self, *argv):
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as stop:
            options(*argv)
        self.assertEqual(stop.exception.code, 2)

    def test_bad_values_are_refused(self):
        self.assert_refused("--cpus", "0")
        self.assert_refused("--cpus", "two")
        self.assert_refused("--timeout", "-1")
        self.assert_refused("--expect", "KT-016")
        self.assert_refused("--expect", "kt-016=1")
        self.assert_refused("--load", "/no/such/module.ko")
        self.assert_refused("--no-such-option")

    def test_everything_behind_the_dashes_is_the_command(self):
        self.assertEqual(options("--", "ls", "--timeout", "--").command, ["ls", "--timeout", "--"])


if __name__ == "__main__":
    unittest.main()
