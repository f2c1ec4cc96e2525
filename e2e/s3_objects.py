#!/usr/bin/env python3
"""Drive the S3 API of a running server with boto3, as programs do.

The server's address and the credentials come from the environment
(AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_DEFAULT_REGION). Every check prints its name; the first that fails ends the
program with a status other than zero. With --all, all are run and counted.
"""

import concurrent.futures
import hashlib
import io
import os
import random
import sys
import tempfile
import traceback
import urllib.error
import urllib.request
import uuid

import boto3
import boto3.s3.transfer
import botocore.client
import botocore.exceptions

BUCKET = "e2e-" + uuid.uuid4().hex[:12]
MANY = int(os.environ.get("S3_MANY_KEYS", "3000"))
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def data(size, seed=1):
    return random.Random(seed).randbytes(size)


def client(**config):
    return boto3.client("s3", config=botocore.client.Config(**config))


s3 = client()


def code_of(call, *args, **kwargs):
    """The error code of a call that must fail."""
    try:
        call(*args, **kwargs)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError("the call succeeded")


@check
def buckets():
    assert code_of(s3.head_bucket, Bucket=BUCKET) == "404"
    s3.create_bucket(Bucket=BUCKET)
    s3.head_bucket(Bucket=BUCKET)
    assert BUCKET in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    location = s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"]
    assert location is None or isinstance(location, str)
    assert code_of(s3.create_bucket, Bucket="Bad_Name" * 9) in ("InvalidBucketName",)
    assert code_of(s3.list_objects_v2, Bucket=BUCKET + "-none") == "NoSuchBucket"
    other = BUCKET + "-2"
    s3.create_bucket(Bucket=other, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.delete_bucket(Bucket=other)
    assert code_of(s3.delete_bucket, Bucket=other) == "NoSuchBucket"


@check
def put_get_head_delete():
    body = b"item_id,timestamp,target_value\n" * 100
    put = s3.put_object(Bucket=BUCKET, Key="small/a.csv", Body=body, ContentType="text/csv", Metadata={"color": "blue", "Size": "x y"})
    md5 = hashlib.md5(body).hexdigest()
    assert put["ETag"] == f'"{md5}"', put["ETag"]
    got = s3.get_object(Bucket=BUCKET, Key="small/a.csv")
    assert got["Body"].read() == body
    assert got["ContentType"] == "text/csv", got["ContentType"]
    assert got["Metadata"] == {"color": "blue", "size": "x y"}, got["Metadata"]
    head = s3.head_object(Bucket=BUCKET, Key="small/a.csv")
    assert head["ContentLength"] == len(body) and head["ETag"] == put["ETag"]
    assert code_of(s3.get_object, Bucket=BUCKET, Key="none") == "NoSuchKey"
    assert code_of(s3.head_object, Bucket=BUCKET, Key="none") == "404"
    s3.put_object(Bucket=BUCKET, Key="small/empty")
    assert s3.get_object(Bucket=BUCKET, Key="small/empty")["Body"].read() == b""
    assert code_of(s3.delete_bucket, Bucket=BUCKET) == "BucketNotEmpty"
    s3.delete_object(Bucket=BUCKET, Key="small/empty")
    s3.delete_object(Bucket=BUCKET, Key="small/empty")
    assert code_of(s3.head_object, Bucket=BUCKET, Key="small/empty") == "404"


@check
def conditions_and_ranges():
    body = data(100_000)
    etag = s3.put_object(Bucket=BUCKET, Key="range", Body=body)["ETag"]

    def ranged(spec, **more):
        answer = s3.get_object(Bucket=BUCKET, Key="range", Range=spec, **more)
        return answer["Body"].read(), answer["ContentRange"], answer["ResponseMetadata"]["HTTPStatusCode"]

    assert ranged("bytes=10-19") == (body[10:20], "bytes 10-19/100000", 206)
    assert ranged("bytes=99990-") == (body[99990:], "bytes 99990-99999/100000", 206)
    assert ranged("bytes=-5") == (body[-5:], "bytes 99995-99999/100000", 206)
    assert ranged("bytes=99990-200000")[0] == body[99990:]
    assert ranged("bytes=0-0", IfMatch=etag)[0] == body[:1]
    assert code_of(s3.get_object, Bucket=BUCKET, Key="range", Range="bytes=100000-") == "InvalidRange"
    assert code_of(s3.get_object, Bucket=BUCKET, Key="range", IfNoneMatch=etag) == "304"
    assert code_of(s3.get_object, Bucket=BUCKET, Key="range", IfMatch='"no"') == "PreconditionFailed"
    assert code_of(s3.put_object, Bucket=BUCKET, Key="range", Body=b"", IfNoneMatch="*") == "PreconditionFailed"


@check
def checksums():
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        key = f"sum/{algorithm}"
        put = s3.put_object(Bucket=BUCKET, Key=key, Body=b"hello", ChecksumAlgorithm=algorithm)
        got = s3.get_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")
        assert got["Body"].read() == b"hello"
        assert got["Checksum" + algorithm] == put["Checksum" + algorithm]
    assert code_of(s3.put_object, Bucket=BUCKET, Key="sum/bad", Body=b"hello", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==") == "BadDigest"
    assert code_of(s3.put_object, Bucket=BUCKET, Key="sum/bad", Body=b"hello", ChecksumCRC32="AAAAAA==") == "BadDigest"
    assert code_of(s3.head_object, Bucket=BUCKET, Key="sum/bad") == "404"


@check
def transfer_20_mb():
    body = data(20 << 20)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "big.bin")
        with open(path, "wb") as f:
            f.write(body)
        s3.upload_file(path, BUCKET, "big/big.bin", ExtraArgs={"Metadata": {"kind": "big"}})
        back = os.path.join(folder, "back.bin")
        s3.download_file(BUCKET, "big/big.bin", back)
        with open(back, "rb") as f:
            assert f.read() == body
    head = s3.head_object(Bucket=BUCKET, Key="big/big.bin")
    assert head["ContentLength"] == len(body) and head["Metadata"] == {"kind": "big"}
    assert head["ETag"].endswith('-3"'), head["ETag"]
    for at in (0, (8 << 20) - 5, (16 << 20) - 5, len(body) - 10):
        got = s3.get_object(Bucket=BUCKET, Key="big/big.bin", Range=f"bytes={at}-{at + 9}")["Body"].read()
        assert got == body[at : at + 10], at
    s3.upload_fileobj(io.BytesIO(body[: 9 << 20]), BUCKET, "big/stream")
    assert s3.get_object(Bucket=BUCKET, Key="big/stream")["Body"].read() == body[: 9 << 20]


@check
def multipart_by_hand():
    key = "parts/x"
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key, ContentType="text/plain")["UploadId"]
    first, second = data(5 << 20, 2), b"the end"
    two = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=2, Body=second)["ETag"]
    one = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=first)["ETag"]
    listed = s3.list_parts(Bucket=BUCKET, Key=key, UploadId=upload)["Parts"]
    assert [(p["PartNumber"], p["Size"], p["ETag"]) for p in listed] == [(1, len(first), one), (2, len(second), two)]
    assert upload in [u["UploadId"] for u in s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]]
    assert code_of(s3.head_object, Bucket=BUCKET, Key=key) == "404"

    def complete(*parts):
        return s3.complete_multipart_upload(
            Bucket=BUCKET, Key=key, UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": n, "ETag": e} for n, e in parts]})

    assert code_of(complete, (2, two), (1, one)) == "InvalidPartOrder"
    assert code_of(complete, (1, one), (3, two)) == "InvalidPart"
    done = complete((1, one), (2, two))
    want = hashlib.md5(hashlib.md5(first).digest() + hashlib.md5(second).digest()).hexdigest() + "-2"
    assert done["ETag"] == f'"{want}"', done["ETag"]
    got = s3.get_object(Bucket=BUCKET, Key=key)
    assert got["Body"].read() == first + second and got["ContentType"] == "text/plain"
    other = s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    s3.upload_part(Bucket=BUCKET, Key=key, UploadId=other, PartNumber=1, Body=b"x")
    s3.abort_multipart_upload(Bucket=BUCKET, Key=key, UploadId=other)
    assert code_of(s3.list_parts, Bucket=BUCKET, Key=key, UploadId=other) == "NoSuchUpload"
    assert s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []


@check
def copies():
    s3.put_object(Bucket=BUCKET, Key="copy/from ü+&.txt", Body=b"copied", ContentType="text/x", Metadata={"a": "1"})
    source = {"Bucket": BUCKET, "Key": "copy/from ü+&.txt"}
    s3.copy_object(Bucket=BUCKET, Key="copy/to", CopySource=source)
    got = s3.get_object(Bucket=BUCKET, Key="copy/to")
    assert got["Body"].read() == b"copied" and got["ContentType"] == "text/x" and got["Metadata"] == {"a": "1"}
    s3.copy_object(Bucket=BUCKET, Key="copy/to", CopySource=source, MetadataDirective="REPLACE", ContentType="text/y", Metadata={"b": "2"})
    got = s3.head_object(Bucket=BUCKET, Key="copy/to")
    assert got["ContentType"] == "text/y" and got["Metadata"] == {"b": "2"}
    s3.copy(source, BUCKET, "copy/managed")
    assert s3.get_object(Bucket=BUCKET, Key="copy/managed")["Body"].read() == b"copied"
    assert code_of(s3.copy_object, Bucket=BUCKET, Key="copy/x", CopySource={"Bucket": BUCKET, "Key": "none"}) == "NoSuchKey"
    body = data(11 << 20, 3)
    s3.put_object(Bucket=BUCKET, Key="copy/large", Body=body)
    small = boto3.s3.transfer.TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    s3.copy({"Bucket": BUCKET, "Key": "copy/large"}, BUCKET, "copy/large2", Config=small)
    assert s3.get_object(Bucket=BUCKET, Key="copy/large2")["Body"].read() == body


@check
def listing():
    keys = sorted(f"many/{i % 7}/{i:05d} ü&+%.csv" for i in range(MANY))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda k: s3.put_object(Bucket=BUCKET, Key=k, Body=b"x"), keys))
    for call in ("list_objects_v2", "list_objects"):
        pages = list(s3.get_paginator(call).paginate(Bucket=BUCKET, Prefix="many/"))
        got = [o["Key"] for page in pages for o in page.get("Contents", [])]
        assert got == keys, (call, len(got))
        assert len(pages) == -(-MANY // 1000), (call, len(pages))
        assert all(o["Size"] == 1 and o["ETag"].startswith('"') for page in pages for o in page["Contents"])
        pages = s3.get_paginator(call).paginate(Bucket=BUCKET, Prefix="many/", Delimiter="/", PaginationConfig={"PageSize": 3})
        folders = [p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])]
        assert folders == [f"many/{i}/" for i in range(7)], (call, folders)
    page = s3.list_objects_v2(Bucket=BUCKET, Prefix="many/", StartAfter=keys[9], MaxKeys=5)
    assert [o["Key"] for o in page["Contents"]] == keys[10:15]
    assert page["IsTruncated"] and page["KeyCount"] == 5 and page["MaxKeys"] == 5
    page = s3.list_objects_v2(Bucket=BUCKET, Prefix="many/", Delimiter="/", MaxKeys=0)
    assert page["KeyCount"] == 0 and not page["IsTruncated"]
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="nothing")["KeyCount"] == 0
    page = s3.list_objects_v2(Bucket=BUCKET, Delimiter="/")
    assert "many/" in [p["Prefix"] for p in page["CommonPrefixes"]]
    assert code_of(s3.list_objects_v2, Bucket=BUCKET, ContinuationToken="nonsense!") == "InvalidArgument"


