"""Every part does its real work for the client library docbeam uses."""

from __future__ import annotations

import asyncio
import json
import tomllib
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import boto3
import pymongo
import pytest
import redis
from botocore.exceptions import ClientError
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, storage
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from config.settings import Settings
from devstack.endpoints import Endpoints
from devstack.stack import USUAL
from tests.conftest import DATABASES

pytestmark = pytest.mark.stack


def test_kafka_gives_back_what_was_sent_up_to_the_largest_message(stack: Endpoints) -> None:
    admin = KafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap)
    admin.create_topics([NewTopic("echo", num_partitions=2, replication_factor=1)])
    admin.close()
    large = b"x" * Settings().kafka.max_message_bytes
    producer = KafkaProducer(bootstrap_servers=stack.kafka_bootstrap, max_request_size=len(large) + 1000)
    producer.send("echo", key=b"a", value=b"small", headers=[("h", b"1")], partition=1).get(30)
    producer.send("echo", key=b"b", value=large, partition=1).get(30)
    producer.close()

    consumer = KafkaConsumer(bootstrap_servers=stack.kafka_bootstrap, consumer_timeout_ms=20_000)
    place = TopicPartition("echo", 1)
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    first, second = next(consumer), next(consumer)
    consumer.close()

    assert (first.key, first.value, first.headers) == (b"a", b"small", [("h", b"1")])
    assert (second.key, second.value) == (b"b", large)


def test_kafka_makes_no_topic_by_itself(stack: Endpoints) -> None:
    producer = KafkaProducer(bootstrap_servers=stack.kafka_bootstrap, max_block_ms=3000)
    with pytest.raises(Exception, match=r"(?i)metadata|unknown|timeout"):
        producer.send("a-typo", b"x").get(5)
    producer.close()
    admin = KafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap)
    assert "a-typo" not in admin.list_topics()
    admin.close()


def test_registry_keeps_a_schema_and_refuses_an_incompatible_one(stack: Endpoints) -> None:
    def schema(kind: str) -> str:
        return json.dumps({"type": "record", "name": "R", "fields": [{"name": "n", "type": kind}]})

    subject = f"{stack.registry_url}/subjects/probe-value/versions"
    registered = _ask(subject, {"schema": schema("int")})
    assert isinstance(registered, dict)
    found = _ask(f"{stack.registry_url}/schemas/ids/{registered['id']}")
    assert isinstance(found, dict)
    assert json.loads(found["schema"]) == json.loads(schema("int"))
    with pytest.raises(urllib.error.HTTPError) as refused:
        _ask(subject, {"schema": schema("string")})
    assert refused.value.code == 409


def test_bigquery_answers_a_query_over_inserted_rows(stack: Endpoints) -> None:
    client = bigquery.Client(
        project=stack.bigquery_project,
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": stack.bigquery_endpoint},
    )
    client.create_dataset("probe")
    part = bigquery.SchemaField("parts", "RECORD", mode="REPEATED", fields=[bigquery.SchemaField("page", "INTEGER")])
    table = client.create_table(
        bigquery.Table(f"{stack.bigquery_project}.probe.rows", [bigquery.SchemaField("id", "STRING"), part])
    )
    assert client.insert_rows_json(table, [{"id": "a", "parts": [{"page": 1}, {"page": 2}]}, {"id": "b"}]) == []
    rows = client.query(
        "select id, (select sum(p.page) from unnest(parts) p) as pages from probe.rows order by id"
    ).result()
    assert [(row["id"], row["pages"]) for row in rows] == [("a", 3), ("b", None)]
    client.close()


def test_gcs_keeps_an_object(stack: Endpoints) -> None:
    client = storage.Client(
        project="docbeam", credentials=AnonymousCredentials(), client_options={"api_endpoint": stack.gcs_endpoint}
    )
    client.create_bucket("probe").blob("in/form.pdf").upload_from_string(b"%PDF-1", content_type="application/pdf")
    blob = client.bucket("probe").get_blob("in/form.pdf")
    assert blob is not None
    assert blob.download_as_bytes() == b"%PDF-1"
    assert client.bucket("probe").get_blob("in/other.pdf") is None


def test_s3_keeps_an_object_and_holds_a_condition(stack: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    assert client.meta.endpoint_url == stack.s3_endpoint
    client.create_bucket(Bucket="probe")
    tag = client.put_object(Bucket="probe", Key="in/form.pdf", Body=b"%PDF-1")["ETag"]
    assert client.get_object(Bucket="probe", Key="in/form.pdf", IfMatch=tag)["Body"].read() == b"%PDF-1"
    with pytest.raises(ClientError, match="PreconditionFailed"):
        client.get_object(Bucket="probe", Key="in/form.pdf", IfMatch='"other"')


def test_prism_is_the_pinned_binary(stack: Endpoints) -> None:
    assert stack.prism.is_file()
    assert stack.prism.stat().st_mode & 0o111


def test_the_settings_file_is_valid_and_names_every_part(stack: Endpoints) -> None:
    settings = Settings.model_validate(tomllib.loads(stack.settings_file.read_text(encoding="utf-8")))
    assert settings.kafka.bootstrap == stack.kafka_bootstrap
    assert settings.registry.url == stack.registry_url
    assert settings.bigquery.endpoint == stack.bigquery_endpoint
    assert settings.bigquery.project == stack.bigquery_project
    assert settings.documents.gcs_endpoint == stack.gcs_endpoint
    assert settings.documents.s3_endpoint == stack.s3_endpoint
    assert settings.runner.prism == stack.prism
    assert set(stack.offers) == {*USUAL, *DATABASES}


def _ask(url: str, body: object = None) -> object:
    content = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, content, {"Content-Type": "application/vnd.schemaregistry.v1+json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_a_document_that_many_change_at_once_is_changed_by_one(stack: Endpoints) -> None:
    """What disqualified other stand-ins for MongoDB."""
    with pymongo.MongoClient(stack.mongo_url) as client:
        client.probe.things.insert_many([{"_id": number, "state": "new"} for number in range(40)])

        def take(number: int) -> int:
            change = {"$set": {"state": "taken"}}
            return client.probe.things.update_one({"_id": number % 40, "state": "new"}, change).modified_count

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(take, range(320))) == 40


def test_redis_and_postgres_answer_their_clients(stack: Endpoints) -> None:
    with redis.from_url(stack.redis_url) as cache:
        cache.set("probe", b"\x00\xff", ex=60)
        assert cache.get("probe") == b"\x00\xff"

    async def ask() -> str:
        connection = await asyncpg.connect(stack.postgres_url)
        try:
            return str(await connection.fetchval("SELECT version()"))
        finally:
            await connection.close()

    assert asyncio.run(ask()).startswith("PostgreSQL 18")
