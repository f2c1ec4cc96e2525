"""Deleting, stopping and tagging."""

import steps
from steps import Path, gone, settled


def refused(call, error):
    try:
        call()
    except error:
        return
    raise AssertionError("it was accepted")


def test_parents_and_children(setup):
    server = setup.server()
    p = Path(setup, server, "del")
    p.dataset("D")
    job = p.imported(steps.generated(items=4, days=60), TimestampFormat="yyyy-MM-dd")
    trained = p.auto_predictor(5, "D")
    forecast = p.forecast(trained["PredictorArn"])
    export = p.start_export(forecast["ForecastArn"])
    settled(p.fc.describe_forecast_export_job, ForecastExportJobArn=export)
    fc, ex = p.fc, p.fc.exceptions
    refused(lambda: fc.create_dataset(DatasetName="del_ds", Domain="CUSTOM", DatasetType="TARGET_TIME_SERIES", DataFrequency="D",
                                      Schema=steps.SCHEMA), ex.ResourceAlreadyExistsException)
    fc.delete_forecast_export_job(ForecastExportJobArn=export)
    gone(fc.describe_forecast_export_job, ex.ResourceNotFoundException, ForecastExportJobArn=export)
    fc.delete_forecast(ForecastArn=forecast["ForecastArn"])
    gone(fc.describe_forecast, ex.ResourceNotFoundException, ForecastArn=forecast["ForecastArn"])
    refused(lambda: p.query.query_forecast(ForecastArn=forecast["ForecastArn"], Filters={"item_id": "item_001"}),
            p.query.exceptions.ResourceNotFoundException)
    fc.delete_predictor(PredictorArn=trained["PredictorArn"])
    gone(fc.describe_auto_predictor, ex.ResourceNotFoundException, PredictorArn=trained["PredictorArn"])
    fc.delete_dataset_import_job(DatasetImportJobArn=job["DatasetImportJobArn"])
    gone(fc.describe_dataset_import_job, ex.ResourceNotFoundException, DatasetImportJobArn=job["DatasetImportJobArn"])
    fc.delete_dataset_group(DatasetGroupArn=p.group_arn)
    gone(fc.describe_dataset_group, ex.ResourceNotFoundException, DatasetGroupArn=p.group_arn)
    fc.delete_dataset(DatasetArn=p.dataset_arn)
    gone(fc.describe_dataset, ex.ResourceNotFoundException, DatasetArn=p.dataset_arn)
    refused(lambda: fc.delete_dataset(DatasetArn=p.dataset_arn), ex.ResourceNotFoundException)
    assert p.keys("export/"), "the exported files belong to the user and stay"
    server.stop()


def test_tree(setup):
    server = setup.server()
    p = Path(setup, server, "tree")
    p.dataset("D")
    p.imported(steps.generated(items=4, days=60), TimestampFormat="yyyy-MM-dd")
    trained = p.auto_predictor(5, "D")
    p.forecast(trained["PredictorArn"])
    p.fc.delete_resource_tree(ResourceArn=p.group_arn)
    gone(p.fc.describe_dataset_group, p.fc.exceptions.ResourceNotFoundException, DatasetGroupArn=p.group_arn)
    assert p.fc.list_predictors()["Predictors"] == [] and p.fc.list_forecasts()["Forecasts"] == []
    server.stop()


def test_stop(setup):
    server = setup.server(flags=["--workers=1"])
    p = Path(setup, server, "stop")
    p.dataset("D")
    p.imported(steps.generated(items=400, days=700), TimestampFormat="yyyy-MM-dd")
    arn = p.fc.create_auto_predictor(PredictorName="stop_me", ForecastHorizon=28, ForecastFrequency="D",
                                     DataConfig={"DatasetGroupArn": p.group_arn})["PredictorArn"]
    refused(lambda: p.fc.create_forecast(ForecastName="too_early", PredictorArn=arn), p.fc.exceptions.ResourceInUseException)
    p.fc.stop_resource(ResourceArn=arn)
    settled(p.fc.describe_auto_predictor, 60, wanted="CREATE_STOPPED", PredictorArn=arn)
    p.fc.delete_predictor(PredictorArn=arn)
    gone(p.fc.describe_auto_predictor, p.fc.exceptions.ResourceNotFoundException, PredictorArn=arn)
    server.stop()


def test_tags(setup):
    server = setup.server()
    fc = server.client("forecast")
    arn = fc.create_dataset_group(DatasetGroupName="tagged", Domain="CUSTOM", Tags=[{"Key": "team", "Value": "a"}])["DatasetGroupArn"]
    fc.tag_resource(ResourceArn=arn, Tags=[{"Key": "env", "Value": "test"}, {"Key": "team", "Value": "b"}])
    assert fc.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "env", "Value": "test"}, {"Key": "team", "Value": "b"}]
    fc.untag_resource(ResourceArn=arn, TagKeys=["env", "never"])
    assert fc.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "b"}]
    refused(lambda: fc.list_tags_for_resource(ResourceArn=arn + "x"), fc.exceptions.ResourceNotFoundException)
    server.stop()
