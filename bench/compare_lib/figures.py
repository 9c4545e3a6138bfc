"""What one step of one round gave, and how rounds are put together."""

import dataclasses
import statistics


@dataclasses.dataclass
class Figures:
    """Rate in operations a second, latencies in microseconds. None: not measured by this client."""
    rate: float
    cpu_us: float = None
    p50: float = None
    p99: float = None
    p999: float = None
    memory_mib: float = None
    notes: dict = dataclasses.field(default_factory=dict)


MEASURES = ("rate", "cpu_us", "p50", "p99", "p999", "memory_mib")


@dataclasses.dataclass
class Row:
    """A line of the table: what is measured, how, and by which function once a round."""
    key: str
    title: str
    connections: int
    durability: str
    client: str
    measure: object
    rounds: list = dataclasses.field(default_factory=list)

    def values(self, measure):
        found = [getattr(figures, measure) for figures in self.rounds]
        return [value for value in found if value is not None]

    def median(self, measure):
        values = self.values(measure)
        return statistics.median(values) if values else None

    def median_note(self, name):
        values = [figures.notes[name] for figures in self.rounds if name in figures.notes]
        return statistics.median(values) if values else None

    def as_json(self):
        return {
            "key": self.key,
            "title": self.title,
            "connections": self.connections,
            "durability": self.durability,
            "client": self.client,
            "median": {measure: self.median(measure) for measure in MEASURES},
            "rounds": [dataclasses.asdict(figures) for figures in self.rounds],
        }
