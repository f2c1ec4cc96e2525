#!/usr/bin/env python3
"""Runs the end-to-end tests: unmodified AWS clients against the built binary.

  python3 e2e/run.py [-k TEXT] [--setup sqlite|postgres+minio]

Every function test_* of the files case_*.py is run on both setups. Scripts beside them that
are not of this kind (see SCRIPTS) are run as they are, with the usual AWS variables set.
"""

import argparse
import importlib
import os
import pathlib
import subprocess
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

try:
    import boto3  # noqa: F401
except ImportError:
    print("e2e: Python's boto3 is not installed (pip install boto3 awscli); `.ci/run` does it")
    print("0 passed, 1 failed" if os.environ.get("CI") == "true" else "0 passed, 0 failed, 1 skipped")
    sys.exit(1 if os.environ.get("CI") == "true" else 0)

import harness  # noqa: E402
from harness import Setup, Skip, temporary_folder  # noqa: E402

SETUPS = ("sqlite", "postgres+minio")

# Scripts that speak to a server through the AWS variables alone.
SCRIPTS = ("s3_objects.py", "iam_sts.py")


def cases():
    """Yields the name and the function of every test."""
    for path in sorted(HERE.glob("case_*.py")):
        module = importlib.import_module(path.stem)
        for name, f in vars(module).items():
            if name.startswith("test_") and callable(f):
                yield f"{path.stem.removeprefix('case_')}/{name.removeprefix('test_')}", f
    for script in SCRIPTS:
        if (HERE / script).exists():
            yield script.removesuffix(".py"), script_case(HERE / script)


def script_case(path):
    def run(setup):
        if setup.minio:
            raise Skip("it tests the S3 API of the data folder, which is not served here")
        server = setup.server()
        key = dict(line.split("=", 1) for line in server.run("keys", "add").splitlines())  # without one, any signature would do
        env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        env.update(AWS_ENDPOINT_URL=server.endpoint, AWS_REGION=harness.REGION, AWS_DEFAULT_REGION=harness.REGION,
                   AWS_EC2_METADATA_DISABLED="true", S3_MANY_KEYS="1100", **key)
        done = subprocess.run([sys.executable, path], env=env, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{path.name} ended with {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        server.stop()

    return run


def show(e):
    """Prints an error with those lines of its trace that are ours, not the clients'."""
    for frame in traceback.extract_tb(e.__traceback__):
        if pathlib.Path(frame.filename).parent == HERE:
            print(f"      {pathlib.Path(frame.filename).name}:{frame.lineno}: {frame.line}")
    print(f"      {type(e).__name__}: {e}", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("-k", default="", help="only tests whose name holds this text")
    p.add_argument("--setup", choices=SETUPS, help="only on this setup")
    args = p.parse_args()
    if not harness.BINARY.exists():
        sys.exit("e2e: bin/almanac is not there; run `make build` first")
    passed = failed = skipped = 0
    ci = os.environ.get("CI") == "true"
    with temporary_folder() as folder:
        for setup_name in [args.setup] if args.setup else SETUPS:
            selected = [(n, f) for n, f in cases() if args.k in n]
            try:
                setup = Setup(setup_name, folder)
            except Skip as why:
                print(f"{'FAIL' if ci else 'skip'}  {setup_name}: {why}", flush=True)
                failed, skipped = failed + (len(selected) if ci else 0), skipped + (0 if ci else len(selected))
                continue
            try:
                for name, run in selected:
                    began = time.monotonic()
                    try:
                        note = run(setup) or ""
                        passed += 1
                        print(f"ok    {setup_name:15} {name:38} {time.monotonic() - began:6.1f} s  {note}", flush=True)
                    except Skip as why:
                        skipped += 1
                        print(f"skip  {setup_name:15} {name:38} {why}", flush=True)
                    except Exception as e:
                        failed += 1
                        print(f"FAIL  {setup_name:15} {name:38} {time.monotonic() - began:6.1f} s", flush=True)
                        show(e)
                        if setup.servers and setup.servers[-1].process:
                            print("--- the server's last words ---\n" + setup.servers[-1].process.tail(), flush=True)
            finally:
                setup.close()
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
