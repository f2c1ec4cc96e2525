"""Starts and stops what the end-to-end tests need: Almanac itself, PostgreSQL and MinIO.

Everything listens on free ports of the loopback interface and keeps its files in one
temporary folder, which is removed at the end.
"""

import contextlib
import gzip
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

import boto3
import botocore.config

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "bin" / "almanac"
REGION = "eu-west-1"
ACCOUNT = "000000000000"


class Skip(Exception):
    """A test cannot run here; the text says why."""


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=60.0, every=0.05):
    """Calls condition until it returns something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(every)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as r:
            return r.status == 200
    except OSError:
        return False


def bench_data():
    """Returns the folder of the public benchmark data, or None where there is none."""
    for folder in (os.environ.get("ALMANAC_BENCH_DATA"), ROOT.parent / "shared" / "data"):
        if folder and pathlib.Path(folder).is_dir():
            return pathlib.Path(folder)
    return None


def read_gz(path):
    with gzip.open(path, "rb") as f:
        return f.read()


class Process:
    """A program that runs in the background with its output in a file."""

    def __init__(self, args, log, env=None, user=None, cwd=None):
        self.log = pathlib.Path(log)
        self.out = open(self.log, "ab")
        self.popen = subprocess.Popen(args, stdout=self.out, stderr=subprocess.STDOUT, env=env, user=user, cwd=cwd, stdin=subprocess.DEVNULL)

    def stop(self, sig=signal.SIGTERM, seconds=30):
        if self.popen.poll() is None:
            self.popen.send_signal(sig)
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        self.out.close()
        return self.popen.returncode

    def tail(self, lines=40):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Postgres:
    """A PostgreSQL server of its own, without fsync: it need not survive the machine."""

    def __init__(self, log):
        tools = self.tools()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="almanac-pg-"))
        # The server refuses to run as root, so it is given to somebody else, with a folder of its own.
        user = None
        if os.geteuid() == 0:
            user = next((u for u in ("postgres", "nobody") if _exists(u)), None)
            shutil.chown(self.folder, user)
        data = self.folder / "data"
        subprocess.run([tools / "initdb", "-D", data, "-U", "almanac", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, user=user, cwd=self.folder)
        self.port = free_port()
        self.process = Process([tools / "postgres", "-D", data, "-p", str(self.port), "-h", "127.0.0.1", "-k", self.folder,
                                "-c", "fsync=off", "-c", "max_connections=200"], log, user=user, cwd=self.folder)
        wait_for("PostgreSQL starts", lambda: subprocess.run(
            [tools / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "almanac"]).returncode == 0)
        self.createdb = tools / "createdb"

    @staticmethod
    def tools():
        found = shutil.which("initdb")
        folders = [pathlib.Path(found).resolve().parent] if found else []
        folders += sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        for f in folders:
            if (f / "initdb").exists() and (f / "postgres").exists():
                return f
        raise Skip("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")

    def database(self, name):
        subprocess.run([self.createdb, "-h", "127.0.0.1", "-p", str(self.port), "-U", "almanac", name], check=True)
        return f"postgres://almanac@127.0.0.1:{self.port}/{name}?sslmode=disable"

    def stop(self):
        self.process.stop(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)


def _exists(user):
    try:
        pwd.getpwnam(user)
        return True
    except KeyError:
        return False


class Minio:
    """A MinIO server of its own: an S3 that is not ours."""

    KEY, SECRET = "minio-root", "minio-secret"

    def __init__(self, folder):
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "almanac-ci"
        binary = os.environ.get("ALMANAC_MINIO") or shutil.which("minio") or cache / "bin" / "minio"
        if not os.access(binary, os.X_OK):
            raise Skip("MinIO is not installed (`.ci/run` does it: go install github.com/minio/minio, see there)")
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        env = dict(os.environ, MINIO_ROOT_USER=self.KEY, MINIO_ROOT_PASSWORD=self.SECRET, MINIO_CI_CD="1",
                   MINIO_KMS_SECRET_KEY="almanac:IyqsU3kMFloCNup4BsZtf/rmfHVcTgznO2F25CkEH1g=", MINIO_BROWSER="off", MINIO_UPDATE="off")
        folder = pathlib.Path(folder)
        folder.mkdir()
        self.process = Process([binary, "server", folder / "data", "--address", f"127.0.0.1:{self.port}", "--quiet"], folder.parent / "minio.log", env=env)
        wait_for("MinIO starts", lambda: answers(self.endpoint + "/minio/health/live"))

    def stop(self):
        self.process.stop()


class Server:
    """A running Almanac. kill and start again keep its data and its address."""

    def __init__(self, folder, name, flags=(), env=None):
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.flags = [str(f) for f in flags]
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "ALMANAC_"))}
        self.env.update(env or {})
        self.process = None

    def start(self):
        self.process = Process([BINARY, "serve", "--listen", f"127.0.0.1:{self.port}", "--data-dir", self.folder / "data", *self.flags],
                               self.folder / "server.log", env=self.env)

        def up():
            if self.process.popen.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.popen.returncode}:\n{self.process.tail()}")
            return answers(self.endpoint + "/readyz")

        wait_for("the server starts", up, every=0.01)
        return self

    def kill(self):
        self.process.stop(signal.SIGKILL)

    def stop(self):
        if self.process is None or self.process.popen.poll() is not None:
            return
        code = self.process.stop()
        assert code == 0, f"the server ended with {code} on SIGTERM:\n{self.process.tail()}"

    def run(self, *args):
        """Runs another subcommand of the binary on the server's data."""
        flags = [f for f in self.flags if f.startswith("--database=")]
        return subprocess.run([BINARY, *args, "--data-dir", self.folder / "data", *flags], env=self.env, check=True,
                              capture_output=True, text=True).stdout

    def client(self, service, key="test", secret="test-secret", region=REGION, endpoint=None, **kwargs):
        return boto3.client(service, endpoint_url=endpoint or self.endpoint, region_name=region, aws_access_key_id=key,
                            aws_secret_access_key=secret, config=botocore.config.Config(
                                retries={"max_attempts": 0}, s3={"addressing_style": "path"}, read_timeout=60, **kwargs))


