"""The job: a request in, one result out.

    read requests -> decode -> open documents (fetch, inspect, split into parts) -> spread
      -> route by use case -+- branch "application-form": deskew -> page-quality -> document-type -> ocr -> ...
                            +- branch "receipt":          deskew -> page-quality -> ocr
                            +- branch of a plug-in installed yesterday
      -> assemble results -> publish results (Kafka) -> insert rows (BigQuery) -> settle (commit offsets)
    bytes that nobody can read, and rows that BigQuery refuses -> dead letters -> settle

Whatever fails on the way becomes the result of its request. Labels are part of the state contract: runners
restore by them, and a test freezes them.
"""

from __future__ import annotations

from collections.abc import Mapping

import apache_beam as beam

from config.settings import Settings
from schemas.part import Answer, DeadLetter, Delivery, DocumentPart, ReceivedRecord, ReceivedRequest
from transforms import coders
from transforms.analyse_documents import UNOPENED, AnalyseDocuments, RouteByUseCase
from transforms.assemble_results import AssembleResults
from transforms.decode_requests import UNDECODABLE
from transforms.edges import Edges
from transforms.insert_rows import REFUSED
from transforms.open_documents import OpenDocuments
from use_cases.contract import UseCase


def build(pipeline: beam.Pipeline, edges: Edges, use_cases: Mapping[str, UseCase], settings: Settings) -> None:
    """Put the whole job on `pipeline`."""
    coders.register()
    names = tuple(sorted(use_cases))

    records: beam.PCollection[ReceivedRecord] = pipeline | "read requests" >> edges.read()
    decoded = records | "decode requests" >> edges.decode(names)
    requests: beam.PCollection[ReceivedRequest] = decoded.requests

    parts: beam.PCollection[DocumentPart] = requests | "open documents" >> OpenDocuments(
        settings.documents, settings.analysis
    )
    routed = parts | "route by use case" >> RouteByUseCase(names)
    branches = [
        routed[name] | f"analyse {name}" >> AnalyseDocuments(use_cases[name], settings.documents, settings.analysis)
        for name in names
    ]
    ended = (*branches, routed[UNOPENED]) | "all branches" >> beam.Flatten()
    answers: beam.PCollection[Answer] = ended | "assemble results" >> AssembleResults(
        settings.documents, settings.analysis
    )

    published = answers | "publish results" >> edges.publish()
    rows = published | "insert rows" >> edges.insert()
    letters: beam.PCollection[DeadLetter] = (decoded[UNDECODABLE], rows[REFUSED]) | "dead letters" >> beam.Flatten()
    buried: beam.PCollection[Delivery] = letters | "bury dead letters" >> edges.bury()
    _ = (rows.inserted, buried) | "done with" >> beam.Flatten() | "settle" >> edges.settle()