@check
def delete_objects():
    keys = [o["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="many/") for o in page["Contents"]]
    for i in range(0, len(keys), 1000):
        gone = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": k} for k in keys[i : i + 1000]]})
        assert len(gone["Deleted"]) == len(keys[i : i + 1000]) and "Errors" not in gone
    quiet = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "none"}], "Quiet": True})
    assert "Deleted" not in quiet and "Errors" not in quiet
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="many/")["KeyCount"] == 0


@check
def presigned():
    for version in ("s3v4", "s3"):
        signer = client(signature_version=version)
        url = signer.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "signed/a b"}, ExpiresIn=60)
        request = urllib.request.Request(url, data=b"signed body", method="PUT", headers={"Content-Type": ""})
        assert urllib.request.urlopen(request).status == 200
        url = signer.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "signed/a b", "ResponseContentType": "text/z"}, ExpiresIn=60)
        with urllib.request.urlopen(url) as answer:
            assert answer.read() == b"signed body" and answer.headers["Content-Type"] == "text/z"
        try:
            urllib.request.urlopen(url.replace("Signature=", "Signature=0"))
            if os.environ.get("S3_OPEN_MODE") != "1":
                raise AssertionError("a false signature was accepted")
        except urllib.error.HTTPError as error:
            assert error.code == 403 and b"SignatureDoesNotMatch" in error.read()


