"""Several devices of one person: a new one is linked by its code and is in every chat."""
import json
import subprocess

from support import EndToEnd, Lines, LIMIT_S


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


class Devices(EndToEnd):
    def linked(self, owner, name):
        """A new device of this person."""
        device = self.world.person(name)
        linking = self.world.keep(Linking(device, owner.number, "--device-name", name))
        shown = linking.link()
        added = owner.must("--json", "devices", "add", shown["code"], "--yes").events[-1]
        self.assertEqual(added, {"device_name": name, "confirmation": shown["confirmation"]})
        self.assertEqual(linking.account()["user"], owner.user)
        device.user = owner.user
        return device

    def friends(self):
        ann, ben = self.world.person("Ann").register(), self.world.person("Ben").register()
        ann.must("contacts", "add", ben.number)
        ben.must("contacts", "add", ann.number)
        return ann, ben

    def test_a_new_device_is_in_all_chats_and_devices_are_listed(self):
        ann, ben = self.friends()
        ann.must("send", "Ben", "before")
        ann.must("group", "create", "Hiking", "Ben")
        ben.must("receive")
        tablet = self.linked(ann, "Tablet")
        self.assertIn("Ben", tablet.must("chats").out)
        ben.must("send", "Ann", "hello both")
        ben.must("send", "Hiking", "up the hill")
        for device in (ann, tablet):
            received = device.must("receive").out
            self.assertIn("hello both", received)
            self.assertIn("up the hill", received)
        tablet.must("send", ben.number, "from the tablet")
        tablet.must("send", "Hiking", "me too")
        said = ben.must("receive").out
        self.assertIn("from the tablet", said)
        self.assertIn("Ann in Hiking: me too", said)
        ann.must("receive")
        self.assertIn("from the tablet", ann.must("history", "Ben").out)

        listed = ann.must("--json", "devices").events
        self.assertEqual(sorted(d["is_this"] for d in listed), [False, True])
        ann.must("devices", "rename", "Tablet", "Kitchen")
        self.assertIn("Kitchen (this one)", tablet.must("devices").out)
        self.assert_exit(ann.run("devices", "rename", "Tablet", "Bath"), 1, "no such device")

    def test_a_code_is_good_for_one_device_of_one_account(self):
        ann, ben = self.friends()
        linking = self.world.keep(Linking(self.world.person("Tablet"), ann.number))
        code = linking.link()["code"]
        self.assert_exit(ann.run("devices", "add", code[1:], "--yes"), 1, "24 characters")
        self.assert_exit(ann.run("devices", "add", "0000-0000-0000-0000-0000-0000", "--yes"), 1, "No device shows this code")
        self.assert_exit(ann.run("devices", "add", code, stdin="no\n"), 1, "not added")
        self.assertEqual(len(ann.must("--json", "devices").events), 1)
        ann.must("devices", "add", code, stdin="yes\n")
        linking.account()
        self.assertEqual(len(ann.must("--json", "devices").events), 2)
        tablet = self.world.person("Tablet")
        self.assert_exit(tablet.run("devices", "add", code, "--yes"), 1, "another device")

        foreign = self.world.keep(Linking(self.world.person("Phone"), ann.number))
        self.assert_exit(ben.run("devices", "add", foreign.link()["code"], "--yes"), 1, "another account")
