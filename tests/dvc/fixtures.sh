#!/usr/bin/env bash
# fixtures: projects that the real DVC wrote, with its answers. Each question is asked of git mlv; the sets of facts must be
# equal, and files that DVC's writing commands left behind must be ours byte for byte.
#
# MLV_FIXTURES names the folder with NAME.tar.gz and NAME.expected/ (default: ../shared/fixtures beside the sources). MLV_ONLY is a
# pattern of fixture names, MLV_TRACE_FACTS=1 prints what differs, MLV_QUICK=1 asks about four of the fourteen projects. tests/dvc/exempt
# says which answers of DVC are not asked for, and why.
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh"

fixtures=${MLV_FIXTURES:-$top_srcdir/../shared/fixtures}
[ -d "$fixtures" ] || skip_all "no fixtures at $fixtures"
fixtures=$(cd "$fixtures" && pwd)
command -v jq >/dev/null || skip_all "no jq"

git config --global core.quotePath false

wanted=${MLV_ONLY:-*}
[ -z "${MLV_QUICK:-}" ] || wanted=${MLV_ONLY:-0[1237]-*}

# The rows of tests/dvc/exempt, as "state<TAB>file" patterns.
mapfile -t exempt < <(sed -n 's/^\([^#[:space:]][^[:space:]]*\)[[:space:]]\+\([^[:space:]]\+\).*/\1\t\2/p' "$top_srcdir/tests/dvc/exempt")

# is_exempt NAME FILE: whether this answer is not asked for.
is_exempt() {
  local row
  for row in "${exempt[@]}"; do
    # shellcheck disable=SC2053 # a pattern
    [[ "$1"$'\t'"$2" == $row ]] && return 0
  done
  return 1
}

# ours COMMAND: the same question in our words; fails for commands that are not of this program yet.
ours() {
  case $1 in
  *"dvc plots "*--show-vega*) return 1 ;;
  *"dvc plots "*) printf '%s' "$1" | sed 's/ --split\b//; s/\bdvc plots\b/git mlv plots/'; return ;;
  *"exp "* | gto* | *artifacts* | *"dvc update "* | *"dvc get"* | *"dvc cache "* | *import* | git* | *"queue "*) return 1 ;;
  "dvc diff "*--md*) return 1 ;;
  dvc\ * | *"| dvc "*) printf '%s' "$1" | sed 's/\bdvc list\b/dvc ls/; s/\bdvc \(status\|data\|ls\|diff\|config\|remote\|push\|pull\|fetch\|check-ignore\|root\|add\|commit\|checkout\|move\|remove\|gc\|unprotect\|repro\|stage\|dag\|freeze\|unfreeze\|params\|metrics\)\b/git mlv \1/' ;;
  *) return 1 ;;
  esac
}

# The data points of plots in either form: a filled Vega-Lite program, one with --split, or ours. Keys have no order, images no address.
plot_points='.data | map_values(map([.type == "image", .revisions, ((.anchor_definitions["<DVC_METRIC_DATA>"]? // .content.data.values? // .values) |
  if . then map(to_entries | sort_by(.key)) else . end)]))'

# filter COMMAND: the jq program that brings a JSON answer into a form where only facts count; fails for answers that are text. How an
# error is told is no fact.
filter() {
  case $1 in
  *" plots "*) echo "$plot_points" ;;
  *"params "*--json* | *"metrics "*--json*) echo 'walk(if type == "object" and (.error | type) == "object" then .error = true else . end)' ;;
  *"params "* | *"metrics "*) return 1 ;;
  *"data status"*) echo 'walk(if type == "array" then sort elif type == "object" then with_entries(select(.value != [] and .value != {})) else . end)' ;;
  # To DVC NaN is never equal to itself: whoever reads such a parameter is always out of date.
  *status*) echo 'walk(if type == "object" then del(.nan) | with_entries(select(.value != {} and .value != [{}] and .value != [])) else . end)' ;;
  *" list "*--json* | *" ls "*--json*) echo 'map(del(.size, .isexec)) | sort_by(.path)' ;;
  *" diff "*) echo 'walk(if type == "array" then sort else . end) | with_entries(select(.value != []))' ;;
  *) return 1 ;;
  esac
}

