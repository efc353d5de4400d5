# ha-fenced: `make demo` shows it, `make check` tests it, `make install` installs it. HACKING.md tells the rest.

VERSION = 0.1.0
PREFIX ?= /usr/local
CC ?= cc
PKG_CONFIG ?= pkg-config
WERROR ?= 0
B ?= build

ROOMS = lib vrrp fence health daemon
LIBS_ha-fenced = libsystemd libnl-route-3.0 libnl-3.0 libconfig libcrypto jansson
LIBS_ha-fence = libsystemd libnl-route-3.0 libnl-3.0 libconfig libcrypto jansson OpenIPMI
LIBS_ha-fenced-fence = libsystemd libconfig libcrypto OpenIPMI
LIBS_ha-fenced-health = libsystemd libconfig libcrypto libcurl
LIBS_test = check libsystemd libnl-route-3.0 libnl-3.0 libconfig libcrypto jansson libcurl OpenIPMI
ALL_LIBS = $(sort $(LIBS_ha-fenced) $(LIBS_ha-fence) $(LIBS_ha-fenced-fence) $(LIBS_ha-fenced-health) check)

WARN = -Wall -Wextra -Wshadow -Wconversion -Wswitch-enum -Wmissing-prototypes -Wstrict-prototypes -Wformat=2
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
SANITIZE ?=
OPT ?= -O2
CFLAGS ?= $(OPT) -g
override CFLAGS += -std=c11 -D_GNU_SOURCE -I. $(WARN) $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer,$(HARDEN)) \
	$(if $(filter 1,$(WERROR)),-Werror) -DHA_VERSION='"$(VERSION)"' $(EXTRA_CFLAGS)
LDFLAGS += $(if $(SANITIZE),-fsanitize=$(SANITIZE),-pie -Wl,-z,relro,-z,now)
# Third-party headers are not ours to warn about.
INCLUDES := $(subst -I,-isystem ,$(shell $(PKG_CONFIG) --cflags $(ALL_LIBS) 2>/dev/null))

PROGRAMS = ha-fenced ha-fence ha-fenced-fence ha-fenced-health
MAIN_ha-fenced = daemon/ha-fenced.c
MAIN_ha-fence = daemon/ha-fence.c
MAIN_ha-fenced-fence = fence/ha-fenced-fence.c
MAIN_ha-fenced-health = health/ha-fenced-health.c
MAINS = $(foreach p,$(PROGRAMS),$(MAIN_$(p)))
BUILT = $(foreach p,$(PROGRAMS),$(if $(wildcard $(MAIN_$(p))),$(B)/$(p)))

SOURCES = $(filter-out $(MAINS),$(foreach r,$(ROOMS),$(wildcard $(r)/*.c)))
OBJECTS = $(SOURCES:%.c=$(B)/obj/%.o)
UNIT_TESTS = $(patsubst test/unit/%.c,$(B)/test/%,$(wildcard test/unit/test_*.c))

all: $(BUILT)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INCLUDES) -MMD -MP -c -o $@ $<

# One archive of all rooms: each program takes from it what it uses.
$(B)/libha.a: $(OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

define PROGRAM
$(B)/$(1): $(B)/obj/$(MAIN_$(1):.c=.o) $(B)/libha.a
	$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(shell $$(PKG_CONFIG) --libs $$(LIBS_$(1))) -lpthread
endef
$(foreach p,$(PROGRAMS),$(eval $(call PROGRAM,$(p))))

$(B)/test/%: $(B)/obj/test/unit/%.o $(B)/libha.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(B)/libha.a $(shell $(PKG_CONFIG) --libs $(LIBS_test)) -lpthread

LAB_TOOLS = $(B)/test/observer $(B)/test/service $(B)/test/inject
$(LAB_TOOLS): $(B)/test/%: test/lab/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $<

# Loaded by ipmi_sim, which knows nothing of our sanitizers.
$(B)/test/imm.so: test/lab/imm.c
	@mkdir -p $(@D)
	$(CC) $(filter-out -fsanitize=%,$(CFLAGS)) -fPIC -shared -o $@ $<

lab-tools: $(LAB_TOOLS) $(B)/test/imm.so

lab: all lab-tools
	HA_BUILD=$(B) test/lab/self-test.sh
	HA_BUILD=$(B) test/lab/run

demo: all lab-tools
	HA_BUILD=$(B) test/lab/demo.sh

bench: all lab-tools
	HA_BUILD=$(B) test/bench/bench.sh

unit: all $(UNIT_TESTS)
	@for t in $(UNIT_TESTS); do $$t || exit 1; done

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf $(B)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

.PHONY: all lab-tools lab demo bench unit format clean
.SECONDARY:
