#!/usr/bin/env python3
"""Drive the IAM and STS calls of a running server with boto3, as programs do
before they use the service.

The server's address and the credentials come from the environment
(AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_DEFAULT_REGION). The first check that fails ends the program with a status
other than zero.
"""

import json
import uuid

import boto3
import botocore.exceptions

NAME = "E2eRole-" + uuid.uuid4().hex[:8]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "forecast.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
FULL = "arn:aws:iam::aws:policy/AmazonForecastFullAccess"
S3 = "arn:aws:iam::aws:policy/AmazonS3FullAccess"


def code_of(call, **kwargs):
    """The error code of a call that must fail."""
    try:
        call(**kwargs)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError("the call succeeded")


def roles(iam, account):
    try:
        iam.get_role(RoleName=NAME)
        raise AssertionError("there is a role that nobody made")
    except iam.exceptions.NoSuchEntityException:
        pass
    made = iam.create_role(
        RoleName=NAME, AssumeRolePolicyDocument=json.dumps(TRUST), Description="made by a test",
        Tags=[{"Key": "team", "Value": "demand"}])["Role"]
    assert made["Arn"] == f"arn:aws:iam::{account}:role/{NAME}", made["Arn"]
    assert made["AssumeRolePolicyDocument"] == TRUST, made["AssumeRolePolicyDocument"]
    assert made["RoleId"].startswith("AROA") and made["Path"] == "/"
    try:
        iam.create_role(RoleName=NAME.upper(), AssumeRolePolicyDocument=json.dumps(TRUST))
        raise AssertionError("two roles differ in case only")
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    got = iam.get_role(RoleName=NAME)["Role"]
    assert got["CreateDate"] == made["CreateDate"] and got["Description"] == "made by a test"
    assert got["Tags"] == [{"Key": "team", "Value": "demand"}] and got["MaxSessionDuration"] == 3600
    assert NAME in [r["RoleName"] for page in iam.get_paginator("list_roles").paginate() for r in page["Roles"]]
    iam.get_waiter("role_exists").wait(RoleName=NAME)

    assert iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"] == []
    for arn in (FULL, S3, FULL):
        iam.attach_role_policy(RoleName=NAME, PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    assert [p["PolicyName"] for p in attached] == ["AmazonForecastFullAccess", "AmazonS3FullAccess"], attached
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=NAME, PolicyName="inline", PolicyDocument=json.dumps(document))
    assert iam.get_role_policy(RoleName=NAME, PolicyName="inline")["PolicyDocument"] == document
    assert iam.list_role_policies(RoleName=NAME)["PolicyNames"] == ["inline"]

    own = iam.create_policy(PolicyName=NAME, PolicyDocument=json.dumps(document))["Policy"]
    assert own["Arn"] == f"arn:aws:iam::{account}:policy/{NAME}"
    iam.attach_role_policy(RoleName=NAME, PolicyArn=own["Arn"])
    assert iam.get_policy(PolicyArn=own["Arn"])["Policy"]["AttachmentCount"] == 1
    assert iam.get_policy_version(PolicyArn=own["Arn"], VersionId="v1")["PolicyVersion"]["Document"] == document
    assert code_of(iam.delete_policy, PolicyArn=own["Arn"]) == "DeleteConflict"
    assert code_of(iam.attach_role_policy, RoleName=NAME, PolicyArn=own["Arn"] + "x") == "NoSuchEntity"


def errors(iam):
    assert code_of(iam.create_role, RoleName="no spaces", AssumeRolePolicyDocument=json.dumps(TRUST)) == "ValidationError"
    assert code_of(iam.create_role, RoleName="x" * 65, AssumeRolePolicyDocument=json.dumps(TRUST)) == "ValidationError"
    assert code_of(iam.create_role, RoleName="x", AssumeRolePolicyDocument="{") == "MalformedPolicyDocument"
    assert code_of(iam.delete_role, RoleName=NAME) == "DeleteConflict"
    assert code_of(iam.detach_role_policy, RoleName=NAME, PolicyArn="arn:aws:iam::aws:policy/Other") == "NoSuchEntity"
    assert code_of(iam.delete_role_policy, RoleName=NAME, PolicyName="none") == "NoSuchEntity"
    assert code_of(iam.list_groups) == "InvalidAction"


def temporary(sts, account):
    taken = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{NAME}", RoleSessionName="test", DurationSeconds=900)
    keys = taken["Credentials"]
    arn = f"arn:aws:sts::{account}:assumed-role/{NAME}/test"
    assert taken["AssumedRoleUser"]["Arn"] == arn
    session = boto3.Session(
        aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])
    me = session.client("sts").get_caller_identity()
    assert me["Account"] == account and me["Arn"] == arn, me
    session.client("s3").list_buckets()
    assert code_of(sts.assume_role, RoleArn=f"arn:aws:iam::{account}:role/None-{NAME}", RoleSessionName="test") == "AccessDenied"
    assert code_of(sts.assume_role, RoleArn=f"arn:aws:iam::{account}:role/{NAME}", RoleSessionName="test", DurationSeconds=43200) == "ValidationError"


def tidy_up(iam, account):
    for policy in iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=NAME, PolicyArn=policy["PolicyArn"])
    for name in iam.list_role_policies(RoleName=NAME)["PolicyNames"]:
        iam.delete_role_policy(RoleName=NAME, PolicyName=name)
    iam.delete_policy(PolicyArn=f"arn:aws:iam::{account}:policy/{NAME}")
    iam.delete_role(RoleName=NAME)
    assert code_of(iam.get_role, RoleName=NAME) == "NoSuchEntity"
    assert code_of(iam.delete_role, RoleName=NAME) == "NoSuchEntity"


def main():
    sts, iam = boto3.client("sts"), boto3.client("iam")
    me = sts.get_caller_identity()
    account = me["Account"]
    assert len(account) == 12 and account.isdigit() and me["Arn"] == f"arn:aws:iam::{account}:root", me
    roles(iam, account)
    errors(iam)
    temporary(sts, account)
    tidy_up(iam, account)
    print("ok")


if __name__ == "__main__":
    main()
