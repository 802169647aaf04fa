# SPDX-License-Identifier: GPL-2.0
#
# How sources of the Windows world are compiled: ntported-sources, .c and .cpp,
# see include/nt alone, no header and no name of Linux. Included by ntdriver.mk
# and by modules of ours that hold such sources.

ntported-cxx-objects := $(patsubst %.cpp,%.o,$(filter %.cpp,$(ntported-sources)))

# -------------------------------------------------------------- ported sources

# CHAR is signed on Windows, no section is discarded, so alloc_text may be used
# and does nothing, and what the other compiler defines by itself.
ntported-options := $(shell cat $(NTSHIM)/scripts/lib/ported.options)
ntported-options += $(if $(CONFIG_ARM64),-D_ARM64_ -D_M_ARM64,\
	$(shell cat $(NTSHIM)/scripts/lib/ported-amd64.options))
# A call at the end of a function stays a call, so that the library sees the
# driver as its caller and can name it.
ntported-options += -fno-optimize-sibling-calls
# A kernel stack has 16 KiB here and 24 on Windows, whatever the kernel's limit.
ntported-options += -Wframe-larger-than=2048
# What Windows drivers do and the kernel's style forbids is no warning.
ntported-options += -Wno-missing-declarations -Wno-unused-parameter -Wno-multichar
# A banner has the time of the build.
ntported-options += -Wno-date-time
# Pragmas of the other compiler mean nothing here; pack is known to both.
ntported-options += -Wno-unknown-pragmas
ntported-c-warnings := -Wno-declaration-after-statement -Wno-missing-prototypes
ntported-c-warnings += -Wno-strict-prototypes
# Unnamed structures of a named type; older kernels do not ask for them.
ntported-c-options := -fms-extensions
$(foreach source,$(filter %.c,$(ntported-sources)),\
	$(eval CFLAGS_$(patsubst %.c,%.o,$(source)) := \
		$(ntported-options) $(ntported-c-options) $(ntported-c-warnings)))

# The kernel's options for code, but nothing is force-included and no include
# path leads to Linux.
ntported-c-flags = -Wp,-MMD,$(depfile) -nostdinc -I$(NTSHIM)/include/nt $(_c_flags) -DMODULE
$(addprefix $(obj)/,$(patsubst %.c,%.o,$(filter %.c,$(ntported-sources)))): \
	private c_flags = $(ntported-c-flags)

# --------------------------------------------------------------------- C++

NTCXX ?= g++
ntported-gcc-include := $(shell $(NTCXX) -print-file-name=include)

# Options that only C has, or that pahole and plugins cannot do for C++.
ntported-c-only := -std=% -g -gdwarf% -gz% -fplugin% -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-declaration -Wold-style-definition \
	-Wdeclaration-after-statement -Wno-pointer-sign -Wenum-conversion \
	-Wimplicit% -Werror=implicit% -Werror=strict-prototypes -Werror=incompatible% \
	-Werror=designated-init -Wdesignated-init -Wjump-misses-init -Wabsolute-value \
	-Wmissing-parameter-type -Wno-override-init -Woverride-init -Wint-conversion \
	-Wunused-const-variable% -Wno-main -Wno-discarded-qualifiers \
	-Wbad-function-cast -Wnested-externs -fms-extensions -fanalyzer

ntported-cxx-flags = -Wp,-MMD,$(depfile) -x c++ -nostdinc -nostdinc++ \
	-isystem $(ntported-gcc-include) -I$(NTSHIM)/include/nt \
	$(filter-out $(ntported-c-only),$(_c_flags)) \
	-std=gnu++20 -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics \
	-fno-use-cxa-atexit -fvisibility=hidden -fcheck-new $(ntported-options) -DMODULE

quiet_cmd_ntcxx = CXX [M]  $@
      cmd_ntcxx = $(NTCXX) $(ntported-cxx-flags) -c -o $@ $< $(cmd_objtool); \
	$(NTSHIM)/scripts/refuse-constructors $(NM) $(READELF) $< $@

$(addprefix $(obj)/,$(ntported-cxx-objects)): $(obj)/%.o: $(src)/%.cpp FORCE
	$(call if_changed_dep,ntcxx)

targets += $(ntported-cxx-objects)
