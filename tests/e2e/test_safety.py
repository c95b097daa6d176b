"""Safety numbers between terminals: the same on both sides, compared by what the other's QR code says, marked, taken back."""
from support import EndToEnd


class Safety(EndToEnd):
    def two(self):
        ann, ben = (self.world.person(name).register() for name in ("Ann", "Ben"))
        ann.must("contacts", "add", ben.number)
        ann.must("send", "Ben", "hello")
        ben.must("receive")
        return ann, ben

    def number(self, person, who):
        return person.must("--json", "verify", who).events[-1]

    def test_two_people_see_the_same_number_and_compare_by_code(self):
        ann, ben = self.two()
        at_ann, at_ben = self.number(ann, "Ben"), self.number(ben, "Ann")
        self.assertRegex(at_ann["digits"], r"^\d{60}$")
        self.assertEqual(at_ann["digits"], at_ben["digits"])
        self.assertFalse(at_ann["verified"])
        shown = ann.must("verify", "Ben").out
        self.assertIn(" ".join(at_ann["digits"][at:at + 5] for at in range(0, 20, 5)), shown)
        self.assertIn("▀", shown)
        self.assertIn("Ben is not verified.", shown)

        compared = ann.must("verify", "Ben", "--scanned", at_ben["qr"])
        self.assertIn("The safety numbers are the same. So is the chat.", compared.out)
        self.assertNotIn("verified", ann.must("contacts").out, "comparing alone marks nobody")
        marked = ann.must("verify", "Ben", "--scanned", "-", "--yes", stdin=at_ben["qr"] + "\n")
        self.assertIn("Ben is verified.", marked.out)
        self.assertIn("verified", ann.must("contacts").out)
        self.assertTrue(self.number(ann, "Ben")["verified"])
        self.assertFalse(self.number(ben, "Ann")["verified"], "each marks for themselves")
        ann.must("verify", "Ben", "--undo")
        self.assertNotIn("verified", ann.must("contacts").out)

    def test_what_does_not_match_is_named_and_marks_nobody(self):
        ann, ben = self.two()
        cleo = self.world.person("Cleo").register()
        cleo.must("contacts", "add", ann.number)
        other = self.number(cleo, "Ann")["qr"]
        self.assert_exit(ann.run("verify", "Ben", "--scanned", other, "--yes"), 1, "another person")
        self.assert_exit(ann.run("verify", "Ben", "--scanned", self.number(ann, "Ben")["qr"], "--yes"), 1, "yourself")
        self.assert_exit(ann.run("verify", "Ben", "--scanned", "https://example.org", "--yes"), 1, "not a safety number")
        self.assert_exit(ann.run("verify", "Ben", "--accept"), 1, "not changed")
        self.assert_exit(ann.run("verify", "Ben", "--yes", "--undo"), 2, "--undo")
        self.assertNotIn("verified", ann.must("contacts").out)
        # Without a server too.
        self.world.server.stop()
        self.assertIn("Ben is verified.", ann.must("verify", "Ben", "--yes").out)
        self.assertTrue(self.number(ann, "Ben")["verified"])
