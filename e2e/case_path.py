"""The whole path through boto3: import, train, score, forecast, query, export."""

import datetime

import steps
from steps import Path, case_data, generated, pinball, rows, settled, summary


def check_path(p, data, frequency, horizon, seconds=600, **predictor):
    """Runs the path and returns (header, rows of the export)."""
    lines = rows(data)
    items = {r[0].lower() for r in lines[1:]}
    p.dataset(frequency)
    job = p.imported(data, TimestampFormat="yyyy-MM-dd HH:mm:ss" if ":" in lines[1][1] else "yyyy-MM-dd")
    stats = job["FieldStatistics"]
    assert stats["item_id"]["Count"] == len(lines) - 1, stats
    assert stats["item_id"]["CountDistinct"] == len(items), stats
    assert abs(job["DataSize"] - len(data) / 2**30) < 1e-12, job["DataSize"]
    described = p.fc.describe_dataset(DatasetArn=p.dataset_arn)
    assert described["Status"] == "ACTIVE", described

    trained = p.auto_predictor(horizon, frequency, seconds, ForecastTypes=["0.1", "0.5", "0.9"], **predictor)
    metrics = summary(p.fc.get_accuracy_metrics(PredictorArn=trained["PredictorArn"]))
    losses = {q["Quantile"]: q["LossValue"] for q in metrics["WeightedQuantileLosses"]}
    assert set(losses) == {0.1, 0.5, 0.9} and all(0 < v < 2 for v in losses.values()), losses

    forecast = p.forecast(trained["PredictorArn"])
    header, body = p.exported(forecast["ForecastArn"])
    assert header == ["item_id", "date", "p10", "p50", "p90"], header
    assert len(body) == len(items) * horizon, f"{len(body)} rows, want {len(items)} × {horizon}"
    assert all(float(a) <= float(b) <= float(c) for _, _, a, b, c in body), "quantiles cross"

    item = body[0][0]
    got = p.query.query_forecast(ForecastArn=forecast["ForecastArn"], Filters={"item_id": item})["Forecast"]["Predictions"]
    want = [r for r in body if r[0] == item]
    for column, key in ((2, "p10"), (3, "p50"), (4, "p90")):
        assert [v["Value"] for v in got[key]] == [float(r[column]) for r in want], f"{key} of {item}: query and export differ"
        assert [v["Timestamp"] + "Z" for v in got[key]] == [r[1] for r in want], got[key]
    return losses, body


def score(body, test, quantile, column):
    """Returns the weighted quantile loss of an export against what came true."""
    layout = "%Y-%m-%dT%H:%M:%SZ"
    predicted = {(r[0], datetime.datetime.strptime(r[1], layout)): float(r[column]) for r in body}
    pairs = []
    for item, when, y in rows(test)[1:]:
        key = (item.lower(), datetime.datetime.fromisoformat(when))
        if key in predicted:
            pairs.append((float(y), predicted[key]))
    assert len(pairs) > 0.99 * (len(rows(test)) - 1), f"only {len(pairs)} of {len(rows(test)) - 1} test rows were forecast"
    return pinball(quantile, *zip(*pairs))


def test_generated(setup):
    p = Path(setup, setup.server(), "gen")
    losses, _ = check_path(p, generated(), "D", 14)
    assert losses[0.5] < 0.15, f"wQL[0.5] is {losses[0.5]:.4f} on a clean weekly season"
    p.fc.close()
    setup.servers[-1].stop()
    return f"wQL[0.5] {losses[0.5]:.4f}"


def test_m3_monthly(setup):
    data, test = case_data("m3_monthly"), case_data("m3_monthly", "test.csv.gz")
    p = Path(setup, setup.server(), "m3_monthly")
    _, body = check_path(p, data, "M", 18)
    loss = score(body, test, 0.5, 3)
    assert loss < 0.13, f"wQL[0.5] on the official test part is {loss:.4f}; seasonal naive has 0.1485"
    setup.servers[-1].stop()
    return f"official test part: wQL[0.5] {loss:.4f} (seasonal naive 0.1485)"


