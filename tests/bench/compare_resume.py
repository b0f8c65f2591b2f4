#!/usr/bin/env python3
"""A comparison that is killed again and again, beside one that nothing disturbs.

    cargo build --release --example bench_server --bin llmx
    python3 tests/bench/compare_resume.py [--rows 10000] [--kills 10]

Each of three providers answers every row. One run is killed with SIGKILL at random moments and goes on each time with
`--resume`; the other runs through. Printed are how many requests the providers saw, how many answers there are, the peak of
memory over all processes, and whether both reports are the same but for times. Exits with 1 when an answer is missing, when
more was asked twice than was on its way at a kill, when memory goes beyond its bound, or when the reports differ.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fault_fleet import Fleet

ROOT = Path(__file__).resolve().parents[2]
PROVIDERS = ["one", "two", "three"]
# What issue 5 asks for, in MiB.
MOST_MEMORY = 100
# What hangs on time, or on which run it is.
CHANGING = {"run_id", "created", "timing_ms", "tok_per_s", "wall_ms", "exit_code", "command", "first_token_seconds",
            "total_seconds", "tokens_per_second", "speed_ratio", "first_ms", "total_ms", "deviation_ms",
            "attempts"}


class Home:
    """A home with its configuration and the data set."""

    def __init__(self, arguments, fleet):
        self.folder = tempfile.TemporaryDirectory()
        self.llmx = arguments.llmx
        self.env = {"PATH": os.environ["PATH"], "HOME": self.folder.name, "BENCH_KEY": "sk-bench"}
        lines = []
        for name, url in fleet.urls.items():
            lines += [f"[providers.{name}]", 'wire = "openai-chat"', f'base_url = "{url}"', 'api_key = { env = "BENCH_KEY" }']
        config = Path(self.folder.name, ".config/llmx/config.toml")
        config.parent.mkdir(parents=True)
        config.write_text("\n".join(lines) + "\n")
        rows = "".join(f'{{"prompt": "Why is number {row} odd?", "expect": "not-refusal"}}\n' for row in range(arguments.rows))
        Path(self.folder.name, "rows.jsonl").write_text(rows)

    def start(self, *words):
        return subprocess.Popen([self.llmx, "compare", *words], cwd=self.folder.name, env=self.env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def begin(self):
        models = ",".join(f"{name}/m" for name in PROVIDERS)
        return self.start("-m", models, "-f", "rows.jsonl", "--seed", "7", "--quiet")

    def export(self):
        subprocess.run([self.llmx, "compare", "export", "last", "-o", "out.json"], cwd=self.folder.name, env=self.env,
                       check=True, stderr=subprocess.DEVNULL)
        return json.loads(Path(self.folder.name, "out.json").read_text())


def peak(process):
    """The most memory that a process has had so far, in MiB."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0.0


def follow(process, seconds=None):
    """Until it ends, or so long; returns its peak of memory."""
    highest, started = 0.0, time.monotonic()
    while process.poll() is None and (seconds is None or time.monotonic() - started < seconds):
        highest = max(highest, peak(process))
        time.sleep(0.02)
    return highest


def without_times(value):
    if isinstance(value, dict):
        return {name: without_times(member) for name, member in value.items() if name not in CHANGING}
    if isinstance(value, list):
        return [without_times(member) for member in value]
    return value


def answers(report):
    return [result for prompt in report["prompts"] for result in prompt["results"]]


def undisturbed(arguments):
    with Fleet(arguments, dict.fromkeys(PROVIDERS)) as fleet:
        home = Home(arguments, fleet)
        started = time.monotonic()
        process = home.begin()
        memory = follow(process)
        seconds = time.monotonic() - started
        if process.returncode:
            sys.exit(f"the undisturbed run ended with {process.returncode}: {process.stderr.read().decode()}")
        return home.export(), seconds, memory


def disturbed(arguments, seconds):
    chance = random.Random(arguments.seed)
    moments = sorted(chance.uniform(0.03, 0.97) for _ in range(arguments.kills))
    parts = [(later - earlier) * seconds for earlier, later in zip([0.0, *moments], moments)]
    with Fleet(arguments, dict.fromkeys(PROVIDERS)) as fleet:
        home = Home(arguments, fleet)
        process, memory, kills = home.begin(), 0.0, 0
        for part in parts:
            memory = max(memory, follow(process, max(part, 0.3)))
            if process.poll() is not None:
                break
            process.kill()
            process.wait()
            kills += 1
            process = home.start("--resume", "--quiet")
        memory = max(memory, follow(process))
        if process.returncode:
            sys.exit(f"the disturbed run ended with {process.returncode}: {process.stderr.read().decode()}")
        return home.export(), fleet.counts(), memory, kills


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", default=str(ROOT / "target/release/examples/bench_server"))
    parser.add_argument("--llmx", default=str(ROOT / "target/release/llmx"))
    arguments = parser.parse_args()
    # In milliseconds and microseconds: an answer takes a moment, so that a kill finds some on their way.
    arguments.first_token, arguments.token = 5, 20
    whole, seconds, calm = undisturbed(arguments)
    broken, counts, rough, kills = disturbed(arguments, seconds)
    wanted = arguments.rows * len(PROVIDERS)
    again = counts.total() - wanted
    same = without_times(whole) == without_times(broken)
    print(f"undisturbed: {len(answers(whole))} answers in {seconds:.1f} s, peak {calm:.0f} MiB")
    print(f"killed {kills} times: {len(answers(broken))} answers, {counts.total()} requests ({again} asked again), peak {rough:.0f} MiB")
    print(f"reports are the same but for times: {'yes' if same else 'NO'}")
    failures = []
    if len(answers(broken)) != wanted or len(answers(whole)) != wanted:
        failures.append(f"there must be {wanted} answers")
    # No provider has more than 16 requests on their way.
    if again > kills * 16 * len(PROVIDERS):
        failures.append(f"{again} requests were asked again, more than were on their way")
    if max(calm, rough) > MOST_MEMORY:
        failures.append(f"memory is {max(calm, rough):.0f} MiB, at most {MOST_MEMORY}")
    if not same:
        failures.append("the reports differ")
    for failure in failures:
        print(failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
