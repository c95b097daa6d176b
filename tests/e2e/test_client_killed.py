"""A client is killed again and again, while it sends and while it receives."""
from support import EndToEnd, new_messages, numbered


def answers(events):
    return [e for e in events if e["type"] == "done"]


def own_in_the_log(events):
    return [e for e in events if e["type"] == "message" and e["message"]["mine"] and "seq" in e["message"]]


class ClientKilled(EndToEnd):
    # When a sender's life ends: so many events of a kind after its commands were written. Its first life ends while the
    # conversation is being created.
    SENDER_LIVES = ((answers, 1), (answers, 0), (answers, 1), (own_in_the_log, 1), (own_in_the_log, 60), (answers, 40))
    CHUNK = 100

    def test_a_sender_that_is_killed_loses_nothing_it_took_and_doubles_nothing(self):
        alice, bob = self.world.pair()
        receiver = bob.daemon().wait_online()
        texts = numbered("message", self.CHUNK * (len(self.SENDER_LIVES) + 1))
        taken = 0  # by the sender's own word
        for life, (kind, count) in enumerate(self.SENDER_LIVES):
            sender = alice.daemon()
            left = self.what_is_left(sender, bob, texts, taken)
            chunk = left[:self.CHUNK * (life + 1) - (len(texts) - len(left))]
            before = len(sender.events)
            sender.send_all([{"type": "send", "user": bob.user, "text": text} for text in chunk])
            if count:
                sender.wait(lambda events: len(kind(events[before:])) >= count, f"{count} of {kind.__name__}")
            sender.kill()
            taken = len(texts) - len(left) + len([e for e in answers(sender.events) if "message" in e])
        sender = alice.daemon()
        left = self.what_is_left(sender, bob, texts, taken)
        sender.send_all([{"type": "send", "user": bob.user, "text": text} for text in left])
        receiver.wait_for_texts(texts)
        self.assertEqual(receiver.received(), texts)
        conversation = receiver.chats()[0]["conversation"]
        self.assertEqual([m["text"] for m in receiver.messages(conversation)], texts)
        self.assertEqual([m["text"] for m in sender.messages(conversation)], texts)
        self.assertEqual([e for d in (sender, receiver) for e in d.events if e["type"] == "warning"], [])

    def what_is_left(self, sender, to, texts, taken):
        """What the sender's store does not have yet: at least what it said it took is there, in order."""
        if not sender.must(type="list_contacts")["contacts"]:
            sender.wait_online().find(to.number)
        chats = sender.chats()
        stored = [m["text"] for m in sender.messages(chats[0]["conversation"])] if chats else []
        self.assertEqual(stored, texts[:len(stored)], "what was taken is a beginning, in order")
        self.assertGreaterEqual(len(stored), taken, "a message that was taken is gone")
        return texts[len(stored):]

    def test_a_receiver_that_is_killed_shows_nothing_twice_and_has_everything(self):
        alice, bob = self.world.pair()
        sender = alice.daemon().wait_online()
        sender.find(bob.number)
        # Long enough that a log is read in several pieces.
        texts = [text + " " + "x" * 2000 for text in numbered("message", 700)]
        commands = [{"type": "send", "user": bob.user, "text": text} for text in texts]
        shown = []
        for life, kill_after in enumerate((1, 5, 1, 60, 1, 90)):
            # Half of the time there is something to catch up with, half of the time it comes while the receiver looks.
            early = sender.send_all(commands[life * 100:life * 100 + 50])
            sender.answer(early[-1])
            receiver = bob.daemon()
            sender.send_all(commands[life * 100 + 50:life * 100 + 100])
            receiver.wait(lambda events: len(new_messages(events)) >= kill_after, f"{kill_after} messages")
            receiver.kill()
            shown += receiver.received()
        sender.send_all(commands[600:])
        receiver = bob.daemon()
        # By its number: a chat's last message is a preview.
        receiver.wait(lambda events: any(e["type"] == "chat" and
                                         e["chat"].get("last_message", {}).get("text", "").startswith("message 00699")
                                         for e in events), "the last message")
        shown += receiver.received()
        self.assertEqual(len(shown), len(set(shown)), "shown as new twice")
        self.assertEqual(shown, sorted(shown), "shown out of order")
        stored = receiver.messages(receiver.chats()[0]["conversation"])
        self.assertEqual([m["text"] for m in stored], texts)
        self.assertEqual([e for e in receiver.events if e["type"] == "warning"], [])

    def test_a_profile_that_is_in_use_is_not_opened_twice(self):
        alice = self.world.person("Alice").register()
        daemon = alice.daemon().wait_online()
        self.assert_exit(alice.run("chats"), 5, "Another kith has this profile open")
        self.assertEqual(daemon.close(), 0)
        alice.must("chats")
