"""Devices of a larger group that cannot read their stored group any more: others bring them back, and what was said
meanwhile comes again."""
import contextlib
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor

from support import EndToEnd

PEOPLE = 17  # more leaves than a device would trouble by coming back from outside at once
FIRST = ("Ann", "Ben", "Cleo")  # whose programs run; of the others there is only a leaf

DELETE = "DELETE FROM rows WHERE key = ?"
OVERWRITE = "UPDATE rows SET value = x'00' WHERE key = ?"


def texts(daemon, group):
    """In the log."""
    return [m["text"] for m in daemon.messages(group) if "text" in m and "seq" in m]


def notices(daemon, group):
    return [m["notice"] for m in daemon.messages(group) if m.get("notice", {}).get("kind", "group") != "group"]


class Broken(EndToEnd):
    def setUp(self):
        super().setUp()
        names = [*FIRST, *(f"P{i}" for i in range(len(FIRST), PEOPLE))]
        self.people = [self.world.person(name) for name in names]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda person: person.register(), self.people))
        self.ann, self.ben, self.cleo = self.people[:3]

    def come_together(self):
        """A group of all, and the daemons of the first three, who have said something in it."""
        daemons = [person.daemon().wait_online() for person in self.people[:3]]
        made = daemons[0].must(type="create_group", name="Crowd", members=[p.user for p in self.people[1:]])
        group = made["chat"]["conversation"]
        added = daemons[0].must(type="add_members", conversation=group, users=[p.user for p in self.people[1:]])
        self.assertEqual(added["not_added"], [])
        for daemon in daemons[1:]:
            daemon.wait(lambda events: any(e["type"] == "chat" and e["chat"]["title"] == "Crowd" for e in events), "the group")
        for name, daemon in zip(FIRST, daemons):
            daemon.must(type="send", conversation=group, text=f"{name} is here")
        for daemon in daemons:
            self.wait_for(daemon, group, [f"{name} is here" for name in FIRST])
        return group, daemons

    def wait_for(self, daemon, group, wanted):
        """Until its chat has these texts, live or from before."""
        def have(events):
            found = {e["message"].get("text") for e in events if e["type"] == "message" and "seq" in e["message"]}
            return found >= left
        left = set(wanted) - set(texts(daemon, group))
        daemon.wait(have, f"{left} at {daemon.person.name}")

    def damage(self, person, change, row):
        """A row of this person's stopped program."""
        path = os.path.join(self.world.state, person.name.lower(), "state.db")
        with contextlib.closing(sqlite3.connect(path)) as database:
            with database:
                self.assertEqual(database.execute(change, (row,)).rowcount, 1)

    def is_back(self, daemon, group):
        daemon.wait(lambda events: any(e["type"] == "warning" and e["code"] == "rejoining" for e in events), "its loss")
        daemon.wait(lambda events: [e["chat"]["membership"] for e in events if e["type"] == "chat" and
                                    e["chat"]["conversation"] == group][-1:] == ["member"], "its return")

    def epoch_row(self, group):
        return b"g" + bytes.fromhex(group) + b"e"

    def loses_its_group(self, change):
        group, (ann, ben, cleo) = self.come_together()
        self.assertEqual(ben.close(), 0)
        ann.must(type="send", conversation=group, text="while Ben is away")
        cleo.must(type="send", conversation=group, text="from Cleo, too")
        self.damage(self.ben, change, self.epoch_row(group))
        ben = self.ben.daemon().wait_online()
        self.is_back(ben, group)
        self.wait_for(ben, group, ["while Ben is away", "from Cleo, too"])
        ben.must(type="send", conversation=group, text="Ben is back")
        ann.must(type="send", conversation=group, text="welcome back")
        for daemon in (ann, cleo, ben):
            self.wait_for(daemon, group, ["Ben is back", "welcome back"])
        said = texts(ann, group)
        self.assertEqual(sorted(texts(ben, group)), sorted(said), "nothing is gone, and nothing is doubled")
        self.assertEqual(notices(ben, group), [], "and nothing is said to be")
        info = cleo.must(type="group_info", conversation=group)["group"]
        self.assertEqual(len(info["members"]), PEOPLE)
        return group, ann, ben, cleo

    def test_a_device_whose_group_is_deleted_is_brought_back_and_misses_nothing(self):
        group, ann, ben, cleo = self.loses_its_group(DELETE)
        self.assertEqual([e for d in (ann, cleo) for e in d.events if e["type"] == "warning"], [])

    def test_a_device_whose_group_is_damaged_is_brought_back_and_misses_nothing(self):
        self.loses_its_group(OVERWRITE)

    def test_what_its_author_has_lost_as_well_is_said_to_be_gone(self):
        group, (ann, ben, cleo) = self.come_together()
        self.assertEqual(ben.close(), 0)
        ann.must(type="send", conversation=group, text="kept")
        cleo.must(type="send", conversation=group, text="gone")
        self.wait_for(cleo, group, ["kept", "gone"])
        gone = next(m for m in cleo.messages(group) if m.get("text") == "gone")
        self.assertEqual(cleo.close(), 0)
        self.damage(self.cleo, DELETE, b"m" + bytes.fromhex(group) + gone["order"].to_bytes(8, "big"))
        self.damage(self.ben, DELETE, self.epoch_row(group))
        cleo = self.cleo.daemon().wait_online()
        ben = self.ben.daemon().wait_online()
        self.is_back(ben, group)
        self.wait_for(ben, group, ["kept"])
        ben.wait(lambda events: any(e["type"] == "message" and e["message"].get("notice", {}).get("count") == 1
                                    for e in events), "the line that says what is gone")
        self.assertNotIn("gone", texts(ben, group))
        self.assertEqual([notice["count"] for notice in notices(ben, group)], [1])

    def test_a_device_that_nobody_is_there_to_bring_back_comes_back_alone(self):
        group, daemons = self.come_together()
        for daemon in daemons:
            self.assertEqual(daemon.close(), 0)
        self.damage(self.ben, DELETE, self.epoch_row(group))
        ben = self.ben.daemon().wait_online()
        self.is_back(ben, group)
        ben.must(type="send", conversation=group, text="all alone")
        ann = self.ann.daemon().wait_online()
        self.wait_for(ann, group, ["all alone"])
        self.assertEqual(notices(ben, group), [])
