# SPDX-License-Identifier: GPL-2.0
"""Which ends of a boot in QEMU are the emulator's fault."""

import importlib.machinery
import importlib.util
import os
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
LOADER = importlib.machinery.SourceFileLoader("vm", os.path.join(ROOT, "scripts", "vm"))
vm = importlib.util.module_from_spec(importlib.util.spec_from_loader("vm", LOADER))
LOADER.exec_module(vm)

START = b"[    0.000000] Linux version 7.3.4 (someone) #1 SMP\n"
READY = b"[    1.200000] ntshim-run: ready\n"
LOST_PATCH = b"[    1.169521] Oops: int3: 0000 [#1] SMP NOPTI\n"
LOST_PATCH_OF_OLD = b"[    1.169521] int3: 0000 [#1] PREEMPT SMP NOPTI\n"
BAD_ACCESS = b"[    1.169521] Oops: Oops: 0000 [#1] SMP NOPTI\n"
ASLEEP = (b"[   12.493501] ACPI: PM: Preparing to enter system sleep state S3\r\n"
          b"[   12.496062] Disabling non-boot CPUs ...\r\n"
          b"[   12.500829] smpboot: CPU 1 is now offline\r\n")
AWAKE = b"[   12.339932] ACPI: PM: Low-level resume complete\r\n"


class Boot(unittest.TestCase):
    def test_lost_patch_before_user_space(self):
        self.assertTrue(vm.died_of_patching(START + LOST_PATCH))
        self.assertTrue(vm.died_of_patching(START + LOST_PATCH_OF_OLD))

    def test_other_deaths_count(self):
        self.assertFalse(vm.died_of_patching(START))
        self.assertFalse(vm.died_of_patching(START + BAD_ACCESS))

    def test_whatever_comes_after_user_space_counts(self):
        self.assertFalse(vm.died_of_patching(START + READY + LOST_PATCH))

    def test_death_in_a_sleep(self):
        self.assertTrue(vm.died_asleep(START + READY + ASLEEP))

    def test_death_before_and_after_a_sleep_counts(self):
        self.assertFalse(vm.died_asleep(START + READY + ASLEEP + AWAKE))
        self.assertFalse(vm.died_asleep(START + READY + ASLEEP.split(b"Disabling")[0]))

    def test_death_of_a_processor_that_only_went_offline_counts(self):
        self.assertFalse(vm.died_asleep(START + READY + ASLEEP.splitlines(True)[-1]))

    def test_what_was_wrong_before_a_sleep_counts(self):
        self.assertFalse(vm.died_asleep(START + BAD_ACCESS + ASLEEP))
        self.assertFalse(vm.died_asleep(START + b"[ 1.0] not ok 1 a_case\n" + ASLEEP))


if __name__ == "__main__":
    unittest.main()
