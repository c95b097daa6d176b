"""A kithd and kith processes under a test's control. Everything lives in one temporary directory and ends with its World."""
import collections
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROGRAMS = {}  # "kithd" and "kith": set by run.py
LIMIT_S = 120  # how long anything may take before it counts as broken


class Lines:
    """What a process writes, line by line, and a way to wait for some of it."""

    def __init__(self, stream, parse=lambda line: line):
        self.all = []
        self.is_over = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(stream, parse), daemon=True)
        self._thread.start()

    def _read(self, stream, parse):
        for line in stream:
            if not line.endswith("\n"):
                break  # killed in the middle of a line
            with self._changed:
                self.all.append(parse(line.rstrip("\n")))
                self._changed.notify_all()
        with self._changed:
            self.is_over = True
            self._changed.notify_all()

    def wait(self, found, what, limit_s=LIMIT_S, after_end=False):
        """The first true value of found(lines), which is asked again whenever something has come."""
        deadline = time.monotonic() + limit_s
        with self._changed:
            while True:
                value = found(self.all)
                if value:
                    return value
                left = deadline - time.monotonic()
                if (self.is_over and not after_end) or left <= 0:
                    tail = "\n".join(str(line)[:300] for line in self.all[-15:])
                    raise AssertionError(f"{what} did not come{' before the end' if self.is_over else ''}; last lines:\n{tail}")
                self._changed.wait(left)

    def join(self):
        self._thread.join(LIMIT_S)


