#!/usr/bin/env bash
# slurm: stages run by a real Slurm: the same results as here, and the right word for what went wrong.
# shellcheck source=tests/remote/lib.bash
. "${top_srcdir:-.}/tests/remote/lib.bash"

serve slurm || skip_all "$why"
export SLURM_CONF

# Five kinds of stages, of which the models are a grid.
pipeline() {
  cat <<'Y'
stages:
  prepare:
    cmd: sort -n raw.txt >sorted.txt
    deps: [raw.txt]
    outs: [sorted.txt]
  train:
    matrix:
      rate: [1, 2, 3]
    cmd: echo tasks=$SLURM_ARRAY_TASK_COUNT && awk '{ s += $1 * ${item.rate} } END { print s }' sorted.txt >model-${item.rate}
    deps: [sorted.txt]
    params: [scale]
    outs: ['model-${item.rate}']
    meta: {slurm: {time: 10, mem: 10M}}
  features:
    cmd: mkdir features && split -l 5 sorted.txt features/part-
    deps: [sorted.txt]
    outs: [features]
  report:
    wdir: out
    cmd: cat ../model-* ../features/* >report.txt && wc -l <report.txt >lines.json
    deps: [../model-1, ../model-2, ../model-3, ../features]
    outs: [report.txt]
    metrics: [{lines.json: {cache: false}}]
Y
}

# project DIR [EXECUTOR]: a project with data and without a pipeline.
project() {
  cd "$scratch"
  chmod -R u+w "$1" 2>/dev/null || true
  rm -rf "$1"
  new_project "$1"
  git config mlv.executor "${2:-slurm}"
  mkdir out
  seq 20 | tac >raw.txt
  echo 'scale: 1' >params.yaml
}

# grid DIR [EXECUTOR]: a project with that pipeline.
grid() {
  project "$1" "${2:-slurm}"
  pipeline >mlv.yaml
}

# queued: jobs that are not over.
queued() { squeue --noheader --array --format=%i | wc -l; }

# settled: until the queue is empty.
settled() {
  local end=$((SECONDS + 60))
  until [ "$(queued)" = 0 ]; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

# running N: until so many jobs run.
running() {
  local end=$((SECONDS + 60))
  until [ "$(squeue --noheader --array --states=running --format=%i | wc -l)" = "$1" ]; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

# job_ids: of all jobs that Slurm knows, the first one first.
job_ids() { squeue --noheader --states=all --sort=i --format=%i; }

job_id() { squeue --noheader --array --states=running --format=%i | head -n 1; }

# a_sleeper: one stage that takes long.
a_sleeper() {
  project "$1"
  cat >mlv.yaml <<'Y'
stages:
  long:
    cmd: echo begun; sleep 60; echo 1 >long.txt
    deps: [raw.txt]
    outs: [long.txt]
  after:
    cmd: cp long.txt after.txt
    deps: [long.txt]
    outs: [after.txt]
Y
}

# begin: repro in the background; its process is $repro. As a background job it would ignore SIGINT.
begin() {
  env --default-signal=INT git-mlv repro >"$scratch/said" 2>&1 &
  repro=$!
}

# ends_with STATUS: how the one in the background must end.
ends_with() {
  local status
  wait "$repro" && status=0 || status=$?
  cat "$scratch/said"
  is [ "$status" = "$1" ]
}

said() { is grep -q -- "$1" "$scratch/said"; }

same_as_here() {
  grid here local
  git mlv repro
  grid there slurm
  git mlv repro
  cmp "$scratch/here/mlv.lock" mlv.lock
  cmp "$scratch/here/out/report.txt" out/report.txt
  same_files "$scratch/here/features" features
  is [ "$(cat .git/mlv/logs/train* | grep -c '^tasks=3$')" = 3 ]
  git mlv repro >"$scratch/said"
  is [ "$(grep -c 'Running' "$scratch/said")" = 0 ]
  is [ -z "$(ls .git/mlv/slurm)" ]
}

cancelled() {
  a_sleeper work
  begin
  running 1
  scancel "$(job_id)"
  ends_with 1
  said 'cancelled'
  is [ ! -e mlv.lock ]
}

time_limit() {
  a_sleeper work
  begin
  running 1
  scontrol update JobId="$(job_id)" EndTime=now
  ends_with 1
  said 'time limit'
  is [ ! -e after.txt ]
}

lost_node() {
  a_sleeper work
  begin
  running 1
  "$service" slurm kill "$services/slurm"
  ends_with 1
  said 'node lost'
  up slurm "$services/slurm"
}

fails() {
  project work
  cat >mlv.yaml <<'Y'
stages:
  bad:
    cmd: echo a last word; exit 7
    deps: [raw.txt]
    outs: [bad.txt]
Y
  begin
  ends_with 1
  said 'exited with 7'
  said 'a last word'
}

interrupted() {
  a_sleeper work
  begin
  running 1
  kill -INT "$repro"
  ends_with 130
  is [ "$(queued)" = 0 ]
  is [ -z "$(ls .git/mlv/slurm)" ]
}

killed() {
  a_sleeper work
  begin
  running 1
  kill -KILL "$repro"
  wait "$repro" || true
  is [ "$(queued)" = 1 ]
  sed -i 's/sleep 60/sleep 0/' mlv.yaml
  git mlv repro --executor local
  is [ "$(queued)" = 0 ]
  is [ "$(cat after.txt)" = 1 ]
  is [ -z "$(ls .git/mlv/slurm)" ]
}

wrong_needs() {
  grid work
  sed -i 's/mem: 10M/memory: 10M/' mlv.yaml
  git mlv repro >"$scratch/said" 2>&1 && return 1
  cat "$scratch/said"
  said "no key 'memory'"
  is [ "$(queued)" = 0 ]
}

submitted() {
  grid here local
  git mlv repro
  grid there
  git mlv repro --submit >"$scratch/said"
  cat "$scratch/said"
  is [ "$(grep -c submitted "$scratch/said")" = 6 ]
  settled
  is [ ! -e mlv.lock ]
  git mlv repro >"$scratch/said" 2>&1
  cat "$scratch/said"
  cmp "$scratch/here/mlv.lock" mlv.lock
  is [ "$(cat .git/mlv/logs/train* | grep -c '^tasks=3$')" = 3 ]
  is [ "$(grep -c Running "$scratch/said")" = 0 ]
  is [ -z "$(ls .git/mlv/slurm)" ]
  git mlv repro --submit >"$scratch/said"
  is [ "$(queued)" = 0 ]
  is [ -z "$(ls .git/mlv/slurm)" ]
}

submitted_runs() {
  a_sleeper work
  git mlv repro --submit
  running 1
  git mlv repro >"$scratch/said" 2>&1 && return 1
  cat "$scratch/said"
  said 'still running'
  git mlv repro --submit && return 1
  is [ "$(queued)" = 2 ]
  scancel "$(job_id)"
  settled
  git mlv repro >"$scratch/said" 2>&1 && return 1
  cat "$scratch/said"
  said 'cancelled'
  said 'after'
  is [ -z "$(ls .git/mlv/slurm)" ]
  is [ ! -e mlv.lock ]
}

# Killed just before its jobs may start: the next command lets them go.
submitted_killed() {
  grid work
  mkdir "$scratch/bin"
  cat >"$scratch/bin/scontrol" <<S
#!/bin/sh
[ "\$1" != release ] || { kill -KILL \$PPID; exit 1; }
exec $(command -v scontrol) "\$@"
S
  chmod +x "$scratch/bin/scontrol"
  PATH=$scratch/bin:$PATH git-mlv repro --submit && return 1
  is [ "$(squeue --noheader --array --states=running --format=%i | wc -l)" = 0 ]
  is [ "$(queued)" = 6 ]
  git mlv repro && return 1
  settled
  git mlv repro >"$scratch/said" 2>&1
  cat "$scratch/said"
  is [ "$(grep -c Running "$scratch/said")" = 0 ]
  cmp "$scratch/here/mlv.lock" mlv.lock
}

submitted_fails() {
  grid work
  sed -i 's/mkdir features/mkdir features \&\& exit 5/' mlv.yaml
  git mlv repro --submit
  settled
  git mlv repro >"$scratch/said" 2>&1 && return 1
  cat "$scratch/said"
  said 'exited with 5'
  is grep -q train mlv.lock
  is [ "$(grep -c -e features: -e report: mlv.lock)" = 0 ]
  sed -i 's/ \&\& exit 5//' mlv.yaml
  git mlv repro
  is grep -q report: mlv.lock
}

# changes WHILE AFTER: a stage is submitted; something happens while it runs, and something when it is over. Then it is collected.
changes() {
  project work
  cat >mlv.yaml <<'Y'
stages:
  copy:
    cmd: cp raw.txt copy.txt; sleep 1
    deps: [raw.txt]
    params: [scale]
    outs: [copy.txt]
Y
  git mlv repro --submit
  until [ -s copy.txt ]; do sleep 0.1; done
  eval "$1"
  settled
  eval "$2"
  git mlv repro >"$scratch/said" 2>&1 || true
  cat "$scratch/said"
}

recorded() { changes "$1" "$2" && is grep -q copy.txt mlv.lock; }
not_recorded() { changes "$1" "$2" && said 'not recorded' && is [ ! -e mlv.lock ]; }

submitted_changes() {
  recorded 'echo 1 >other' 'echo other: 2 >>params.yaml; touch mlv.yaml'
  not_recorded 'cp raw.txt new; mv new raw.txt' :
  not_recorded : 'touch -r raw.txt stamp; echo 0 >raw.txt; seq 20 | tac >raw.txt; touch -r stamp raw.txt'
  not_recorded 'echo scale: 2 >params.yaml; echo scale: 1 >params.yaml' :
  not_recorded : 'echo scale: 2 >params.yaml'
  not_recorded : 'echo >>copy.txt'
  not_recorded : "sed -i 's/sleep 1/sleep 0/' mlv.yaml"
}

# no_job_known: until Slurm has forgotten all.
no_job_known() {
  local end=$((SECONDS + 120))
  until [ -z "$(squeue --noheader --states=all)" ]; do
    [ $SECONDS -lt $end ] || return 1
    sleep 1
  done
}

# Slurm forgets jobs: what they left still tells how they ended, or else the site's accounts do.
forgotten() {
  SLURM_MIN_JOB_AGE=2 up slurm "$scratch/forgetful"
  export SLURM_CONF
  a_sleeper work
  sed -i 's/sleep 60/exit 6/' mlv.yaml
  git mlv repro --submit
  settled
  no_job_known
  git mlv repro >"$scratch/said" 2>&1 && return 1
  cat "$scratch/said"
  said 'exited with 6'
  # Accounting wants a database; what it would print stands in for it.
  sed -i "s/exit 6/kill -KILL \$PPID/" mlv.yaml
  git mlv repro --submit
  mkdir -p "$scratch/accounts"
  cat >"$scratch/accounts/sacct" <<S
#!/bin/bash
echo '$(job_ids | head -n 1)|OUT_OF_MEMORY'
[[ "\$*" == *--allocations* ]] || echo '$(job_ids | head -n 1).batch|FAILED'
S
  chmod +x "$scratch/accounts/sacct"
  settled
  no_job_known
  PATH=$scratch/accounts:$PATH git mlv repro >"$scratch/said" 2>&1 && return 1
  cat "$scratch/said"
  said 'out of memory'
  "$service" slurm down "$scratch/forgetful"
}

# While a node cleans up Slurm does not say that a job was cancelled.
slow_to_complete() {
  printf '#!/bin/sh\nsleep 14\n' >"$scratch/epilog"
  chmod +x "$scratch/epilog"
  SLURM_EPILOG=$scratch/epilog up slurm "$scratch/slow"
  export SLURM_CONF
  cancelled
  "$service" slurm down "$scratch/slow"
}

check "the lock file is what it is here; a matrix is an array" same_as_here
check "a stage that fails says so" fails
check "a job that somebody cancelled" cancelled
check "Ctrl-C cancels" interrupted
check "jobs of a killed repro are ended by the next one" killed
check "needs that there are not" wrong_needs
check "submitted and collected, the lock file is what it is here" submitted
check "what is submitted is left alone while it runs" submitted_runs
check "submitted, and killed before its jobs were let go" submitted_killed
check "submitted stages that fail, and those behind them" submitted_fails
check "nothing is recorded that was not so" submitted_changes
check "a job that hits its time limit" time_limit
check "a node that dies" lost_node
if [ -z "$quick" ]; then
  check "jobs that Slurm has forgotten" forgotten
  check "a node that takes long to clean up" slow_to_complete
fi
plan
