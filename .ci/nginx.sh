#!/usr/bin/env bash
# Installs nginx and njs from Debian, so that the gates that need them are tested against the real
# thing. Where they cannot be had their tests are left out, by name; that is no failure.
set -uo pipefail
export DEBIAN_FRONTEND=noninteractive PATH="$PATH:/usr/sbin"

missing() {
  for program in nginx njs; do
    command -v "$program" >/dev/null || echo "$program"
  done
}

leave_out() {
  echo "Not installed: $(missing | paste -sd ' '). $1: the tests that need them are left out."
  exit 0
}

[ -z "$(missing)" ] && echo 'nginx and njs are here.' && exit 0
command -v apt-get >/dev/null || leave_out 'There is no apt-get'
[ "$(id -u)" = 0 ] || leave_out 'Only root may install'

# Debian starts a server that it installs, unless this file says no (deb-systemd-invoke, invoke-rc.d).
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi

# A mirror that does not answer is given up soon.
apt=(apt-get -qq -o DPkg::Lock::Timeout=60 -o Acquire::http::Timeout=20 -o Acquire::Retries=1)
"${apt[@]}" update || echo 'The list of packages is as old as it was.'
# Each has the name of its package.
for program in $(missing); do
  "${apt[@]}" install -y --no-install-recommends "$program" >/dev/null
done
[ -z "$(missing)" ] || leave_out 'Debian did not give them'
echo 'nginx and njs are installed; no service was started.'
