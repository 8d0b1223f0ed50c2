#!/usr/bin/env bash
# An answer with its citations, or a refusal, as one JSON object.
curl --silent --show-error --fail-with-body "${TIAOWEN_URL:-http://127.0.0.1:8000}/v1/ask" \
  --header 'Content-Type: application/json' \
  --data '{"question": "海外人才居住证（B证）的有效期最长几年？"}'
