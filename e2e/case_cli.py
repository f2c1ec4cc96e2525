"""The same path with the AWS CLI."""

import json
import os
import shutil
import subprocess

import steps
from harness import REGION, Minio, Skip, wait_for


def cli(server, *args, endpoint=None, key="test", secret="test-secret"):
    aws = shutil.which("aws")
    if aws is None:
        raise Skip("the AWS CLI is not installed (pip install awscli)")
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    env.update(AWS_ENDPOINT_URL=endpoint or server.endpoint, AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION, AWS_ACCESS_KEY_ID=key,
               AWS_SECRET_ACCESS_KEY=secret, AWS_PAGER="", AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE=os.devnull,
               AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    done = subprocess.run([aws, *args, "--output", "json"], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"aws {' '.join(args)}:\n{done.stderr}"
    try:
        return json.loads(done.stdout) if done.stdout.strip() else {}
    except ValueError:  # aws s3 prints lines, not JSON
        return done.stdout


def test_path(setup):
    server = setup.server()
    local = setup.folder / "cli.csv"
    local.write_bytes(steps.generated(items=5, days=90))
    s3 = {"endpoint": setup.minio.endpoint, "key": Minio.KEY, "secret": Minio.SECRET} if setup.minio else {}
    cli(server, "s3", "mb", "s3://cli-bucket", **s3)
    cli(server, "s3", "cp", str(local), "s3://cli-bucket/in/cli.csv", **s3)

    made = cli(server, "forecast", "create-dataset", "--dataset-name", "cli_ds", "--domain", "CUSTOM", "--dataset-type", "TARGET_TIME_SERIES",
               "--data-frequency", "D", "--schema", json.dumps(steps.SCHEMA))
    group = cli(server, "forecast", "create-dataset-group", "--dataset-group-name", "cli_dsg", "--domain", "CUSTOM",
                "--dataset-arns", made["DatasetArn"])["DatasetGroupArn"]
    job = cli(server, "forecast", "create-dataset-import-job", "--dataset-import-job-name", "cli_import", "--dataset-arn", made["DatasetArn"],
              "--timestamp-format", "yyyy-MM-dd", "--data-source",
              json.dumps({"S3Config": {"Path": "s3://cli-bucket/in/", "RoleArn": steps.ROLE}}))["DatasetImportJobArn"]
    settled(server, "describe-dataset-import-job", "--dataset-import-job-arn", job)
    predictor = cli(server, "forecast", "create-auto-predictor", "--predictor-name", "cli_auto", "--forecast-horizon", "7",
                    "--forecast-frequency", "D", "--data-config", json.dumps({"DatasetGroupArn": group}))["PredictorArn"]
    settled(server, "describe-auto-predictor", "--predictor-arn", predictor)
    metrics = cli(server, "forecast", "get-accuracy-metrics", "--predictor-arn", predictor)
    assert metrics["IsAutoPredictor"] is True, metrics
    forecast = cli(server, "forecast", "create-forecast", "--forecast-name", "cli_forecast", "--predictor-arn", predictor)["ForecastArn"]
    settled(server, "describe-forecast", "--forecast-arn", forecast)
    got = cli(server, "forecastquery", "query-forecast", "--forecast-arn", forecast, "--filters", '{"item_id":"item_002"}')
    assert len(got["Forecast"]["Predictions"]["p50"]) == 7, got
    export = cli(server, "forecast", "create-forecast-export-job", "--forecast-export-job-name", "cli_export", "--forecast-arn", forecast,
                 "--destination", json.dumps({"S3Config": {"Path": "s3://cli-bucket/out", "RoleArn": steps.ROLE}}))["ForecastExportJobArn"]
    settled(server, "describe-forecast-export-job", "--forecast-export-job-arn", export)
    listing = cli(server, "s3", "ls", "--recursive", "s3://cli-bucket/out/", **s3)
    assert "cli_export_" in listing and "_part0.csv" in listing, listing
    jobs = cli(server, "forecast", "list-dataset-import-jobs", "--filters", f"Condition=IS,Key=DatasetArn,Value={made['DatasetArn']}")
    assert [j["DatasetImportJobName"] for j in jobs["DatasetImportJobs"]] == ["cli_import"], jobs
    cli(server, "forecast", "delete-resource-tree", "--resource-arn", group)
    wait_for("the tree is gone", lambda: not cli(server, "forecast", "list-predictors")["Predictors"])
    server.stop()


def settled(server, *args):
    def look():
        d = cli(server, "forecast", *args)
        return d if d["Status"] == "ACTIVE" or d["Status"].endswith("_FAILED") else None

    d = wait_for(" ".join(args), look, 120, every=0.2)
    assert d["Status"] == "ACTIVE", d.get("Message")