@check
def keys_in_the_way_of_each_other():
    for key in ("way", "way/", "way/x", "way/x/y", "../way", "a//b", "./c"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    for key in ("way", "way/", "way/x", "way/x/y", "../way", "a//b", "./c"):
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == key.encode(), key
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET, Prefix="way")["Contents"]] == ["way", "way/", "way/x", "way/x/y"]


@check
def concurrent_writers():
    bodies = [bytes([65 + i]) * (100_000 + i) for i in range(8)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: s3.put_object(Bucket=BUCKET, Key="race", Body=bodies[i % 8]), range(80)))
    got = s3.get_object(Bucket=BUCKET, Key="race")
    body = got["Body"].read()
    assert body in bodies and got["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'


@check
def settings_of_buckets():
    assert s3.get_bucket_acl(Bucket=BUCKET)["Grants"]
    assert code_of(s3.get_bucket_policy, Bucket=BUCKET) == "NoSuchBucketPolicy"
    policy = '{"Version": "2012-10-17", "Statement": []}'
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    assert s3.get_bucket_policy(Bucket=BUCKET)["Policy"] == policy
    s3.delete_bucket_policy(Bucket=BUCKET)
    assert code_of(s3.get_bucket_policy, Bucket=BUCKET) == "NoSuchBucketPolicy"
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]["BlockPublicAcls"]
    assert code_of(s3.get_bucket_tagging, Bucket=BUCKET) == "NoSuchTagSet"
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    assert s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"] == [{"Key": "k", "Value": "v"}]
    assert "Status" not in s3.get_bucket_versioning(Bucket=BUCKET)
    assert code_of(s3.get_bucket_encryption, Bucket=BUCKET) == "ServerSideEncryptionConfigurationNotFoundError"
    assert code_of(s3.put_bucket_versioning, Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}) == "NotImplemented"


@check
def resource_interface():
    bucket = boto3.resource("s3").Bucket(BUCKET)
    bucket.Object("res/a.csv").put(Body=b"1")
    bucket.upload_fileobj(io.BytesIO(b"2"), "res/b.csv")
    assert [o.key for o in bucket.objects.filter(Prefix="res/")] == ["res/a.csv", "res/b.csv"]
    bucket.objects.all().delete()
    bucket.delete()
    assert code_of(s3.head_bucket, Bucket=BUCKET) == "404"


def main():
    failed = 0
    for function in CHECKS:
        try:
            function()
            print("ok  ", function.__name__, flush=True)
        except Exception:  # noqa: BLE001 - every failure is reported the same way
            failed += 1
            traceback.print_exc()
            print("FAIL", function.__name__, flush=True)
            if "--all" not in sys.argv:
                break
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
