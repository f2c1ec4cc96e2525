"""Access keys: what is accepted before there is one, and after."""

import datetime
import socket
import subprocess
from unittest import mock

import botocore.auth
import botocore.exceptions
import harness
from harness import wait_for


def outcome(call):
    try:
        call()
        return "OK"
    except botocore.exceptions.ClientError as e:
        return e.response["Error"]["Code"]


def test_keys(setup):
    server = setup.server()
    assert outcome(server.client("forecast", "anything", "goes").list_datasets) == "OK"
    printed = dict(line.split("=", 1) for line in server.run("keys", "add", "--account", "123456789012", "--description", "e2e").splitlines())
    key, secret = printed["AWS_ACCESS_KEY_ID"], printed["AWS_SECRET_ACCESS_KEY"]

    ours = server.client("forecast", key, secret)
    wait_for("the new key counts", lambda: outcome(server.client("forecast", "anything", "goes").list_datasets) != "OK", 10)
    assert outcome(ours.list_datasets) == "OK"
    arn = ours.create_dataset_group(DatasetGroupName="mine", Domain="CUSTOM")["DatasetGroupArn"]
    assert arn.split(":")[4] == "123456789012", arn
    assert outcome(server.client("forecast", "anything", "goes").list_datasets) == "UnrecognizedClientException"
    assert outcome(server.client("forecast", key, secret + "x").list_datasets) == "InvalidSignatureException"
    assert server.client("sts", key, secret).get_caller_identity()["Account"] == "123456789012"

    other = dict(line.split("=", 1) for line in server.run("keys", "add", "--account", "210987654321").splitlines())
    theirs = server.client("forecast", other["AWS_ACCESS_KEY_ID"], other["AWS_SECRET_ACCESS_KEY"])
    assert theirs.list_dataset_groups()["DatasetGroups"] == [], "an account sees what belongs to another"
    assert outcome(lambda: theirs.describe_dataset_group(DatasetGroupArn=arn)) == "ResourceNotFoundException"

    assert key in server.run("keys", "list") and secret not in server.run("keys", "list")
    server.run("keys", "revoke", key)
    wait_for("the key is revoked", lambda: outcome(ours.list_datasets) == "UnrecognizedClientException", 10)
    server.stop()


def test_refuses_open_address(setup):
    """Without keys it does not listen where others could reach it."""
    server = setup.server(start=False)
    with socket.socket() as s:
        s.bind(("0.0.0.0", 0))
        port = s.getsockname()[1]
    done = subprocess.run([harness.BINARY, "serve", "--listen", f"0.0.0.0:{port}", "--data-dir", server.folder / "data", *server.flags],
                          env=server.env, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "almanac keys add" in done.stderr, (done.returncode, done.stderr)


def test_clock_skew(setup):
    """A request signed more than a quarter of an hour ago is refused, once there are keys to check with."""
    server = setup.server()
    made = dict(line.split("=", 1) for line in server.run("keys", "add").splitlines())
    fc = server.client("forecast", made["AWS_ACCESS_KEY_ID"], made["AWS_SECRET_ACCESS_KEY"])
    assert outcome(fc.list_datasets) == "OK"
    for minutes, want in ((-20, "InvalidSignatureException"), (20, "InvalidSignatureException"), (10, "OK")):
        moment = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(minutes=minutes)
        with mock.patch.object(botocore.auth, "get_current_datetime", lambda *a, moment=moment, **k: moment):
            code = outcome(fc.list_datasets)
        assert code == want, f"signed {minutes} minutes from now: {code}"
    server.stop()
