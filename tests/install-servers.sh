#!/bin/sh
# Installs what the tests run for real and Debian packages: PostgreSQL, Chromium, ExifTool and, into .venv alone, Prometheus,
# which would start as a service of the machine. From PyPI, an S3 server: moto's, in an environment of its own (.venv/s3),
# since it asks for other versions than the studio. Does nothing when they are there; `prometheus` as its argument asks for
# that only.
set -eu
missing=""
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v exiftool >/dev/null 2>&1 || missing="$missing libimage-exiftool-perl"
[ "${1:-}" = prometheus ] && missing=""
if [ "$(id -u)" = 0 ]; then sudo=""; else sudo="sudo"; fi
update() { $sudo apt-get update -qq; }
unpack() {
  folder="$(mktemp -d)" && chmod 755 "$folder"
  (cd "$folder" && apt-get download -qq prometheus >/dev/null) && dpkg-deb -x "$folder"/prometheus_*.deb .venv/prometheus
  rm -r "$folder"
}
if ! command -v promtool >/dev/null 2>&1 && ! [ -x .venv/prometheus/usr/bin/promtool ]; then
  echo "unpacking Prometheus into .venv/prometheus"
  apt-cache show prometheus >/dev/null 2>&1 || update
  unpack || { update && unpack; }
fi
if [ "${1:-}" != prometheus ] && ! [ -x .venv/s3/bin/moto_server ]; then
  echo "installing moto's S3 server into .venv/s3"
  .venv/bin/python -m venv .venv/s3
  .venv/s3/bin/pip install --quiet --disable-pip-version-check "moto[server]==5.2.5" || { rm -r .venv/s3; exit 1; }
fi
[ -n "$missing" ] || exit 0
echo "installing for the tests:$missing"
update
# --no-install-recommends keeps the system clean; the cluster that postgresql creates is not used.
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
