load helper

pipeline() {
  new_project
  put raw.csv 1
  git mlv add -q raw.csv
  git mlv stage add -q -n prepare -d raw.csv -o clean 'true'
  git mlv stage add -q -n train -d clean/part -o model -O log 'true'
  git mlv stage add -q -n eval -d clean -d model -M m.json 'true'
  git mlv stage add -q -n other -o lone 'true'
}

@test "dag draws; a target brings what it needs, --full what hangs together with it" {
  pipeline
  mlv dag train
  assert_success
  assert_output "+-------------+
| raw.csv.mlv |
+-------------+
       |
       v
  +---------+
  | prepare |
  +---------+
       |
       v
   +-------+
   | train |
   +-------+"
  mlv dag --full --dot train
  assert_line '"train" -> "eval";'
  refute_line '"other";'
  mlv dag --dot
  assert_line '"other";'
  mlv dag nothing
  assert_failure 128
}

@test "dag as Mermaid, Markdown and JSON, of stages and of outputs" {
  pipeline
  mlv dag --md
  assert_line --index 0 '```mermaid'
  assert_line --index 1 'flowchart TD'
  mlv dag --mermaid other
  assert_output $'flowchart TD\n\tnode1["other"]'
  mlv dag --json train
  [ "$(jq -c '[.nodes[].name, .nodes[].type]' <<<"$output")" = '["prepare","train","raw.csv.mlv","stage","stage","data"]' ]
  [ "$(jq -c '.edges' <<<"$output")" = '[{"from":"prepare","to":"train"},{"from":"raw.csv.mlv","to":"prepare"}]' ]
  mlv dag --outs --json model
  [ "$(jq -c '[.nodes[].name]' <<<"$output")" = '["clean","model","raw.csv"]' ]
  [ "$(jq -c '.nodes[1].stage' <<<"$output")" = '"train"' ]
  mlv dag --outs --dot
  assert_line '"clean" -> "log";'
  assert_line '"model" -> "m.json";'
}

@test "dag of a project without stages is empty; of a circle it is an error that names it" {
  new_project
  mlv dag
  assert_success
  assert_output ''
  put mlv.yaml 'stages:
  a: {cmd: x, deps: [p], outs: [q]}
  b: {cmd: x, deps: [q], outs: [p]}
'
  mlv dag
  assert_failure 128
  [[ $stderr == *a*b* ]]
}

@test "dag: too wide a drawing becomes a listing; ten thousand stages take no time" {
  new_project
  {
    echo stages:
    for ((i = 0; i < 10000; i++)); do
      printf '  s%d: {cmd: x, deps: [o%d, src], outs: [o%d]}\n' "$i" "$((i / 2 * 2 - 2))" "$i"
    done
  } >mlv.yaml
  mlv dag --dot
  assert_success
  assert_line '"s2" -> "s5";'
  SECONDS=0
  mlv dag
  assert_success
  ((SECONDS < 10))
  [[ $output == *'| s9999 |'* ]]
  {
    echo stages:
    echo '  root: {cmd: x, outs: [root]}'
    for ((i = 0; i < 300; i++)); do
      printf '  s%d: {cmd: x, deps: [root], outs: [o%d]}\n' "$i" "$i"
    done
  } >mlv.yaml
  mlv dag
  assert_success
  [[ $stderr == *"more than 512 columns wide"* ]]
  assert_line --index 0 root
  assert_line --index 1 s0
  assert_line --index 2 '`-- root'
}
