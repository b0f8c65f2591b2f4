#!/usr/bin/env python3
"""What llmx adds to a call, as ratios against curl (and aichat, where it is installed) beside it.

    cargo build --release --example bench_server --bin llmx
    python3 tests/bench/overhead.py [--rounds 40] [--aichat PATH]

Every tool makes the same request to the same server on loopback, in turn, round after round, so that a busy machine
slows all of them alike. CPU is user + system time of the whole process; times are medians, memory is the largest peak.
Exits with 1 when a ratio is beyond its bound.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "Why is the sky blue?"


def run(argv, env, with_memory=False):
    """One run: CPU and wall milliseconds, milliseconds to the first byte, peak memory in MiB, bytes of stdout."""
    started = time.perf_counter()
    process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first, size, memory = None, 0, 0
    while True:
        piece = os.read(process.stdout.fileno(), 1 << 16)
        if with_memory:
            memory = max(memory, peak_memory(process.pid))
        if not piece:
            break
        first = first or time.perf_counter()
        size += len(piece)
    _, status, usage = os.wait4(process.pid, 0)
    ended = time.perf_counter()
    errors = process.stderr.read().decode(errors="replace")
    process.stdout.close()
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 or size == 0:
        sys.exit(f"{argv[0]} failed with {process.returncode}: {errors}")
    return {
        "cpu": (usage.ru_utime + usage.ru_stime) * 1000,
        "wall": (ended - started) * 1000,
        "first": ((first or ended) - started) * 1000,
        "memory": memory,
        "bytes": size,
    }


def peak_memory(pid):
    """Peak memory so far in MiB. What wait4 reports is no use: it counts the memory of this script before the exec."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0


def measure(tools, rounds):
    """Medians of all tools, measured in turn; memory in a round of its own, since looking costs time."""
    samples = {name: [] for name in tools}
    for _ in range(rounds):
        for name, (argv, env) in tools.items():
            samples[name].append(run(argv, env))
    results = {}
    for name, of_tool in samples.items():
        results[name] = {key: statistics.median(sample[key] for sample in of_tool) for key in of_tool[0]}
        results[name]["memory"] = run(*tools[name], with_memory=True)["memory"]
    return results


class Bench:
    def __init__(self, arguments, folder):
        self.rounds = arguments.rounds
        self.llmx = str(Path(arguments.llmx).resolve())
        self.aichat = arguments.aichat and shutil.which(arguments.aichat)
        self.folder = folder
        self.failed = []
        self.plain = {"PATH": os.environ["PATH"], "HOME": str(folder)}

    def tools(self, url, *flags):
        body = {
            "model": "script",
            "messages": [{"role": "user", "content": PROMPT}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        tools = {
            "curl": (
                ["curl", "-sN", f"{url}/chat/completions", "-H", "content-type: application/json",
                 "-H", "authorization: Bearer sk-bench", "-d", json.dumps(body)],
                self.plain,
            ),
            "llmx": (
                [self.llmx, "complete", "-m", "openai/script", *flags, PROMPT],
                {**self.plain, "OPENAI_API_KEY": "sk-bench", "OPENAI_BASE_URL": url},
            ),
        }
        if self.aichat:
            tools["aichat"] = ([self.aichat, PROMPT], {**self.plain, "AICHAT_CONFIG_DIR": self.aichat_config(url)})
        return tools

    def aichat_config(self, url):
        folder = self.folder / f"aichat-{url.rsplit(':', 1)[1].replace('/', '-')}"
        folder.mkdir(exist_ok=True)
        (folder / "config.yaml").write_text(
            "model: bench:script\nstream: true\nsave: false\nclients:\n- type: openai-compatible\n  name: bench\n"
            f"  api_base: {url}\n  api_key: sk-bench\n  models:\n  - name: script\n"
        )
        return str(folder)

    def table(self, title, results, bounds):
        print(f"\n{title}")
        print(f"  {'':10}{'CPU ms':>10}{'wall ms':>10}{'first ms':>10}{'MiB':>8}")
        for name, result in results.items():
            print(f"  {name:10}{result['cpu']:10.2f}{result['wall']:10.2f}{result['first']:10.2f}{result['memory']:8.1f}")
        for what, value, bound in bounds:
            verdict = "ok" if value <= bound else "BEYOND"
            print(f"  {what}: {value:.2f} (at most {bound}) {verdict}")
            if value > bound:
                self.failed.append(f"{title}: {what} {value:.2f} > {bound}")

    def version(self):
        tools = {"true": (["sh", "-c", "echo"], self.plain), "llmx": ([self.llmx, "--version"], self.plain)}
        if self.aichat:
            tools["aichat"] = ([self.aichat, "--version"], self.plain)
        results = measure(tools, self.rounds)
        self.table("--version", results, [("CPU ms", results["llmx"]["cpu"], 2)])

    def short(self, url):
        results = measure(self.tools(url), self.rounds)
        curl, llmx = results["curl"], results["llmx"]
        self.table("one short answer, held, ledger written", results, [
            ("CPU / curl", llmx["cpu"] / curl["cpu"], 1.0),
            ("wall / curl", llmx["wall"] / curl["wall"], 1.0),
            ("MiB", llmx["memory"], 16),
        ])
        results = measure(self.tools(url, "--stream"), self.rounds)
        curl, llmx = results["curl"], results["llmx"]
        self.table("one short answer, streamed", results, [
            ("first byte after curl's, ms", llmx["first"] - curl["first"], 2),
        ])

    def long(self, url, tokens, rounds):
        results = measure(self.tools(url, "--stream"), rounds)
        llmx = results["llmx"]
        bounds = [("MiB", llmx["memory"], 16)]
        if tokens == 2000:
            bounds.append(("CPU / curl", llmx["cpu"] / results["curl"]["cpu"], 1.5))
        elif self.aichat:
            bounds.append(("CPU / aichat", llmx["cpu"] / results["aichat"]["cpu"], 0.25))
        self.table(f"{tokens} streamed tokens", results, bounds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--llmx", default=str(ROOT / "target/release/llmx"))
    parser.add_argument("--server", default=str(ROOT / "target/release/examples/bench_server"))
    parser.add_argument("--aichat", help="the aichat to measure beside")
    arguments = parser.parse_args()
    server = subprocess.Popen([arguments.server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with tempfile.TemporaryDirectory() as folder:
        try:
            urls = dict(server.stdout.readline().split() for _ in range(3))
            bench = Bench(arguments, Path(folder))
            print(f"load average {os.getloadavg()[0]:.1f}, {arguments.rounds} rounds")
            bench.version()
            bench.short(urls["short"])
            bench.long(urls["t2000"], 2_000, arguments.rounds)
            bench.long(urls["t50000"], 50_000, max(5, arguments.rounds // 4))
        finally:
            server.stdin.close()
            server.wait()
    for failure in bench.failed:
        print(failure, file=sys.stderr)
    sys.exit(1 if bench.failed else 0)


if __name__ == "__main__":
    main()
