"""What `ingest` does with one order, in Python: the key is looked up, the fact is stored. Started by the cold-start bench."""

import base64
import hashlib
import http.client
import json
import os

import boto3
from botocore.config import Config

RUNTIME = "/2018-06-01/runtime/invocation"
dynamodb = boto3.client("dynamodb", config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3}))


def shop_of(authorization):
    kind, _, credentials = authorization.partition(" ")
    key = base64.b64decode(credentials).decode().partition(":")[0] if kind == "Basic" else credentials
    digest = hashlib.sha256(key.encode()).hexdigest()
    found = dynamodb.get_item(
        TableName=os.environ["TABLE_SHOPS"],
        Key={"pk": {"S": "key#" + digest}, "sk": {"S": "key"}},
        ReturnConsumedCapacity="TOTAL",
    )
    return found["Item"]["shop"]["S"] if "Item" in found else None


def handle(event):
    shop = shop_of(event["headers"]["authorization"])
    if shop is None:
        return {"statusCode": 401, "body": "{}"}
    posted = json.loads(event["body"])
    properties = posted["properties"]
    if posted["type"] != "track" or not posted["userId"] or float(properties["total"]) < 0:
        return {"statusCode": 400, "body": "{}"}
    customer = "cust#" + shop + "#" + hashlib.sha256(posted["userId"].encode()).hexdigest()
    fact = {"event": posted["event"], "message_id": posted["messageId"], "at": posted["timestamp"], "order": properties}
    item = {"pk": {"S": customer}, "sk": {"S": "order#" + posted["timestamp"]}, "fact": {"S": json.dumps(fact)}}
    requests = {os.environ["TABLE_ACTIVITY"]: [{"PutRequest": {"Item": item}}]}
    while requests:
        requests = dynamodb.batch_write_item(RequestItems=requests, ReturnConsumedCapacity="TOTAL")["UnprocessedItems"]
    answer = {"success": True, "accepted": 1, "rejected": [], "warnings": []}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(answer)}


def main():
    runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        runtime.request("GET", RUNTIME + "/next")
        invocation = runtime.getresponse()
        event = json.loads(invocation.read())
        request_id = invocation.headers["lambda-runtime-aws-request-id"]
        body = json.dumps(handle(event))
        runtime.request("POST", f"{RUNTIME}/{request_id}/response", body, {"content-type": "application/json"})
        runtime.getresponse().read()


main()
