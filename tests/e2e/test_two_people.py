"""Two people register with their numbers, find each other, and talk: commands, daemons, and a real terminal."""
import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

import support
from support import EndToEnd, numbered


class TwoProfiles(EndToEnd):
    def test_messages_go_both_ways_with_all_ticks(self):
        alice, bob = self.world.pair()
        self.assertIn("Bob", alice.must("contacts", "add", bob.number).out)
        sent = alice.must("--json", "send", "Bob", "hello", "from", "Alice").events[-1]["message"]
        self.assertEqual((sent["state"], sent["text"]), ("sent", "hello from Alice"))

        self.assertIn("Alice: hello from Alice", bob.must("receive").out)
        self.assertEqual(bob.must("receive").out, "", "read once is read")
        alice.must("receive")
        self.assertIn("✓✓ read", alice.must("history", "Bob").out)

        follower = bob.daemon().wait_online()
        delivered = alice.must("--json", "send", bob.number, "are you there?", "--wait", "delivered").events[-1]["message"]
        self.assertIn(delivered["state"], ("delivered", "read"))
        follower.wait_for_texts(["are you there?"])
        self.assertEqual(follower.close(), 0)

        bob.must("send", "Alice", "I am")
        received = [e["message"] for e in alice.must("--json", "receive").events]
        self.assertEqual([(m["text"], m["sender"], m["state"]) for m in received], [("I am", bob.user, "received")])
        self.assertIn("Bob", alice.must("chats").out)

    def test_every_tick_is_an_event(self):
        a, b = self.introduce(*self.world.pair())
        bob = b.person.user
        message = a.must(type="send", user=bob, text="tick")["message"]
        self.assertEqual(message["state"], "pending")
        sent = a.wait(lambda events: next((e["message"] for e in events if e["type"] == "message" and
                                           e["message"]["id"] == message["id"] and "seq" in e["message"]), None), "sent")
        reached = lambda field: lambda events: any(
            e["type"] == "receipts" and e["conversation"] == message["conversation"] and e[field] >= sent["seq"] for e in events)
        a.wait(reached("delivered"), "delivered")
        b.wait_for_texts(["tick"])
        b.must(type="mark_read", conversation=message["conversation"], seq=sent["seq"])
        a.wait(reached("read"), "read")
        self.assertEqual(a.messages(message["conversation"])[-1]["state"], "read")

    def test_both_begin_the_same_chat_at_the_same_moment(self):
        for round_number in range(3):
            with self.subTest(round=round_number):
                people = [self.world.person(f"{name}{round_number}").register() for name in ("Ann", "Ben")]
                daemons = self.introduce(*people)
                texts = [numbered("from Ann", 20), numbered("from Ben", 20)]
                for daemon, other, own in zip(daemons, reversed(people), texts):
                    daemon.send_all([{"type": "send", "user": other.user, "text": text} for text in own])
                daemons[0].wait_for_texts(texts[1])
                daemons[1].wait_for_texts(texts[0])
                for daemon in daemons:
                    daemon.wait(settled(40), "the last of the own messages in the log")
                logs = []
                for daemon in daemons:
                    chats = daemon.chats()
                    self.assertEqual(len(chats), 1)
                    logs.append([(m["seq"], m["text"]) for m in daemon.messages(chats[0]["conversation"])])
                self.assertEqual(logs[0], logs[1], "both see one order")
                for own in texts:
                    self.assertEqual([text for _, text in logs[0] if text in own], own, "each one's own order")
                self.assertEqual(len(logs[0]), 40, "nothing doubled")


def settled(count):
    """So many messages, own and others', have a place in the log."""
    def found(events):
        return len({e["message"]["id"] for e in events if e["type"] == "message" and "seq" in e["message"]}) >= count
    return found


class ATerminal(EndToEnd):
    """`kith` as a person sees it: on a pseudo-terminal of 80 columns."""

    def open(self, person, *arguments):
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.update(TERM="xterm", LANG="C.UTF-8")
            os.environ.pop("NO_COLOR", None)
            os.execv(support.PROGRAMS["kith"], person.command(*arguments))
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        return self.world.keep(Screen(pid, fd))

    def test_registering_by_hand_asks_for_everything_and_checks_the_recovery_key(self):
        alice = self.world.person("Alice")
        screen = self.open(alice, "register")
        screen.expect("Your phone number")
        screen.type(alice.number + "\r")
        screen.expect(r"The code that was sent to \+\d+:")
        screen.type("000000\r")
        if self.server.code_for(alice.number) != "000000":
            screen.expect("That is not the code")
        screen.type(self.server.code_for(alice.number) + "\r")
        screen.expect("Your name")
        screen.type("Alice\r")
        key = screen.expect(r"((?:[A-Z0-9]{4} ){6}[A-Z0-9]{4})", re.IGNORECASE).group(1).split()
        asked = screen.expect(r"Type group (\d) of 7")
        screen.type("0000\r" if key[int(asked.group(1)) - 1] != "0000" else "1111\r")
        asked = screen.expect(r"Type group (\d) of 7")
        screen.type(key[int(asked.group(1)) - 1] + "\r")
        screen.expect("Once more")
        for _ in range(2):
            asked = screen.expect(r"Type group (\d) of 7")
            screen.type(key[int(asked.group(1)) - 1].lower() + "\r")
        screen.expect("Welcome, Alice")
        self.assertEqual(screen.wait(), 0)

    def test_a_chat_shows_history_ticks_and_what_comes_and_restores_the_terminal(self):
        alice, bob = self.world.pair()
        alice.must("contacts", "add", bob.number)
        alice.must("send", "Bob", "before the chat was opened")
        follower = bob.daemon().wait_online()
        conversation = follower.wait(lambda events: next(iter(support.new_messages(events)), None), "a message")["conversation"]
        screen = self.open(alice, "chat", "bob")
        screen.expect("before the chat was opened")
        screen.type("typed in the terminal\r")
        follower.wait_for_texts(["typed in the terminal"])
        screen.expect("✓✓")
        follower.must(type="send", conversation=conversation, text="an answer \x1b[31mwith colour")
        screen.expect(r"an answer \[31mwith colour")
        screen.type("\x03")
        self.assertEqual(screen.wait(), 0)
        self.assertIn("\x1b[?1049l", screen.text, "back from the alternate screen")


class Screen:
    """The other side of a pseudo-terminal."""

    def __init__(self, pid, fd):
        self.pid, self.fd = pid, fd
        self.text, self.at, self.code = "", 0, None
        self._bytes = b""

    def type(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern, flags=0):
        deadline = time.monotonic() + support.LIMIT_S
        while True:
            match = re.compile(pattern, flags).search(self.text, self.at)
            if match:
                self.at = match.end()
                return match
            if not self._read(deadline):
                raise AssertionError(f"{pattern!r} did not come; the screen said:\n{self.text[self.at:]}")

    def _read(self, deadline):
        ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            piece = os.read(self.fd, 65536)
        except OSError:  # the other side has ended
            return False
        self._bytes += piece
        self.text = self._bytes.decode(errors="ignore")
        return bool(piece)

    def wait(self):
        deadline = time.monotonic() + support.LIMIT_S
        while self._read(deadline):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.code = os.waitstatus_to_exitcode(status)
        os.close(self.fd)
        return self.code

    def end(self):
        if self.code is None:
            os.kill(self.pid, 9)
            self.wait()
