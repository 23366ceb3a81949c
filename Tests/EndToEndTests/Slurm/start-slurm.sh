#!/bin/sh
# start-slurm.sh DIR       starts a Slurm of this one machine in DIR, which it makes, and prints the
#                          environment that its users need
# start-slurm.sh DIR stop  ends it with its jobs and removes DIR
#
# Exit status 77 and a line on standard error where Slurm cannot be had. It needs neither root nor
# systemd nor cgroups, and knows nothing of another Slurm on the machine.
set -eu
PATH="$PATH:/usr/sbin:/sbin"
root=$(cd "$(dirname "$0")/../../.." && pwd)
[ $# -ge 1 ] || {
  echo "usage: start-slurm.sh DIR [stop]" >&2
  exit 64
}
directory=$1
export SLURM_CONF="$directory/slurm.conf"

# The processes of ours that run one of these programs. A job's slurmstepd outlives slurmd.
processes() {
  for program in "$@"; do
    for found in $(grep -lsx "$program" /proc/[0-9]*/comm); do
      place=${found%/comm}
      tr '\0' '\n' 2>/dev/null <"$place/environ" | grep -Fqx "SLURM_CONF=$SLURM_CONF" || continue
      echo "${place#/proc/}"
    done
  done
}

# Waits until none is left, for at most so many tenths of a second.
await_end() {
  attempts=$1
  shift
  while [ "$attempts" -gt 0 ] && [ -n "$(processes "$@")" ]; do
    sleep 0.1
    attempts=$((attempts - 1))
  done
}

stop() {
  [ -f "$SLURM_CONF" ] || return 0
  if [ -n "$(processes slurmctld)" ]; then
    timeout 5 scancel --quiet --user="$(id -un)" 2>/dev/null || true
    await_end 60 slurmstepd
  fi
  for signal in TERM KILL; do
    for found in $(processes slurmd slurmctld munged slurmstepd); do
      kill -s "$signal" "$found" 2>/dev/null || true
    done
    await_end 50 slurmd slurmctld munged slurmstepd
  done
  rm -rf "$directory"
}

skip() {
  echo "no Slurm here: $1" >&2
  exit 77
}

# Numbers of ports at which nobody listens, below those that connections take.
free_ports() {
  found=""
  while [ "$(echo "$found" | wc -w)" -lt "$1" ]; do
    candidate=$((12000 + $(od -An -N2 -tu2 /dev/urandom) % 20000))
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
      grep -q "$(printf ':%04X ' "$candidate")" || found="$found $candidate"
  done
  echo "$found"
}

if [ "${2:-}" = stop ]; then
  stop
  exit 0
fi

for program in slurmctld slurmd sbatch munged; do
  command -v "$program" >/dev/null || {
    "$root/.ci/setup" slurm-wlm munge >/dev/null 2>&1 ||
      skip "slurm-wlm and munge cannot be installed"
    break
  }
done

mkdir -p "$directory/state" "$directory/spool"
chmod 700 "$directory"
name=$(hostname -s)
set -- $(free_ports 2)
cat >"$SLURM_CONF" <<END
ClusterName=nntop
SlurmctldHost=$name(127.0.0.1)
SlurmctldPort=$1
SlurmdPort=$2
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$directory/munge.socket
StateSaveLocation=$directory/state
SlurmdSpoolDir=$directory/spool
SlurmctldPidFile=$directory/slurmctld.pid
SlurmdPidFile=$directory/slurmd.pid
SlurmctldLogFile=$directory/slurmctld.log
SlurmdLogFile=$directory/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2,batch_sched_delay=1
KillWait=2
SlurmdParameters=config_overrides
NodeName=$name NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=tests Nodes=$name Default=YES MaxTime=INFINITE State=UP
END

head -c 128 /dev/urandom >"$directory/munge.key"
chmod 600 "$directory/munge.key"
failed() {
  cat "$directory"/*.log >&2 2>/dev/null || true
  stop
  skip "$1"
}
munged --force --num-threads=2 --key-file="$directory/munge.key" \
  --socket="$directory/munge.socket" --pid-file="$directory/munged.pid" \
  --log-file="$directory/munged.log" --seed-file="$directory/munge.seed" 2>"$directory/start.log" ||
  failed "munged does not start"
slurmctld -c >>"$directory/start.log" 2>&1 || failed "slurmctld does not start"
slurmd -N "$name" >>"$directory/start.log" 2>&1 || failed "slurmd does not start"

attempts=150
until [ "$(timeout 5 sinfo --noheader --format=%t 2>/dev/null)" = idle ]; do
  attempts=$((attempts - 1))
  [ "$attempts" -gt 0 ] || failed "its node does not become idle"
  sleep 0.1
done
echo "SLURM_CONF=$SLURM_CONF"
