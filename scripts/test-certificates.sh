#!/usr/bin/env bash
# Makes a directory with certificates for tests: of an authority, ca.pem, and of another one, other-ca.pem; and two that
# the former gave out for "localhost", with one key, valid.key: valid.pem for a day, expired.pem.
set -euo pipefail

mkdir "$1"
cd "$1"
key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
cat >ca.conf <<'CONF'
[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
# The same name once more.
unique_subject = no
[any]
commonName = supplied
CONF
: >index.txt
issue() { openssl ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key -in request.pem "$@"; }
{
    openssl req -x509 "${key[@]}" -subj /CN=Test-CA -days 1 -keyout ca.key -out ca.pem
    openssl req -x509 "${key[@]}" -subj /CN=Other-CA -days 1 -keyout other-ca.key -out other-ca.pem
    openssl req "${key[@]}" -subj /CN=database -addext subjectAltName=DNS:localhost -keyout valid.key -out request.pem
    issue -days 1 -out valid.pem
    issue -startdate 20200101000000Z -enddate 20210101000000Z -out expired.pem
} 2>openssl.log || { cat openssl.log >&2; exit 1; }
