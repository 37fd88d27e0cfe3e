# make run | test | lint | fmt | bench | bench-ux | screenshots | shell | backup | restore | reset
# Needs make and Python 3.11 or 3.12; everything else is installed into .venv and .data.
.DEFAULT_GOAL := run
.PHONY: run test lint fmt bench bench-ux screenshots shell backup restore reset install install-test browser
MAKEFLAGS += --no-print-directory
# Compiled modules are kept: a suite of several processes would compile every test in each of them.
export PYTHONDONTWRITEBYTECODE :=

PY := .venv/bin/python
RUNNER := $(PY) -m shopmsg.embedded
PIP := $(PY) -m pip --disable-pip-version-check -qq --no-input

run: install
	@exec $(RUNNER) run

test: install-test browser
	@$(MAKE) lint
	@$(PY) -m pytest -n $(or $(JOBS),3) --dist loadscope

# Settings for the checks that only import the code: no server is asked anything.
CHECK_ENV := set -a; . ./tests/check.env; set +a;

lint: install-test
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m tests.tree
	@.venv/bin/djangofmt --check $$(find templates -name '*.html')
	@.venv/bin/lint-imports
	@$(CHECK_ENV) $(PY) -m mypy .
	@$(CHECK_ENV) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	@$(CHECK_ENV) $(PY) manage.py check --deploy --fail-level WARNING

fmt: install-test
	@$(PY) -m ruff check --fix --quiet || true
	@$(PY) -m ruff format
	@.venv/bin/djangofmt --quiet $$(find templates -name '*.html')

bench: install-test
	@$(RUNNER) exec --temporary --migrate -- $(PY) -m tests.bench $(ARGS)

bench-ux: install-test browser
	@$(PY) -m tests.bench.ux $(ARGS)

screenshots: install-test browser
	@$(PY) -m tests.browser.screenshots

shell: install
	@$(RUNNER) exec --migrate -- $(PY) manage.py shell

backup: install
	@test -n "$(FILE)" || { echo "파일 이름을 넣어 주세요. 예: make backup FILE=shopmsg.tar"; exit 1; }
	@$(RUNNER) backup "$(FILE)"

restore: install
	@test -n "$(FILE)" || { echo "파일 이름을 넣어 주세요. 예: make restore FILE=shopmsg.tar"; exit 1; }
	@$(RUNNER) restore "$(FILE)"

reset: install
	@$(RUNNER) reset

# --- installing -----------------------------------------------------------------------------------------------------

install: .venv/run-installed
install-test: .venv/test-installed

.venv/run-installed: pyproject.toml requirements.lock
	@$(MAKE) -s .venv/ready
	@echo "필요한 것을 설치하고 있어요(처음 한 번, 1분쯤 걸려요)…"
	@$(PIP) install -c requirements.lock --group app --group local
	@touch $@

.venv/test-installed: pyproject.toml requirements.lock
	@$(MAKE) -s .venv/ready
	@echo "검사에 필요한 것을 설치하고 있어요(처음 한 번, 2분쯤 걸려요)…"
	@$(PIP) install -c requirements.lock --group app --group local --group test
	@touch $@ .venv/run-installed

# A virtual environment whose Python has gone is made anew.
.venv/ready:
	@found=; without=; \
	for python in python3.12 python3.11 python3 python "$$HOME"/.pyenv/versions/3.12*/bin/python "$$HOME"/.pyenv/versions/3.11*/bin/python; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' >/dev/null 2>&1 || continue; \
	  if "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then found=$$python; break; fi; \
	  without=$$python; \
	done; \
	if [ -z "$$found" ] && [ -n "$$without" ]; then \
	  echo "$$without에 venv가 없어요. python3-venv 꾸러미를 설치한 뒤 다시 실행해 주세요." >&2; exit 1; fi; \
	if [ -z "$$found" ]; then \
	  echo "Python 3.11이나 3.12가 필요한데 찾지 못했어요. 설치한 뒤 make run을 다시 실행해 주세요." >&2; exit 1; fi; \
	"$$found" -m venv --clear .venv
	@$(PIP) install -U pip==26.3
	@touch $@

# Debian's Chromium and Korean fonts for the browser tests.
browser:
	@missing=; \
	command -v chromium >/dev/null 2>&1 || missing="chromium"; \
	fc-list :lang=ko 2>/dev/null | grep -q . || missing="$$missing fonts-noto-cjk"; \
	[ -z "$$missing" ] && exit 0; \
	if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then as_root=; \
	elif command -v apt-get >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root="sudo -n"; \
	else echo "브라우저 검사에 필요한 꾸러미가 없어요: $$missing — 설치한 뒤 make test를 다시 실행해 주세요." >&2; exit 1; fi; \
	echo "브라우저 검사에 필요한 꾸러미를 설치하고 있어요:$$missing"; \
	$$as_root apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -y -qq --no-install-recommends $$missing >/dev/null || \
	{ echo "꾸러미를 설치하지 못했어요: $$missing — 직접 설치한 뒤 다시 실행해 주세요." >&2; exit 1; }
