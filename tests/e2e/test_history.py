"""The history of an account: it follows to a new device, is exported, and can be turned off."""
import os
import stat
import time

from linking import begin_link, let_in
from support import EndToEnd, LIMIT_S, numbered


class History(EndToEnd):
    def setUp(self):
        super().setUp()
        self.ann, self.ben = self.world.person("Ann").register(), self.world.person("Ben").register()

    def linked(self, daemon, name="Tablet"):
        """A new device, let in by one that runs: who writes the archive has to be there."""
        device, linking = begin_link(self.world, daemon.person, name)
        let_in(daemon, linking.link()["code"])
        linking.account()
        return device

    def exported(self, device, texts):
        """What it exports, once all these are in it: what is said last is archived a few seconds later."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            out = device.must("export").out
            missing = [text for text in texts if text not in out]
            if not missing:
                return out
            self.assertLess(time.monotonic(), deadline, f"{len(missing)} did not come, the first of them {missing[0]}")

    def test_a_linked_terminal_has_all_of_it_and_exports_the_same_text(self):
        ann, ben = self.introduce(self.ann, self.ben)
        texts = numbered("to and fro", 300)
        for at, text in enumerate(texts):
            (ann if at % 3 else ben).must(type="send", user=(self.ben if at % 3 else self.ann).user, text=text)
        last = ben.must(type="send", user=self.ann.user, text="one\ntwo\n2026-01-01 00:00  Ann: I owe you a boat")["message"]
        ann.wait_for_texts([last["text"]])
        ann.must(type="send", conversation=last["conversation"], text="three", reply_to=last["id"])
        group = ann.must(type="create_group", name="Hiking", members=[self.ben.user])["chat"]["conversation"]
        # They come behind the group's first entry, and read what is written from then on.
        ben.wait(lambda events: any(e["type"] == "chat" and e["chat"]["title"] == "Hiking" for e in events), "the group")
        ann.must(type="send", conversation=group, text="up the hill")
        ben.wait_for_texts(["three", "up the hill"])

        tablet = self.linked(ann)
        found = self.exported(tablet, [*texts, "three", "up the hill"])
        self.assertEqual([text for text in found.splitlines() if "to and fro" in text],
                         [text for text in self.exported_by(ann, self.ann).splitlines() if "to and fro" in text])
        self.assertEqual(found, self.ann.must("export").out)
        self.assertIn("\n                  two\n                  2026-01-01 00:00  Ann: I owe you a boat\n", found)
        self.assertRegex(found, r"  > Ben: one two 2026-01-01 00:00  Ann: I owe you a boat\n.*  You: three\n")
        self.assertRegex(found, r"== Hiking ==\nYou, Ben\n")
        self.assertIn("  * You created the group.", found)

    def exported_by(self, daemon, person):
        """Of a device whose daemon ends with it."""
        self.assertEqual(daemon.close(), 0)
        return person.must("export").out

    def test_an_export_is_a_new_file_of_the_users_own(self):
        self.ann.must("contacts", "add", self.ben.number)
        self.ann.must("send", "Ben", "hello Ben")
        self.ann.must("group", "create", "Hiking")
        path = os.path.join(self.world.directory, "history.txt")
        self.assert_exit(self.ann.run("export", path), 0, "1 message of 2 chats", "not encrypted")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(text, self.ann.must("export", "-").out)
        self.assert_exit(self.ann.run("export", path), 1, "there already")
        self.assert_exit(self.ann.run("export", os.path.join(path, "x")), 1, "can't be written")

        one = self.ann.must("export", "--chat", "Ben").out
        self.assertIn("You: hello Ben", one)
        self.assertNotIn("Hiking", one)
        self.assert_exit(self.ann.run("export", "--chat", "Nobody"), 1, "Nobody")
        events = self.ann.must("--json", "export", "--chat", "Ben").events
        self.assertEqual([event["type"] for event in events], ["chat", "message"])
        self.assertEqual(events[1]["message"]["text"], "hello Ben")

    def test_what_is_pinned_archived_muted_and_read_is_so_on_both_devices(self):
        ann, ben = self.introduce(self.ann, self.ben)
        ben.must(type="send", user=self.ann.user, text="hello")
        ann.wait_for_texts(["hello"])
        tablet = self.linked(ann).daemon().wait_online()
        chat = ann.chats()[0]

        def shown(what):
            tablet.wait(lambda events: any(e["type"] == "chat" and what(e["chat"]) for e in reversed(events)), "the chat's change")

        ann.must(type="pin_chat", conversation=chat["conversation"], is_pinned=True)
        shown(lambda chat: chat["is_pinned"])
        ann.must(type="mute", conversation=chat["conversation"], until_ms=None)
        shown(lambda chat: chat["muted"])
        ann.must(type="put_away", conversation=chat["conversation"], is_put_away=True)
        shown(lambda chat: chat["is_put_away"])
        ben.must(type="send", user=self.ann.user, text="are you there?")
        tablet.wait_for_texts(["are you there?"])
        ann.wait_for_texts(["are you there?"])
        shown(lambda chat: chat["unread"] > 0)
        head = ann.chats()[0]["head_seq"]
        ann.must(type="mark_read", conversation=chat["conversation"], seq=head)
        shown(lambda chat: chat["unread"] == 0 and chat["read_seq"] >= head)

    def test_chats_are_pinned_and_archived_by_commands(self):
        self.ann.must("contacts", "add", self.ben.number)
        self.ann.must("send", "Ben", "hello")
        self.ann.must("group", "create", "Hiking")
        titles = lambda *more: [e["chat"]["title"] for e in self.ann.must("--json", "chats", *more).events]
        self.assertEqual(titles(), ["Hiking", "Ben"])
        self.assertIn("Ben is pinned.", self.ann.must("chats", "pin", "Ben").out)
        self.assertEqual(titles(), ["Ben", "Hiking"])
        self.ann.must("chats", "unpin", "Ben")
        self.ann.must("chats", "archive", "Hiking")
        self.assertEqual((titles(), titles("--archived")), (["Ben"], ["Hiking"]))
        self.assertIn("1 chat is archived", self.ann.must("chats").err)
        self.ann.must("chats", "unarchive", "Hiking")
        self.assertEqual(titles("--archived"), [])

    def test_a_history_that_is_turned_off_stays_where_it_is(self):
        self.assertIn("is kept", self.ann.must("archive").out)
        self.assert_exit(self.ann.run("archive", "off", stdin="no\n"), 1, "not turned off")
        self.assertIn("is not kept", self.ann.must("archive", "off", stdin="yes\n").out)
        self.assertEqual(self.ann.must("--json", "archive").events, [{"type": "archive", "is_on": False}])
        ann, ben = self.introduce(self.ann, self.ben)
        ben.must(type="send", user=self.ann.user, text="before")
        ann.wait_for_texts(["before"])
        tablet = self.linked(ann)
        ben.must(type="send", user=self.ann.user, text="after")
        found = self.exported(tablet, ["after"])
        self.assertNotIn("before", found)
        self.assertIn("is not kept", tablet.must("archive").out)
