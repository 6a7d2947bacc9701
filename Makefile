# Front door.  The build itself is Meson's; see meson.build and STYLE.md.
MAKEFLAGS += --no-print-directory

.PHONY: all setup demo test check bench fuzz campaign pictures sanitize format clean

# The program, and the examples that document systems begin with.
programs = yizhan yizhan-reader yizhan-printer examples/document_system examples/series

all: setup
	@scripts/build build $(programs)

# Debian packages of scripts/packages.list and the npm packages of the pages; fast when nothing is missing.
setup:
	@scripts/bootstrap
	@scripts/node-packages web tests/web

# A whole network of tiers on this machine; Ctrl-C ends it.
demo: setup
	@scripts/build build $(programs)
	@build/yizhan demo $(DEMO)

# Everything that must hold for a change; ends with "N passed, N failed".
test: setup
	@scripts/test

# Slower analysis: clang-tidy, gcc -fanalyzer, a clang build.
check: setup
	@scripts/check

# Measurements beside the peers of scripts/packages-bench.list; prints tables,
# decides nothing.  BENCH=--quick takes some minutes instead of half an hour.
bench: setup
	@scripts/bench $(BENCH)

# Every fuzz target for FUZZ_SECONDS (60) each.
fuzz: setup
	@scripts/fuzz $(FUZZ)

# Crash and chaos campaigns that are too long for `make test`.
campaign: setup
	@scripts/campaign

# Unit and corpus tests under ASan and UBSan only.
sanitize: setup
	@scripts/build build-sanitize meson-test-prereq
	@meson test -C build-sanitize --no-rebuild --print-errorlogs

# Pictures of documents and pages for README and manual; PICTURES=look for every
# page and state, in build/pictures.
pictures: setup
	@scripts/pictures $(PICTURES)

format: setup
	@scripts/format

clean:
	rm -rf build build-*
