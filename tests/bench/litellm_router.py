#!/usr/bin/env python3
"""LiteLLM's Router under the load of fault_fleet.py, in one warm process. Runs in a Python that has `litellm`.

The first line on stdin is JSON: `targets` (base URLs in order), `warm` (one that is asked first, by a Router of its own),
`limit` (seconds), `parallel`, `style`, `options` (arguments of Router) and `stream`; the answer is the line `"ready"`. Every further line is a list of prompts; the answer is
a line with a list of `[text or null, error or null, seconds]` in their order.
"""

import asyncio
import json
import os
import sys
import time

# Read on import: otherwise the table of prices is fetched from the network.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # noqa: E402

litellm.suppress_debug_info = True
litellm.telemetry = False


def deployments(targets, style):
    """`order` and `shuffle` are one group of all targets; `fallbacks` is a group for each."""
    for index, url in enumerate(targets):
        order = {"order": index + 1} if style == "order" else {}
        yield {
            "model_name": f"group{index if style == 'fallbacks' else 0}",
            "litellm_params": {"model": "openai/m", "api_base": url, "api_key": "sk-bench", "max_retries": 0, **order},
        }


def router(setup):
    targets, style = setup["targets"], setup["style"]
    fallbacks = [f"group{index}" for index in range(1, len(targets))] if style == "fallbacks" else []
    options = {
        "timeout": setup["limit"],
        "stream_timeout": setup["limit"],
        "allowed_fails": 1,
        "cooldown_time": 60,
        "num_retries": 0 if style != "shuffle" else 1,
        "enable_pre_call_checks": style == "order",
        "fallbacks": [{"group0": fallbacks}] if fallbacks else [],
    }
    return litellm.Router(model_list=list(deployments(targets, style)), **{**options, **setup["options"]})


async def ask(client, prompt, stream):
    messages = [{"role": "user", "content": prompt}]
    started = time.perf_counter()
    text, error = None, None
    try:
        reply = await client.acompletion(model="group0", messages=messages, stream=stream)
        if stream:
            pieces = [chunk.choices[0].delta.content or "" async for chunk in reply if chunk.choices]
            text = "".join(pieces)
        else:
            text = reply.choices[0].message.content
    except Exception as failure:  # whatever it is, the caller would have been told
        error = type(failure).__name__
    return text, error, time.perf_counter() - started


async def batch(client, prompts, setup):
    places = asyncio.Semaphore(setup["parallel"])

    async def one(prompt):
        async with places:
            return await ask(client, prompt, setup["stream"])

    return await asyncio.gather(*map(one, prompts))


async def main():
    # What LiteLLM prints must not come between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    loop = asyncio.get_running_loop()
    setup = json.loads(sys.stdin.readline())
    await batch(router({**setup, "targets": [setup["warm"]]}), ["Hello"] * 2 * setup["parallel"], setup)
    client = router(setup)
    print(json.dumps("ready"), file=answers, flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await batch(client, json.loads(line), setup)), file=answers, flush=True)


asyncio.run(main())
