#!/usr/bin/env python3
"""A ledger of a million attempts: its size, how long every report of `llmx cost` takes, and what an attempt pays for writing.

    tests/bench/cost_million.py [--attempts 1000000] [--llmx target/release/llmx] [--keep DIR]

The attempts go the way of those that could not be written at once: as lines of the spool, which the program itself adds to
the ledger. Each report is the median of several runs of the binary, beside two things run in the same minute: the program's
bare start (`--version`), and a plain sum over the table of attempts by the sqlite3 module of Python.
"""

import argparse
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DAYS = 365
MODELS = [
    ("openai", "gpt-5.4-mini", 30), ("openai", "gpt-6-sol", 10), ("anthropic", "claude-sonnet-5-5", 20),
    ("anthropic", "claude-haiku-5-5", 12), ("gemini", "gemini-2.5-flash", 10), ("groq", "llama-3.3-70b-versatile", 6),
    ("mistral", "mistral-large-latest", 4), ("deepseek", "deepseek-v4-flash", 4), ("xai", "grok-4.7", 2),
    ("cohere", "command-a-03-2025", 1), ("perplexity", "sonar", 1),
]
ROUTES = ["smart", "smart", "smart", "cheap", "fast"]
COMMANDS = ["complete"] * 6 + ["chat"] * 3 + ["compare"]
PROJECTS = [None, "/home/u/src/shop", "/home/u/src/shop", "/home/u/src/search", "/home/u/src/site", "notes"]
TAGS = [{}, {}, {}, {"team": "search"}, {"team": "shop"}, {"team": "shop", "ticket": "T-17"}]
REPORTS = [[], ["--by", "day"], ["--by", "week"], ["--by", "month"], ["--by", "hour"], ["--by", "model"], ["--by", "provider"],
           ["--by", "route"], ["--by", "command"], ["--by", "tag"], ["--by", "conversation"], ["--by", "project"],
           ["--by", "day,model"]]


def run(llmx, home, *arguments, check=True):
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LLMX_DATA_DIR": str(home / "data"), "TZ": "Europe/Berlin"}
    return subprocess.run([llmx, *arguments], env=environment, cwd=home, capture_output=True, text=True, check=check, timeout=1800)


def sample_bill(llmx, home, target):
    """Usage and bill of one simulated call, as the program itself writes them."""
    run(llmx, home, "complete", "--sim", "-m", target, "say something")
    shown = json.loads(run(llmx, home, "log", "--sim", "show", "--json").stdout)
    attempt = next(attempt for attempt in shown["run"]["attempts"] if attempt["outcome"] == "complete")
    return attempt["usage_raw"], attempt["price"]


def attempts(count, samples, now):
    """The spool's lines: runs with one attempt each, in order of time."""
    chance = random.Random(7)
    weights = [weight for _, _, weight in MODELS]
    conversation, left = None, 0
    for number in range(count):
        started = now - int((count - number) / count * DAYS * 86_400_000)
        run_id = str(uuid.UUID(int=(started << 80) | (7 << 76) | (2 << 62) | number))
        command = chance.choice(COMMANDS)
        if command == "chat":
            if left == 0:
                conversation, left = run_id, chance.randrange(2, 20)
            left -= 1
        provider, model, _ = chance.choices(MODELS, weights)[0]
        usage, price = samples[f"{provider}/{model}"]
        failed = chance.random() < 0.03
        cost = chance.randrange(10_000_000, 20_000_000_000)
        tokens = {"input_total": chance.randrange(50, 20_000), "cache_read": 0, "cache_write": 0,
                  "output_total": chance.randrange(1, 2_000), "reasoning": 0}
        yield {"run": {"id": run_id, "conversation": conversation if command == "chat" else run_id, "started_ms": started,
                       "command": command, "route": chance.choice(ROUTES), "system": None, "messages": [], "keep_text": False,
                       "terminal": None, "project": chance.choice(PROJECTS), "tags": chance.choice(TAGS)}}
        yield {"attempt": {"run": run_id, "number": 1, "started_ms": started, "provider": provider, "model": model,
                           "role": "main", "asked": {"stream": True, "tools": False, "prompt_tokens": tokens["input_total"]}}}
        yield {"attempt_end": {
            "run": run_id, "number": 1, "outcome": "failed" if failed else "complete", "served_model": model,
            "request_id": f"req_{number:016x}", "first_content_ms": chance.randrange(100, 2_000),
            "total_ms": chance.randrange(500, 60_000), "usage_raw": None if failed else json.dumps(usage),
            "buckets": None if failed else tokens, "price": None if failed else json.dumps(price),
            "cost_pico": None if failed and chance.random() < 0.3 else (0 if failed else cost),
            "cost_source": "unknown" if failed else "computed", "saved_pico": 0, "class": "overloaded" if failed else None,
            "failure": None, "partial_text": ""}}
        yield {"run_end": {"id": run_id, "ended_ms": started + 1_000, "exit_code": 6 if failed else 0, "answer": "",
                           "reasoning": "", "served_by": None if failed else f"{provider}/{model}", "finish": "stop"}}


