#!/bin/sh
# hey.sh URLS TOKEN PROCESSES
# Removes what stands in the file URLS, each once, by a hey of its own, for hey knows one URL. That
# is good to see that a removal works; its rate is that of starting programs.
set -eu
file=$1 token=$2 processes=$3
xargs -n 1 -P "$processes" hey -n 1 -c 1 -m DELETE -H "Authorization: Bearer $token" < "$file" |
   sed -n 's/^ *\(\[[0-9]*\]\).*/\1/p' | sort | uniq -c
