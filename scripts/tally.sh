# shellcheck shell=bash
# Sourced by scripts/test and scripts/check: runs stages, counts what passed and failed, ends with one line.
passed=0
failed=0
skipped=0
failures=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT

heading() { printf '\n=== %s\n' "$1"; }

# stage NAME COMMAND...: one check that passes or fails as a whole; exit status 77 means that it could not be made.
stage() {
  local name=$1 status=0
  shift
  heading "$name"
  "$@" </dev/null || status=$?
  case $status in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)) ;;
    *) fail 1 "$name" ;;
  esac
}

# build NAME COMMAND...: counts only if it fails, for then its tests do not run.
build() {
  local name=$1
  shift
  heading "$name"
  "$@" </dev/null || { fail 1 "$name" && return 1; }
}

# run_ctest PRESET [ARGUMENT...]: the tests of a preset, as ctest counts them.
run_ctest() {
  local preset=$1 status=0 counts
  shift
  heading "tests of the preset $preset"
  ctest --preset "$preset" --parallel "$(scripts/jobs)" --no-tests=error "$@" </dev/null 2>&1 | tee "$log" || status=$?
  # "93% tests passed, 1 tests failed out of 14"; skipped tests are listed below that line and count among the 14.
  counts=$(sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests\{0,1\} failed out of \([0-9]*\)$/\1 \2/p' "$log")
  add "tests of the preset $preset" "$status" "${counts% *}" "${counts#* }" \
    "$(grep -c -E '^[[:space:]]*[0-9]+ - .* \(Skipped\)$' "$log")"
  # "Test #163: kernels/Rows.SumsEqualTheScalarTruth/avx2  # GetParam() = ... Passed", or with a name before "Rows"
  counts=$(sed -n '/ Passed /s/^.*Test *#[0-9]*: kernels\/[^ ]*\/\([a-z][a-z0-9_]*\) .*$/\1/p' "$log" | sort -u)
  if [ -n "$counts" ]; then echo "Kernels of these instruction sets ran: $(paste -s -d ' ' <<<"$counts")"; fi
}

# run_gtest NAME COMMAND...: a whole program of tests, as GoogleTest counts them.
run_gtest() {
  local name=$1 status=0 total good left_out
  shift
  heading "$name"
  "$@" --gtest_brief=1 </dev/null 2>&1 | tr -d '\r' | tee "$log" || status=$?
  # "[==========] 14 tests from 3 test suites ran.", "[  PASSED  ] 12 tests.", "[  SKIPPED ] 1 test."
  total=$(sed -n 's/^\[==========\] \([0-9]*\) tests\{0,1\} from .* ran\..*/\1/p' "$log")
  good=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) tests\{0,1\}\.$/\1/p' "$log")
  left_out=$(sed -n 's/^\[  SKIPPED \] \([0-9]*\) tests\{0,1\}\.$/\1/p' "$log")
  add "$name" "$status" "$((${total:-0} - ${good:-0} - ${left_out:-0}))" "$total" "${left_out:-0}"
}

# run_python FOLDER...: the unittest files *_test.py of each folder, several folders at a time.
run_python() {
  local outputs folder status total
  outputs=$(mktemp -d)
  printf '%s\0' "$@" | OUTPUTS=$outputs xargs -0 -n 1 -P "$(scripts/jobs)" bash -c '
    python3 -m unittest discover -s "$1" -p "*_test.py" </dev/null >"$OUTPUTS/${1//\//_}" 2>&1
    echo $? >"$OUTPUTS/${1//\//_}.status"' bash
  for folder in "$@"; do
    heading "$folder (Python)"
    tee "$log" <"$outputs/${folder//\//_}"
    status=$(cat "$outputs/${folder//\//_}.status")
    # "Ran 14 tests in 0.1s", then "OK (skipped=1)" or "FAILED (failures=1, errors=2)"
    total=$(sed -n 's/^Ran \([0-9]*\) tests\{0,1\} in .*/\1/p' "$log")
    add "$folder (Python)" "$status" "$(sum 'failures|errors')" "$total" "$(sum skipped)"
  done
  rm -r "$outputs"
}

# sum KEYS: adds up KEY=number over the verdict of unittest.
sum() { grep -E '^(OK|FAILED)' "$log" | tail -n 1 | grep -o -E "($1)=[0-9]+" | awk -F= '{n += $2} END {print n + 0}'; }

# add NAME STATUS FAILED TOTAL SKIPPED: into the tally. A run that failed without a failed test counts as one failure.
add() {
  local name=$1 status=$2 bad=${3:-0} total=${4:-0} left_out=${5:-0}
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
    bad=1
    total=$((total + 1))
  fi
  passed=$((passed + total - bad - left_out))
  skipped=$((skipped + left_out))
  if [ "$bad" -gt 0 ]; then fail "$bad" "$name"; fi
}

fail() {
  failed=$((failed + $1))
  failures+=("$2")
}

# summary: the last line of the run, and its exit status.
summary() {
  printf '\n'
  local name
  for name in "${failures[@]}"; do echo "Failed: $name"; done
  if [ "$skipped" -gt 0 ]; then echo "Left out: $skipped (the reasons stand above)"; fi
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}
