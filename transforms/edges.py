"""What a job is connected to: each kind of edge knows how to build its own steps, the graph does not ask."""

from __future__ import annotations

from abc import ABC, abstractmethod

import apache_beam as beam


class Edges(ABC):
    """Source and sinks of one kind of job."""

    @abstractmethod
    def read(self) -> beam.PTransform:
        """From nothing to `ReceivedRecord`."""

    @abstractmethod
    def decode(self, use_cases: tuple[str, ...]) -> beam.PTransform:
        """`ReceivedRecord` to the outputs `requests` and `undecodable` (dead letters)."""

    @abstractmethod
    def publish(self) -> beam.PTransform:
        """`Answer` to the same, once the client can see it."""

    @abstractmethod
    def insert(self) -> beam.PTransform:
        """`Answer` to the outputs `inserted` (deliveries) and `refused` (dead letters)."""

    @abstractmethod
    def bury(self) -> beam.PTransform:
        """`DeadLetter` to the deliveries it settles."""

    @abstractmethod
    def settle(self) -> beam.PTransform:
        """`Delivery` to nothing of interest: what has to happen when a delivery is done with."""
