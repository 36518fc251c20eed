"""Every setting there is, with its default, unit and meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

ObjectPrefix = Annotated[str, StringConstraints(pattern=r"^(gs|s3|https|file)://.+")]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KafkaSettings(_Section):
    """Brokers, topics, group, and how to log in."""

    bootstrap: str = Field("127.0.0.1:9092", description="host:port, comma-separated")
    requests_topic: str = "docbeam.requests"
    results_topic: str = "docbeam.results"
    dead_letters_topic: str = "docbeam.dead-letters"
    corrections_topic: str = Field("docbeam.corrections", description="what people said of fields, from the gateway")
    group: str = Field("docbeam", description="consumer group whose lag is the unfinished work")
    start: Literal["earliest", "latest"] = Field("earliest", description="where a group without offsets starts")
    partitions: int = Field(4, ge=1, description="of topics that `docbeam topics create` makes")
    replication: int = Field(1, ge=1, description="of topics that `docbeam topics create` makes")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI"] | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    sasl_kerberos_service_name: str = "kafka"
    sasl_kerberos_domain_name: str | None = None
    oauth_token_url: str | None = Field(None, description="client-credentials endpoint for OAUTHBEARER")
    oauth_client_id: str | None = None
    oauth_client_secret: SecretStr | None = None
    oauth_scope: str | None = None
    ssl_cafile: Path | None = None
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    ssl_keyfile_password: SecretStr | None = None
    max_message_bytes: int = Field(
        6_000_000, ge=65_536, description="largest record that is taken or written: key, headers, value and frame"
    )
    max_unpacked_bytes: int = Field(
        64_000_000, ge=1_000_000, description="to which one compressed batch of records is unpacked"
    )
    delivery_seconds: float = Field(
        120, ge=1, description="for the brokers to take one record; then the job starts anew and reads it again"
    )

    @model_validator(mode="after")
    def _login_is_whole(self) -> KafkaSettings:
        if self.security_protocol.startswith("SASL") and self.sasl_mechanism is None:
            raise ValueError("security_protocol SASL_* needs sasl_mechanism")
        if self.sasl_mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512") and not (
            self.sasl_username and self.sasl_password
        ):
            raise ValueError(f"{self.sasl_mechanism} needs sasl_username and sasl_password")
        if self.sasl_mechanism == "OAUTHBEARER" and not (
            self.oauth_token_url and self.oauth_client_id and self.oauth_client_secret
        ):
            raise ValueError("OAUTHBEARER needs oauth_token_url, oauth_client_id and oauth_client_secret")
        return self


class SourceSettings(_Section):
    """How requests are taken from Kafka."""

    poll_records: int = Field(8, ge=1, description="records a partition hands over at once")
    poll_seconds: float = Field(
        5, gt=0, le=30, description="longest wait for requests where none come; Flink's checkpoints wait as long"
    )
    idle_seconds: int = Field(
        1, ge=1, description="pause where the broker cannot be read; whole seconds, Flink drops fractions"
    )
    max_in_flight: int = Field(8, ge=1, description="unfinished records a partition may have before it pauses")
    read_ahead: int = Field(
        1000, ge=1, le=10_000, description="how far a partition is read beyond its first unfinished record"
    )
    stall_seconds: float = Field(300, gt=0, description="after so long without progress one more batch is let through")
    discovery_seconds: int = Field(30, ge=1, description="between looks for new partitions")
    max_request_bytes: int = Field(262_144, ge=1024, description="largest value of a request; larger is a dead letter")


class RegistrySettings(_Section):
    """The Confluent-compatible schema registry."""

    url: str = "http://127.0.0.1:8081"
    username: str | None = None
    password: SecretStr | None = None
    ssl_cafile: Path | None = None
    timeout_seconds: float = Field(10, gt=0)
    doubt_seconds: float = Field(
        5, ge=0, description="for so long it must deny a schema id, and know others, before a record is a dead letter"
    )


class DocumentSettings(_Section):
    """Which documents are fetched, and how much of them is taken."""

    allow: tuple[ObjectPrefix, ...] = Field(
        (),
        description="URL prefixes that may be fetched, escaped as clients escape them; file:// prefixes are the local "
        "roots. Empty: nothing",
    )
    max_bytes: int = Field(100_000_000, ge=1)
    max_pages: int = Field(100, ge=1)
    max_pixels: int = Field(40_000_000, ge=10_000, description="of one rasterised page; larger pages are scaled down")
    max_source_pixels: int = Field(100_000_000, ge=10_000, description="of one image as stored; more is refused")
    dpi: int = Field(
        200, ge=36, le=600, description="at which PDF pages are rasterised that are not scans, which keep their own"
    )
    fetch_seconds: float = Field(60, gt=0, description="whole fetch, redirects and retries included")
    connect_seconds: float = Field(10, gt=0)
    fetch_attempts: int | None = Field(
        None, ge=1, description="most tries after failures that may pass; default: as many as fetch_seconds leaves"
    )
    max_redirects: int = Field(3, ge=0)
    inspect_seconds: float = Field(30, gt=0)
    page_seconds: float = Field(60, gt=0, description="for rasterising one page")
    pages_per_part: int = Field(8, ge=1)
    cache_dir: Path | None = Field(None, description="default: a folder of the worker under the system's temporary one")
    cache_bytes: int = Field(2_000_000_000, ge=0)
    concurrent_fetches_per_host: int = Field(8, ge=1)
    gcs_endpoint: str | None = Field(None, description="emulator base URL; default: the real service")
    s3_endpoint: str | None = Field(None, description="emulator or other S3-compatible base URL")
    s3_region: str = "us-east-1"
    private_hosts: tuple[str, ...] = Field(
        (), description="https hosts that may resolve to private or loopback addresses"
    )
    https_cafile: Path | None = Field(None, description="extra certificate authority for https documents")


class AnalysisSettings(_Section):
    """The child processes that hold rasteriser and models."""

    children: int = Field(0, ge=0, description="per worker process; 0: one for each core")
    memory_mb: int = Field(3072, ge=256, description="resident size at which a child is replaced between calls")
    start_seconds: float = Field(60, gt=0, description="for a child to start, and for a model to load")
    conclude_seconds: float = Field(10, gt=0, description="for the use case's own code")
    assembly_seconds: float = Field(7200, gt=0, description="wait for the last part of a document")
    attempts: int = Field(
        3, ge=0, description="after a document ended its worker process so often it is not tried again; 0: for ever"
    )
    attempts_dir: Path | None = Field(
        None, description="private folder that outlives the worker process; default: under the system's temporary one"
    )
    document_types: Path | None = Field(
        None, description="folder of document types made by `docbeam model type add`; must be there on every worker"
    )
    forms: Path | None = Field(
        None, description="folder of known forms made by `docbeam form new`; must be there on every worker"
    )


class BigQuerySettings(_Section):
    """Where result rows go."""

    enabled: bool = True
    project: str = "docbeam"
    dataset: str = "docbeam"
    table: str = "results"
    corrections_table: str = Field("corrections", description="in the same dataset, filled by the gateway")
    endpoint: str | None = Field(None, description="emulator base URL; default: the real service")
    attempts: int = Field(
        7, ge=1, description="rounds that refuse a row and take another, over about a minute, before it is buried"
    )
    timeout_seconds: float = Field(30, gt=0)


class RunnerSettings(_Section):
    """How the job is started."""

    kind: Literal["local", "flink", "dataflow"] = "local"
    prism: Path | None = Field(None, description="Prism binary; default: the one `docbeam dev` brings")
    restart_seconds: float = Field(1, gt=0, description="first pause before a local restart; doubles each time")
    max_restart_seconds: float = Field(60, gt=0)
    flink_master: str = Field("localhost:8081", description="host:port or URL of Flink's REST service")
    flink_version: Literal["1.19", "1.20", "2.0", "2.1", "2.2"] = Field(
        "2.2", description="of the cluster; picks Beam's job server"
    )
    flink_parallelism: int = Field(
        2, ge=2, description="subtasks of a step; two at least, since Flink's savepoints of one fit no other number"
    )
    flink_max_parallelism: int = Field(
        128, ge=1, description="key groups; a savepoint only restores with the same number"
    )
    flink_job_server_jar: str | None = Field(
        None, description="path or URL; default: Beam fetches it from Maven Central"
    )
    flink_java: str = Field("java", description="launcher of Java 17 for the job server; a path or a name on PATH")
    flink_uber_jar: bool = Field(False, description="submit one jar over REST instead of starting a job server")
    flink_savepoint: str | None = Field(None, description="path of the savepoint or retained checkpoint to go on from")
    flink_state_path: str | None = Field(
        None,
        description="URL for checkpoints, in RocksDB; default: as the cluster is configured",
    )
    sdk_worker_parallelism: int = Field(
        1, ge=1, description="worker processes for each Flink task manager; each has children and models of its own"
    )
    environment_type: Literal["EXTERNAL", "DOCKER", "PROCESS", "LOOPBACK"] = Field(
        "EXTERNAL", description="how Flink starts workers; part of the state contract, keep it when you restore"
    )
    environment_config: str = Field(
        "localhost:50000",
        description="EXTERNAL: host:port of the worker pool; DOCKER: image; PROCESS: JSON with a command",
    )
    checkpoint_seconds: int = Field(30, ge=1)
    checkpoint_timeout_seconds: int = Field(600, ge=1, description="after which Flink gives a checkpoint up")
    job_name: str = Field("docbeam", pattern=r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")
    gcp_project: str | None = None
    gcp_region: str | None = None
    gcp_temp_location: str | None = Field(None, description="gs://bucket/path for staged files")
    gcp_image: str | None = Field(None, description="container image of the workers")
    gcp_setup_file: Path | None = Field(
        None, description="setup.py to stage instead of an image; workers build it at start"
    )
    gcp_service_account: str | None = Field(None, description="e-mail the workers run as; default: the project's")
    gcp_machine_type: str | None = Field(None, description="of the workers; default: Dataflow's choice")
    gcp_max_workers: int | None = Field(None, ge=1)
    gcp_network: str | None = None
    gcp_subnetwork: str | None = Field(None, description="regions/REGION/subnetworks/NAME")
    gcp_public_ips: bool = Field(True, description="off: workers reach Kafka and stores over the private network only")
    gcp_update: bool = Field(False, description="replace the running job of the same name and keep its state")


class GatewaySettings(_Section):
    """The front door over HTTP: `docbeam gateway`."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="0: any free one")
    root_path: str = Field("", description="path that a proxy in front takes off, such as /docbeam")
    store: SecretStr = Field(
        SecretStr("sqlite:///.docbeam/gateway.sqlite"),
        description="sqlite:///PATH, mongodb://HOST/DATABASE or postgresql://HOST/DATABASE; gateways behind one "
        "balancer share it",
    )
    redis: SecretStr | None = Field(
        None, description="redis://HOST for ended requests and shared rate limits; without it the store alone serves"
    )
    cache_seconds: int = Field(3600, ge=1, description="for which Redis keeps an ended request")
    group: str = Field("docbeam.gateway", description="consumer group of all gateways of one store")
    access: Literal["keys", "open"] = Field(
        "keys", description="keys: API keys and tokens only; open: anybody, allowed on a loopback address only"
    )
    oidc_issuer: str | None = Field(None, description="https URL of the identity provider whose bearer tokens count")
    oidc_audience: str | None = Field(None, description="that tokens must be made for; needed with oidc_issuer")
    oidc_jwks_url: str | None = Field(None, description="its keys; default: as its discovery document says")
    oidc_client_claim: str = Field("sub", description="claim that names the client")
    oidc_allow: tuple[ObjectPrefix, ...] = Field(
        (), description="prefixes for clients with tokens, within documents.allow; empty: all of documents.allow"
    )
    requests_per_minute: int = Field(1200, ge=1, description="calls of one client, where its key does not say")
    requests_per_day: int | None = Field(
        None, ge=1, description="requests one client may send, where its key is silent"
    )
    retention_seconds: int = Field(7 * 86_400, ge=1, description="after which a request's result is no longer kept")
    forget_seconds: int = Field(30 * 86_400, ge=0, description="for which expired ids are still answered with 410")
    deadline_seconds: int = Field(4 * 3600, ge=1, description="without a result for so long a request has failed")
    resend_seconds: float = Field(15, gt=0, description="after which a request not known to be on Kafka is sent again")
    sweep_seconds: float = Field(2, gt=0, description="between looks for what is unsent, overdue or expired")
    max_wait_seconds: float = Field(30, ge=0, description="longest wait of one call")
    max_waiting: int = Field(
        5000,
        ge=0,
        description="calls that may wait at once, one client's three quarters of them; more are answered now",
    )
    max_body_bytes: int = Field(65_536, ge=1024, description="of a call, uploads apart")
    max_backlog: int = Field(
        10_000, ge=1, description="unfinished requests, over which new ones are told to come later"
    )
    backlog_seconds: float = Field(5, gt=0, description="between looks at the backlog")
    webhook_allow: tuple[ObjectPrefix, ...] = Field((), description="https prefixes that may be called back")
    webhook_secret: SecretStr | None = Field(
        None, min_length=24, description="from which each client's signing secret is derived; needed for webhooks"
    )
    webhook_attempts: int = Field(8, ge=1, description="over about a day, growing pauses between")
    upload_prefix: ObjectPrefix | None = Field(
        None, description="gs://, s3:// or file:// folder for uploaded documents, within documents.allow"
    )
    upload_days: float | None = Field(
        30, gt=0, description="after which uploads are deleted; empty: never, the store has a rule of its own"
    )
    scan_command: tuple[str, ...] = Field(
        (), description="run on each upload with its path; 0: keep, 1: refuse, other: cannot tell, refused for now"
    )
    scan_seconds: float = Field(60, gt=0)
    concurrent_uploads: int = Field(8, ge=1)
    review_below: float = Field(
        0.5, ge=0, le=1, description="confidence under which a field is for review, beside those that forms mark"
    )
    review_seconds: int = Field(
        300, ge=10, description="for which a request is kept for who reviews it, unless renewed"
    )
    page_children: int = Field(1, ge=0, description="processes that draw pictures of pages; 0: no pictures")
    shutdown_seconds: float = Field(20, gt=0, description="for calls in work to end after SIGTERM")

    @model_validator(mode="after")
    def _access_is_whole(self) -> GatewaySettings:
        if self.access == "open" and self.host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("access = open needs a loopback host; make keys with `docbeam gateway key create`")
        for url in (self.oidc_issuer, self.oidc_jwks_url):
            if url is not None and not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
                raise ValueError("oidc_issuer and oidc_jwks_url must be https: who answers there opens the door")
        if self.oidc_issuer is not None and self.oidc_audience is None:
            raise ValueError("oidc_issuer needs oidc_audience: tokens made for others must not open this door")
        if self.redis is not None and not self.redis.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("redis must be a redis:// or rediss:// URL")
        if self.webhook_allow and self.webhook_secret is None:
            raise ValueError("webhook_allow needs webhook_secret")
        return self


class ClientSettings(_Section):
    """How `docbeam send` and `receive` reach a gateway, with `--via rest`."""

    url: str = Field("http://127.0.0.1:8080", description="of the gateway")
    key: SecretStr | None = Field(None, description="API key or bearer token; none where the gateway is open")
    cafile: Path | None = Field(None, description="extra certificate authority of the gateway")


class Settings(_Section):
    """The whole tree."""

    kafka: KafkaSettings = KafkaSettings()
    source: SourceSettings = SourceSettings()
    registry: RegistrySettings = RegistrySettings()
    documents: DocumentSettings = DocumentSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    bigquery: BigQuerySettings = BigQuerySettings()
    runner: RunnerSettings = RunnerSettings()
    gateway: GatewaySettings = GatewaySettings()
    client: ClientSettings = ClientSettings()
