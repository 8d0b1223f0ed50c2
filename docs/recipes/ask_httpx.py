import os

import httpx

url = os.environ.get("TIAOWEN_URL", "http://127.0.0.1:8000")
response = httpx.post(f"{url}/v1/ask", json={"question": "海外人才居住证（B证）的有效期最长几年？"})
response.raise_for_status()
found = response.json()
if found["answerable"]:
    print(found["answer"])
    for citation in found["citations"]:
        print(f"[{citation['index']}]", " › ".join(citation["clause"]["path"]))
        print(f"    “{citation['cited_text']}”", url + citation["url"])
else:
    print(found["refusal"]["message"])
