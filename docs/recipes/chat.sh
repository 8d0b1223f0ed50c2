#!/usr/bin/env bash
# OpenAI's route: the text ends with its sources; message.citations holds them as data.
curl --silent --show-error --fail-with-body \
  "${TIAOWEN_URL:-http://127.0.0.1:8000}/v1/chat/completions" \
  --header 'Content-Type: application/json' \
  --data '{"model": "tiaowen", "messages": [{"role": "user", "content": "第十二条讲什么？"}]}'
