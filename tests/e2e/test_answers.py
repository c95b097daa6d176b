"""Answers, mentions, mutes and levels between terminals: by commands, and by daemons that stay."""
from support import EndToEnd


def message_event(events, text):
    return next((e for e in events if e["type"] == "message" and e["message"].get("text") == text), None)


class Answers(EndToEnd):
    def group(self):
        people = [self.world.person(name).register() for name in ("Ann", "Ben", "Cleo")]
        for other in people[1:]:
            people[0].must("contacts", "add", other.number)
        people[0].must("group", "create", "Hiking", "Ben", "Cleo")
        for other in people[1:]:
            other.must("receive")
        return people

    def test_a_message_is_answered_and_people_are_named(self):
        ann, ben, cleo = self.group()
        ann.must("send", "Hiking", "shall we?")
        ben.must("receive")
        sent = ben.must("--json", "history", "Hiking").events[-1]["message"]
        self.assertIn(sent["id"][:8], ben.must("history", "Hiking", "--ids").out)
        ben.must("send", "Hiking", "--reply-to", sent["id"][:8], "yes, and @cleo too")
        cleo.must("receive", "--peek")
        self.assertIn("(@2)", cleo.must("chats").out)
        said = cleo.must("receive").out
        self.assertIn("┃ Ann: shall we?", said)
        self.assertIn("yes, and @cleo too", said)
        answer = cleo.must("--json", "history", "Hiking").events[-1]["message"]
        self.assertEqual(answer["reply"], {"message": sent["id"], "sender": ann.user, "text": "shall we?", "known": True})
        self.assertEqual(answer["mentions"], [{"user": cleo.user, "start": 9, "length": 5}])
        self.assertTrue(answer["mentions_me"])
        ann.must("receive")
        self.assertIn("┃ You: shall we?", ann.must("history", "Hiking").out)
        self.assertIn("@Cleo", ann.must("history", "Hiking").out, "by her name")
        # In a pipe too.
        ann.must("chat", "Hiking", stdin="@Ben, good\n")
        ben.must("receive")
        self.assertTrue(ben.must("--json", "history", "Hiking").events[-1]["message"]["mentions_me"])
        self.assert_exit(ann.run("send", "Hiking", "--reply-to", "00000000", "x"), 1, "no message")

    def test_a_chat_is_muted_and_tells_of_mentions_alone(self):
        ann, ben, _ = self.group()
        self.assertIn("notifications of mentions", ben.must("notify", "Hiking", "mentions").out)
        muted = ben.must("--json", "mute", "Hiking", "8h").events[0]["chat"]
        self.assertTrue(muted["muted"])
        self.assertIn("muted", ben.must("chats").out)
        self.assertIn("muted until", ben.must("mute", "Hiking", "1w").out)
        self.assert_exit(ben.run("mute", "Hiking", "soon"), 2, "How long")
        live, said = ben.daemon().wait_online(), ann.daemon().wait_online()
        group = muted["conversation"]

        def is_told(text, **more):
            said.must(type="send", conversation=group, text=text, **more)
            return live.wait(lambda events: message_event(events, text), text)["alert"]

        naming_ben = [{"user": ben.user, "start": 0, "length": 4}]
        self.assertFalse(is_told("@Ben, psst", mentions=naming_ben), "muted")
        live.must(type="mute", conversation=group, until_ms=0)
        self.assertFalse(is_told("to all"))
        self.assertTrue(is_told("@Ben, hey", mentions=naming_ben))
        live.must(type="set_notifications", conversation=group, level="all")
        self.assertTrue(is_told("to all again"))
        for daemon in (live, said):
            self.assertEqual([e for e in daemon.events if e["type"] == "warning"], [])
            daemon.close()
        self.assertIn("all notifications", ben.must("unmute", "Hiking").out)
