"""Listing: pages, filters, order, tokens."""

import botocore.exceptions

import steps
from steps import Path, settled


def test_groups(setup):
    server = setup.server()
    fc = server.client("forecast")
    names = [f"group_{i:03d}" for i in range(57)]
    for name in names:
        fc.create_dataset_group(DatasetGroupName=name, Domain="RETAIL")
    pages = list(fc.get_paginator("list_dataset_groups").paginate(PaginationConfig={"PageSize": 10}))
    assert [len(p["DatasetGroups"]) for p in pages] == [10, 10, 10, 10, 10, 7], [len(p["DatasetGroups"]) for p in pages]
    assert [g["DatasetGroupName"] for p in pages for g in p["DatasetGroups"]] == names[::-1], "not newest first"
    first = fc.list_dataset_groups(MaxResults=10)
    for bad in (dict(NextToken="nonsense"), dict(NextToken=first["NextToken"][:-2] + "AA")):
        try:
            fc.list_dataset_groups(MaxResults=10, **bad)
            raise AssertionError("a token that was never given out was accepted")
        except fc.exceptions.InvalidNextTokenException:
            pass
    try:
        server.client("forecast", region="us-west-2").list_dataset_groups(NextToken=first["NextToken"])
        raise AssertionError("a token of another region was accepted")
    except fc.exceptions.InvalidNextTokenException:
        pass
    for more in (0, 101):
        try:
            fc.list_dataset_groups(MaxResults=more)
            raise AssertionError(f"MaxResults={more} was accepted")
        except (botocore.exceptions.ParamValidationError, botocore.exceptions.ClientError):
            pass
    server.stop()


def test_import_jobs(setup):
    """Every filter of ListDatasetImportJobs, over two datasets with good and bad jobs."""
    server = setup.server()
    a, b = Path(setup, server, "lista"), Path(setup, server, "listb")
    data = steps.generated(items=2, days=30)
    arns = {}
    for p in (a, b):
        p.dataset("D")
        p.upload(data)
        p.upload(b"item_id,timestamp,target_value\nx,y,z\n", "bad.csv")
        arns[p] = []
        for i in range(3):
            arn = p.start_import(f"good{i}", TimestampFormat="yyyy-MM-dd")
            settled(p.fc.describe_dataset_import_job, DatasetImportJobArn=arn)
            arns[p].append(arn)
        arn = p.start_import("bad", "bad.csv", TimestampFormat="yyyy-MM-dd")
        settled(p.fc.describe_dataset_import_job, wanted="CREATE_FAILED", DatasetImportJobArn=arn)
        arns[p].append(arn)
    fc = a.fc

    def listed(size, *filters):
        filters = [dict(zip(("Condition", "Key", "Value"), f)) for f in filters]
        pages = fc.get_paginator("list_dataset_import_jobs").paginate(Filters=filters, PaginationConfig={"PageSize": size})
        return [j["DatasetImportJobArn"] for page in pages for j in page["DatasetImportJobs"]]

    newest = arns[b][::-1] + arns[a][::-1]
    for size in (1, 3, 100):
        assert listed(size) == newest
        assert listed(size, ("IS", "DatasetArn", a.dataset_arn)) == arns[a][::-1]
        assert listed(size, ("IS_NOT", "DatasetArn", a.dataset_arn)) == arns[b][::-1]
        assert listed(size, ("IS", "Status", "CREATE_FAILED")) == [arns[b][3], arns[a][3]]
        assert listed(size, ("IS_NOT", "Status", "CREATE_FAILED"), ("IS", "DatasetArn", b.dataset_arn)) == arns[b][2::-1]
    for bad in (("IS", "Colour", "red"), ("LIKE", "Status", "ACTIVE")):
        try:
            listed(10, bad)
            raise AssertionError(f"the filter {bad} was accepted")
        except botocore.exceptions.ClientError as e:
            assert e.response["Error"]["Code"] in ("InvalidInputException", "ValidationException"), e
    server.stop()
