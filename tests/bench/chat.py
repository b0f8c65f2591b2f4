#!/usr/bin/env python3
"""What `llmx chat` takes in a terminal: its start, a Tab, keys below an answer, and long answers.

    cargo build --release --bin llmx
    python3 tests/bench/chat.py [--rounds 15] [--llmx PATH]

Everything runs in a pseudo-terminal of 80 columns with a server on loopback. CPU is user and system time of the whole
process, which is killed at the moment that counts. Beside it run: for the start, the start of Python; for an answer, the same answer with
`--raw`, which is shown as it comes; for keys below an answer, the same keys at the prompt. Exits with 1 beyond a bound.
"""

import argparse
import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# About four characters are a token, as models count English.
CHARACTERS_OF_A_TOKEN = 4
MOVES_UP = re.compile(rb"\x1b\[[0-9;]*[AFHf]|\x1bM")

PROSE = (
    "The router reads what is known of every provider before it asks one of them, and it says so afterwards in words that "
    "somebody can check. A chain that has broken once is not asked again until it had time to mend.\n\n"
)
CODE = """```rust
/// Reads a number that stands in `text`, if there is one.
pub fn number(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match digits.parse() {
        Ok(number) if number > 0 => Some(number), // zero is none
        _ => None,
    }
}
```

"""
MARKDOWN = (
    "## A heading with *emphasis*\n\n1. **First**: a `span` and a [link](https://example.org)\n   - nested one\n   - nested two\n"
    "2. Second, with more words than fit into one line of eighty columns, so that it is wrapped at a blank\n\n"
    "| name | price |\n|---|--:|\n| one | 1.50 |\n| two | 20 |\n\n> quoted words that go on for a while\n\n" + PROSE
)
TEXTS = {"prose": PROSE, "markdown": MARKDOWN + CODE, "code": CODE}


