"""The steps of the service that most tests take, through boto3."""

import csv
import io
import math
import random
import datetime

from harness import ACCOUNT, Skip, bench_data, read_gz, wait_for

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ForecastRole"
SCHEMA = {"Attributes": [{"AttributeName": "item_id", "AttributeType": "string"},
                         {"AttributeName": "timestamp", "AttributeType": "timestamp"},
                         {"AttributeName": "target_value", "AttributeType": "float"}]}


def settled(describe, seconds=300, wanted="ACTIVE", **arn):
    """Waits until a resource is in its final state and returns its description."""
    def look():
        d = describe(**arn)
        s = d["Status"]
        return d if s == "ACTIVE" or s.endswith(("_FAILED", "_STOPPED")) else None

    d = wait_for(f"{describe.__name__} {next(iter(arn.values()))}", look, seconds, every=0.1)
    assert d["Status"] == wanted, f"{d['Status']}: {d.get('Message')}"
    return d


def gone(describe, error, seconds=60, **arn):
    """Waits until a resource no longer exists."""
    def look():
        try:
            describe(**arn)
            return False
        except error:
            return True

    wait_for(f"{next(iter(arn.values()))} is gone", look, seconds, every=0.1)


def case_data(case, file="train.csv.gz"):
    """Returns a file of the benchmark data as bytes."""
    folder = bench_data()
    if folder is None or not (folder / case / file).exists():
        raise Skip(f"the benchmark data {case} are not here; set ALMANAC_BENCH_DATA")
    return read_gz(folder / case / file)


def generated(items=20, days=200, seed=1):
    """Daily data with a weekly season, for machines without the benchmark data."""
    rng = random.Random(seed)
    out = io.StringIO()
    out.write("item_id,timestamp,target_value\n")
    start = datetime.date(2023, 1, 1)
    levels = [rng.uniform(10, 200) for _ in range(items)]
    for t in range(days):
        for i, level in enumerate(levels):
            y = level * (1 + 0.3 * math.sin(2 * math.pi * (t + i) / 7)) * rng.lognormvariate(0, 0.1)
            out.write(f"item_{i:03d},{start + datetime.timedelta(t)},{y:.2f}\n")
    return out.getvalue().encode()


def rows(data):
    return list(csv.reader(io.StringIO(data.decode())))


class Path:
    """One dataset and what is made from it. Names carry a prefix; s3 is where users' buckets are."""

    def __init__(self, setup, server, prefix, client=None):
        self.fc = client or server.client("forecast")
        self.query = server.client("forecastquery")
        self.s3 = setup.s3(server)
        self.prefix = prefix
        self.bucket = prefix.replace("_", "-") + "-bucket"

    def upload(self, data, key="train.csv"):
        try:
            self.s3.create_bucket(Bucket=self.bucket)
        except (self.s3.exceptions.BucketAlreadyOwnedByYou, self.s3.exceptions.BucketAlreadyExists):
            pass
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)

    def dataset(self, frequency, schema=None, domain="CUSTOM", kind="TARGET_TIME_SERIES"):
        self.dataset_arn = self.fc.create_dataset(DatasetName=self.prefix + "_ds", Domain=domain, DatasetType=kind,
                                                  DataFrequency=frequency, Schema=schema or SCHEMA)["DatasetArn"]
        self.group_arn = self.fc.create_dataset_group(DatasetGroupName=self.prefix + "_dsg", Domain=domain,
                                                      DatasetArns=[self.dataset_arn])["DatasetGroupArn"]
        return self.dataset_arn

    def start_import(self, name="import", key="train.csv", **more):
        return self.fc.create_dataset_import_job(
            DatasetImportJobName=f"{self.prefix}_{name}", DatasetArn=self.dataset_arn,
            DataSource={"S3Config": {"Path": f"s3://{self.bucket}/{key}", "RoleArn": ROLE}}, **more)["DatasetImportJobArn"]

    def imported(self, data, name="import", wanted="ACTIVE", **more):
        self.upload(data)
        arn = self.start_import(name, **more)
        return settled(self.fc.describe_dataset_import_job, wanted=wanted, DatasetImportJobArn=arn)

    def auto_predictor(self, horizon, frequency, seconds=600, **more):
        arn = self.fc.create_auto_predictor(PredictorName=self.prefix + "_auto", ForecastHorizon=horizon, ForecastFrequency=frequency,
                                            DataConfig={"DatasetGroupArn": self.group_arn}, **more)["PredictorArn"]
        return settled(self.fc.describe_auto_predictor, seconds, PredictorArn=arn)

    def forecast(self, predictor, name="forecast", **more):
        arn = self.fc.create_forecast(ForecastName=f"{self.prefix}_{name}", PredictorArn=predictor, **more)["ForecastArn"]
        return settled(self.fc.describe_forecast, ForecastArn=arn)

    def start_export(self, forecast, name="export", **more):
        return self.fc.create_forecast_export_job(
            ForecastExportJobName=f"{self.prefix}_{name}", ForecastArn=forecast,
            Destination={"S3Config": {"Path": f"s3://{self.bucket}/{name}/", "RoleArn": ROLE}}, **more)["ForecastExportJobArn"]

    def exported(self, forecast, name="export", **more):
        """Exports and returns the rows of all parts, the header once."""
        settled(self.fc.describe_forecast_export_job, ForecastExportJobArn=self.start_export(forecast, name, **more))
        header, body = None, []
        for key in self.parts(f"{name}/"):
            part = rows(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
            assert header in (None, part[0]), f"the parts have different headers: {header} and {part[0]}"
            header = part[0]
            body += part[1:]
        return header, body

    def parts(self, folder):
        """Returns the keys of an export's data files; beside them lie the empty _CHECK and _SUCCESS."""
        keys = self.keys(folder)
        assert {folder + "_CHECK", folder + "_SUCCESS"} <= set(keys), keys
        return [k for k in keys if not k.endswith(("_CHECK", "_SUCCESS"))]

    def keys(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [o["Key"] for page in pages for o in page.get("Contents", [])]


def summary(metrics):
    """Returns the metrics of the SUMMARY window."""
    windows = metrics["PredictorEvaluationResults"][0]["TestWindows"]
    assert windows[0]["EvaluationType"] == "SUMMARY", windows[0]
    return windows[0]["Metrics"]


def pinball(quantile, actual, predicted):
    """Weighted quantile loss of pairs, as the service defines it."""
    loss = sum(max(quantile * (y - q), (quantile - 1) * (y - q)) for y, q in zip(actual, predicted))
    return 2 * loss / sum(abs(y) for y in actual)
