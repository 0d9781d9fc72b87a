"""The floor: the SDK and `asyncio.gather`.  Arguments: address, cases, how many at once."""

import asyncio
import sys

from openai import AsyncOpenAI


async def main(url: str, cases: int, at_once: int) -> None:
    """Put every question once."""
    client, room = AsyncOpenAI(base_url=url, api_key="none"), asyncio.Semaphore(at_once)

    async def ask(number: int) -> bool:
        async with room:
            said = await client.chat.completions.create(
                model="served",
                messages=[{"role": "user", "content": f"What is {number} + 1? <<<number>>>"}],
                temperature=0,
            )
        return said.choices[0].message.content == "<<<7>>>"

    right = await asyncio.gather(*map(ask, range(cases)))
    print(sum(right), "of", len(right))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
