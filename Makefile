# ha-fenced: `make demo` shows it, `make check` tests it, `make install` installs it; `make help` tells the rest.

VERSION = 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= $(if $(filter /usr /usr/local,$(PREFIX)),/etc,$(PREFIX)/etc)
CC ?= cc
PKG_CONFIG ?= pkg-config
INSTALL ?= install
WERROR ?= 0
B ?= build
CORES := $(shell nproc 2>/dev/null || echo 1)

ROOMS = lib vrrp fence health daemon
LIBS_ha-fenced = libsystemd libnl-route-3.0 libnl-3.0 libconfig libcrypto jansson
LIBS_ha-fence = libsystemd libnl-route-3.0 libnl-3.0 libconfig libcrypto jansson OpenIPMI
LIBS_ha-fenced-fence = libsystemd libconfig libcrypto OpenIPMI
LIBS_ha-fenced-health = libsystemd libconfig libcrypto libcurl
LIBS_ha-fenced-generator = libconfig libcrypto libsystemd
LIBS_test = check libsystemd libnl-route-3.0 libnl-3.0 libconfig libcrypto jansson libcurl OpenIPMI
ALL_LIBS = $(sort $(LIBS_ha-fenced) $(LIBS_ha-fence) $(LIBS_ha-fenced-fence) $(LIBS_ha-fenced-health) check)

WARN = -Wall -Wextra -Wshadow -Wconversion -Wswitch-enum -Wmissing-prototypes -Wstrict-prototypes -Wformat=2
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
# SANITIZE=address,undefined
SANITIZE ?=
SANITIZED = -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT ?= -O2
CFLAGS ?= $(OPT) -g
LANGUAGE = -std=c11 -D_GNU_SOURCE -I. -DHA_VERSION='"$(VERSION)"'
override CFLAGS += $(LANGUAGE) $(WARN) $(if $(SANITIZE),$(SANITIZED),$(HARDEN)) $(if $(filter 1,$(WERROR)),-Werror) \
	$(CPPFLAGS) $(EXTRA_CFLAGS)
override LDFLAGS += $(if $(SANITIZE),-fsanitize=$(SANITIZE),-pie -Wl,-z,relro,-z,now)
# Third-party headers are not ours to warn about.
INCLUDES := $(subst -I,-isystem ,$(shell $(PKG_CONFIG) --cflags $(ALL_LIBS) 2>/dev/null))

PROGRAMS = ha-fenced ha-fence ha-fenced-fence ha-fenced-health ha-fenced-generator
MAIN_ha-fenced = daemon/ha-fenced.c
MAIN_ha-fence = daemon/ha-fence.c
MAIN_ha-fenced-fence = fence/ha-fenced-fence.c
MAIN_ha-fenced-health = health/ha-fenced-health.c
MAIN_ha-fenced-generator = daemon/ha-fenced-generator.c
MAINS = $(foreach p,$(PROGRAMS),$(MAIN_$(p)))
BUILT = $(foreach p,$(PROGRAMS),$(if $(wildcard $(MAIN_$(p))),$(B)/$(p)))

