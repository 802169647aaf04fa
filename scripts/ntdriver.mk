# SPDX-License-Identifier: GPL-2.0
#
# Makes a Linux module of a Windows driver. A driver's Kbuild is three lines:
#
#     ntdriver := mydriver
#     ntdriver-sources := entry.c worker.cpp
#     include $(NTSHIM)/scripts/ntdriver.mk
#
# A line more names numbers that the user may set: parameters of the module, which
# the driver reads with RtlQueryRegistryValues:
#
#     ntdriver-parameters := PeriodMs ToleranceMs
#
# NTSHIM is the directory of ntshim, given on the make line. The sources see
# include/nt alone, no header and no name of Linux.

ifeq ($(strip $(ntdriver)),)
$(error ntdriver is empty: name the driver before including ntdriver.mk)
endif
ifneq ($(filter-out %.c %.cpp,$(ntdriver-sources)),)
$(error ntdriver-sources are .c and .cpp files, not $(filter-out %.c %.cpp,$(ntdriver-sources)))
endif
# kbuild would link the module's object into itself.
ifneq ($(filter $(ntdriver),$(basename $(notdir $(ntdriver-sources)))),)
$(error the driver '$(ntdriver)' needs a name that differs from each of its source files)
endif

ntdriver-objects := $(addsuffix .o,$(basename $(ntdriver-sources)))
ntdriver-glue := $(ntdriver)_glue

obj-m += $(ntdriver).o
$(ntdriver)-y := $(ntdriver-objects) $(ntdriver-glue).o

# ------------------------------------------------------------------ glue in C

# Sources are looked at here, and objects of C, whose rule is kbuild's; C++ has a
# rule of its own, which does that.
ntdriver-c-sources := $(filter %.c,$(ntdriver-sources))

quiet_cmd_ntglue = GEN     $@
      cmd_ntglue = $(NTSHIM)/scripts/scan_try.py $(addprefix $(src)/,$(ntdriver-sources)) && \
	$(foreach source,$(ntdriver-c-sources),\
	$(NTSHIM)/scripts/refuse-constructors $(NM) $(READELF) $(src)/$(source) \
		$(obj)/$(source:.c=.o) &&) \
	{ echo '$(pound)define NTS_PARAMETERS(X) $(foreach name,$(ntdriver-parameters),X($(name)))' && \
	cat $<; } >$@

$(obj)/$(ntdriver-glue).c: $(NTSHIM)/scripts/ntdriver_glue.c $(addprefix $(src)/,$(ntdriver-sources)) \
		$(addprefix $(obj)/,$(ntdriver-c-sources:.c=.o)) FORCE
	$(call if_changed,ntglue)

targets += $(ntdriver-glue).c
clean-files += $(ntdriver-glue).c
CFLAGS_$(ntdriver-glue).o := -I$(NTSHIM)/shim

# -------------------------------------------------------------- ported sources

ntported-sources := $(ntdriver-sources)
include $(NTSHIM)/scripts/ntported.mk