class Server:
    """kithd on a port of its own. The port stays the same over restarts, and so does the data."""

    def __init__(self, directory):
        self.directory = directory
        self.data = os.path.join(directory, "data")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = []  # of all lives
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen(
            [PROGRAMS["kithd"], "--listen", f"127.0.0.1:{self.port}", "--data", self.data],
            cwd=self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines = Lines(self.process.stdout)
        self.lines.wait(lambda lines: any('"listening"' in line for line in lines), "kithd's readiness")
        return self

    def kill(self):
        """SIGKILL: no word of goodbye, nothing written any more."""
        self._end(signal.SIGKILL)

    def stop(self):
        self._end(signal.SIGTERM)

    def _end(self, how):
        if self.process is None:
            return
        self.process.send_signal(how)
        self.process.wait(LIMIT_S)
        self.lines.join()
        self.process.stdout.close()
        self.log += self.lines.all
        self.process = None

    def code_for(self, address):
        """The newest one-time code that the development sender wrote for this address."""
        pattern = re.compile(re.escape(address) + r"\D+(\d{4,10})")

        def find(lines):
            for line in reversed(lines):
                match = pattern.search(line)
                if match:
                    return match.group(1)
            return None

        return self.lines.wait(find, f"the code for {address}")


class Result(collections.namedtuple("Result", "code out err")):
    def __str__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"

    @property
    def events(self):
        return [json.loads(line) for line in self.out.splitlines()]


class Person:
    """A profile of kith."""

    def __init__(self, world, name, number, url=None):
        self.world, self.name, self.number = world, name, number
        self.url = url or world.server.url
        self.user = self.recovery_key = None

    def command(self, *arguments):
        return [PROGRAMS["kith"], "--state", self.world.state, "--profile", self.name.lower(), "--server", self.url, *arguments]

    def run(self, *arguments, stdin="", limit_s=LIMIT_S, environment=None):
        done = subprocess.run(self.command(*arguments), input=stdin, text=True, capture_output=True, timeout=limit_s,
                              env={**os.environ, **(environment or {})})
        return Result(done.returncode, done.stdout, done.stderr)

    def must(self, *arguments, **options):
        result = self.run(*arguments, **options)
        if result.code != 0:
            raise AssertionError(f"kith {' '.join(arguments)}: {result}")
        return result

    def register(self):
        """In two steps, as a script does it: the number, then what came of it."""
        begun = self.run("register", "--phone", self.number)
        if begun.code != 2:
            raise AssertionError(f"registration was to stop for the code: {begun}")
        done = self.must("--json", "register", "--code", self.world.server.code_for(self.number), "--name", self.name,
                         "--yes-i-wrote-it-down")
        self.user = done.events[-1]["account"]["user"]
        self.recovery_key = next(" ".join(e["recovery_key"]) for e in done.events if "recovery_key" in e)
        return self

    def daemon(self):
        return self.world.keep(Daemon(self))


class Daemon:
    """`kith daemon`: commands in, events out."""

    def __init__(self, person):
        self.person = person
        self.process = subprocess.Popen(person.command("daemon"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, bufsize=1 << 16)
        self.lines = Lines(self.process.stdout, json.loads)
        self.complaints = Lines(self.process.stderr)
        self.next_id = 0

    @property
    def events(self):
        return self.lines.all

    def send(self, **command):
        """Writes one command, without waiting for its answer. Its id."""
        return self.send_all([command])[0]

    def send_all(self, commands):
        ids = []
        text = []
        for command in commands:
            self.next_id += 1
            ids.append(self.next_id)
            text.append(json.dumps({"id": self.next_id, **command}) + "\n")
        self.process.stdin.write("".join(text))
        self.process.stdin.flush()
        return ids

    def answer(self, command_id):
        return self.lines.wait(
            lambda events: next((e for e in events if e["type"] in ("done", "failed") and e["id"] == command_id), None),
            f"the answer to command {command_id}")

    def ask(self, **command):
        return self.answer(self.send(**command))

    def must(self, **command):
        answer = self.ask(**command)
        if answer["type"] != "done":
            raise AssertionError(f"{command}: {answer}")
        return answer

    def wait_online(self):
        self.lines.wait(lambda events: last_state(events) == "online", "a connection")
        return self

    def wait(self, found, what):
        return self.lines.wait(found, what)

    def wait_for_texts(self, texts, what="the messages"):
        """Until all these were shown as new and from somebody else, once or more."""
        texts = set(texts)
        missing = Missing(texts)
        self.lines.wait(missing.is_empty, what)

    def received(self):
        return [m["text"] for m in new_messages(self.events)]

    def find(self, number):
        return self.must(type="find_contact", phone=number)["contact"]

    def chats(self):
        return self.must(type="list_chats")["chats"]

    def messages(self, conversation):
        """All of them, oldest first. One that moves from pending into the log between two pages is in both."""
        by_id, before = {}, {}
        while True:
            page = self.must(type="list_messages", conversation=conversation, limit=200, **before)
            by_id.update((message["id"], message) for message in page["messages"])
            if not page["more"] or not page["messages"]:
                return sorted(by_id.values(), key=lambda message: message["order"])
            before = {"before": page["messages"][0]["order"]}

    def kill(self):
        self.process.kill()
        self._wait()

    def close(self):
        """The end of its input: it answers what was asked, says goodbye and ends."""
        self.process.stdin.close()
        return self._wait()

    def _wait(self):
        code = self.process.wait(LIMIT_S)
        for lines, stream in ((self.lines, self.process.stdout), (self.complaints, self.process.stderr)):
            lines.join()
            stream.close()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        return code

    def end(self):
        if self.process.poll() is None:
            self.kill()


class Missing:
    """Which texts have not come yet; looks at each event once."""

    def __init__(self, texts):
        self.left = set(texts)
        self.seen = 0

    def is_empty(self, events):
        for message in new_messages(events[self.seen:]):
            self.left.discard(message["text"])
        self.seen = len(events)
        return not self.left


def last_state(events):
    return next((e["state"] for e in reversed(events) if e["type"] == "connection"), None)


def new_messages(events):
    """Messages of others, as they were shown for the first time."""
    return [e["message"] for e in events if e["type"] == "message" and e["is_new"] and not e["message"]["mine"]]


class World:
    """One server and the people on it."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="kith-e2e-")
        self.state = os.path.join(self.directory, "state")
        self.server = Server(self.directory)
        self._kept = []
        self._numbers = iter(range(10, 100))

    def keep(self, ends):
        self._kept.append(ends)
        return ends

    def person(self, name, url=None):
        return Person(self, name, f"+491512345{next(self._numbers)}00", url)

    def pair(self):
        """Alice and Bob, registered."""
        return self.person("Alice").register(), self.person("Bob").register()

    def end(self):
        for kept in self._kept:
            kept.end()
        self.server.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


class EndToEnd(unittest.TestCase):
    """A test with a server of its own."""

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.end)
        self.server = self.world.server.start()

    def assert_exit(self, result, code, *words):
        self.assertEqual(result.code, code, result)
        for word in words:
            self.assertIn(word, result.out + result.err, result)

    def introduce(self, a, b):
        """Two daemons that are online and know each other."""
        daemons = a.daemon().wait_online(), b.daemon().wait_online()
        daemons[0].find(b.number)
        daemons[1].find(a.number)
        return daemons


def numbered(prefix, count):
    return [f"{prefix} {i:05d}" for i in range(count)]