# repro_lines COMMAND: what an answer of `repro` says, in its order, without hints for Git. Whether a stage would run or be taken from the run
# cache is not asked in a dry run: DVC looks it up by what was recorded, not by what is there now.
repro_lines() {
  sed 's/[[:space:]]\+$//; /^$/d; /^>$/d; /^To track the changes/d; /^To enable auto/d; /^\tgit add/d; /^\tdvc config/d; /^Use `/d' |
    if [[ $1 == *--dry* && $1 != *--force* ]]; then
      sed -n "s/^Stage \(.*\) is cached - .*/Running stage \1:/; /^\(Running\|Stage\|Data\|'\)/p" | uniq
    else
      cat
    fi |
    # DVC takes what a pattern or a folder names in the order of a set.
    if [[ $1 == *--glob* || $1 == *" -R "* ]]; then sort; else cat; fi |
    # 10-yaml: values that DVC's own entry does not read back equal: it takes the run all the same, we make it.
    sed "/^Stage 'odd' is cached/d; /^Running stage 'odd'/d; /^> echo values DVC itself never reads/d"
}

# graph: nodes and edges of Mermaid text by their names, since their numbers follow the order of the files.
graph() {
  # shellcheck disable=SC2016 # awk's own variables
  awk '/\["/ { id = $0; sub(/\[".*/, "", id); sub(/^[^"]*"/, ""); sub(/"\]$/, ""); name[id] = $0; print; next }
    /-->/ { split($0, ends, "-->"); print name[ends[1]] " -> " name["\t" ends[2]] }' | sort
}

# lines COMMAND: the same for an answer that is text. DVC writes names into graphs as they are; a drawing is compared by its boxes.
lines() {
  case $1 in
  *" dag "*--dot*) sed 's/\\"/"/g; /^$/d' | sort ;;
  *" dag "*--mermaid*) graph ;;
  *" dag") grep -o '| [^| ][^|]* |' | sort ;;
  *" stage list"*) sed 's/[\\"]//g; s/[[:space:]]\+/ /g' | sort ;;
  *" stage add"* | *"freeze "*) : ;;
  *" push"* | *" pull"* | *" fetch"* | *" add"* | *" gc"* | *" move"* | *" remove"* | *" commit"*) : ;;
  *" repro"*) repro_lines "$1" ;;
  *" checkout"*) sed -n 's/[[:space:]]\+/ /g; /^[AMD] /p' | sort ;;
  *) sed 's/[[:space:]]\+/ /g; s/ $//' | sort ;;
  esac
}

# strict FILES: the JSON in them as other programs than Python read it, too.
strict() { sed 's/: \(NaN\|-\?Infinity\)\([,}]\)/: "\1"\2/g' "$@"; }

# same_facts COMMAND THEIRS MINE: whether the two answers say the same.
same_facts() {
  local jq
  if ! jq=$(filter "$1"); then
    lines "$1" <"$2" >"$scratch/theirs"
    lines "$1" <"$3" >"$scratch/mine"
    cmp -s "$scratch/theirs" "$scratch/mine"
  elif [ "$(strict "$2" "$3" | jq -n "[inputs | $jq] | length == 2 and .[0] == .[1]" 2>"$scratch/bad")" != true ]; then
    strict "$2" | jq -S "$jq" >"$scratch/theirs" 2>&1
    strict "$3" | jq -S "$jq" >"$scratch/mine" 2>&1
    return 1
  fi
}

# table COMMAND: what the command "files below PATHS: …" of a question of kind t names: mode, size, md5 and name of each file.
table() {
  local paths=${1#files below }
  # shellcheck disable=SC2086 # several paths, and options of find
  find ${paths%%:*} \( -type f -o -type l \) -print0 >"$scratch/names"
  paste -d' ' <(xargs -0 -a "$scratch/names" stat -L -c '%a %s' --) \
    <(xargs -0 -a "$scratch/names" md5sum -- | sed 's/^\\//' | cut -c 1-32) \
    <(xargs -0 -a "$scratch/names" ls -dbU1 --)
}

# kind STATUS: exit codes in classes: DVC's numbers are its own.
kind() { case $1 in 0) echo success ;; 1) echo different ;; *) echo failed ;; esac; }

# question NAME COMMANDS-DIR KIND FILE EXIT DIR COMMAND: ask, compare. Returns 2 where the question is not for us.
question() {
  local name=$1 from=$2 what=$3 file=$4 wanted=$5 dir=$6 command=$7 mine status
  ! is_exempt "$name" "$file" || return 2
  [ "$what" != t ] || { tree "$name" "$from/$file" "$command"; return; }
  mine=$(ours "$command") || return 2
  (cd "$project/$dir" && eval "$mine") >"$scratch/answer" 2>"$scratch/stderr"
  status=$?
  if [ "$(kind $status)" != "$(kind "$wanted")" ] && ! { [ "$wanted" != 0 ] && [ $status != 0 ]; }; then
    note "$name: $mine: exit $status, DVC's $wanted: $(head -n 3 "$scratch/stderr")"
    return 1
  fi
  if [ "$wanted" = 0 ]; then
    sed -i "s#$scratch/fx/[^/]*#@ROOT@#g" "$scratch/answer"
    same_facts "$command" "$from/$file" "$scratch/answer" || { differs "$name: $mine ($file): other facts"; return 1; }
  fi
  [ "$what" != w ] || [ ! -d "$from/$file.files" ] || left_behind "$name" "$from/$file.files"
}

