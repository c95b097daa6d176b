"""A new device of somebody who has one: kith link, and who lets it in."""
import json
import subprocess
import time

from support import Lines, LIMIT_S


class Linking:
    """`kith link` on a new device, which shows a code and waits."""

    def __init__(self, device, number, *arguments):
        self.process = subprocess.Popen(device.command("--json", "link", "--phone", number, *arguments), text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines = Lines(self.process.stdout, json.loads)
        self.complaints = Lines(self.process.stderr)

    def link(self):
        return self.lines.wait(lambda events: next((e for e in events if "code" in e), None), "a code")

    def account(self):
        """Of the end, once it is there."""
        found = self.lines.wait(lambda events: next((e for e in events if e.get("type") == "account"), None), "the account")
        code = self.process.wait(LIMIT_S)
        if code != 0:
            raise AssertionError(f"kith link ended with {code}: {self.complaints.all}")
        return found["account"]

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(LIMIT_S)
        for lines, stream in ((self.lines, self.process.stdout), (self.complaints, self.process.stderr)):
            lines.join()
            stream.close()


def let_in(daemon, code):
    """By a daemon of the account. A code is shown before the server has heard of it, so that nobody waits to see it."""
    deadline = time.monotonic() + LIMIT_S
    while daemon.ask(type="look_at_link", code=code).get("error") == "not_found":
        if time.monotonic() > deadline:
            raise AssertionError("the server never heard of the code")
        time.sleep(0.2)  # an account may look ten times at once
    daemon.must(type="link_device", code=code)


def begin_link(world, owner, name):
    """A new device of this person that shows its code, and the link that does."""
    device = world.person(name)
    device.user = owner.user
    return device, world.keep(Linking(device, owner.number, "--device-name", name))
