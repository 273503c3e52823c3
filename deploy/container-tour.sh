#!/usr/bin/env bash
# Builds the image, runs it with a read-only root as a user without rights, and takes the tour of README.md against it.
#
#   deploy/container-tour.sh                       with Docker, exactly as deploy/compose.yaml says, at http://localhost:5080
#   deploy/container-tour.sh BUILD RUN [PORT]      without a Docker engine, as root on Linux: BUILD FOLDER TAG builds an image,
#                                                  RUN TAG DATA_FOLDER NAME=VALUE... runs it on the host's network until it ends
#
# The last line says "The tour passed." and the exit code is 0 only if all of it held.
set -euo pipefail
cd "$(dirname "$0")/.."
project=rnnservice-tour

fail() { echo "FAILED: $1" >&2; exit 1; }

# How to build, start, enter and stop: with Docker.
if [ $# -eq 0 ]; then
  port=5080
  compose() { docker compose -f deploy/compose.yaml -p "$project" "$@"; }
  build() { compose build; }
  start() { compose up --detach --no-build; }
  inside() { compose exec -T rnnservice "$@"; }
  stop() {
    compose stop
    [ "$(compose ps --all --format '{{.ExitCode}}')" = 0 ] || fail "the service did not end with 0"
  }
  cleanup() { compose down --volumes >/dev/null 2>&1 || true; }
else
  # With the scripts given. The service is the last of RUN's descendants; the root that it sees is made read-only as soon as it is there.
  build_script=$1 run_script=$2 port=${3:-18080} data=$(mktemp -d) runner='' service=''
  build() { "$build_script" "$PWD" "$project"; }
  start() {
    "$run_script" "$project" "$data" ASPNETCORE_HTTP_PORTS="$port" >>"$data.log" 2>&1 &
    runner=$!
    for _ in $(seq 600); do
      kill -0 "$runner" 2>/dev/null || fail "the container ended: $(tail -n 5 "$data.log")"
      service=$runner
      while child=$(pgrep -P "$service" | head -n 1) && [ -n "$child" ]; do service=$child; done
      [ "$(cat "/proc/$service/comm" 2>/dev/null)" = dotnet ] && break
      sleep 0.1
    done
    [ "$(cat "/proc/$service/comm")" = dotnet ] || fail "the container does not start"
    nsenter -t "$service" -m -- mount -o remount,bind,ro "$(readlink "/proc/$service/root")"
  }
  inside() {
    local user environment
    user=$(awk '/^Uid:/ { print $2 }' "/proc/$service/status")
    mapfile -d '' -t environment <"/proc/$service/environ"
    nsenter -t "$service" -m -r -w -S "$user" -G "$user" -- env -i "${environment[@]}" "$@"
  }
  stop() {
    kill -TERM "$service"
    wait "$runner" || fail "the service did not end with 0: $(tail -n 5 "$data.log")"
    runner=''
  }
  cleanup() {
    if [ -n "$runner" ] && kill -0 "$runner" 2>/dev/null; then
      kill -TERM "$service" 2>/dev/null || true
      wait "$runner" || true
    fi
    rm -rf "$data" "$data.log"
  }
fi
trap cleanup EXIT

url=http://localhost:$port
wait_until_ready() {
  for _ in $(seq 120); do
    curl -sf "$url/health/ready" >/dev/null && return
    sleep 0.5
  done
  fail "the service is not ready after a minute"
}

# The shell blocks of the README that send requests, one file each.
blocks() {
  awk -v folder="$1" '/^```bash$/ { inside = 1; text = ""; next }
    /^```$/ { if (inside && text ~ /curl/) { file = sprintf("%s/%02d.sh", folder, ++count); printf "%s", text > file; close(file) } inside = 0 }
    inside { text = text $0 "\n" }' README.md
}

wait_for_jobs() {
  for _ in $(seq 600); do
    jobs=$(curl -sf "$url/api/v1/training-jobs")
    grep -qE '"status":"(queued|running)"' <<<"$jobs" || return 0
    sleep 0.5
  done
  fail "the training takes too long"
}

build
start
wait_until_ready

user=$(inside id -u)
[ "$user" != 0 ] || fail "the service runs as root"
inside sh -c "awk '\$5 == \"/\" { print \$6 }' /proc/self/mountinfo" | grep -qE '^ro(,|$)' || fail "the root file system can be written to"
echo "The service runs as user $user with a read-only root."

tour=$(mktemp -d)
blocks "$tour"
for block in "$tour"/*.sh; do
  sed -i "s#http://localhost:5080#$url#g" "$block"
  answer=$(bash -e -o pipefail "$block") || fail "a command of the README: $(cat "$block")"
  if grep -q '"title":' <<<"$answer"; then fail "a problem was the answer to $(cat "$block")$answer"; fi
  printf '%s\n' "$answer" >>"$tour/answers"
  wait_for_jobs
done
rm "$tour"/*.sh
grep -q '"status":"failed"' <<<"$(curl -sf "$url/api/v1/training-jobs")" && fail "a job of the tour failed"
for expected in '"samples":' '"results":' '"name":"colours"'; do
  grep -q "$expected" "$tour/answers" || fail "no answer of the tour holds $expected"
done
rm -r "$tour"
inside dotnet /app/RnnService.Api.dll --health >/dev/null || fail "--health says that the service is not ready"

# What was learned is in the volume: it is there after a stop and a start.
stop
start
wait_until_ready
for model in dinosaurs opinions; do
  curl -sf "$url/api/v1/models/$model" | grep -q '"status":"ready"' || fail "the model $model is gone after a restart"
done
stop
echo "The tour passed."