# differs TEXT: say so, and on request what differs.
differs() {
  note "$1"
  [ -z "${MLV_TRACE_FACTS:-}" ] || diff "$scratch/theirs" "$scratch/mine" | head -n 20 | sed 's/^/#   /'
}

# tree NAME TABLE COMMAND: the files below some paths are as DVC left them.
tree() {
  (cd "$project" && table "$3") >"$scratch/mine"
  # DVC gives the x bit to the owner only, we to all who may read.
  sed 's/^744 /755 /' "$2" | sort >"$scratch/theirs"
  sort -o "$scratch/mine" "$scratch/mine"
  cmp -s "$scratch/theirs" "$scratch/mine" || { differs "$1: $3: other files"; return 1; }
}

# bodies FILE: all stages of a pipeline file, with lists in any order.
bodies() {
  cp "$1" "$project/dvc.yaml" && (cd "$project" && git mlv stage show --json dvc.yaml) | jq -S 'walk(if type == "array" then sort_by(tostring) else . end)'
}

# same_stages FILE: dvc.yaml says what DVC's says. A command that edits it makes DVC write all of it anew; we leave what was there.
same_stages() {
  cmp -s "$1" "$project/dvc.yaml" && return
  cp "$project/dvc.yaml" "$scratch/mine.yaml"
  bodies "$1" >"$scratch/theirs"
  bodies "$scratch/mine.yaml" >"$scratch/mine"
  [ -s "$scratch/mine" ] && cmp -s "$scratch/theirs" "$scratch/mine"
}

# steady FILE: without the values of 10-yaml's odd.yaml in a lock file, which change whenever DVC writes it.
steady() { case $1 in *.lock) sed '/^        \(ls\|nel\): /d' "$1" ;; *) cat "$1" ;; esac; }

# left_behind NAME DIR: the files that DVC wrote are ours, byte for byte.
left_behind() {
  local path bad=0
  while read -r path; do
    if [[ $path == *.ABSENT ]]; then
      [ ! -e "$project/${path%.ABSENT}" ] || { note "$1: ${path%.ABSENT} is there, DVC left none"; bad=1; }
      continue
    elif [ "$path" = ./dvc.yaml ]; then
      same_stages "$2/$path" || { differs "$1: other stages in dvc.yaml"; bad=1; }
      continue
    fi
    is_exempt "$1" "$(basename "$2")/${path#./}" || cmp -s <(steady "$2/$path") <(steady "$project/$path") ||
      { note "$1: $path differs from what DVC wrote"; bad=1; }
  done < <(cd "$2" && find . -type f)
  return $bad
}

# ask NAME DIR: all questions of DIR/commands.tsv against $project. Ends at the first writing command that is not ours.
ask() {
  local name=$1 from=$2 what file wanted dir command status bad=0
  while IFS=$'\t' read -r what file wanted dir command; do
    question "$name" "$from" "$what" "$file" "$wanted" "$dir" "$command" </dev/null
    status=$?
    [ $status != 1 ] || bad=1
    [ $status != 2 ] || [ "$what" != w ] || break
  done <"$from/commands.tsv"
  return $bad
}

# runs NAME FILE: the run cache holds what DVC's held, if FILE tells.
runs() {
  [ -e "$2" ] || return 0
  (cd "$project/.dvc/cache" && find runs -type f | sort) >"$scratch/mine"
  cp "$2" "$scratch/theirs"
  cmp -s "$scratch/theirs" "$scratch/mine" || { differs "$1: other runs in the run cache"; return 1; }
}

# history: the commits of $project, oldest first, without experiments.
history() { git -C "$project" rev-list --reverse --exclude='refs/exps/*' --all; }

# learn: an empty run cache of $project learns all runs anew, by a commit of every stage at every revision.
learn() {
  local revision
  rm -r "$project/.dvc/cache/runs"
  for revision in $(history); do
    git -C "$project" checkout -qf "$revision"
    (cd "$project" && git mlv checkout -qf && git mlv commit -qf) || return 1
  done
}

# relearned NAME DIR: the run cache that we make holds DVC's entries: the same keys, values and bytes. $project is fresh.
relearned() {
  cp -r "$project/.dvc/cache/runs" "$scratch/runs"
  learn 2>"$scratch/stderr" || { note "$1: $(head -n 3 "$scratch/stderr")"; return 1; }
  same_runs "$1" "$scratch/runs"
}

