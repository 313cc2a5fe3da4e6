load helper

# A project with a plot of a table, and two commits of it.
with_plots() {
  new_project
  put mlv.yaml 'plots:
- loss.csv: {x: step, y: loss}
- both: {x: step, y: {loss.csv: [loss, acc]}, title: Both}
'
  put loss.csv $'step,loss,acc\n1,0.9,0.5\n2,0.7,0.6\n'
  commit_all one
  git tag v1
  put loss.csv $'step,loss,acc\n1,0.8,0.5\n2,0.5,0.7\n3,0.4,0.8\n'
}

@test "the points of the workspace as a table" {
  with_plots
  mlv plots show --tsv loss.csv
  assert_success
  assert_output $'plot\trevision\tfile\tfield\tx\ty
loss.csv\tworkspace\tloss.csv\tloss\t1\t0.8
loss.csv\tworkspace\tloss.csv\tloss\t2\t0.5
loss.csv\tworkspace\tloss.csv\tloss\t3\t0.4'
}

@test "the points as JSON, with the names that DVC gives" {
  with_plots
  mlv plots show --json both
  assert_success
  assert_equal "$(jq -c '.data.both[0] | [.type, .revisions, .title, .x, .y, .x_label, .y_label, .series, (.values | length)]' <<<"$output")" \
    '["points",["workspace"],"Both","step","dvc_inferred_y_value","step","y","field",6]'
  assert_equal "$(jq -c '.data.both[0].values[5]' <<<"$output")" \
    '{"loss":"0.4","acc":"0.8","step":"3","dvc_inferred_y_value":"0.8","rev":"workspace","field":"acc"}'
}

@test "revisions: HEAD and the workspace, one and the workspace, or those named" {
  with_plots
  revisions() { jq -c '.data["loss.csv"][0].revisions' <<<"$output"; }
  mlv plots diff --json
  assert_equal "$(revisions)" '["HEAD","workspace"]'
  mlv plots diff --json v1
  assert_equal "$(revisions)" '["v1","workspace"]'
  mlv plots diff --json workspace v1 HEAD v1
  assert_equal "$(revisions)" '["workspace","v1","HEAD"]'
  mlv plots diff --json v1 --targets both
  assert_equal "$(jq -c '.data | keys' <<<"$output")" '["both"]'
  mlv plots diff nowhere
  assert_failure 128
  assert_regex "$stderr" nowhere
}

@test "what only some revisions have is drawn there" {
  with_plots
  put new.csv $'a\n1\n'
  mlv plots diff --tsv v1 workspace --targets new.csv
  assert_success
  assert_line --index 1 $'new.csv\tworkspace\tnew.csv\ta\t0\t1'
  rm loss.csv
  mlv plots diff --tsv v1 workspace --targets loss.csv
  assert_success
  refute_output --partial workspace
}

@test "the plots of a stage, and a folder of them from the store" {
  new_project
  put mlv.yaml 'stages:
  train:
    cmd: none
    wdir: sub
    plots: [logs, {one.tsv: {header: false, cache: false}}]
'
  put sub/logs/a.json '{"log": [{"x": 1, "y": 2}]}'
  put sub/logs/b.csv $'y\n5\n'
  put sub/logs/notes.txt 'no plot'
  put sub/one.tsv $'1\t2\n'
  mlv plots show --tsv
  assert_success
  assert_output $'plot\trevision\tfile\tfield\tx\ty
sub/logs/a.json\tworkspace\tsub/logs/a.json\ty\t0\t2
sub/logs/b.csv\tworkspace\tsub/logs/b.csv\ty\t0\t5
sub/one.tsv\tworkspace\tsub/one.tsv\t1\t0\t2'
  cd sub
  mlv plots show --tsv logs/b.csv one.tsv
  assert_success
  assert_equal "${#lines[@]}" 3
}

@test "data that are tracked come from the store at a revision" {
  new_project
  put plots/p.csv $'v\n1\n'
  git mlv add -q plots
  put mlv.yaml $'plots:\n- plots\n'
  commit_all one
  put plots/p.csv $'v\n2\n'
  mlv plots diff --tsv
  assert_success
  assert_line $'plots/p.csv\tHEAD\tplots/p.csv\tv\t0\t1'
  assert_line $'plots/p.csv\tworkspace\tplots/p.csv\tv\t0\t2'
  rm -rf .git/mlv/files
  mlv plots diff --tsv HEAD v0 --targets plots/p.csv
  assert_failure
}

