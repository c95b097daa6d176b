"""Runs the end-to-end tests: `run.py --kithd FILE --kith FILE [--secrets-of FILE] [MODULE...]`. The last line is "N passed, N failed"."""
import argparse
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
import support  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kithd", required=True)
    parser.add_argument("--kith", required=True)
    parser.add_argument("--secrets-of", help="prints a profile's secrets; test_secrecy needs it")
    parser.add_argument("modules", nargs="*")
    arguments = parser.parse_args()
    support.PROGRAMS.update(kithd=os.path.abspath(arguments.kithd), kith=os.path.abspath(arguments.kith))
    if arguments.secrets_of:
        support.PROGRAMS["secrets_of"] = os.path.abspath(arguments.secrets_of)
    modules = arguments.modules or sorted(name[:-3] for name in os.listdir(HERE) if name.startswith("test_"))
    result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromNames(modules))
    sys.stderr.flush()
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


sys.exit(main())
