#!/bin/sh
# Written by ijb schedule. README.txt beside it says how it is used; ijb schedule writes it anew.
# Ends with the exit code of ijb publish; 5, nothing was due, becomes 0, unless the first word after the name is systemd.
LOG=@LOG@
exec >>"$LOG" 2>&1
echo "==== $(date '+%Y-%m-%d %H:%M:%S') ijb publish"
@IJB@ publish @PLAN@ --period auto
CODE=$?
echo "==== $(date '+%Y-%m-%d %H:%M:%S') exit code $CODE"
@COPY@if [ "$CODE" -eq 5 ] && [ "${1:-}" != systemd ]; then CODE=0; fi
exit "$CODE"