def test_electricity(setup):
    """A legacy predictor with the ETS algorithm, hourly, as in Amazon's published workshop."""
    data, test = case_data("amazon_samples/electricity_10clients"), case_data("amazon_samples/electricity_10clients", "test.csv.gz")
    p = Path(setup, setup.server(), "electricity")
    p.dataset("H")
    job = p.imported(data, TimestampFormat="yyyy-MM-dd HH:mm:ss")
    assert job["FieldStatistics"]["target_value"]["Count"] == 65270, job["FieldStatistics"]
    arn = p.fc.create_predictor(
        PredictorName="electricity_ets", AlgorithmArn="arn:aws:forecast:::algorithm/ETS", ForecastHorizon=24, PerformAutoML=False, PerformHPO=False,
        EvaluationParameters={"NumberOfBacktestWindows": 1, "BackTestWindowOffset": 24},
        InputDataConfig={"DatasetGroupArn": p.group_arn}, FeaturizationConfig={"ForecastFrequency": "H"})["PredictorArn"]
    trained = settled(p.fc.describe_predictor, 600, PredictorArn=arn)
    assert trained["AlgorithmArn"].endswith("/ETS"), trained
    metrics = summary(p.fc.get_accuracy_metrics(PredictorArn=arn))
    losses = {q["Quantile"]: q["LossValue"] for q in metrics["WeightedQuantileLosses"]}
    forecast = p.forecast(arn)
    header, body = p.exported(forecast["ForecastArn"])
    assert header == ["item_id", "date", "p10", "p50", "p90"], header
    loss = score(body, test, 0.5, 3)
    assert loss < 0.12, f"wQL[0.5] on the published window is {loss:.4f}; the daily naive forecast has 0.0831"
    setup.servers[-1].stop()
    return f"backtest wQL[0.5] {losses[0.5]:.4f}, published window {loss:.4f} (daily naive 0.0831)"


def test_dimensions_and_parquet(setup):
    """A forecast dimension, an export in Parquet's layout, and a forecast of its own types."""
    data = steps.generated(items=6, days=120).decode().splitlines()
    lines = ["item_id,store,timestamp,target_value"]
    for n, line in enumerate(data[1:]):
        item, when, y = line.split(",")
        lines += [f"{item},north,{when},{y}", f"{item},south,{when},{float(y) / 2 + n % 3:.2f}"]
    schema = {"Attributes": [{"AttributeName": "item_id", "AttributeType": "string"}, {"AttributeName": "store", "AttributeType": "string"},
                             {"AttributeName": "timestamp", "AttributeType": "timestamp"}, {"AttributeName": "target_value", "AttributeType": "float"}]}
    p = Path(setup, setup.server(), "dims")
    p.dataset("D", schema)
    p.imported("\n".join(lines).encode() + b"\n", TimestampFormat="yyyy-MM-dd")
    trained = p.auto_predictor(7, "D", ForecastDimensions=["store"])
    forecast = p.forecast(trained["PredictorArn"], ForecastTypes=["mean", "0.25", "0.75"])
    header, body = p.exported(forecast["ForecastArn"])
    assert header == ["item_id", "date", "store", "p25", "p75", "mean"], header
    assert len(body) == 6 * 2 * 7, len(body)
    got = p.query.query_forecast(ForecastArn=forecast["ForecastArn"], Filters={"item_id": "item_001", "store": "south"})
    assert set(got["Forecast"]["Predictions"]) == {"mean", "p25", "p75"}, got
    for filters in ({"item_id": "item_001"}, {"item_id": "item_001", "store": "south", "colour": "red"}):
        try:
            p.query.query_forecast(ForecastArn=forecast["ForecastArn"], Filters=filters)
            raise AssertionError(f"{filters} was answered")
        except p.query.exceptions.InvalidInputException:
            pass
    settled(p.fc.describe_forecast_export_job, ForecastExportJobArn=p.start_export(forecast["ForecastArn"], "parquet", Format="PARQUET"))
    parts = p.parts("parquet/")
    assert parts and all(k.endswith(".parquet") for k in parts), parts
    first = p.s3.get_object(Bucket=p.bucket, Key=parts[0])["Body"].read()
    assert first[:4] == b"PAR1" and first[-4:] == b"PAR1", "not a Parquet file"
    setup.servers[-1].stop()


def test_bad_file(setup):
    """A file with mistakes fails with their places; what was imported before stays in force."""
    p = Path(setup, setup.server(), "bad")
    p.dataset("D")
    good = steps.generated(items=3, days=60)
    p.imported(good, "good", TimestampFormat="yyyy-MM-dd")
    lines = good.decode().splitlines()
    lines[5] = "item_001,2023-13-45,5"
    lines[7] = "item_002,2023-01-03,many"
    job = p.imported("\n".join(lines).encode() + b"\n", "broken", wanted="CREATE_FAILED", TimestampFormat="yyyy-MM-dd")
    for text in ("train.csv", "6", "2023-13-45", "8", "many"):
        assert text in job["Message"], job["Message"]
    dataset = p.fc.describe_dataset(DatasetArn=p.dataset_arn)
    assert dataset["Status"] == "UPDATE_FAILED" or dataset["Status"] == "ACTIVE", dataset
    trained = p.auto_predictor(5, "D")
    assert trained["Status"] == "ACTIVE"
    setup.servers[-1].stop()
    return job["Message"][:60].replace("\n", " ") + "…"
