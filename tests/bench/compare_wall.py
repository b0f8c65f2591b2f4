#!/usr/bin/env python3
"""How much longer a comparison of many models takes than its slowest model alone.

    cargo build --release --example bench_server --bin llmx
    python3 tests/bench/compare_wall.py [--models 32] [--rounds 20]

Each model is a provider of its own with the same pace. The time is that from the first request to the last answer, as the
report tells it, beside the slowest answer of the same run and beside the slowest of runs that ask one model. Exits with 1
when the median is beyond its bound.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What issue 5 asks for, in milliseconds.
MOST_MORE = 20


def configuration(urls):
    lines = []
    for name, url in urls.items():
        lines += [f"[providers.{name}]", 'wire = "openai-chat"', f'base_url = "{url}"', 'api_key = { env = "BENCH_KEY" }']
    return "\n".join(lines) + "\n"


def compare(arguments, home, names):
    env = {"PATH": os.environ["PATH"], "HOME": home, "BENCH_KEY": "sk-bench"}
    argv = [arguments.llmx, "compare", "--json", "-m", ",".join(f"{name}/m" for name in names), "Why is the sky blue?"]
    run = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stderr)
    report = json.loads(run.stdout)
    slowest = max(result["timing_ms"]["total"] for prompt in report["prompts"] for result in prompt["results"])
    return report["totals"]["wall_ms"], slowest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--server", default=str(ROOT / "target/release/examples/bench_server"))
    parser.add_argument("--llmx", default=str(ROOT / "target/release/llmx"))
    arguments = parser.parse_args()
    names = [f"p{number}" for number in range(arguments.models)]
    argv = [arguments.server, "--first-token", "300", "--token", "10000", *names]
    server = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    urls = dict(server.stdout.readline().split() for _ in names)
    with tempfile.TemporaryDirectory() as home:
        config = Path(home, ".config/llmx/config.toml")
        config.parent.mkdir(parents=True)
        config.write_text(configuration(urls))
        alone = max(compare(arguments, home, [name])[1] for name in names)
        runs = [compare(arguments, home, names) for _ in range(arguments.rounds)]
    server.stdin.close()
    server.wait()
    own = statistics.median(wall - slowest for wall, slowest in runs)
    beside = statistics.median(wall for wall, _ in runs) - alone
    print(f"{arguments.models} models, {arguments.rounds} rounds: wall less the slowest of the run {own:.1f} ms (median), "
          f"less the slowest asked alone ({alone:.0f} ms) {beside:.1f} ms; load {os.getloadavg()[0]:.1f}")
    if max(own, beside) > MOST_MORE:
        print(f"beyond {MOST_MORE} ms")
        sys.exit(1)


if __name__ == "__main__":
    main()