class Server(BaseHTTPRequestHandler):
    """Streams the answer that the question names: `KIND TOKENS`, or `slow SECONDS` with a word every 10 ms."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        kind, count = body["messages"][-1]["content"].split()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        if kind == "slow":
            for _ in range(int(count) * 100):
                self.piece("word ")
                time.sleep(0.01)
        else:
            text = answer(kind, int(count))
            size = 40 * CHARACTERS_OF_A_TOKEN
            for start in range(0, len(text), size):
                self.piece(text[start : start + size])
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')

    def piece(self, text):
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(f"data: {json.dumps({'model': 'm', 'choices': [choice]})}\n\n".encode())


def answer(kind, tokens):
    text = TEXTS[kind]
    return (text * (tokens * CHARACTERS_OF_A_TOKEN // len(text) + 1))[: tokens * CHARACTERS_OF_A_TOKEN]


class Terminal:
    """A program in a pseudo-terminal."""

    def __init__(self, argv, env):
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.execve(argv[0], argv, env)
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.seen = bytearray()

    def wait(self, what, start=0, limit=60):
        """Reads until `what` was written behind `start`; the place behind it."""
        end = time.monotonic() + limit
        while (found := self.seen.find(what, start)) < 0:
            if time.monotonic() > end or not select.select([self.file], [], [], 1)[0]:
                if time.monotonic() > end:
                    sys.exit(f"{what!r} did not come; there is {bytes(self.seen[-300:])!r}")
                continue
            try:
                self.seen += os.read(self.file, 1 << 16)
            except OSError:
                break
        return found + len(what)

    def send(self, keys):
        os.write(self.file, keys)

    def end(self):
        """Ends it; the milliseconds that it has run, with all its threads."""
        os.kill(self.pid, signal.SIGKILL)
        _, _, usage = os.wait4(self.pid, 0)
        os.close(self.file)
        return (usage.ru_utime + usage.ru_stime) * 1000


def python_start():
    pid = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-c", "pass"])
    _, _, usage = os.wait4(pid, 0)
    return (usage.ru_utime + usage.ru_stime) * 1000


def begun(llmx, env, *arguments):
    terminal = Terminal([llmx, "chat", *arguments], env)
    terminal.wait(b"> ")
    return terminal


def start_and_tab(llmx, env):
    start = begun(llmx, env).end()
    terminal = begun(llmx, env)
    from_here, began = len(terminal.seen), time.perf_counter()
    terminal.send(b"/compar\t")
    terminal.wait(b"/compare", from_here)
    command = (time.perf_counter() - began) * 1000
    from_here, began = len(terminal.seen), time.perf_counter()
    terminal.send(b"\x15/compare openai/gpt-4.1-n\t")
    terminal.wait(b"nano", from_here)
    model = (time.perf_counter() - began) * 1000
    terminal.end()
    return {"start": start, "command": command, "model": model}


def long_answer(llmx, env, kind, tokens, *arguments):
    terminal = begun(llmx, env, *arguments)
    from_here = len(terminal.seen)
    terminal.send(f"{kind} {tokens}\r".encode())
    end = terminal.wait(b"cost unknown", from_here)
    cpu = terminal.end()
    written = bytes(terminal.seen[from_here:end])
    text = len(answer(kind, tokens).encode())
    # The terminal itself turns each line feed into two characters.
    size = len(written.replace(b"\r\n", b"\n"))
    return {"cpu": cpu, "bytes": size / text, "moves": len(MOVES_UP.findall(written))}


def echoes(llmx, env):
    """Milliseconds from a key to its echo, at the prompt and below an answer that streams a word each 10 ms."""
    terminal = begun(llmx, env)
    at_prompt = [echo(terminal, key) for key in b"abcdefghijklmnopqrst"]
    terminal.send(b"\x15slow 4\r")
    terminal.wait(b"word", len(terminal.seen))
    below = []
    for key in b"ABCDEFGHIJKLMNOPQRST":
        below.append(echo(terminal, key))
        time.sleep(0.03)
    terminal.end()
    return at_prompt, below


def echo(terminal, key):
    from_here, began = len(terminal.seen), time.perf_counter()
    terminal.send(bytes([key]))
    terminal.wait(bytes([key]), from_here)
    return (time.perf_counter() - began) * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--llmx", default=str(ROOT / "target/release/llmx"))
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as home:
        config = Path(home) / "config.toml"
        config.write_text(
            'default = "local/m"\n[providers.local]\nwire = "openai-chat"\nauth = "none"\n'
            f'base_url = "http://127.0.0.1:{server.server_address[1]}/v1"\n[providers.openai]\napi_key = "sk-none"\n'
        )
        config.chmod(0o600)
        env = {"HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LLMX_CONFIG": str(config)}
        ok = measure(options, env)
    server.shutdown()
    sys.exit(0 if ok else 1)


def median(samples):
    return statistics.median(samples)


def measure(options, env):
    llmx, rows = options.llmx, []
    starts, pythons = [], []
    for _ in range(options.rounds):
        starts.append(start_and_tab(llmx, env))
        pythons.append(python_start())
    start, python = median(s["start"] for s in starts), median(pythons)
    rows.append(("CPU to the prompt, ms", start, 15, f"{start / python:.2f} of Python's start ({python:.1f})"))
    rows.append(("Tab on a command, ms", median(s["command"] for s in starts), 20, ""))
    rows.append(("Tab on a model, first time, ms", median(s["model"] for s in starts), 20, ""))
    rounds = max(3, options.rounds // 5)
    for kind in TEXTS:
        plain = median(long_answer(llmx, env, kind, 50_000, "--raw")["cpu"] for _ in range(rounds))
        quarter = median(long_answer(llmx, env, kind, 12_500)["cpu"] for _ in range(rounds))
        samples = [long_answer(llmx, env, kind, 50_000) for _ in range(rounds)]
        cpu = median(s["cpu"] for s in samples)
        beside = f"{cpu / plain:.2f} of --raw, {cpu / quarter:.2f} of a quarter of it, {samples[0]['moves']} moves up"
        rows.append((f"{kind}, 50,000 tokens, CPU ms", cpu, 1000, beside))
        rows.append((f"{kind}, linear: of four times the quarter", cpu / quarter / 4, 1.3, ""))
        if kind == "prose":
            rows.append(("prose, bytes of the text's", median(s["bytes"] for s in samples), 1.3, ""))
    at_prompt, below = echoes(llmx, env)
    rows.append(("echo below an answer, median ms", median(below), 20, f"{median(below) / median(at_prompt):.2f} of the prompt's"))
    rows.append(("echo below an answer, longest ms", max(below), 100, f"{max(at_prompt):.1f} at the prompt"))
    for what, value, bound, beside in rows:
        print(f"{'ok ' if value <= bound else 'NO '} {what:44} {value:8.2f}  (at most {bound})  {beside}")
    return all(value <= bound for _, value, bound, _ in rows)


if __name__ == "__main__":
    main()
