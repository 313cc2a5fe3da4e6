# shellcheck shell=bash disable=SC2034,SC2154
# slurm: a batch system of one node: munged, slurmctld and slurmd, without systemd, control groups or accounting. Root only: slurmd starts
# jobs as their users.
#
# A node that says nothing for SLURM_NODE_TIMEOUT seconds (10) is lost, a job that ended is forgotten after SLURM_MIN_JOB_AGE seconds (300),
# an array has at most SLURM_MAX_ARRAY - 1 tasks (1000), SLURM_EPILOG is a program that cleans up after each job (none). `kill` kills the
# node; `up` brings it back.
#
# Clients need SLURM_CONF; `up` prints it and the name of the node, SLURM_NODE.
programs="munged munge slurmctld slurmd sbatch squeue sinfo setpriv"
port_names="ctld node"
front=slurmd

# The node as slurmd sees this machine. More jobs run at once than there are processors, so that tests wait for nothing.
node() {
  slurmd -C | tr ' ' '\n' | awk -F= '
    /^(CPUs|SocketsPerBoard|CoresPerSocket|ThreadsPerCore)=/ { sub(/SocketsPerBoard/, "Sockets"); printf " %s", $0 }
    $1 == "RealMemory" { printf " RealMemory=%d", $2 * 0.9 }'
}

configure() {
  local host
  host=$(hostname -s)
  cat >"$dir/slurm.conf" <<C
ClusterName=mlv
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/sock
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort=$port_ctld
SlurmdPort=$port_node
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/run/ctld
SlurmdPidFile=$dir/run/slurmd
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=1,bf_interval=1
MinJobAge=${SLURM_MIN_JOB_AGE:-300}
SlurmdTimeout=${SLURM_NODE_TIMEOUT:-10}
MaxArraySize=${SLURM_MAX_ARRAY:-1001}
KillWait=2
${SLURM_EPILOG:+Epilog=$SLURM_EPILOG}
InactiveLimit=0
NodeName=$host NodeAddr=127.0.0.1$(node) State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8
C
}

# Jobs outlive slurmd: they are its steps and all that has their environment.
end_more() {
  local process environment
  for process in /proc/[0-9]*; do
    environment=$({ tr '\0' '\n' <"$process/environ"; } 2>/dev/null) || continue
    grep -qxF "SLURM_CONF=$dir/slurm.conf" <<<"$environment" || continue
    grep -q '^SLURM_JOB_ID=' <<<"$environment" || [ "$(cat "$process/comm")" = slurmstepd ] || continue
    kill -KILL "${process#/proc/}" 2>/dev/null || true
  done
}

random_key() { head -c 1024 /dev/urandom; }

answers() { munge -n -S "$dir/munge/sock"; }

has_node() { [[ $(sinfo --noheader -o %t) =~ ^(idle|mix|alloc) ]]; }

start() {
  [ "$(id -u)" = 0 ] || cannot "needs root"
  export SLURM_CONF=$dir/slurm.conf
  mkdir -p "$dir/munge" "$dir/run" "$dir/spool" "$dir/state" "$dir/log"
  chmod 700 "$dir/state"
  remembered munge/key random_key >/dev/null
  chmod 400 "$dir/munge/key"
  chmod 711 "$dir/munge"
  chown -R munge: "$dir/munge"
  reachable_for munge
  [ -s "$dir/slurm.conf" ] || configure
  # munged wants to own its key and the folder of its socket.
  daemon munged setpriv --reuid=munge --regid=munge --clear-groups munged --foreground --force \
    --key-file="$dir/munge/key" --socket="$dir/munge/sock" --pid-file="$dir/munge/pid" --seed-file="$dir/munge/seed" --log-file="$dir/munge/log" --num-threads=2
  within 10 answers || return
  daemon ctld slurmctld -D -f "$dir/slurm.conf"
  await ctld "$port_ctld" || return
  daemon slurmd slurmd -D -f "$dir/slurm.conf"
  within 20 has_node || return
  touch "$dir/started"
}

describe() {
  assign SLURM_CONF "$dir/slurm.conf"
  assign SLURM_NODE "$(hostname -s)"
}

place() { cannot "is no remote"; }