SOURCES = $(filter-out $(MAINS),$(foreach r,$(ROOMS),$(wildcard $(r)/*.c)))
OBJECTS = $(SOURCES:%.c=$(B)/obj/%.o)
UNIT_SHARED = $(filter-out test/unit/test_%,$(wildcard test/unit/*.c))
UNIT_TESTS = $(patsubst test/unit/%.c,$(B)/test/%,$(wildcard test/unit/test_*.c))
FUZZERS = $(patsubst test/fuzz/%.c,%,$(wildcard test/fuzz/fuzz_*.c))

# The fence agent is ha-fence by another name.
AGENT = $(B)/fence_ipmi_ha

all: $(BUILT) $(AGENT)

$(AGENT): $(B)/ha-fence
	ln -sf ha-fence $@

# journalctl -x shows the runbook.
$(B)/ha-fenced.catalog: etc/catalog etc/catalog.notes docs/runbook.md daemon/alarm.h daemon/alarm.c daemon/node.h daemon/note.c
	@mkdir -p $(@D)
	etc/catalog >$@.new
	mv $@.new $@

# Other flags than last time: everything is built again.
FLAGS = $(CC) $(CFLAGS) $(LDFLAGS)
ifneq ($(file <$(B)/flags),$(FLAGS))
$(B)/flags: FORCE
endif
$(B)/flags:
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS))' >$@

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INCLUDES) -MMD -MP -c -o $@ $<

# One archive of all rooms: each program takes from it what it uses.
$(B)/libha.a: $(OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

define PROGRAM
$(B)/$(1): $(B)/obj/$(MAIN_$(1):.c=.o) $(B)/libha.a
	$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(shell $$(PKG_CONFIG) --libs $$(LIBS_$(1))) -lpthread -lm
endef
$(foreach p,$(PROGRAMS),$(eval $(call PROGRAM,$(p))))

# --- tests: what runs where is told in HACKING.md ---

TEST_LIBS = $(B)/libha.a $(shell $(PKG_CONFIG) --libs $(LIBS_test)) -lpthread -lm

# What unit tests share: the sources there that are no test_*.c.
$(B)/libunit.a: $(UNIT_SHARED:%.c=$(B)/obj/%.o)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/test/test_%: $(B)/obj/test/unit/test_%.o $(B)/libunit.a $(B)/libha.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(B)/libunit.a $(TEST_LIBS)

# The simulator runs millions of schedules: the pure sources alone, optimized as a whole, without what hardens a daemon.
SIM_SOURCES = $(wildcard test/sim/*.c) lib/guid.c lib/net.c lib/time.c lib/wire.c vrrp/message.c vrrp/election.c \
	fence/plan.c fence/permit.c fence/restore.c fence/topology.c fence/repower.c fence/report.c health/verdict.c health/report.c daemon/grant.c \
	daemon/alarm.c daemon/note.c $(filter-out daemon/node_config.c,$(wildcard daemon/node.c daemon/node_*.c))
SIM_FLAGS = $(LANGUAGE) $(WARN) -g $(if $(SANITIZE),-O1 $(SANITIZED),-O3 -flto=auto $(SIM_TUNE)) \
	$(if $(filter 1,$(WERROR)),-Werror) $(CPPFLAGS) $(EXTRA_CFLAGS)
SIM_TUNE := $(shell $(CC) -mtune=native -E -x c /dev/null >/dev/null 2>&1 && echo -mtune=native)

$(B)/sim-obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(SIM_FLAGS) -MMD -MP -c -o $@ $<

$(B)/test/sim: $(SIM_SOURCES:%.c=$(B)/sim-obj/%.o)
	@mkdir -p $(@D)
	$(CC) $(SIM_FLAGS) -o $@ $^ -lcrypto

# For test/sim/mutate.
sim-sources:
	@echo $(SIM_SOURCES)

$(B)/test/model: $(patsubst %.c,$(B)/obj/%.o,$(wildcard test/model/*.c)) $(B)/libha.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(B)/libha.a -lcrypto

# CC=clang
$(B)/test/fuzz_%: $(B)/obj/test/fuzz/fuzz_%.o $(B)/libha.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(TEST_LIBS)

LAB_TOOLS = $(patsubst %,$(B)/test/%,observer service inject cable flood web)
$(LAB_TOOLS): $(B)/test/%: test/lab/%.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^)

$(B)/test/nfsmount: test/lab/nfsmount.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(subst -I,-isystem ,$(shell $(PKG_CONFIG) --cflags fuse3 libnfs)) $(LDFLAGS) -o $@ \
		$(filter %.c,$^) $(shell $(PKG_CONFIG) --libs fuse3 libnfs)

# Loaded by ipmi_sim, which knows nothing of our sanitizers.
$(B)/test/imm.so: test/lab/imm.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(filter-out -fsanitize=%,$(CFLAGS)) -fPIC -shared -o $@ $(filter %.c,$^)

lab-tools: $(LAB_TOOLS) $(B)/test/imm.so $(B)/test/nfsmount

# Fuzz targets need clang; that they fit the code is seen without it.
unit-tests: $(UNIT_TESTS) $(FUZZERS:%=$(B)/obj/test/fuzz/%.o)

tests: all unit-tests $(B)/test/sim $(B)/test/model lab-tools

deps:
	@test/deps

ready: deps
	@$(MAKE) --no-print-directory -j$(CORES) tests

check: ready
	@HA_BUILD=$(B) test/run

unit: all unit-tests
	@HA_BUILD=$(B) test/run unit

# make sim SEED=n: one schedule as a trace; SEEDS=n: so many; neither: the faults of docs/, row by row, then SEEDS=1000
SEEDS ?= 1000
sim: $(B)/test/sim
	@$(if $(SEED),$(B)/test/sim replay $(SEED),HA_BUILD=$(B) SEEDS=$(SEEDS) test/run \
		$(if $(filter file,$(origin SEEDS)),rows) random)

# make model DEPTH=n FAULTS=n ROOTS="serves start": so far from there; none of them: what `make check` does
model: $(B)/test/model
	@$(B)/test/model $(if $(DEPTH)$(FAULTS)$(ROOTS),$(DEPTH:%=--depth %) $(FAULTS:%=--faults %) $(ROOTS),check)

# make shrink SEED=n: a failing schedule made small
shrink: $(B)/test/sim
	@$(B)/test/sim shrink $(SEED)

# Writes docs/FAULTS-RESULTS.md; LAB=1 runs the lab for it first, else its newest results are taken.
faults: $(B)/test/sim $(if $(filter 1,$(LAB)),all lab-tools)
	@HA_BUILD=$(B) VERSION=$(VERSION) LAB=$(LAB) test/faults

# make lab CASES="01 02"
lab: all lab-tools
	$(if $(CASES),,HA_BUILD=$(B) test/lab/self-test.sh)
	HA_BUILD=$(B) test/lab/run $(CASES)

# make soak HANDOVERS=500 FENCES=200: about half an hour
HANDOVERS ?= 500
FENCES ?= 200
.PHONY: soak valgrind
soak: all lab-tools
	HA_BUILD=$(B) test/lab/soak.sh $(HANDOVERS) $(FENCES)

demo: deps
	@$(MAKE) --no-print-directory -j$(CORES) all lab-tools
	@HA_BUILD=$(B) test/lab/demo.sh

bench: all lab-tools
	HA_BUILD=$(B) test/bench/bench.sh

# make fuzz TIME=s: so many seconds each; RUNS=n: so many inputs each, built without the calls at every comparison,
# which take half of the time; what runs by time have found with them is where these begin.
TIME ?= 60
FUZZ_BUILD = $(B)/fuzz$(if $(RUNS),/quick)
fuzz:
	@$(MAKE) --no-print-directory -j$(CORES) B=$(FUZZ_BUILD) CC=clang WARN=-w SANITIZE=address,undefined \
		EXTRA_CFLAGS="-fsanitize$(if $(RUNS),-coverage=inline-8bit-counters -fsanitize-coverage=pc-table,=fuzzer-no-link)" \
		$(FUZZERS:%=$(FUZZ_BUILD)/test/%)
	@HA_BUILD=$(B)/fuzz HA_FUZZERS=$(FUZZ_BUILD)/test RUNS=$(RUNS) test/fuzz/run $(TIME) $(FUZZERS)

sanitize: valgrind
	@$(MAKE) --no-print-directory -j$(CORES) B=$(B)/sanitize SANITIZE=address,undefined all unit-tests lab-tools \
		$(B)/sanitize/test/sim
	@LSAN_OPTIONS=suppressions=test/lsan.supp:print_suppressions=0 HA_BUILD=$(B)/sanitize SEEDS=$(SEEDS) \
		test/run unit rows random failover

# A failover in the lab under memcheck: no leak, no descriptor left.
valgrind: all lab-tools
	HA_BUILD=$(B) test/lab/leaks.sh

# make mutate MUTATIONS="NAME..."
mutate:
	@test/sim/mutate $(MUTATIONS)

# ... against the model check alone, with its counterexamples
mutate-model:
	@test/model/mutate $(MUTATIONS)

lint: ready
	@HA_BUILD=$(B) FLAGS='$(subst ','\'',$(LANGUAGE))' test/lint/run all

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

# --- installation: what is installed under PREFIX runs from there ---

SBIN = $(DESTDIR)$(PREFIX)/sbin
LIBEXEC = $(DESTDIR)$(PREFIX)/libexec/ha-fenced
MAN = $(DESTDIR)$(PREFIX)/share/man
DOC = $(DESTDIR)$(PREFIX)/share/doc/ha-fenced
COMPLETION = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSH = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
CATALOG = $(DESTDIR)$(PREFIX)/lib/systemd/catalog
FIREWALLD = $(DESTDIR)$(PREFIX)/lib/firewalld/services
SYSTEMD = $(DESTDIR)$(PREFIX)/lib/systemd/system
SYSUSERS = $(DESTDIR)$(PREFIX)/lib/sysusers.d
TMPFILES = $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
GENERATORS = $(DESTDIR)$(PREFIX)/lib/systemd/system-generators
CONFIG = $(DESTDIR)$(SYSCONFDIR)/ha-fenced
POLKIT = $(DESTDIR)$(PREFIX)/share/polkit-1/rules.d
GENERATOR = $(B)/ha-fenced-generator
WORKERS = $(filter-out $(GENERATOR),$(filter $(B)/ha-fenced-%,$(BUILT)))
DOCUMENTS = README.md CHANGELOG.md LICENSE etc/ha-fenced.conf $(wildcard docs/*.md)

install: all $(B)/ha-fenced.catalog
	$(INSTALL) -d $(SBIN) $(LIBEXEC) $(MAN)/man5 $(MAN)/man8 $(DOC) $(COMPLETION) $(SYSTEMD) $(SYSUSERS) $(TMPFILES) \
		$(GENERATORS) $(POLKIT)
	$(INSTALL) -m 755 $(filter-out $(WORKERS) $(GENERATOR),$(BUILT)) $(SBIN)
	ln -sf ha-fence $(SBIN)/fence_ipmi_ha
	$(INSTALL) -m 755 $(WORKERS) $(LIBEXEC)
	$(INSTALL) -m 755 $(GENERATOR) $(GENERATORS)
	for page in $(wildcard docs/*.[58]); do $(INSTALL) -m 644 $$page $(MAN)/man$${page##*.} || exit 1; done
	$(INSTALL) -m 644 $(DOCUMENTS) $(DOC)
	$(INSTALL) -d $(DOC)/prometheus $(ZSH) $(CATALOG) $(FIREWALLD)
	$(INSTALL) -m 644 etc/prometheus/ha-fenced.rules.yml $(DOC)/prometheus
	$(INSTALL) -m 644 etc/nftables/ha-fenced.nft $(DOC)
	$(INSTALL) -m 644 etc/completion/ha-fence $(COMPLETION)
	$(INSTALL) -m 644 etc/completion/_ha-fence $(ZSH)
	$(INSTALL) -m 644 etc/firewalld/ha-fenced.xml $(FIREWALLD)
	$(INSTALL) -m 644 $(B)/ha-fenced.catalog $(CATALOG)
	$(if $(DESTDIR),,journalctl --update-catalog 2>/dev/null || :)
	sed 's|@PREFIX@|$(PREFIX)|g' etc/ha-fenced.service >$(SYSTEMD)/ha-fenced.service
	chmod 644 $(SYSTEMD)/ha-fenced.service
	sed 's|@PREFIX@|$(PREFIX)|g' etc/ha-fenced-metrics@.service >$(SYSTEMD)/ha-fenced-metrics@.service
	chmod 644 $(SYSTEMD)/ha-fenced-metrics@.service
	$(INSTALL) -m 644 etc/ha-fenced-metrics.socket $(SYSTEMD)
	$(INSTALL) -m 644 etc/ha-fenced.sysusers $(SYSUSERS)/ha-fenced.conf
	$(INSTALL) -m 644 etc/ha-fenced.tmpfiles $(TMPFILES)/ha-fenced.conf
	$(INSTALL) -m 644 etc/ha-fenced.rules $(POLKIT)/50-ha-fenced.rules
	$(INSTALL) -d $(CONFIG)
	$(INSTALL) -m 600 etc/ha-fenced.conf $(CONFIG)/ha-fenced.conf.example

# Leaves the configuration and what the daemon remembers.
uninstall:
	rm -f $(patsubst %,$(SBIN)/%,ha-fenced ha-fence fence_ipmi_ha) $(patsubst docs/%.5,$(MAN)/man5/%.5,$(wildcard docs/*.5)) \
		$(patsubst docs/%.8,$(MAN)/man8/%.8,$(wildcard docs/*.8)) \
		$(COMPLETION)/ha-fence $(ZSH)/_ha-fence $(FIREWALLD)/ha-fenced.xml $(CATALOG)/ha-fenced.catalog \
		$(SYSTEMD)/ha-fenced-metrics.socket $(SYSTEMD)/ha-fenced-metrics@.service \
		$(SYSTEMD)/ha-fenced.service $(SYSUSERS)/ha-fenced.conf $(TMPFILES)/ha-fenced.conf \
		$(GENERATORS)/ha-fenced-generator $(POLKIT)/50-ha-fenced.rules \
		$(CONFIG)/ha-fenced.conf.example
	rm -rf $(LIBEXEC) $(DOC)

# --- packages: of what is committed ---

TREE = $(B)/ha-fenced-$(VERSION)

$(TREE): FORCE
	@rm -rf $@
	@mkdir -p $@
	git archive HEAD | tar -x -C $@

deb: $(TREE)
	cd $< && dpkg-buildpackage -us -uc -b
	lintian --fail-on error,warning --tag-display-limit 0 $(B)/ha-fenced_$(VERSION)_*.changes

# Elsewhere than on an RPM system: RPMFLAGS=--nodeps, to see that the spec holds.
rpm: dist
	rpmbuild -bb $(RPMFLAGS) --define '_topdir $(abspath $(B))/rpm' --define '_sourcedir $(abspath $(B))' packaging/ha-fenced.spec

dist:
	@mkdir -p $(B)
	git archive --prefix=ha-fenced-$(VERSION)/ -o $(B)/ha-fenced-$(VERSION).tar.gz HEAD

clean:
	rm -rf $(B)

help:
	@echo 'make                            the programs, in $(B)/'
	@echo 'make demo                       see it: two nodes, real IPMI, a power cut, a frozen master (root)'
	@echo 'make check [WERROR=1]           everything: packages, build, unit tests, simulator, lab (root)'
	@echo 'make install [PREFIX=] [DESTDIR=]   make uninstall'
	@echo 'make deps                       the Debian packages of test/packages'
	@echo 'make unit                       unit tests'
	@echo 'make sim [SEED=n | SEEDS=n]     one schedule as a trace; so many schedules'
	@echo 'make model [DEPTH=n FAULTS=n]   every order of events, to a depth, on the real code'
	@echo 'make shrink SEED=n              a failing schedule made small'
	@echo 'make faults [LAB=1]             every fault and what became of it: docs/FAULTS-RESULTS.md'
	@echo 'make lab [CASES="01 02"]        fault cases with the real programs'
	@echo 'make soak [HANDOVERS= FENCES=]  500 handovers and 200 fences in one run: constant memory and descriptors'
	@echo 'make bench                      the figures, beside keepalived'
	@echo 'make fuzz [TIME=s | RUNS=n]     each fuzz target for so long, or so many inputs'
	@echo 'make sanitize                   unit tests, simulator and failovers with ASan and UBSan; make valgrind'
	@echo 'make valgrind                   a failover with every process under memcheck'
	@echo 'make mutate                     break each safety rule in turn; the tests must see it'
	@echo 'make deb   make rpm             packages of what is committed, in $(B)/'
	@echo 'make lint   make format         make dist   make clean'
	@echo 'B=DIR builds there; CFLAGS, LDFLAGS, CC are yours'

-include $(shell find $(B)/obj $(B)/sim-obj -name '*.d' 2>/dev/null)

FORCE:
.PHONY: all lab-tools unit-tests tests deps ready check unit sim sim-sources shrink faults model lab demo bench fuzz sanitize mutate \
	mutate-model lint format install \
	uninstall dist deb rpm clean help FORCE
.SECONDARY:
