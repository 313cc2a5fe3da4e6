#!/usr/bin/env bash
# fixtures: projects that the real DVC wrote, with its answers. Each question is asked of git mlv; the sets of facts must be
# equal, and files that DVC's writing commands left behind must be ours byte for byte.
#
# MLV_FIXTURES names the folder with NAME.tar.gz and NAME.expected/ (default: ../shared/fixtures beside the sources). MLV_ONLY is a
# pattern of fixture names, MLV_TRACE_FACTS=1 prints what differs.
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh"

fixtures=${MLV_FIXTURES:-$top_srcdir/../shared/fixtures}
[ -d "$fixtures" ] || skip_all "no fixtures at $fixtures"
fixtures=$(cd "$fixtures" && pwd)
command -v jq >/dev/null || skip_all "no jq"

git config --global core.quotePath false

# ours COMMAND: the same question in our words; fails for commands that are not of this program yet.
ours() {
  case $1 in
  *repro* | *"stage "* | *"dag "* | *"params "* | *"metrics "* | *"plots "* | *"exp "* | gto* | *artifacts* | *freeze* | *"update "* | *" get"* | \
    *"cache "* | *status*" -d "* | *--with-deps* | *status*" -R"* | *--no-updates* | *run-cache* | *import* | git* | *"queue "* | *"find . "*"md5sum"* | *"| wc -l"*) return 1 ;;
  "dvc remove -q "* | "dvc remove push" | *--md*) return 1 ;;
  dvc\ * | *"| dvc "*) printf '%s' "$1" | sed 's/\bdvc list\b/dvc ls/; s/\bdvc \(status\|data\|ls\|diff\|config\|remote\|push\|pull\|fetch\|check-ignore\|root\|add\|commit\|checkout\|move\|remove\|gc\|unprotect\)\b/git mlv \1/' ;;
  *) return 1 ;;
  esac
}

# facts COMMAND: bring an answer on standard input into a form where only facts count. `status` of stages is compared in its outputs:
# dependencies, parameters and commands belong to the pipeline commands.
facts() {
  case $1 in
  *"data status"*) jq -S 'walk(if type == "array" then sort elif type == "object" then with_entries(select(.value != [] and .value != {})) else . end)' ;;
  *"status -c"*) jq -S . ;;
  *"status --json"*) jq -S 'map_values([.[] | select(type == "object") | ."changed outs" // empty] | add) | with_entries(select(.value != null))' ;;
  *" list "* | *" ls "*) case $1 in
    *--json*) jq -S 'map(del(.size, .isexec)) | sort_by(.path)' ;;
    *) sed 's/[[:space:]]\+/ /g; s/ $//' | sort ;;
    esac ;;
  *" diff "*) jq -S 'walk(if type == "array" then sort else . end) | with_entries(select(.value != []))' ;;
  *" push"* | *" pull"* | *" fetch"* | *" add"* | *" gc"* | *" move"* | *" remove"* | *" commit"*) : ;;
  *" checkout"*) grep -E '^[AMD][[:space:]]' | sort ;;
  *) sed 's/[[:space:]]\+/ /g; s/ $//' | sort ;;
  esac
}

# kind STATUS: exit codes in classes: DVC's numbers are its own.
kind() { case $1 in 0) echo success ;; 1) echo different ;; *) echo failed ;; esac; }

# question NAME COMMANDS-DIR KIND FILE EXIT DIR COMMAND: ask, compare. Returns 2 where the command is not ours.
question() {
  local name=$1 from=$2 what=$3 file=$4 wanted=$5 dir=$6 command=$7 mine status
  [ "$what" != t ] || return 0
  mine=$(ours "$command") || return 2
  (cd "$project/$dir" && eval "$mine") >"$scratch/answer" 2>"$scratch/stderr"
  status=$?
  if [ "$(kind $status)" != "$(kind "$wanted")" ] && ! { [ "$wanted" != 0 ] && [ $status != 0 ]; }; then
    note "$name: $mine: exit $status, DVC's $wanted: $(head -n 3 "$scratch/stderr")"
    return 1
  fi
  if [ "$wanted" = 0 ]; then
    sed -i "s#$scratch/fx/[^/]*#@ROOT@#g" "$scratch/answer"
    facts "$command" <"$from/$file" >"$scratch/theirs" 2>/dev/null
    facts "$command" <"$scratch/answer" >"$scratch/mine" 2>/dev/null
    if ! cmp -s "$scratch/theirs" "$scratch/mine"; then
      note "$name: $mine: other facts"
      [ -z "${MLV_TRACE_FACTS:-}" ] || diff "$scratch/theirs" "$scratch/mine" | head -n 20 | sed 's/^/#   /'
      return 1
    fi
  fi
  [ "$what" != w ] || [ ! -d "$from/$file.files" ] || left_behind "$name" "$from/$file.files"
}

# left_behind NAME DIR: the files that DVC wrote are ours, byte for byte.
left_behind() {
  local path bad=0
  while read -r path; do
    cmp -s "$2/$path" "$project/$path" || { note "$1: $path differs from what DVC wrote"; bad=1; }
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

# unpack NAME: a fresh copy; sets project.
unpack() {
  chmod -R u+w "$scratch/fx" 2>/dev/null
  rm -rf "$scratch/fx"
  mkdir "$scratch/fx"
  tar xzf "$fixtures/$1.tar.gz" -C "$scratch/fx"
  project=$scratch/fx/$1/project
}

for archive in "$fixtures"/*.tar.gz; do
  name=$(basename "$archive" .tar.gz)
  # shellcheck disable=SC2053 # a pattern
  [[ $name == ${MLV_ONLY:-*} ]] || continue
  unpack "$name"
  ask "$name" "$fixtures/$name.expected"
  ok "$name: the same answers as DVC" $?
  for state in "$fixtures/$name.expected/states"/*/; do
    [ -e "$state/commands.tsv" ] || continue
    unpack "$name"
    (cd "$project" && sh "$state/apply.sh") >/dev/null 2>&1 </dev/null
    state=${state%/}
    ask "$name/${state##*/}" "$state"
    ok "$name, state ${state##*/}: the same answers as DVC" $?
  done
done
plan
