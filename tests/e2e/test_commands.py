"""Every command's --help and its mistakes: exit codes and sentences are a contract."""
import os
import stat

from support import EndToEnd

COMMANDS = (["register"], ["contacts"], ["contacts", "add"], ["contacts", "list"], ["send"], ["receive"], ["chat"], ["chats"],
            ["history"], ["export"], ["archive"], ["archive", "on"], ["archive", "off"], ["chats", "pin"], ["chats", "archive"], ["receipts"], ["daemon"], ["mute"], ["unmute"], ["notify"], ["group"], *(["group", name] for name in (
                "create", "add", "remove", "leave", "info", "role", "set", "list")))


class Commands(EndToEnd):
    def test_every_command_explains_itself(self):
        nobody = self.world.person("Nobody")
        for command in ([], *COMMANDS):
            with self.subTest(command=command):
                self.assert_exit(nobody.run(*command, "--help"), 0, "--help")

    def test_a_command_line_that_is_not_understood_is_exit_2(self):
        nobody = self.world.person("Nobody")
        for arguments in (["frobnicate"], ["send"], ["send", "Bob"], ["chat"], ["history"], ["contacts", "add"],
                          ["send", "Bob", "x", "--wait", "never"], ["send", "Bob", "x", "--timeout", "0"], ["history", "Bob", "-n", "x"],
                          ["register", "--phone", "1", "--email", "a@b.example"], ["chats", "--nonsense"], ["chats", "pin"], ["archive", "perhaps"], ["export", "a", "b"],
                          ["register", "--confirm-recovery-key", "x", "--yes-i-wrote-it-down"], ["group", "sing"],
                          ["mute"], ["notify", "Bob"], ["notify", "Bob", "some"], ["group", "create"], ["group", "set", "Hiking"], ["group", "role", "Hiking", "Bob", "king"]):
            with self.subTest(arguments=arguments):
                result = nobody.run(*arguments)
                self.assert_exit(result, 2)
                self.assertNotEqual(result.err + result.out, "")

    def test_what_there_is_none_of_is_named(self):
        nobody = self.world.person("Nobody")
        self.assert_exit(nobody.run("fooo"), 2, "There is no command “fooo”", "kith --help")
        self.assert_exit(nobody.run("chats", "pinn", "x"), 2, "There is no command “chats pinn”", "kith chats --help")
        self.assertEqual(nobody.must().out, nobody.must("--help").out)
        self.assertRegex(nobody.must("--version").out, r"^kith \d+\.\d+\.\d+\n$")

    def test_without_an_account_everything_says_how_to_begin(self):
        nobody = self.world.person("Nobody")
        for arguments in (["contacts"], ["contacts", "add", "+4915112345678"], ["send", "Bob", "x"], ["receive"], ["chat", "Bob"],
                          ["chats"], ["chats", "pin", "Bob"], ["history", "Bob"], ["export"], ["archive"], ["archive", "off", "--yes"], ["group", "list"], ["group", "leave", "Hiking"]):
            with self.subTest(arguments=arguments):
                self.assert_exit(nobody.run(*arguments), 3, "kith register")
        self.assertFalse(os.path.exists(os.path.join(self.world.state, "nobody")), "a mistake leaves nothing behind")

    def test_profiles_and_servers_have_names_that_are_checked(self):
        alice = self.world.person("Alice")
        for profile in ("", "../up", "a b", "x" * 33):
            with self.subTest(profile=profile):
                self.assert_exit(alice.run("--profile", profile, "chats"), 2, "profile's name")
        for url in ("kith.example", "ftp://x", "http://a/b", "http://a:99999"):
            with self.subTest(url=url):
                self.assert_exit(alice.run("--server", url, "register", "--phone", "+4915112345678"), 2, "--server")

    def test_registration_refuses_what_is_wrong_and_can_go_on(self):
        alice = self.world.person("Alice")
        self.assert_exit(alice.run("register", "--phone", "12"), 1)
        self.assert_exit(alice.run("register", "--phone", alice.number), 2, "--code")
        code = self.server.code_for(alice.number)
        wrong = "000000" if code != "000000" else "111111"
        self.assert_exit(alice.run("register", "--code", wrong), 1, "That is not the code")
        self.assert_exit(alice.run("contacts"), 3, "Registration is not finished")
        self.assert_exit(alice.run("group", "join", "https://kith.example/#join=AAAA"), 1, "not an invite link")
        self.assert_exit(alice.run("register", "--code", code), 2, "--name")
        named = alice.run("--json", "register", "--name", "Alice")
        self.assert_exit(named, 2, "--yes-i-wrote-it-down")
        key = next(e["recovery_key"] for e in named.events if "recovery_key" in e)
        self.assertEqual(len(key), 7)
        self.assert_exit(alice.run("register", "--confirm-recovery-key", " ".join(["AAAA"] * 7)), 1, "not what the recovery key says")
        self.assert_exit(alice.run("register", "--confirm-recovery-key", "AAAA"), 1, "not the whole recovery key")
        alice.must("register", "--confirm-recovery-key", " ".join(key).lower())
        self.assert_exit(alice.run("register", "--phone", alice.number), 3, "registered already, as Alice")
        alice.must("chats")

    def test_people_who_are_not_there(self):
        alice = self.world.person("Alice").register()
        self.assert_exit(alice.run("send", "Bob", "x"), 1, "no contact or group named Bob", "contacts add")
        self.assert_exit(alice.run("contacts", "add", "+4915199999999"), 1, "Nobody with this number or address")
        self.assert_exit(alice.run("contacts", "add", "Bob"), 2, "neither a number nor an e-mail")
        self.assert_exit(alice.run("contacts"), 0, "No contacts yet")
        self.assert_exit(alice.run("chats"), 0, "No chats yet")
        self.assert_exit(alice.run("send", "Bob", "-", stdin="\n"), 2, "nothing to send")

    def test_an_export_that_can_not_be_written_shows_nothing(self):
        alice, bob = self.world.pair()
        alice.must("contacts", "add", bob.number)
        alice.must("send", "Bob", "for you alone")
        nowhere = os.path.join(self.world.directory, "missing", "history.txt")
        refused = alice.run("export", nowhere)
        self.assert_exit(refused, 1, f"{nowhere} can't be written.")
        self.assertEqual(refused.out, "")
        self.assertFalse(os.path.exists(os.path.dirname(nowhere)))
        file = os.path.join(self.world.directory, "history.txt")
        self.assert_exit(alice.run("export", file), 0, f"1 message of 1 chat is in {file}")

    def test_groups_that_are_not_there(self):
        alice = self.world.person("Alice").register()
        bob = self.world.person("Bob").register()
        alice.must("contacts", "add", bob.number)
        self.assert_exit(alice.run("group", "list"), 0, "No groups yet")
        self.assert_exit(alice.run("group", "info", "Hiking"), 1, "no group named Hiking")
        self.assert_exit(alice.run("group", "add", "Bob", "Bob"), 1, "no group named Bob")
        self.assert_exit(alice.run("group", "create", "Hiking", "Cleo"), 1, "no contact named Cleo")
        self.assert_exit(alice.run("history", "Hiking"), 1, "no contact or group named Hiking")
        self.server.stop()
        self.assert_exit(alice.run("group", "leave", "Hiking"), 4, "server can't be reached")
        self.assert_exit(alice.run("group", "create", "Hiking", "Bob"), 4, "server can't be reached")
        self.server.start()

    def test_two_people_of_one_name_are_told_apart_by_their_ids(self):
        alice = self.world.person("Alice").register()
        others = [self.world.person("Bob").register()]
        others.append(support_person(self.world, "Bob", "bob-2"))
        for other in others:
            alice.must("contacts", "add", other.number)
        self.assert_exit(alice.run("send", "Bob", "x"), 1, "more than one Bob", others[0].user, others[1].user)
        for other in others:
            alice.must("send", other.user, "hello first")
        chats = alice.must("chats").out
        for other in others:
            self.assertIn("Bob (" + other.number, chats)
        self.assert_exit(alice.run("send", "@Bob"), 2, "no text for @Bob", "as in: kith send")
        alice.must("send", others[1].user, "hello second")
        self.assertIn("hello second", others[1].must("receive").out)
        self.assertIn("Bob", alice.must("contacts", "list").out)

    def test_the_daemon_answers_what_is_no_command_and_ends_with_its_input(self):
        alice = self.world.person("Alice").register()
        lines = "this is not JSON\n{}\n" + '{"id": 7, "type": "dance"}\n{"id": 8, "type": "list_chats"}\n'
        result = alice.must("daemon", stdin=lines)
        answers = {e["id"]: e for e in result.events if e["type"] in ("done", "failed")}
        self.assertEqual(len([e for e in result.events if e["type"] == "failed" and e["id"] == 0]), 2)
        self.assertEqual(answers[7]["error"], "unknown_command")
        self.assertEqual(answers[8]["chats"], [])
        self.assertEqual(result.events[0]["type"], "account")

    def test_state_is_for_its_owner_and_damage_is_named(self):
        alice = self.world.person("Alice").register()
        directory = os.path.join(self.world.state, "alice")
        for name in os.listdir(directory):
            mode = stat.S_IMODE(os.stat(os.path.join(directory, name)).st_mode)
            self.assertEqual(mode & 0o077, 0, name)
        os.chmod(os.path.join(directory, "key"), 0o644)
        self.assert_exit(alice.run("chats"), 6, "open to other users")
        os.remove(os.path.join(directory, "key"))
        self.assert_exit(alice.run("chats"), 6, "missing")

    def test_without_colour_nothing_is_painted(self):
        alice = self.world.person("Alice").register()
        self.assertNotIn("\x1b", alice.must("contacts", environment={"NO_COLOR": "1"}).out)


def support_person(world, name, profile):
    """A second person of the same name, in a profile of their own."""
    person = world.person(profile)
    person.run("register", "--phone", person.number)
    done = person.must("--json", "register", "--code", world.server.code_for(person.number), "--name", name,
                       "--yes-i-wrote-it-down")
    person.user = done.events[-1]["account"]["user"]
    return person
