import asyncio
import os

from mcp import Client

url = os.environ.get("TIAOWEN_URL", "http://127.0.0.1:8000")


async def main() -> None:
    async with Client(f"{url}/mcp") as client:
        asked = {"question": "海外人才居住证（B证）的有效期最长几年？"}
        result = await client.call_tool("ask_document", asked)
        print(result.content[0].text)
        for citation in result.structured_content["citations"]:
            print(citation["clause"]["label"], citation["cited_text"])


asyncio.run(main())
