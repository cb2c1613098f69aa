# Shared by the scripts of this folder; source it. Sets `root` (the project's folder) and `cores`.
# shellcheck shell=bash disable=SC2034

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cores=$(nproc)
script=scripts/$(basename -- "$0")

# What it takes to build and run `cofre`: compiler, libraries, Firebird's tools with the embedded engine.
run_packages=(
  g++ cmake ninja-build pkg-config
  libcurl4-openssl-dev libexpat1-dev libssl-dev libzstd-dev libsqlite3-dev libpq-dev libsoci-dev
  libfmt-dev libspdlog-dev nlohmann-json3-dev libcli11-dev libtomlplusplus-dev
  libhowardhinnant-date-dev tzdata prometheus-cpp-dev libboost-dev libargon2-dev
  firebird3.0-utils firebird3.0-server-core
)

# Says in one line what is wrong and ends.
fail() {
  echo "$script: $*" >&2
  exit 1
}

# The machine this is written for; anything else is tried all the same.
require_debian() {
  command -v apt-get >/dev/null || fail "apt-get is missing: these scripts are for Debian 12"
}

# Runs a command as root.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    fail "run it as root or install sudo: it needs root for '$*'"
  fi
}

# install_packages NAME...: installs what is missing, without recommends; does nothing where all is there.
install_packages() {
  local missing log
  missing=$(comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/ installed$//p' | sort -u))
  [ -n "$missing" ] || return 0
  require_debian
  log=$(mktemp)
  mapfile -t missing <<<"$missing"
  if ! as_root apt-get -q update >"$log" 2>&1 ||
    ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    fail "cannot install ${missing[*]}: $(grep -m 1 '^E: ' "$log" || tail -n 1 "$log") (all of it: $log)"
  fi
  rm -f "$log"
}

# quietly LOG COMMAND...: keeps the output in LOG and shows its end only where the command fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname -- "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    return 1
  fi
}

# step TITLE announces a step and gives the time of the one before; steps_end gives that of the last.
step_title="" step_began=0 steps_began=$(date +%s%N) step_times=()
seconds_since() { awk -v now="$(date +%s%N)" -v began="$1" 'BEGIN { printf "%.1f", (now - began) / 1e9 }'; }
step() {
  steps_end
  step_title=$1 step_began=$(date +%s%N)
  echo "== $1"
}
steps_end() {
  [ -n "$step_title" ] || return 0
  step_times+=("$(printf '%-24s %7s s' "$step_title" "$(seconds_since "$step_began")")")
  step_title=""
}
print_step_times() {
  steps_end
  printf '%s\n' "${step_times[@]}"
  printf '%-24s %7s s\n' "all" "$(seconds_since "$steps_began")"
}

# A port of this machine that nobody listens on.
free_port() {
  local port try
  for ((try = 0; try < 100; try++)); do
    port=$((26000 + RANDOM % 6000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  fail "no free port between 26000 and 32000"
}
