"""A server that is killed at any moment goes on where it was, with the same result."""

import time

import steps
from steps import Path, case_data, generated, settled
from harness import Skip, wait_for


def data():
    try:
        return case_data("m3_monthly"), "M", 18
    except Skip:
        return generated(items=400, days=400), "D", 28


def whole(p, text, frequency, horizon, disturb):
    """Runs the path; disturb(p, what, describe) is called while each job runs. Returns the exported bytes."""
    p.dataset(frequency)
    p.upload(text)
    arn = p.start_import(TimestampFormat="yyyy-MM-dd")
    disturb("import", lambda: p.fc.describe_dataset_import_job(DatasetImportJobArn=arn))
    settled(p.fc.describe_dataset_import_job, DatasetImportJobArn=arn)
    predictor = p.fc.create_auto_predictor(PredictorName="p", ForecastHorizon=horizon, ForecastFrequency=frequency,
                                           DataConfig={"DatasetGroupArn": p.group_arn})["PredictorArn"]
    disturb("train", lambda: p.fc.describe_auto_predictor(PredictorArn=predictor))
    settled(p.fc.describe_auto_predictor, 900, PredictorArn=predictor)
    metrics = p.fc.get_accuracy_metrics(PredictorArn=predictor)
    metrics.pop("ResponseMetadata")
    forecast = p.fc.create_forecast(ForecastName="f", PredictorArn=predictor)["ForecastArn"]
    disturb("forecast", lambda: p.fc.describe_forecast(ForecastArn=forecast))
    settled(p.fc.describe_forecast, ForecastArn=forecast)
    export = p.start_export(forecast)
    disturb("export", lambda: p.fc.describe_forecast_export_job(ForecastExportJobArn=export))
    settled(p.fc.describe_forecast_export_job, ForecastExportJobArn=export)
    parts = {k.rsplit("_", 1)[1]: p.s3.get_object(Bucket=p.bucket, Key=k)["Body"].read() for k in p.parts("export/")}
    return metrics, parts


def test_kill(setup):
    text, frequency, horizon = data()
    server = setup.server()
    want = whole(Path(setup, server, "calm"), text, frequency, horizon, lambda *_: None)
    server.stop()

    server = setup.server()
    p = Path(setup, server, "calm" if not setup.minio else "killed")
    hit = []

    def kill(what, describe):
        def busy():
            return describe()["Status"] not in ("CREATE_PENDING",)

        wait_for(what + " begins", busy, 60, every=0.005)
        time.sleep({"import": 0.1, "train": 1.0, "forecast": 0.1, "export": 0.02}[what])
        state = describe()["Status"]
        server.kill()
        server.start()
        hit.append(f"{what} {'running' if state == 'CREATE_IN_PROGRESS' else 'done'}")

    got = whole(p, text, frequency, horizon, kill)
    assert got[0] == want[0], f"the metrics differ:\n{got[0]}\n{want[0]}"
    assert got[1].keys() == want[1].keys(), (sorted(got[1]), sorted(want[1]))
    for part, body in want[1].items():
        assert got[1][part] == body, f"{part} differs from an undisturbed run"
    server.stop()
    return "killed during: " + ", ".join(hit)


def test_clean_stop_resumes(setup):
    """SIGTERM in the middle of training is no failure either."""
    server = setup.server()
    p = Path(setup, server, "clean")
    p.dataset("D")
    p.imported(generated(items=300, days=400), TimestampFormat="yyyy-MM-dd")
    arn = p.fc.create_auto_predictor(PredictorName="p", ForecastHorizon=14, ForecastFrequency="D",
                                     DataConfig={"DatasetGroupArn": p.group_arn})["PredictorArn"]
    wait_for("training begins", lambda: p.fc.describe_auto_predictor(PredictorArn=arn)["Status"] != "CREATE_PENDING", 60, every=0.01)
    server.stop()
    server.start()
    settled(p.fc.describe_auto_predictor, 600, PredictorArn=arn)
    server.stop()
