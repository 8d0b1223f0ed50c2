#!/usr/bin/env bash
# The same in chunks; the last one carries the citations.
curl --silent --show-error --fail-with-body --no-buffer \
  "${TIAOWEN_URL:-http://127.0.0.1:8000}/v1/chat/completions" \
  --header 'Content-Type: application/json' \
  --data '{"model": "tiaowen", "stream": true,
           "messages": [{"role": "user", "content": "第十二条讲什么？"}]}'
