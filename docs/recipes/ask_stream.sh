#!/usr/bin/env bash
# The same as server-sent events: retrieved, delta, citation, done (which carries all of it).
curl --silent --show-error --fail-with-body --no-buffer \
  "${TIAOWEN_URL:-http://127.0.0.1:8000}/v1/ask" \
  --header 'Content-Type: application/json' \
  --data '{"question": "海外人才居住证（B证）的有效期最长几年？", "stream": true}'
