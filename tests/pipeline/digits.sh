#!/usr/bin/env bash
# digits: a pipeline of machine learning on real data, as a team would use it: handwritten digits (1,797 images that Debian ships with
# scikit-learn), softmax regression in awk over a grid of parameters. After each change only the right stages run; what ran
# before is restored; a clone runs nothing.
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh"

# The data set, from Debian's package; it is not installed.
mkdir "$scratch/download"
(cd "$scratch/download" && apt-get download -qq -o APT::Sandbox::User=root python3-sklearn && dpkg -x python3-sklearn_*.deb .) >/dev/null 2>&1
digits=$scratch/download/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz
[ -s "$digits" ] || skip_all "Debian's package of scikit-learn cannot be fetched"

# Who runs: each script notes itself here.
export RUNS=$scratch/runs

write_sources() {
  mkdir -p src data
  cat >src/prepare.sh <<'EOF'
# prepare.sh DATA RATIO: every RATIO-th image is kept for the test.
echo prepare >>"$RUNS"
mkdir -p prepared
awk -F, -v ratio="$2" '{ print >(NR % ratio ? "prepared/train.csv" : "prepared/test.csv") }' "$1"
EOF
  cat >src/features.awk <<'EOF'
# Brightness from 0 to 1; with levels=2, ink or no ink.
BEGIN { FS = OFS = ","; system("echo features >>\"$RUNS\"") }
{
  for (i = 1; i < NF; i++) $i = levels == 2 ? ($i > 7) : $i / 16
  file = FILENAME
  sub(/^prepared/, "features", file)
  print >file
}
EOF
  cat >src/train.awk <<'EOF'
# Softmax regression by stochastic gradient descent: one line of weights a digit.
BEGIN { FS = ","; system("echo train-" rate "-" epochs " >>\"$RUNS\"") }
{ y[NR] = $NF; for (i = 1; i < NF; i++) x[NR, i] = $i; n = NF - 1 }
END {
  for (e = 0; e < epochs; e++)
    for (r = 1; r <= NR; r++) {
      sum = 0
      for (d = 0; d < 10; d++) {
        z = w[d, 0]
        for (i = 1; i <= n; i++) if (x[r, i]) z += w[d, i] * x[r, i]
        sum += p[d] = exp(z)
      }
      for (d = 0; d < 10; d++) {
        g = rate * ((d == y[r]) - p[d] / sum)
        w[d, 0] += g
        for (i = 1; i <= n; i++) if (x[r, i]) w[d, i] += g * x[r, i]
      }
    }
  for (d = 0; d < 10; d++) { for (i = 0; i <= n; i++) printf "%.5f ", w[d, i]; print "" }
}
EOF
  cat >src/evaluate.awk <<'EOF'
# Accuracy of a model on the test images, and what was taken for what.
BEGIN { FS = "[ ,]"; system("echo evaluate-" name " >>\"$RUNS\""); print "actual,predicted" >("confusion/" name ".csv") }
FNR == NR { for (i = 1; i <= 65; i++) w[FNR - 1, i - 1] = $i; next }
{
  best = 0
  for (d = 0; d < 10; d++) {
    z[d] = w[d, 0]
    for (i = 1; i < NF; i++) z[d] += w[d, i] * $i
    if (z[d] > z[best]) best = d
  }
  n++; right += best == $NF
  print $NF "," best >("confusion/" name ".csv")
}
END { printf "{\"accuracy\": %.4f, \"images\": %d}\n", right / n, n >("scores/" name ".json") }
EOF
  cat >src/report.sh <<'EOF'
# The best model of all.
echo report >>"$RUNS"
cd scores
for f in *.json; do echo "$(sed 's/.*"accuracy": \([0-9.]*\).*/\1/' "$f") ${f%.json}"; done | sort -r >../report.txt
EOF
  cat >params.yaml <<'EOF'
prepare:
  ratio: 4 # every fourth image is for the test
features:
  levels: 16
grid:
  rate: [0.02, 0.05]
  epochs: [1, 2]
EOF
  cat >"$pipeline" <<'EOF'
# From images to a report.
stages:
  prepare:
    cmd: gunzip -c data/digits.csv.gz >digits.csv && sh src/prepare.sh digits.csv ${prepare.ratio} && rm digits.csv
    deps: [data, src/prepare.sh]
    params: [prepare.ratio]
    outs: [prepared]
  features:
    cmd: mkdir -p features && awk -v levels=${features.levels} -f src/features.awk prepared/train.csv prepared/test.csv
    deps: [prepared, src/features.awk]
    params: [features]
    outs: [features]
  train:
    matrix:
      rate: ${grid.rate}
      epochs: ${grid.epochs}
    cmd: awk -v rate=${item.rate} -v epochs=${item.epochs} -f src/train.awk features/train.csv >models/${key}.txt
    deps: [features/train.csv, src/train.awk]
    outs: ["models/${key}.txt"]
  evaluate:
    matrix:
      rate: ${grid.rate}
      epochs: ${grid.epochs}
    cmd: mkdir -p scores confusion && awk -v name=${key} -f src/evaluate.awk models/${key}.txt features/test.csv
    deps: ["models/${key}.txt", features/test.csv, src/evaluate.awk]
    metrics:
      - "scores/${key}.json":
          cache: false
    plots:
      - "confusion/${key}.csv":
          template: confusion
          x: actual
          y: predicted
  report:
    cmd: sh src/report.sh
    deps: [scores, src/report.sh]
    outs: [report.txt]
EOF
}

