"""Related time series through boto3: what is known ahead makes the forecast better, and what is missing is said."""

import datetime
import random

from steps import SCHEMA, Path, settled, summary

RELATED = {"Attributes": [{"AttributeName": "item_id", "AttributeType": "string"},
                          {"AttributeName": "timestamp", "AttributeType": "timestamp"},
                          {"AttributeName": "promotion", "AttributeType": "integer"}]}
DAYS, HORIZON = 84, 7


def promoted(seed=3):
    """Returns sales that rise by 60 on days with a promotion, the promotions, and the sales of the horizon."""
    rng = random.Random(seed)
    sales, promotions, truth = ["item_id,timestamp,target_value"], ["item_id,timestamp,promotion"], {}
    for item in range(4):
        for t in range(DAYS + HORIZON):
            day = datetime.date(2024, 1, 1) + datetime.timedelta(t)
            promotion = int(rng.random() < 0.25)
            y = 50 + 10 * item + 60 * promotion + rng.gauss(0, 2)
            promotions.append(f"item_{item},{day},{promotion}")
            if t < DAYS:
                sales.append(f"item_{item},{day},{y:.2f}")
            else:
                truth.setdefault(f"item_{item}", []).append(y)
    return "\n".join(sales).encode(), "\n".join(promotions).encode(), truth


def wape(p, forecast, truth):
    missed = total = 0
    for item, actual in truth.items():
        got = p.query.query_forecast(ForecastArn=forecast, Filters={"item_id": item})["Forecast"]["Predictions"]["p50"]
        missed += sum(abs(v["Value"] - y) for v, y in zip(got, actual, strict=True))
        total += sum(actual)
    return missed / total


def test_related(setup):
    server = setup.server()
    sales, promotions, truth = promoted()
    errors = {}
    for name, related in (("alone", None), ("beside", promotions)):
        p = Path(setup, server, "rel_" + name)
        target = p.dataset("D", SCHEMA)
        p.imported(sales, TimestampFormat="yyyy-MM-dd")
        if related:
            p.dataset_arn = p.fc.create_dataset(DatasetName="rel_promotions", Domain="CUSTOM", DatasetType="RELATED_TIME_SERIES",
                                                DataFrequency="D", Schema=RELATED)["DatasetArn"]
            p.imported(related, name="promotions", TimestampFormat="yyyy-MM-dd")
            p.fc.update_dataset_group(DatasetGroupArn=p.group_arn, DatasetArns=[target, p.dataset_arn])
        predictor = p.auto_predictor(HORIZON, "D")["PredictorArn"]
        tested = summary(p.fc.get_accuracy_metrics(PredictorArn=predictor))["ErrorMetrics"][0]["WAPE"]
        errors[name] = tested, wape(p, p.forecast(predictor)["ForecastArn"], truth)
    for alone, beside in zip(*errors.values(), strict=True):
        assert beside < alone / 3, f"WAPE in the backtest and of the forecast: {errors}"
    # The promotions of the horizon are gone: the forecast fails and says what it lacks.
    p.imported(b"\n".join(promotions.splitlines()[:-1]), name="shorter", TimestampFormat="yyyy-MM-dd")
    arn = p.fc.create_forecast(ForecastName="rel_late", PredictorArn=predictor)["ForecastArn"]
    failed = settled(p.fc.describe_forecast, wanted="CREATE_FAILED", ForecastArn=arn)
    assert 'promotion' in failed["Message"] and '"item_3" has none at 2024-03-31T00:00:00' in failed["Message"], failed["Message"]
    server.stop()