def build(llmx, home, count, samples):
    data = home / "data"
    data.mkdir(parents=True, exist_ok=True)
    run(llmx, home, "log", "--json")
    with open(data / "ledger.db.spool.jsonl", "w", encoding="utf-8") as spool:
        for entry in attempts(count, samples, int(time.time() * 1000)):
            spool.write(json.dumps(entry, separators=(",", ":")) + "\n")
    began = time.monotonic()
    run(llmx, home, "log", "--json")
    print(f"{count} attempts added in {time.monotonic() - began:.0f} s")


class Answer(BaseHTTPRequestHandler):
    """A model that answers at once."""

    protocol_version = "HTTP/1.1"
    BODY = json.dumps({
        "id": "1", "object": "chat.completion", "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12},
    }).encode()

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(self.BODY)))
        self.end_headers()
        self.wfile.write(self.BODY)

    def log_message(self, *_):
        pass


def completes(llmx, large, rounds):
    """How long `complete` takes with the large ledger and with an empty one, in turn; milliseconds."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as scratch:
        homes = {"empty": Path(scratch), "large": large}
        config = Path(scratch) / "config.toml"
        config.write_text(f'[providers.p]\nwire = "openai-chat"\nauth = "none"\n'
                          f'base_url = "http://127.0.0.1:{server.server_port}/v1"\n', encoding="utf-8")
        config.chmod(0o600)
        times = {name: [] for name in homes}
        for number in range(2 * rounds + 2):
            name = ["empty", "large"][number % 2]
            home = homes[name]
            environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LLMX_DATA_DIR": str(home / "data"),
                           "LLMX_CONFIG": str(config)}
            began = time.perf_counter()
            subprocess.run([llmx, "complete", "--no-stream", "-m", "p/m", "hello"], env=environment, cwd=home,
                           capture_output=True, check=True, timeout=60)
            if number >= 2:
                times[name].append((time.perf_counter() - began) * 1000)
    server.shutdown()
    return {name: statistics.median(each) for name, each in times.items()}


def median(rounds, work):
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=1_000_000)
    parser.add_argument("--llmx", default="target/release/llmx")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    llmx = str(Path(options.llmx).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        home = options.keep or Path(scratch)
        ledger = home / "data/ledger.db"
        if not ledger.exists():
            samples = {f"{p}/{m}": sample_bill(llmx, home, f"{p}/{m}") for p, m, _ in MODELS}
            build(llmx, home, options.attempts, samples)
        print(f"{'file':44} {sum(f.stat().st_size for f in (home / 'data').glob('ledger.db*')) / 1e6:9.1f} MB")
        start = median(options.rounds, lambda: run(llmx, home, "--version"))
        print(f"{'the bare start of the program':44} {start:9.1f} ms")

        def plain_sum():
            connection = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
            connection.execute("SELECT spender, sum(cost_pico), count(*) FROM kept_attempts GROUP BY 1").fetchall()
            connection.close()

        plain = median(3, plain_sum)
        print(f"{'a plain sum over attempts by spender':44} {plain:9.1f} ms")
        slowest = 0.0
        for report in REPORTS:
            for since in ["30d", "400d"]:
                took = median(options.rounds, lambda: run(llmx, home, "cost", *report, "--since", since, "--json"))
                slowest = max(slowest, took)
                print(f"{'cost ' + ' '.join(report) + ' --since ' + since:44} {took:9.1f} ms  {took / plain:6.3f} of the plain sum")
        print(f"{'the slowest report':44} {slowest:9.1f} ms")
        took = completes(llmx, home, 41)
        print(f"{'complete with an empty ledger, and with this one':44} {took['empty']:9.1f} ms {took['large']:9.1f} ms")
        counted = json.loads(run(llmx, home, "cost", "--since", "400d", "--json").stdout)["total"]["requests"]
        if counted < options.attempts:
            sys.exit(f"{counted} of {options.attempts} attempts are counted")


if __name__ == "__main__":
    main()
