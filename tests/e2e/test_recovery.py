"""The only device is lost. With the recovery key a new one is the same person; without it, somebody else."""
from proving import Proving
from support import EndToEnd, World


class Recovery(Proving, EndToEnd):
    """On one server for all, since a number has to wait before it gets another code."""

    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.end)
        cls.server = cls.world.server.start()
        cls.ann, cls.ben, cls.cleo = (cls.with_key(name) for name in ("Ann", "Ben", "Cleo"))
        for lost in (cls.ann, cls.cleo):
            lost.must("contacts", "add", cls.ben.number)
            cls.ben.must("contacts", "add", lost.number)
            lost.must("send", "Ben", "before")
            lost.must("group", "create", f"Hiking with {lost.name}", "Ben")
        cls.ben.must("receive")

    def setUp(self):
        pass

    @classmethod
    def with_key(cls, name):
        """Registers, and keeps what was shown."""
        person = cls.world.person(name)
        person.run("register", "--phone", person.number)
        shown = person.must("--json", "register", "--code", cls.server.code_for(person.number), "--name", name,
                            "--yes-i-wrote-it-down").events
        person.key = " ".join(next(e["recovery_key"] for e in shown if "recovery_key" in e))
        person.user = shown[-1]["account"]["user"]
        return person

    def hear_what_groups_are_called(self, phone, ben):
        """Somebody in the group says so, once both are there."""
        daemons = ben.daemon().wait_online(), phone.daemon().wait_online()
        daemons[1].wait(lambda events: any(e["type"] == "chat" and e["chat"]["title"] == "Hiking with Ann" for e in events),
                        "the group's name")
        for daemon in daemons:
            daemon.close()

    def test_the_recovery_key_can_leave_all_other_devices_behind(self):
        dora, ben = self.with_key("Dora"), self.ben
        dora.must("contacts", "add", ben.number)
        ben.must("contacts", "add", dora.number)
        dora.must("send", "Ben", "before the theft")
        dora.must("chats", "pin", "Ben")  # which waits until other devices can know
        phone = self.proven(dora, "DorasPhone")
        phone.must("register", "--recovery-key", "-", "--remove-other-devices", "--device-name", "Phone", stdin=dora.key + "\n")
        self.assert_exit(dora.run("receive"), 8, "kith forget")
        devices = phone.must("--json", "devices").events
        self.assertEqual([e["name"] for e in devices if "is_this" in e], ["Phone"])
        self.assertIn("before the theft", phone.must("history", "Ben").out)
        self.assertIn("pinned", phone.must("chats").out)
        phone.must("send", "Ben", "still me")
        self.assertIn("still me", ben.must("receive").out)

    def test_the_recovery_key_and_no_other_brings_the_account_back_into_all_its_chats(self):
        ann, ben = self.ann, self.ben
        phone = self.proven(ann, "Phone")
        mistyped = ("A" if ann.key[0] != "A" else "B") + ann.key[1:]
        self.assert_exit(phone.run("register", "--recovery-key", ben.key), 1, "not the recovery key of this account")
        self.assert_exit(phone.run("register", "--recovery-key", ann.key[1:]), 1, "seven groups of four")
        self.assert_exit(phone.run("register", "--recovery-key", mistyped), 1, "mistyped")
        self.assert_exit(phone.run("chats"), 3, "Registration is not finished")
        recovered = phone.must("--json", "register", "--recovery-key", "-", "--device-name", "Phone",
                               stdin=ann.key.lower().replace(" ", "-") + "\n")
        self.assertEqual(recovered.events[-1]["account"]["user"], ann.user)
        self.assertIn("lost or stolen", recovered.err)
        self.hear_what_groups_are_called(phone, ben)
        ben.must("send", "Ann", "welcome back")
        ben.must("send", "Hiking with Ann", "up the hill")
        received = phone.must("receive").out
        self.assertIn("welcome back", received)
        self.assertIn("up the hill", received)
        # What people are called comes with the history, or from the server: not before everything else.
        self.assertIn("Ben", phone.must("chats").out)
        phone.must("send", ben.number, "here I am")
        phone.must("send", "Hiking with Ann", "me too")
        said = ben.must("receive").out
        self.assertIn("here I am", said)
        self.assertIn("Ann in Hiking with Ann: me too", said)
        self.assertNotIn("identity", said)
        self.assertEqual(sorted(d["is_this"] for d in phone.must("--json", "devices").events), [False, True])
        self.assert_exit(phone.run("register"), 3, "registered already, as Ann")

        self.assert_exit(phone.run("recovery-key", "check", ann.key), 0, "is the recovery key of this account")
        self.assert_exit(phone.run("recovery-key", "check", stdin=ben.key + "\n"), 1, "not the one of this account")
        self.assert_exit(phone.run("recovery-key", "check", mistyped), 1, "mistyped")

    def test_beginning_anew_makes_somebody_else(self):
        cleo, ben = self.cleo, self.ben
        phone = self.proven(cleo, "Tablet")
        self.assert_exit(phone.run("register", "--anew"), 2, "--name")
        anew = phone.must("--json", "register", "--name", "Cleo", "--yes-i-wrote-it-down").events[-1]["account"]["user"]
        self.assertNotEqual(anew, cleo.user)
        self.assertNotIn("Hiking", phone.must("chats").out)
        found = ben.must("--json", "contacts", "add", cleo.number).events[-1]
        self.assertEqual(found.get("contact", found)["user"], anew)
        ben.must("send", anew, "who are you?")
        self.assertIn("who are you?", phone.must("receive").out)
        self.assertNotIn("who are you?", cleo.must("receive").out)
