"""The server never has plaintext: not in its files, its log or its traffic. The client's files are sealed too."""
import base64
import os
import secrets
import re
import socket
import subprocess
import threading

from support import PROGRAMS, EndToEnd


class Relay:
    """A TCP relay that keeps every byte of both directions."""

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.recorded = []
        self._lock = threading.Lock()
        self._sockets = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            self._sockets += [client, server]
            for source, sink in ((client, server), (server, client)):
                record = bytearray()
                self.recorded.append(record)
                threading.Thread(target=self._pump, args=(source, sink, record), daemon=True).start()

    def _pump(self, source, sink, record):
        try:
            while piece := source.recv(65536):
                with self._lock:
                    record += piece
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def streams(self):
        """Each direction of each connection."""
        with self._lock:
            return [bytes(record) for record in self.recorded]

    def end(self):
        self._listener.close()
        for s in self._sockets:
            s.close()


def unmasked(stream):
    """The payloads of masked WebSocket frames behind the HTTP head of a stream; b"" where it is no WebSocket."""
    head = stream.find(b"\r\n\r\n")
    if head < 0 or b"Sec-WebSocket-Key" not in stream[:head]:
        return b""
    at, payloads = head + 4, bytearray()
    while at + 2 <= len(stream):
        size = stream[at + 1] & 0x7F
        at += 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size = int.from_bytes(stream[at:at + width], "big")
            at += width
        mask = stream[at:at + 4]
        at += 4
        payload = stream[at:at + size]
        payloads += bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        at += size
    return bytes(payloads)


def disguises(text):
    """How a text could hide: as it is, in base64 at each alignment, in hexadecimal, in UTF-16."""
    raw = text.encode()
    yield raw
    yield raw.hex().encode()
    yield text.encode("utf-16-le")
    for shift in range(3):
        # Without the characters that depend on the neighbours.
        coded = base64.b64encode(b"\0" * shift + raw)
        yield coded[4:len(coded) - 4].rstrip(b"=")


def disguises_of_key(key):
    """How a key could hide: as it is, in hexadecimal, in both base64s at each alignment."""
    yield key
    yield key.hex().encode()
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + key)
        whole = coded[4 if shift else 0:len(coded) - 4]
        yield whole
        yield whole.translate(bytes.maketrans(b"+/", b"-_"))


def files_below(directory):
    for base, _, names in os.walk(directory):
        for name in names:
            with open(os.path.join(base, name), "rb") as file:
                yield os.path.join(base, name), file.read()


class Secrecy(EndToEnd):
    def setUp(self):
        super().setUp()
        self.relay = self.world.keep(Relay(self.server.port))

    def test_nothing_that_was_sent_is_readable_at_the_server_or_on_the_way(self):
        alice = self.world.person("Alice", self.relay.url).register()
        bob = self.world.person("Bob", self.relay.url).register()
        markers = [secrets.token_hex(12) + "-" + secrets.token_urlsafe(18) for _ in range(20)]
        alice.must("contacts", "add", bob.number)
        a, b = self.introduce(alice, bob)
        for i, marker in enumerate(markers):
            sender, other = ((a, bob), (b, alice))[i % 2]
            sender.must(type="send", user=other.user, text=f"the secret is {marker}, and nobody else knows")
        b.wait_for_texts(f"the secret is {m}, and nobody else knows" for m in markers[::2])
        a.wait_for_texts(f"the secret is {m}, and nobody else knows" for m in markers[1::2])
        a.close(), b.close()
        self.server.stop()

        traffic = self.relay.streams()
        places = [(f"stream {i}", s) for i, s in enumerate(traffic)]
        places += [(f"stream {i}, unmasked", unmasked(s)) for i, s in enumerate(traffic)]
        data = list(files_below(self.server.data))
        places += data
        places += [("kithd's log", "\n".join(self.server.log).encode())]
        places += list(files_below(self.world.state))
        self.check_that_the_test_can_see(places, data, alice)
        for marker in markers:
            for hidden in disguises(marker):
                for name, content in places:
                    self.assertFalse(hidden in content, f"a message is readable in {name}")
        for name, content in data:
            for number in (alice.number, bob.number):
                self.assertFalse(number.encode() in content, f"a number is readable in {name}")

    def test_no_key_of_a_person_is_at_the_server_or_on_the_way(self):
        people = alice, bob = [self.world.person(name, self.relay.url).register() for name in ("Alice", "Bob")]
        alice.must("contacts", "add", bob.number)
        a, b = self.introduce(alice, bob)
        for i in range(5):
            a.must(type="send", user=bob.user, text=f"one way {i}")
            b.must(type="send", user=alice.user, text=f"the other way {i}")
        b.wait_for_texts(f"one way {i}" for i in range(5))
        a.wait_for_texts(f"the other way {i}" for i in range(5))
        a.close(), b.close()
        self.server.stop()
        keys = {}
        for person in people:
            for kind, key in self.secrets_of(person):
                keys.setdefault(kind, []).append(key)
        for kind in ("recovery_key", "identity_key", "box_key", "generation_secret", "device_signing_key", "archive_key",
                     "leaf_key", "init_key", "encryption_key", "message_key"):
            self.assertTrue(keys.get(kind), f"there is a {kind} to look for")

        traffic = self.relay.streams()
        places = [(f"stream {i}", s) for i, s in enumerate(traffic)]
        places += [(f"stream {i}, unmasked", unmasked(s)) for i, s in enumerate(traffic)]
        data = list(files_below(self.server.data))
        places += data + [("kithd's log", "\n".join(self.server.log).encode())]
        self.check_that_the_test_can_see(places + list(files_below(self.world.state)), data, alice)
        for kind, found in keys.items():
            for hidden in (h for key in found for h in disguises_of_key(key)):
                for name, content in places:
                    self.assertFalse(hidden in content, f"a {kind} is in {name}")

    def secrets_of(self, person):
        profile = os.path.join(self.world.state, person.name.lower())
        out = subprocess.run([PROGRAMS["secrets_of"], profile, person.recovery_key], check=True, capture_output=True, text=True).stdout
        return [(kind, bytes.fromhex(key)) for kind, key in re.findall(r"(\w+) ([0-9a-f]+)", out)]

    def check_that_the_test_can_see(self, places, data, alice):
        """Each place holds something that must be there, so that looking in the wrong place fails."""
        def holds(word, part):
            return any(word in content for name, content in places if part in name)
        self.assertTrue(holds(b'"Alice"', "stream"), "names travel to the server")
        self.assertTrue(holds(bytes.fromhex(alice.user), "unmasked"), "ids travel in frames")
        self.assertTrue(any(bytes.fromhex(alice.user) in content for _, content in data), "ids are in the database")
        self.assertTrue(holds(b"listening", "log"))
        self.assertTrue(holds(b"SQLite format 3", "state.db"))
