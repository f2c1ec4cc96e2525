"""What the public sample notebooks do around the service: a role, a bucket, roles' policies, the path, the clean-up."""

import json

import steps
from steps import Path, gone
from harness import ACCOUNT


def test_notebook(setup):
    server = setup.server()
    iam, sts = server.client("iam"), server.client("sts")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "forecast.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="ForecastNotebookRole", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    assert role == f"arn:aws:iam::{ACCOUNT}:role/ForecastNotebookRole", role
    try:
        iam.create_role(RoleName="ForecastNotebookRole", AssumeRolePolicyDocument=json.dumps(trust))
        raise AssertionError("the role was made twice")
    except iam.exceptions.EntityAlreadyExistsException:
        assert iam.get_role(RoleName="ForecastNotebookRole")["Role"]["Arn"] == role
    policies = ("arn:aws:iam::aws:policy/AmazonForecastFullAccess", "arn:aws:iam::aws:policy/AmazonS3FullAccess")
    for policy in policies:
        iam.attach_role_policy(RoleName="ForecastNotebookRole", PolicyArn=policy)
    attached = {a["PolicyArn"] for a in iam.list_attached_role_policies(RoleName="ForecastNotebookRole")["AttachedPolicies"]}
    assert attached == set(policies), attached
    assert sts.get_caller_identity()["Account"] == ACCOUNT

    p = Path(setup, server, "notebook")
    local = setup.folder / "notebook.csv"
    local.write_bytes(b"".join(steps.generated(items=8, days=100).splitlines(keepends=True)[1:]))  # without a header
    p.s3.create_bucket(Bucket=p.bucket)
    p.s3.upload_file(str(local), p.bucket, "train.csv")
    p.dataset("D")
    arn = p.start_import(TimestampFormat="yyyy-MM-dd")
    steps.settled(p.fc.describe_dataset_import_job, DatasetImportJobArn=arn)
    trained = p.auto_predictor(10, "D")
    forecast = p.forecast(trained["PredictorArn"])
    header, body = p.exported(forecast["ForecastArn"])
    assert len(body) == 8 * 10

    p.fc.delete_resource_tree(ResourceArn=p.group_arn)
    gone(p.fc.describe_dataset_group, p.fc.exceptions.ResourceNotFoundException, DatasetGroupArn=p.group_arn)
    p.fc.delete_resource_tree(ResourceArn=p.dataset_arn)
    gone(p.fc.describe_dataset, p.fc.exceptions.ResourceNotFoundException, DatasetArn=p.dataset_arn)
    for policy in policies:
        iam.detach_role_policy(RoleName="ForecastNotebookRole", PolicyArn=policy)
    iam.delete_role(RoleName="ForecastNotebookRole")
    for key in p.keys(""):
        p.s3.delete_object(Bucket=p.bucket, Key=key)
    p.s3.delete_bucket(Bucket=p.bucket)
    server.stop()
