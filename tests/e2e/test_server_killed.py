"""kithd is killed in the middle of 1,000 sends, several times. What it had acked is there; nothing is lost or doubled."""
from support import EndToEnd, new_messages, numbered

MESSAGES = 1000
KILLS_AT = (100, 250, 400, 600, 850)  # messages received


class ServerKilled(EndToEnd):
    def test_a_thousand_messages_survive_five_kills_each_once_and_in_order(self):
        alice, bob = self.world.pair()
        a, b = self.introduce(alice, bob)
        texts = numbered("message", MESSAGES)
        a.send_all([{"type": "send", "user": bob.user, "text": text} for text in texts])
        for received in KILLS_AT:
            b.wait(lambda events: len(new_messages(events)) >= received, f"message {received}")
            self.server.kill()
            self.server.start()
            for daemon in (a, b):
                daemon.send(type="reconnect")
        b.wait_for_texts(texts)
        self.check(a, b, texts)

    def test_both_sides_send_while_the_server_is_killed(self):
        alice, bob = self.world.pair()
        a, b = self.introduce(alice, bob)
        from_alice, from_bob = numbered("alice", 300), numbered("bob", 300)
        a.send_all([{"type": "send", "user": bob.user, "text": text} for text in from_alice])
        b.send_all([{"type": "send", "user": alice.user, "text": text} for text in from_bob])
        for received in (50, 150):
            b.wait(lambda events: len(new_messages(events)) >= received, f"message {received}")
            self.server.kill()
            self.server.start()
            for daemon in (a, b):
                daemon.send(type="reconnect")
        b.wait_for_texts(from_alice)
        a.wait_for_texts(from_bob)
        self.check(a, b, from_alice)
        self.check(b, a, from_bob)
        logs = [[(m["seq"], m["text"]) for m in d.messages(d.chats()[0]["conversation"])] for d in (a, b)]
        self.assertEqual(logs[0], logs[1], "one order for both")

    def check(self, sender, receiver, texts):
        self.assertEqual(receiver.received(), texts, "shown once each, in order")
        conversation = receiver.chats()[0]["conversation"]
        stored = [m for m in receiver.messages(conversation) if not m["mine"]]
        self.assertEqual([m["text"] for m in stored], texts)
        own = [m for m in sender.messages(conversation) if m["mine"]]
        self.assertEqual([m["text"] for m in own], texts)
        self.assertTrue(all(m["state"] in ("sent", "delivered", "read") for m in own), "all are known to have arrived")
        self.assertEqual([m["seq"] for m in own], [m["seq"] for m in stored])
        self.assertEqual([e for d in (sender, receiver) for e in d.events if e["type"] == "warning"], [])
