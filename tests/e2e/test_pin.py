"""A number that is locked by a PIN: whoever has the number alone gets no new account with it."""
from proving import Proving
from support import EndToEnd, World
from test_secrecy import files_below

PIN = "86421357"


class RegistrationLock(Proving, EndToEnd):
    """On one server for all, since a number has to wait before it gets another code."""

    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.end)
        cls.server = cls.world.server.start()
        cls.ann, cls.ben, cls.cleo = (cls.world.person(name).register() for name in ("Ann", "Ben", "Cleo"))
        for person in (cls.ann, cls.ben):
            person.must("pin", "set", PIN)

    def setUp(self):
        pass

    def assert_the_pin_is_nowhere(self):
        for directory in (self.server.data, self.world.state):
            for name, data in files_below(directory):
                self.assertNotIn(PIN.encode(), data, name)
        self.assertNotIn(PIN, "\n".join(self.server.log + self.server.lines.all))

    def test_a_pin_is_set_changed_and_taken_away_by_the_account(self):
        cleo = self.cleo
        self.assertIn("is not locked", cleo.must("pin").out)
        self.assert_exit(cleo.run("pin", "set", "12"), 1, "4 to 20 digits")
        self.assert_exit(cleo.run("pin", "set", stdin="secret\n"), 1, "4 to 20 digits")
        self.assertIn("is not locked", cleo.must("pin").out)
        cleo.must("pin", "set", "-", stdin="2468\n")
        self.assertEqual(cleo.must("--json", "pin").events, [{"has_pin": True}])
        cleo.must("pin", "set", "24680")
        cleo.must("pin", "remove")
        self.assertEqual(cleo.must("--json", "pin").events, [{"has_pin": False}])
        self.assert_exit(self.world.person("Nobody").run("pin", "set", "2468"), 3)

    def test_a_new_account_needs_the_pin_and_guesses_are_counted_over_a_kill_of_the_server(self):
        ann = self.ann
        thief = self.proven(ann, "Thief")
        self.assert_exit(thief.run("register", "--anew"), 2, "--name")
        self.assert_exit(thief.run("register", "--name", "Ann"), 2, "locked by a PIN", "--pin")
        self.assert_exit(thief.run("register", "--name", "Ann", "--pin", "12ab"), 1, "4 to 20 digits")
        self.assert_exit(thief.run("register", "--name", "Ann", "--pin", "1111"), 1, "not the PIN", "Attempts left: 4")
        self.assert_exit(thief.run("register", "--name", "Ann", "--pin", "-", stdin="2222\n"), 1, "Attempts left: 3")
        self.server.kill()
        self.server.start()
        self.assert_exit(thief.run("register", "--name", "Ann", "--pin", "3333"), 1, "Attempts left: 2")
        anew = thief.must("--json", "register", "--name", "Ann", "--pin", PIN, "--yes-i-wrote-it-down").events[-1]
        self.assertNotEqual(anew["account"]["user"], ann.user)
        self.assertIn("is not locked", thief.must("pin").out)
        self.assert_the_pin_is_nowhere()

    def test_after_five_guesses_the_right_pin_has_to_wait_but_the_recovery_key_does_not(self):
        ben = self.ben
        thief = self.proven(ben, "Burglar")
        self.assert_exit(thief.run("register", "--anew"), 2, "--name")
        for left in (4, 3, 2, 1):
            self.assert_exit(thief.run("register", "--name", "Ben", "--pin", "1111"), 1, f"Attempts left: {left}")
        self.assert_exit(thief.run("register", "--name", "Ben", "--pin", "1111"), 1, "not the PIN", "Try again in")
        self.server.kill()
        self.server.start()
        self.assert_exit(thief.run("register", "--name", "Ben", "--pin", PIN), 1, "Too many wrong PINs", "Try again in")
        phone = self.proven(ben, "Phone")
        recovered = phone.must("--json", "register", "--recovery-key", ben.recovery_key).events[-1]
        self.assertEqual(recovered["account"]["user"], ben.user)
        self.assert_the_pin_is_nowhere()
        phone.must("pin", "remove")
