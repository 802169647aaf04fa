# SPDX-License-Identifier: GPL-2.0
#
# Makes a Linux module of a Windows driver. A driver's Kbuild is three lines:
#
#     ntdriver := mydriver
#     ntdriver-sources := entry.c worker.cpp
#     include $(NTSHIM)/scripts/ntdriver.mk
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
ntdriver-cxx-objects := $(patsubst %.cpp,%.o,$(filter %.cpp,$(ntdriver-sources)))
ntdriver-glue := $(ntdriver)_glue

obj-m += $(ntdriver).o
$(ntdriver)-y := $(ntdriver-objects) $(ntdriver-glue).o

# ------------------------------------------------------------------ glue in C

quiet_cmd_ntglue = GEN     $@
      cmd_ntglue = cp $< $@

$(obj)/$(ntdriver-glue).c: $(NTSHIM)/scripts/ntdriver_glue.c FORCE
	$(call if_changed,ntglue)

targets += $(ntdriver-glue).c
clean-files += $(ntdriver-glue).c
CFLAGS_$(ntdriver-glue).o := -I$(NTSHIM)/shim

# -------------------------------------------------------------- ported sources

# CHAR is signed on Windows. A call at the end of a function stays a call, so
# that the library sees the driver as its caller and can name it.
ntdriver-options := -fsigned-char -fno-optimize-sibling-calls
# What Windows drivers do and the kernel's style forbids is no warning.
ntdriver-options += -Wno-missing-declarations -Wno-unused-parameter
ntdriver-c-warnings := -Wno-declaration-after-statement -Wno-missing-prototypes
$(foreach source,$(filter %.c,$(ntdriver-sources)),\
	$(eval CFLAGS_$(patsubst %.c,%.o,$(source)) := \
		$(ntdriver-options) $(ntdriver-c-warnings)))

# The kernel's options for code, but nothing is force-included and no include
# path leads to Linux.
ntdriver-c-flags = -Wp,-MMD,$(depfile) -nostdinc -I$(NTSHIM)/include/nt $(_c_flags) -DMODULE
$(addprefix $(obj)/,$(patsubst %.c,%.o,$(filter %.c,$(ntdriver-sources)))): \
	private c_flags = $(ntdriver-c-flags)

# --------------------------------------------------------------------- C++

NTCXX ?= g++
ntdriver-gcc-include := $(shell $(NTCXX) -print-file-name=include)

# Options that only C has, or that pahole and plugins cannot do for C++.
ntdriver-c-only := -std=% -g -gdwarf% -gz% -fplugin% -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-declaration -Wold-style-definition \
	-Wdeclaration-after-statement -Wno-pointer-sign -Wenum-conversion \
	-Wimplicit% -Werror=implicit% -Werror=strict-prototypes -Werror=incompatible% \
	-Werror=designated-init -Wdesignated-init -Wjump-misses-init -Wabsolute-value \
	-Wmissing-parameter-type -Wno-override-init -Woverride-init -Wint-conversion \
	-Wunused-const-variable% -Wno-main -Wno-discarded-qualifiers \
	-Wbad-function-cast -Wnested-externs -fms-extensions -fanalyzer

ntdriver-cxx-flags = -Wp,-MMD,$(depfile) -x c++ -nostdinc -nostdinc++ \
	-isystem $(ntdriver-gcc-include) -I$(NTSHIM)/include/nt \
	$(filter-out $(ntdriver-c-only),$(_c_flags)) \
	-std=gnu++20 -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics \
	-fno-use-cxa-atexit -fvisibility=hidden -fcheck-new $(ntdriver-options) -DMODULE

# The constructor or destructor of a global would never run: stock kernels have
# nobody to call it. The sanitizers' and gcov's own, which have numbers, are the kernel's.
ntdriver-refuse-constructors = \
	if $(NM) $@ | grep -qE ' _GLOBAL__sub_[ID](\.|_[^0-9])'; then \
		echo '$<: error: a constructor of a global would never run;' \
			'make it constexpr or constinit. The writable globals are:' >&2; \
		$(NM) -C $@ | sed -n 's/^[0-9a-f]* [bBdD] \([A-Za-z_]\)/    \1/p' >&2; \
		rm -f $@; exit 1; \
	fi

quiet_cmd_ntcxx = CXX [M]  $@
      cmd_ntcxx = $(NTCXX) $(ntdriver-cxx-flags) -c -o $@ $< $(cmd_objtool); \
	$(ntdriver-refuse-constructors)

$(addprefix $(obj)/,$(ntdriver-cxx-objects)): $(obj)/%.o: $(src)/%.cpp FORCE
	$(call if_changed_dep,ntcxx)

targets += $(ntdriver-cxx-objects)