# same_runs NAME DIR: those in the run cache are those in DIR, but for exempt ones.
same_runs() {
  local run bad=0
  while IFS= read -r run; do
    is_exempt "$1" "runs/$run" || cmp -s "$2/$run" "$project/.dvc/cache/runs/$run" || { note "$1: the run $run differs"; bad=1; }
  done < <({ (cd "$2" && find . -type f) && cd "$project/.dvc/cache/runs" && find . -type f; } | cut -c 3- | sort -u)
  return $bad
}

# unpack NAME: take a project out of its archive.
unpack() {
  chmod -R u+w "$scratch/master" 2>/dev/null
  rm -rf "$scratch/master"
  mkdir "$scratch/master"
  tar xzf "$fixtures/$1.tar.gz" -C "$scratch/master"
}

# fresh NAME: a fresh copy; sets project.
fresh() {
  local link
  chmod -R u+w "$scratch/fx" 2>/dev/null
  rm -rf "$scratch/fx"
  cp -a "$scratch/master" "$scratch/fx"
  project=$scratch/fx/$1/project
  # Links into the cache hold the place where DVC ran.
  while IFS= read -r link; do
    ln -sf "$(readlink "$link" | sed "s#^.*/$1/#$scratch/fx/$1/#")" "$link"
  done < <(find "$project" -path "$project/.git" -prune -o -lname "/*/$1/*" -print)
  # DVC makes all folders above a remote; we make the last one only, lest the mount point of an absent disk be filled.
  [ "$1" != 09-config ] || mkdir -p "$scratch/fx/$1/remote/sub"
}

# picture: what Git sees in $project. objects: all objects with their modes.
picture() { (cd "$project" && git status --porcelain); }
objects() { (cd "$project" && find .dvc/cache ../shared-cache -name .mlv -prune -o -type f -printf '%m %s %p\n' 2>/dev/null | LC_ALL=C sort); }

# unchanged NAME: commit and add of data that did not change rewrite no pointer, and the objects there are stay as they are.
unchanged() {
  local pointer bad=0
  picture >"$scratch/theirs"
  objects >"$scratch/objects"
  (cd "$project" && git mlv commit -q -f) 2>"$scratch/stderr" || { note "$1: commit: $(cat "$scratch/stderr")"; bad=1; }
  while IFS= read -r -d '' pointer; do
    # An import is not added, and one without data cannot be.
    if [ ! -e "$project/${pointer%.dvc}" ] || grep -q '^deps:' "$project/$pointer"; then continue; fi
    # Another project lies in this one.
    [[ $pointer != subrepo/* ]] || continue
    (cd "$project" && git mlv add -q -- "${pointer%.dvc}") 2>"$scratch/stderr" || { note "$1: add: $(cat "$scratch/stderr")"; bad=1; }
  done < <(cd "$project" && git ls-files -z '*.dvc')
  picture >"$scratch/mine"
  cmp -s "$scratch/theirs" "$scratch/mine" || { differs "$1: something was written"; bad=1; }
  # New ones may come: a commit of stages remembers them in the run cache, with the metrics that Git keeps.
  objects | LC_ALL=C comm -23 "$scratch/objects" - >"$scratch/theirs"
  : >"$scratch/mine"
  cmp -s "$scratch/theirs" "$scratch/mine" || { differs "$1: objects went or changed"; bad=1; }
  return $bad
}

for archive in "$fixtures"/*.tar.gz; do
  name=$(basename "$archive" .tar.gz)
  # shellcheck disable=SC2053 # a pattern
  [[ $name == $wanted ]] || continue
  unpack "$name"
  fresh "$name"
  ask "$name" "$fixtures/$name.expected"
  ok "$name: the same answers as DVC" $?
  fresh "$name"
  is_exempt "$name" unchanged || unchanged "$name"
  ok "$name: data that did not change are not written anew" $?
  fresh "$name"
  if [ -d "$project/.dvc/cache/runs" ]; then
    relearned "$name"
    ok "$name: the same run cache as DVC's" $?
    rm -rf "$scratch/runs"
  fi
  for state in "$fixtures/$name.expected/states"/*/; do
    [ -e "$state/commands.tsv" ] || continue
    fresh "$name"
    (cd "$project" && sh "$state/apply.sh") >/dev/null 2>&1 </dev/null
    state=${state%/}
    ask "$name/${state##*/}" "$state" && runs "$name/${state##*/}" "$state/runs-after.txt"
    ok "$name, state ${state##*/}: the same answers as DVC" $?
  done
done
plan