new_native() { git mlv init -q; }

new_dvc() { mkdir .dvc && touch .dvc/config .dvcignore && printf '/config.local\n/tmp\n/cache\n' >.dvc/.gitignore; }

commit() { git add -A && git commit -qm "$1"; }

# ran NAME… : whether exactly these ran since the last time, each once, in any order.
ran() {
  sort "$RUNS" >"$scratch/ran"
  : >"$RUNS"
  printf '%s\n' "$@" | sed '/^$/d' | sort | diff - "$scratch/ran" >"$scratch/differs" && return
  note "$(tr '\n' ';' <"$scratch/differs")"
  return 1
}

# step NAME EXPECTED…: repro in parallel; it ends well, exactly these ran, and then nothing is left to do.
step() {
  local name=$1 status
  shift
  git mlv repro -j 3 >"$scratch/said" 2>&1 && git mlv status -q && ran "$@"
  status=$?
  [ $status = 0 ] || sed 's/^/# /' "$scratch/said"
  ok "$dialect: $name" $status
}

# shellcheck disable=SC2086 # lists of names
team() {
  cd "$scratch" && git init -q "work-$dialect" && cd "work-$dialect" || return
  all="prepare features train-0.02-1 train-0.02-2 train-0.05-1 train-0.05-2 evaluate-0.02-1 evaluate-0.02-2 evaluate-0.05-1 evaluate-0.05-2 report"
  evaluations="evaluate-0.02-1 evaluate-0.02-2 evaluate-0.05-1 evaluate-0.05-2"
  "new_$dialect" && git mlv remote add -q -d store "$scratch/remote-$dialect" || return
  write_sources
  cp "$digits" data/
  mkdir -p models scores
  touch models/.gitkeep scores/.gitkeep
  git mlv add -q data || return
  : >"$RUNS"
  step "all stages run at first" $all
  awk '{ exit !($1 > 0.9) }' report.txt
  ok "$dialect: nine images of ten are read right: $(head -n 1 report.txt)" $?
  commit "first model" && git tag v1 && git mlv push -q --run-cache
  ok "$dialect: push" $?
  cp -r report.txt "$scratch/report-v1"
  step "nothing to do" ""

  sed -i 's/rate: \[0.02, 0.05\]/rate: [0.02, 0.1]/' params.yaml
  step "a parameter of the grid: its two models, and the report" train-0.1-1 train-0.1-2 evaluate-0.1-1 evaluate-0.1-2 report
  all=${all//0.05/0.1} evaluations=${evaluations//0.05/0.1}
  echo '# nothing but a remark' >>src/train.awk
  step "a remark in a script: the same models come out, nobody after them runs" train-0.02-1 train-0.02-2 train-0.1-1 train-0.1-2
  sed -i 's/accuracy\\": %.4f/accuracy\\": %.3f/' src/evaluate.awk
  step "the last script but one" $evaluations report
  commit "another grid" && git tag v2
  gunzip -c data/digits.csv.gz | sed '1,40d' | gzip -n >data/new && mv data/new data/digits.csv.gz
  git mlv commit -q data.* && step "less data" $all
  commit "less data"
  sed -i 's/levels: 16/levels: 2/' params.yaml
  step "a parameter of the features" ${all/prepare /}

  git checkout -q . && git checkout -q v1 && git mlv checkout -q --force data || return
  rm -rf prepared features confusion/*.csv report.txt
  step "back to the first commit: all is restored, nothing runs" ""
  cmp -s report.txt "$scratch/report-v1"
  ok "$dialect: the first report is back" $?
  git checkout -q v2 && git mlv checkout -q data || return
  step "and forth again" ""

  git checkout -q main && git mlv checkout -q data || return
  git clone -q . "$scratch/clone-$dialect" && cd "$scratch/clone-$dialect" || return
  git mlv remote add -q -f -d store "$scratch/remote-$dialect"
  (cd "$scratch/work-$dialect" && git mlv repro -q && git mlv push -q --run-cache)
  : >"$RUNS"
  git mlv repro --pull >"$scratch/said" 2>&1 && git mlv status -q && ran "" && cmp -s report.txt "$scratch/work-$dialect/report.txt"
  local status=$?
  [ $status = 0 ] || sed 's/^/# /' "$scratch/said"
  ok "$dialect: a fresh clone runs nothing" $status
}

dialect=native pipeline=mlv.yaml
team || ok "native: to the end" 1
if [ -z "${MLV_QUICK:-}" ]; then
  dialect=dvc pipeline=dvc.yaml
  team || ok "dvc: to the end" 1
fi
plan
