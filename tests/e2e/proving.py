"""A number that has an account is proved on a new device."""
import re
import threading


class Proving:
    """Beside EndToEnd, with one server for all, `self.server`: a number has to wait before it gets another code."""

    def proven(self, lost, name):
        """A new device that has proved the number of somebody."""
        device = self.world.person(name)
        device.number = lost.number
        codes = len(self.codes_for(lost.number))
        begun = device.run("register", "--phone", device.number)
        if wait := re.search(r"in (\d+) seconds", begun.err):  # as the server says
            threading.Event().wait(int(wait.group(1)) + 1)
            begun = device.run("register", "--phone", device.number)
        self.assert_exit(begun, 2, "--code")
        code = self.server.lines.wait(lambda _: self.codes_for(lost.number)[codes:], "another code")[0]
        self.assert_exit(device.run("register", "--code", code), 2, "has an account already", "recover", "link", "anew")
        return device

    def codes_for(self, number):
        pattern = re.compile(re.escape(number) + r"\D+(\d{4,10})")
        return [match.group(1) for match in map(pattern.search, self.server.lines.all) if match]
