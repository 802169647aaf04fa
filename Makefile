# SPDX-License-Identifier: GPL-2.0
# Verbs only: each calls a script, which has its own --help.

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local

.PHONY: all modules install install-headers demo test test-vm test-vm-debug kunit conformance
.PHONY: mutants bench stress fuzz coverage check clean help

all: modules

modules:
	@scripts/need-kdir "$(KDIR)"
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" NTSHIM="$(CURDIR)" modules

install: modules
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" NTSHIM="$(CURDIR)" modules_install

install-headers:
	install -D -m 644 -t "$(DESTDIR)$(PREFIX)/include/linux" include/uapi/linux/ntshim.h
	install -D -m 644 -t "$(DESTDIR)$(PREFIX)/include" userspace-tests/lib/ntshim.hpp

demo:
	@scripts/deps kernel uml
	@scripts/demo

kunit:
	@scripts/deps kernel uml
	@scripts/kunit $(PROFILE) $(if $(SUITE),--suite '$(SUITE)')

bench:
	@scripts/deps kernel uml vm bench
	@scripts/bench $(PLACES)

test-vm:
	@scripts/deps kernel uml vm user
	@KERNELS="$(or $(KERNELS),6.1 6.1-rt 6.12 6.12-rt 7.3 7.3-rt)" tests/vm/run --until device; \
		status=$$?; $(if $(KERNELS),,tests/vm/lacking || status=1;) exit $$status

test-vm-debug:
	@scripts/deps kernel uml vm
	@KERNELS="$(or $(KERNELS),6.12-kasan 6.12-kcsan)" tests/vm/run

test:
	@scripts/deps kernel uml
	@scripts/test

stress:
	@scripts/deps kernel uml user
	@tests/user/long stress
	@scripts/stress

fuzz:
	@scripts/deps kernel uml user
	@tests/user/long fuzz

coverage:
	@scripts/deps kernel uml user
	@scripts/coverage

conformance:
	@scripts/deps kernel uml vm check
	@scripts/conformance

mutants:
	@scripts/deps kernel uml
	@scripts/mutants

check:
	@scripts/deps kernel check
	@scripts/check

clean:
	@scripts/clean

help:
	@scripts/help
