load helper

# The page of plots, as a browser sees it.

setup_file() {
  local browser
  for browser in chromium chromium-browser google-chrome; do
    ! command -v "$browser" >/dev/null || { export BROWSER=$browser; break; }
  done
}

# dom FILE: the document after a browser has read it, without a network.
dom() {
  [ -n "${BROWSER:-}" ] || skip "no chromium"
  timeout 60 "$BROWSER" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --proxy-server=127.0.0.1:9 \
    --user-data-dir="$BATS_TEST_TMPDIR/browser" --dump-dom "file://$1" >"$BATS_TEST_TMPDIR/dom" 2>"$BATS_TEST_TMPDIR/browser.log"
  [ -s "$BATS_TEST_TMPDIR/dom" ] || fail "$(tail -n 5 "$BATS_TEST_TMPDIR/browser.log")"
}

# count PATTERN: how often it is in the document.
count() { grep -o -- "$1" "$BATS_TEST_TMPDIR/dom" | wc -l; }

@test "every kind of chart is drawn, at two revisions" {
  new_project
  put mlv.yaml 'plots:
- line.csv: {x: step, y: loss}
- smooth.csv: {template: smooth}
- dots.json: {template: scatter, x: w, y: h}
- jitter.csv: {template: scatter_jitter, x: kind, y: size}
- matrix.csv: {template: confusion, x: actual, y: predicted}
- shares: {template: confusion_normalized, x: actual, y: {matrix.csv: predicted}}
- bars.csv: {template: bar_horizontal_sorted, x: weight, y: name}
- pic.png
- pic.svg
'
  put line.csv $'step,loss\n1,0.9\n2,0.7\n3,nan\n4,0.5\n'
  put smooth.csv $'v\n1\n3\n2\n5\n4\n'
  put dots.json '[{"w": 1, "h": 2}, {"w": 2, "h": 3}]'
  put jitter.csv $'kind,size\na,1\nb,2\na,1\n'
  put matrix.csv $'actual,predicted\ncat,cat\ncat,dog\ndog,dog\n'
  put bars.csv $'name,weight\nx,1\ny,-2\nz,3\n'
  printf 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==' | base64 -d >pic.png
  put pic.svg '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="4"/></svg>'
  commit_all one
  put line.csv $'step,loss\n1,0.8\n2,0.6\n'
  mlv plots diff
  assert_success
  dom "$PWD/mlv_plots/index.html"
  assert_equal "$(count '<section class="card')" 9
  assert_equal "$(count 'role="img"')" 9
  assert_equal "$(count '<img alt=')" 4
  assert_equal "$(count 'class="line faint"')" 2
  assert_equal "$(count 'class="bar"')" 6
  assert_equal "$(count 'class="cell"')" 16
  # One line is broken by what is no number, so it begins twice.
  run grep -c 'class="line d0" d="M[^M]*M[^M]*"' "$BATS_TEST_TMPDIR/dom"
  assert_output 1
  assert_equal "$(count 'NaN\|Infinity\|(null)')" 0
}

@test "names of strangers stay text, and nothing is run or loaded" {
  new_project
  put mlv.yaml 'plots:
- evil.csv: {title: "</h2><script>document.title=1</script>", x_label: "<img src=http://127.0.0.1:9/x onerror=document.title=2>"}
- pic.svg
- "a'"'"' onload='"'"'x.csv"
'
  put evil.csv $'"<script>document.title=3</script>","\'\' onmouseover=\'x"\n</title><script>document.title=4</script>,1\n</svg><b>,2\n'
  put "a' onload='x.csv" $'a\n1\n2\n'
  put pic.svg '<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=5"><script>document.title=6</script><image href="http://127.0.0.1:9/y"/></svg>'
  mlv plots show -x '<script>document.title=3</script>' evil.csv
  assert_success
  dom "$PWD/mlv_plots/index.html"
  assert_equal "$(count '<title>Plots</title>')" 1
  assert_equal "$(count '<script')" 0
  assert_equal "$(count '<b>')" 0
  mlv plots show pic.svg "a' onload='x.csv"
  assert_success
  dom "$PWD/mlv_plots/index.html"
  assert_equal "$(count '<title>Plots</title>')" 1
  assert_equal "$(count ' onload="')" 0
  # Nothing but data: and the page's own policy.
  run grep -oE '(src|href|url|action)=?["(][^"#)]{0,5}' "$BATS_TEST_TMPDIR/dom"
  refute_line --regexp 'http'
  run grep -c "default-src 'none'" mlv_plots/index.html
  assert_output 1
}

@test "a hundred thousand points make a page of bounded size" {
  new_project
  seq 1 100000 | awk 'BEGIN { print "x,y" } { print $1 "," ($1 * 7919) % 1000 }' >big.csv
  mlv plots show big.csv
  assert_success
  [ "$(stat -c %s mlv_plots/index.html)" -lt 300000 ] || fail "the line takes $(stat -c %s mlv_plots/index.html) bytes"
  mlv plots show big.csv -t scatter
  assert_success
  [ "$(stat -c %s mlv_plots/index.html)" -lt 5000000 ] || fail "the cloud takes $(stat -c %s mlv_plots/index.html) bytes"
}
