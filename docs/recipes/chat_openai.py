import os

from openai import OpenAI

url = os.environ.get("TIAOWEN_URL", "http://127.0.0.1:8000")
client = OpenAI(base_url=f"{url}/v1", api_key=os.environ.get("TIAOWEN_KEY", "none"))
messages = [{"role": "user", "content": "海外人才居住证（B证）的有效期最长几年？"}]

completion = client.chat.completions.create(model="tiaowen", messages=messages)
message = completion.choices[0].message
print(message.content)
for citation in message.citations:
    print(citation["clause"]["label"], citation["cited_text"])

for chunk in client.chat.completions.create(model="tiaowen", messages=messages, stream=True):
    print(chunk.choices[0].delta.content or "", end="", flush=True)
print()
