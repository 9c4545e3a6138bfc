#!/bin/sh
# h2load.sh URL TOKEN USERS PROCESSES [STREAMS]
# Removes each user's factor once, over HTTP/2. Each client of h2load walks all of its list, so each
# process here has one client, and a shard that no other has.
set -eu
url=$1 token=$2 users=$3 processes=$4 streams=${5:-100}
urls=$(mktemp -d)
trap 'rm -r "$urls"' EXIT

i=1
while [ "$i" -le "$processes" ]; do
   ${FACTORCTL:-factorctl} urls --target "$url" --users "$users" --shard "$i/$processes" > "$urls/$i"
   i=$((i + 1))
done
i=1
while [ "$i" -le "$processes" ]; do
   h2load -n "$(wc -l < "$urls/$i")" -c 1 -m "$streams" -i "$urls/$i" \
      -H ":method: DELETE" -H "authorization: Bearer $token" > "$urls/$i.out" &
   i=$((i + 1))
done
wait
grep -h -e '^finished in' -e '^status codes' "$urls"/*.out
