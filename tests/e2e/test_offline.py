"""Being away: one side for 500 messages, and a sender without any network."""
from support import EndToEnd, numbered


class Offline(EndToEnd):
    def test_who_was_away_for_500_messages_finds_all_of_them_in_order(self):
        alice, bob = self.world.pair()
        texts = numbered("while you were away", 500)
        sender = alice.daemon().wait_online()
        sender.find(bob.number)
        sender.send_all([{"type": "send", "user": bob.user, "text": text} for text in texts])
        sender.wait(lambda events: any(e["type"] == "message" and e["message"]["text"] == texts[-1] and
                                       e["message"]["state"] == "sent" for e in events), "the last message at the server")
        received = [e["message"]["text"] for e in bob.must("--json", "receive").events]
        self.assertEqual(received, texts)
        self.assertEqual(bob.must("--json", "receive").events, [])
        sender.wait(lambda events: any(e["type"] == "receipts" and e["read"] >= 500 for e in events), "the last message read")

    def test_what_is_sent_without_network_is_kept_and_goes_out_later(self):
        alice, bob = self.world.pair()
        alice.must("contacts", "add", bob.number)
        self.server.stop()
        self.assert_exit(alice.run("send", "Bob", "first"), 4, "Waiting for network. The message is kept")
        alice.must("send", "--wait", "none", "Bob", "second")
        self.assertIn("second", alice.must("history", "Bob").out, "history needs no network")
        self.assert_exit(alice.run("receive", "--timeout", "1"), 4, "The server can't be reached")
        self.assert_exit(alice.run("contacts", "add", "+4915199999999"), 4, "The server can't be reached")
        self.server.start()
        alice.must("send", "Bob", "third")
        received = [e["message"]["text"] for e in bob.must("--json", "receive").events]
        self.assertEqual(received, ["first", "second", "third"])

    def test_a_chat_in_a_pipe_sends_every_line(self):
        alice, bob = self.world.pair()
        alice.must("contacts", "add", bob.number)
        alice.must("chat", "Bob", stdin="one\ntwo\nthree")
        follower = bob.daemon().wait_online()
        follower.wait_for_texts(["one", "two", "three"])
        self.assertEqual(follower.received(), ["one", "two", "three"])

    def test_following_prints_what_comes_until_its_time_is_over(self):
        alice, bob = self.world.pair()
        sender = alice.daemon().wait_online()
        sender.find(bob.number)
        sender.must(type="send", user=bob.user, text="before")
        sender.wait(lambda events: any(e["type"] == "message" and e["message"]["state"] == "sent" for e in events), "sent")
        out = bob.must("receive", "--follow", "--timeout", "3").out
        self.assertIn("Alice: before", out)