class Setup:
    """One way to run Almanac: which database, and where users' buckets are."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir()
        self.postgres = self.minio = None
        self.servers = []
        self.count = 0
        if name == "postgres+minio":
            try:
                self.postgres = Postgres(self.folder / "postgres.log")
                self.minio = Minio(self.folder / "minio")
            except BaseException:
                self.close()
                raise

    def server(self, start=True, flags=(), env=None):
        """Makes a server with a database and a data folder of its own."""
        self.count += 1
        flags = list(flags)
        if self.postgres:
            flags.append("--database=" + self.postgres.database(f"almanac{self.count}"))
        if self.minio:
            bucket = f"almanac-own-{self.count}"
            self.s3().create_bucket(Bucket=bucket)
            flags += ["--s3-endpoint=" + self.minio.endpoint, "--s3-region=us-east-1", "--s3-path-style", "--s3-bucket=" + bucket]
            env = dict(env or {}, ALMANAC_S3_ACCESS_KEY=Minio.KEY, ALMANAC_S3_SECRET_KEY=Minio.SECRET)
        server = Server(self.folder, f"server{self.count}", flags, env)
        self.servers.append(server)
        return server.start() if start else server

    def s3(self, server=None):
        """Returns a client of the S3 that holds users' buckets."""
        if self.minio:
            return boto3.client("s3", endpoint_url=self.minio.endpoint, region_name="us-east-1", aws_access_key_id=Minio.KEY,
                                aws_secret_access_key=Minio.SECRET, config=botocore.config.Config(s3={"addressing_style": "path"}))
        return server.client("s3")

    def close(self):
        errors = []
        for thing in [*self.servers, self.minio, self.postgres]:
            try:
                if thing:
                    thing.stop()
            except Exception as e:  # the others are to be stopped all the same
                errors.append(e)
        if errors:
            raise errors[0]


@contextlib.contextmanager
def temporary_folder():
    folder = tempfile.mkdtemp(prefix="almanac-e2e-")
    try:
        yield pathlib.Path(folder)
    finally:
        if os.environ.get("ALMANAC_E2E_KEEP"):
            print(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
