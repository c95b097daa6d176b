"""Groups between terminals: made, talked in, changed, left; commands, and daemons that stay."""
from support import EndToEnd


def seen(daemon, conversation):
    """What is in the group at this daemon: texts, and what each line tells."""
    return [m["text"] if "text" in m else [change["what"] for change in m["notice"]["changes"]]
            for m in daemon.messages(conversation) if "seq" in m]


class Groups(EndToEnd):
    def three(self):
        people = [self.world.person(name).register() for name in ("Ann", "Ben", "Cleo")]
        for other in people[1:]:
            people[0].must("contacts", "add", other.number)
        return people

    def test_a_group_is_made_and_talked_in_by_commands(self):
        ann, ben, cleo = self.three()
        self.assertIn("Hiking", ann.must("group", "create", "Hiking", "Ben", "Cleo").out)
        ben.must("receive")
        cleo.must("receive")
        self.assertIn("Hiking", ben.must("chats").out)
        self.assertNotIn("Cleo", ben.must("contacts").out, "only met in a group")
        ann.must("send", "Hiking", "shall", "we?")
        self.assertIn("shall we?", ben.must("receive").out)
        ben.must("send", "Hiking", "yes")
        said = cleo.must("receive").out
        self.assertIn("shall we?", said)
        self.assertIn("Ben", said)
        self.assertIn("yes", said)

        info = ann.must("group", "info", "Hiking").out
        for name in ("You", "Ben", "Cleo"):
            self.assertIn(name, info)
        self.assert_exit(ben.run("group", "remove", "Hiking", "Cleo"), 1)
        ann.must("group", "role", "Hiking", "Ben", "admin")
        ben.must("group", "remove", "Hiking", "Cleo")
        cleo.must("receive")
        self.assertIn("Ben removed you", cleo.must("history", "Hiking").out)
        self.assert_exit(cleo.run("send", "Hiking", "still there?"), 1, "not in this group")
        ben.must("group", "leave", "Hiking")
        ann.must("send", "Hiking", "alone")
        history = ann.must("history", "Hiking").out
        self.assertIn("Ben left", history)
        self.assert_exit(ben.run("send", "Hiking", "x"), 1)

    def test_a_group_begins_with_its_founder_alone_and_fills_by_a_link(self):
        ann = self.world.person("Ann").register()
        ben = self.world.person("Ben").register()
        self.assertIn("Created", ann.must("group", "create", "Notes").out)
        ann.must("send", "Notes", "to myself")
        link = ann.must("group", "invite", "Notes").out.strip()
        self.assertIn("You joined", ben.must("group", "join", link).out)
        ann.must("receive")
        self.assertRegex(ann.must("group", "info", "Notes").out, r"You +owner\n  Ben")
        removed = ann.must("group", "remove", "Notes", "Ben")
        self.assertIn("Whoever has the group's invite link can still join, Ben too.", removed.err)
        ben.must("group", "join", link)
        removed = ann.must("group", "remove", "Notes", "Ben", "--revoke-links")
        self.assertNotIn("can still join", removed.err)
        self.assert_exit(ben.run("group", "join", link), 1, "not valid any more")
        self.assertIn("You allowed only admins to send messages.", ann.must("group", "set", "Notes", "--send", "admins").out)

    def test_who_asks_to_come_in_and_is_declined_is_told_by_the_next_command(self):
        ann = self.world.person("Ann").register()
        ben = self.world.person("Ben").register()
        ann.must("group", "create", "Board")
        link = ann.must("group", "invite", "Board", "--approval").out.strip()
        self.assertIn("Asked to join", ben.must("group", "join", link).out)
        self.assertIn("Ben asks to join", ann.must("group", "info", "Board").out)
        ann.must("group", "decline", "Board", "Ben")
        told = ben.must("receive")
        self.assertIn("Your request to join Board was declined.", told.err)
        self.assertNotIn("declined", ben.must("receive").err, "once")

    def test_who_has_a_message_is_told_by_name(self):
        ann, ben, cleo = self.three()
        ann.must("group", "create", "Hiking", "Ben", "Cleo")
        for person in (ben, cleo):
            person.must("receive")
        ann.must("send", "Hiking", "first")
        ben.must("receive")
        ann.must("send", "Hiking", "second")
        cleo.must("receive", "--peek")
        first = ann.must("receipts", "Hiking", "2").out
        self.assertRegex(first, r"(?s)first.*Read by\n  Ben\nDelivered to\n  Cleo")
        second = ann.must("receipts", "Hiking").out
        self.assertRegex(second, r"(?s)second.*Delivered to\n  Cleo\nNot delivered yet to\n  Ben")
        told = ann.must("--json", "receipts", "Hiking").events[-1]
        self.assertEqual((told["delivered"], told["waiting"], told["read"]), ([cleo.user], [ben.user], []))
        by_id = ann.must("receipts", "Hiking", told["message"]["id"][:12]).out
        self.assertIn("second", by_id)
        self.assert_exit(ann.run("receipts", "Hiking", "3"), 1, "no such message")
        self.assert_exit(ben.run("receipts", "Hiking"), 1, "no such message")

    def test_an_open_chat_hears_who_has_what(self):
        ann, ben, cleo = self.three()
        live = [person.daemon().wait_online() for person in (ann, ben, cleo)]
        group = live[0].must(type="create_group", name="Trip", members=[ben.user, cleo.user])["chat"]["conversation"]
        for daemon in live[1:]:
            daemon.wait(lambda events: any(e["type"] == "chat" and e["chat"]["title"] == "Trip" for e in events), "the group")
        live[0].must(type="open_chat", conversation=group)
        live[0].must(type="send", conversation=group, text="hello")
        sent = live[0].wait(lambda events: next(
            (e for e in events if e["type"] == "message" and e["message"].get("state") == "sent"), None), "its place")["message"]
        live[1].wait(lambda events: any(e["type"] == "message" and e["message"].get("text") == "hello" for e in events), "it")
        live[1].must(type="mark_read", conversation=group, seq=sent["seq"])
        while True:
            heard = len(live[0].events)
            if live[0].must(type="receipts", conversation=group, order=sent["order"])["read"] == [ben.user]:
                break
            live[0].wait(lambda events: any(e["type"] == "receipts_changed" for e in events[heard:]), "that somebody moved")

    def test_receive_says_who_was_added_and_removed(self):
        ann, ben, cleo = self.three()
        ann.must("group", "create", "Hiking", "Ben")
        ann.must("group", "add", "Hiking", "Cleo")
        self.assertIn("Hiking: Ann added you", ben.must("receive").out)
        self.assertNotIn("added", ben.must("receive").out, "once")
        ann.must("send", "Hiking", "welcome")
        self.assertRegex(cleo.must("receive").out, "(?s)Hiking: Ann added you.*welcome")
        ann.must("group", "remove", "Hiking", "Ben")
        self.assertIn("Hiking: Ann removed you", ben.must("receive").out)
        self.assertNotIn("Ben", cleo.must("receive").out, "what happens to others is in the chat")

    def test_who_was_removed_and_added_again_while_away_misses_nothing(self):
        ann, ben, _ = self.three()
        ann.must("group", "create", "Hiking", "Ben", "Cleo")
        ann.must("send", "Hiking", "with you")
        ben.must("receive")
        ann.must("send", "Hiking", "still with you")
        ann.must("group", "remove", "Hiking", "Ben")
        ann.must("send", "Hiking", "without you")
        ann.must("group", "add", "Hiking", "Ben")
        ann.must("send", "Hiking", "and now")
        ben.must("receive")
        history = ben.must("history", "Hiking").out
        self.assertRegex(history, "(?s)still with you.*removed you.*added you.*and now")
        self.assertNotIn("without you", history)
        self.assertNotIn("missing", history)

    def test_a_pipe_into_a_chat_where_one_may_not_write_fails(self):
        ann, ben, _ = self.three()
        ann.must("group", "create", "News", "Ben")
        ann.must("group", "set", "News", "--send", "admins")
        ben.must("receive")
        self.assert_exit(ben.run("chat", "News", stdin="may I?\nor this?\n"), 1, "2 messages were not sent",
                         "Only admins can send messages here.")
        self.assert_exit(ben.run("chat", "News", stdin=""), 0)
        self.assert_exit(ann.run("chat", "News", stdin="news\n"), 0)
        self.assertIn("news", ben.must("receive").out)
        ann.must("group", "set", "News", "--send", "everyone")
        ben.must("send", "News", "at last")  # which has not heard of it yet
        self.assertIn("at last", ann.must("receive").out)

    def test_live_members_see_one_log_and_a_late_one_catches_up(self):
        ann, ben, cleo = self.three()
        live = [person.daemon().wait_online() for person in (ann, ben)]
        group = live[0].must(type="create_group", name="Trip", members=[ben.user, cleo.user])["chat"]["conversation"]
        live[1].wait(lambda events: any(e["type"] == "chat" and e["chat"]["title"] == "Trip" for e in events), "the group")
        for i in range(20):
            live[i % 2].must(type="send", conversation=group, text=f"m{i}")
        live[0].must(type="set_group", conversation=group, name="Journey", may_add="admins")
        self.assertEqual(live[1].must(type="group_info", conversation=group)["group"]["role"], "member")
        late = cleo.daemon().wait_online()
        for daemon in (*live, late):
            daemon.wait(lambda events: any(e["type"] == "chat" and e["chat"]["title"] == "Journey" for e in events),
                        "its new name")
            daemon.wait(lambda events: any(
                e["type"] == "message" and e["message"].get("notice", {}).get("kind") == "group" and
                e["message"]["notice"]["changes"][0]["what"] == "may_add" for e in events), "who may add")
        refused = live[1].ask(type="add_members", conversation=group, users=[ann.user])
        self.assertEqual(refused["error"], "not_allowed")
        logs = [seen(daemon, group) for daemon in (*live, late)]
        self.assertEqual(logs[1], logs[2], "who came together sees the same")
        self.assertEqual(logs[0][-len(logs[1]):], logs[1])
        self.assertEqual(sorted(t for t in logs[2] if isinstance(t, str)), sorted(f"m{i}" for i in range(20)))
        for daemon in (*live, late):
            self.assertEqual([e for e in daemon.events if e["type"] == "warning"], [])

    def test_people_join_by_links_or_ask_to(self):
        ann, ben, cleo = self.three()
        ann.must("group", "create", "Choir", "Ben")
        ben.must("receive")
        self.assert_exit(ben.run("group", "invite", "Choir"), 1, "role in this group")
        link = ann.must("group", "invite", "Choir", "--expires", "7d", "--uses", "5").out.strip()
        self.assertIn("/#join=", link)
        self.assertIn(link, ann.must("group", "info", "Choir").out)
        self.assertIn("You joined “Choir”", cleo.must("group", "join", link).out)
        cleo.must("send", "Choir", "la")
        self.assertIn("la", ben.must("receive").out)
        self.assertIn("Cleo joined by an invite link", ben.must("history", "Choir").out)
        self.assertIn("You are in", cleo.must("group", "join", link).out)

        ann.must("group", "revoke", "Choir", link)
        dan = self.world.person("Dan").register()
        self.assert_exit(dan.run("group", "join", link), 1, "not valid any more")
        self.assert_exit(dan.run("group", "join", "nonsense"), 1, "not an invite link")
        asking = ann.must("group", "invite", "Choir", "--approval").out.strip()
        self.assertIn("Asked to join", dan.must("group", "join", asking).out)
        self.assertIn("Dan asks to join", ann.must("group", "info", "Choir").out)
        ann.must("group", "decline", "Choir", "Dan")
        self.assertNotIn("Dan asks to join", ann.must("group", "info", "Choir").out)
        dan.must("group", "join", "-", stdin=asking + "\n")
        ann.must("group", "approve", "Choir", "Dan")
        dan.must("receive")
        dan.must("send", "Choir", "here I am")
        self.assertIn("here I am", cleo.must("receive").out)
