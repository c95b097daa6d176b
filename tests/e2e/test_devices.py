"""Several devices of one person: a new one is linked by its code and is in every chat."""
from linking import Linking, begin_link
from support import EndToEnd


class Devices(EndToEnd):
    def linked(self, owner, name):
        """A new device of this person."""
        device, linking = begin_link(self.world, owner, name)
        shown = linking.link()
        added = owner.must("--json", "devices", "add", shown["code"], "--yes").events[-1]
        self.assertEqual(added, {"device_name": name, "confirmation": shown["confirmation"]})
        self.assertEqual(linking.account()["user"], owner.user)
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
        # What is read on one is read on the others; until then both have it to read.
        for received in (ann.must("receive", "--peek").out, tablet.must("receive").out):
            self.assertIn("hello both", received)
            self.assertIn("up the hill", received)
        self.assertNotIn("hello both", ann.must("receive").out)
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
        self.assert_exit(tablet.run("devices", "add", code, "--yes"), 1, "taken up already")

        foreign = self.world.keep(Linking(self.world.person("Phone"), ann.number))
        self.assert_exit(ben.run("devices", "add", foreign.link()["code"], "--yes"), 1, "another account")

    def test_a_lost_laptop_is_out_at_once_and_chats_go_on(self):
        ann, ben = self.friends()
        ann.must("group", "create", "Hiking", "Ben")
        ann.must("send", "Ben", "before")
        laptop, phone = self.linked(ann, "Laptop"), self.linked(ann, "Phone")
        self.assertIn("Hiking", laptop.must("chats").out)
        lost, at_hand, bens = (one.daemon().wait_online() for one in (laptop, phone, ben))
        # Whom one meets after their keys changed one is told nothing of.
        bens.wait_for_texts(["before"])
        devices = at_hand.must(type="list_devices")["devices"]
        at_hand.must(type="revoke_device", device=next(d["device"] for d in devices if d["name"] == "Laptop"))
        lost.wait(lambda events: any(e["type"] == "account" and e["account"]["stage"] == "removed" for e in events), "its end")
        self.assertEqual(lost._wait(), 8)
        bens.must(type="send", user=ann.user, text="for those who are left")
        at_hand.wait_for_texts(["for those who are left"])
        hiking = next(c["conversation"] for c in at_hand.chats() if c["title"] == "Hiking")
        at_hand.must(type="send", conversation=hiking, text="up without the laptop")
        bens.wait_for_texts(["up without the laptop"])
        at_hand.close()
        bens.close()
        self.assertIn("for those who are left", ann.must("receive").out)
        self.assertIn("up without the laptop", ann.must("history", "Hiking").out)
        ann.must("send", "Ben", "from the first one")
        self.assertIn("from the first one", ben.must("receive").out)
        told = ben.must("history", "Ann").out
        self.assertEqual(told.count("removed a device or made new keys, without the recovery key"), 1, told)

    def test_devices_are_removed_and_keys_made_anew_by_commands(self):
        ann, ben = self.friends()
        ann.must("send", "Ben", "before")
        laptop, phone = self.linked(ann, "Laptop"), self.linked(ann, "Phone")
        ben.must("verify", "Ann", "--yes")
        self.assert_exit(ann.run("devices", "remove", "Laptop", stdin="no\n"), 1, "not removed")
        self.assert_exit(laptop.run("devices", "remove", "Laptop", "--yes"), 1, "from another one")
        self.assert_exit(laptop.run("forget", "--yes"), 1, "belongs to an account")
        remove = ("devices", "remove", "Laptop", "--recovery-key", "--yes")
        self.assert_exit(ann.run(*remove, stdin="AAAA\n"), 1, "seven groups of four")
        self.assert_exit(ann.run(*remove, stdin=f"{ben.recovery_key}\n"), 1, "not the recovery key of your account")
        self.assertEqual(len(ann.must("--json", "devices").events), 3)
        ann.must(*remove, stdin=f"{ann.recovery_key}\n")
        self.assert_exit(laptop.run("receive"), 8, "removed from its account", "kith forget")
        self.assert_exit(laptop.run("chats"), 8, "removed from its account")
        self.assert_exit(laptop.run("register"), 8, "removed from its account", "kith forget")
        # With the recovery key nobody has a doubt.
        ann.must("send", "Ben", "still me")
        self.assertIn("still me", ben.must("receive").out)
        self.assertNotIn("recovery key", ben.must("history", "Ann").out)
        self.assertIn("verified", ben.must("contacts").out)
        # What it kept goes, and it may come again as a new device.
        self.assert_exit(laptop.run("forget", stdin="no\n"), 1, "Nothing was deleted")
        laptop.must("forget", "--yes")
        again = self.world.keep(Linking(laptop, ann.number, "--device-name", "Laptop"))
        phone.must("devices", "add", again.link()["code"], "--yes")
        self.assertEqual(again.account()["user"], ann.user)
        # Keys made anew without it are told of, on one's own devices too.
        self.assert_exit(phone.run("devices", "rotate", stdin="no\n"), 1, "compare safety numbers again", "No keys were made")
        phone.must("devices", "rotate", "--yes")
        self.assertIn("without the recovery key", phone.must("devices").err)
        ann.must("send", "Ben", "and me")
        ben.must("receive")
        ann.must("devices", "rotate", "--recovery-key", stdin=f"{ann.recovery_key}\n")
        self.assertNotIn("without the recovery key", ann.must("devices").err)

    def test_new_keys_without_the_recovery_key_are_told_to_whoever_reads_or_writes(self):
        ann, ben = self.friends()
        ann.must("send", "Ben", "before")
        ben.must("receive")
        for name in ("Laptop", "Tablet"):
            self.linked(ann, name)
        # Whom one meets after their keys changed one is told nothing of.
        ben.must("receive")
        ben.must("verify", "Ann", "--yes")
        ann.must("devices", "remove", "Laptop", "--yes")
        ann.must("send", "Ben", "without the laptop")
        received = ben.must("receive").out
        self.assertEqual(received.count("without the recovery key. Compare safety numbers: kith verify Ann"), 1, received)
        self.assertIn("without the laptop", received)
        self.assertNotIn("recovery key", ben.must("receive").out, "once")
        ben.must("verify", "Ann", "--yes")
        ann.must("devices", "remove", "Tablet", "--yes")
        self.assertIn("You had verified Ann", ben.must("send", "Ann", "is it you?").err)
        self.assertNotIn("You had verified", ben.must("send", "Ann", "or not?").err, "once")