@test "options go before what the project says" {
  with_plots
  mlv plots show --json loss.csv -x acc -y step --title T --x-label X --y-label Y -t scatter
  assert_equal "$(jq -c '.data["loss.csv"][0] | [.x, .y, .title, .x_label, .y_label, .template]' <<<"$output")" \
    '["acc","step","T","X","Y","scatter"]'
  put plain.csv $'1,2\n3,4\n'
  mlv plots show --tsv --no-header plain.csv
  assert_line --index 2 $'plain.csv\tworkspace\tplain.csv\t1\t1\t4'
  mlv plots show --json both -y acc
  assert_equal "$(jq '.data.both[0].values | length' <<<"$output")" 3
  mlv plots show --json --tsv
  assert_failure 129
}

@test "what cannot be plotted is told, and the rest is drawn" {
  with_plots
  put bad.csv $'a,b\n"1,2\n'
  printf 'a\n\xe9\n' >latin.csv
  put text.txt text
  mlv plots show --json loss.csv bad.csv latin.csv text.txt gone.csv
  assert_failure 1
  assert_regex "$stderr" "bad.csv:2: a quoted field has no end"
  assert_regex "$stderr" "latin.csv:2: a byte that is not UTF-8"
  assert_regex "$stderr" "'text.txt' is no plot"
  assert_regex "$stderr" "gone.csv"
  assert_equal "$(jq -c '[(.data | keys), (.errors | length)]' <<<"$output")" '[["loss.csv"],4]'
  mlv plots show --json loss.csv -y acc -x nowhere
  assert_failure 1
  assert_regex "$stderr" "no field 'nowhere'; there are: step, loss, acc"
}

@test "rows that are too long are drawn and told" {
  new_project
  put p.csv $'a,b\n1,2,3\n4\n'
  mlv plots show --tsv p.csv
  assert_failure 1
  assert_regex "$stderr" "1 row has more values"
  assert_line --index 1 $'p.csv\tworkspace\tp.csv\tb\t0\t2'
  assert_line --index 2 $'p.csv\tworkspace\tp.csv\tb\t1\t'
}

@test "a field with tabs and line ends stays in its column" {
  new_project
  put p.csv $'"a\tb\\"\n"1\n2"\n'
  mlv plots show --tsv p.csv
  assert_success
  assert_line --index 1 'p.csv	workspace	p.csv	a\tb\\	0	1\n2'
}

@test "the page goes where it is told to" {
  with_plots
  mlv plots show
  assert_success
  assert_output "file://$PWD/mlv_plots/index.html"
  assert_file_exist mlv_plots/index.html
  mkdir sub
  cd sub
  mlv plots show -o 'out put'
  assert_success
  assert_output "file://$PWD/out%20put/index.html"
  assert_file_exist 'out put/index.html'
  chmod 555 .
  if ! touch probe 2>/dev/null; then
    mlv plots show -o elsewhere
    assert_failure 128
  fi
}

@test "the page of a DVC project" {
  new_dvc_project
  put dvc.yaml $'plots:\n- p.csv\n'
  put p.csv $'a\n1\n'
  mlv plots show
  assert_success
  assert_output "file://$PWD/dvc_plots/index.html"
}

@test "a browser is asked for" {
  with_plots
  mkdir bin
  printf '#!/bin/sh\necho "$1" >"%s/opened"\n' "$PWD" >bin/viewer
  chmod +x bin/viewer
  git config web.browser viewer
  git config browser.viewer.cmd "$PWD/bin/viewer"
  mlv plots show --open
  assert_success
  have opened "file://$PWD/mlv_plots/index.html
"
  git config web.browser nothing-of-that-name
  mlv plots show --open
  assert_failure 128
  assert_regex "$stderr" "hint: git config --global web.browser"
}

@test "no plots, and a pipeline file that cannot be read" {
  new_project
  mlv plots show
  assert_success
  assert_regex "$stderr" "no plots"
  put mlv.yaml 'plots: ['
  mlv plots show
  assert_failure 1
  assert_regex "$stderr" "mlv.yaml"
}

@test "two files that use one name" {
  new_project
  put mlv.yaml $'plots:\n- same: {y: {p.csv: a}}\n'
  put sub/mlv.yaml $'plots:\n- same: {y: {../p.csv: a}}\n'
  put p.csv $'a\n1\n'
  mlv plots show --json
  assert_success
  assert_equal "$(jq -c '.data | keys' <<<"$output")" '["mlv.yaml::same","sub/mlv.yaml::same"]'
  mlv plots show --tsv sub/mlv.yaml::same
  assert_line --index 1 --partial 'mlv.yaml::same'
  assert_equal "${#lines[@]}" 2
}
