"""The run as JSON, and as a page for people."""

import json

from .plot import bar_chart


def _number(value, digits=None):
    if value is None:
        return "–"
    if digits is None:
        digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"


def _spread(row, measure, digits=None):
    """The median, and the range where there is more than one round."""
    values = row.values(measure)
    if not values:
        return "–"
    text = _number(row.median(measure), digits)
    if len(values) > 1:
        text += f" ({_number(min(values), digits)}–{_number(max(values), digits)})"
    return text


def _table(heads, lines):
    # The first column is text, the others are mostly numbers.
    ruler = ["---"] + ["---:"] * (len(heads) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [heads, ruler, *lines])


def _rows_table(rows):
    heads = ["what", "connections", "durability", "client", "rate/s", "server CPU µs", "p50 ms",
             "p99 ms", "p99.9 ms", "memory MiB"]
    lines = []
    for row in rows:
        latencies = [_number(None if row.median(measure) is None else row.median(measure) / 1000, 2)
                     for measure in ("p50", "p99", "p999")]
        lines.append([row.title, str(row.connections or "–"), row.durability, row.client,
                      _spread(row, "rate", 0), _spread(row, "cpu_us"), *latencies,
                      _number(row.median("memory_mib"), 0)])
    return _table(heads, lines)


def _growth_table(rows):
    grown = [row for row in rows if row.key.startswith("growth_")]
    if not grown:
        return []
    heads = ["size", "rate/s", "memory MiB", "ready after kill -9, s",
             "ready after a clean stop, s", "disk bytes per seeded event"]
    lines = [[row.title, _spread(row, "rate", 0), _number(row.median("memory_mib"), 0),
              _number(row.median_note("ready_after_kill_s"), 3),
              _number(row.median_note("ready_after_stop_s"), 3),
              _number(row.median_note("bytes_per_event"), 0)] for row in grown]
    return ["## Growth", "", _table(heads, lines), ""]


def judged(requirements, rows):
    """(requirement, value, verdict) of each."""
    by_key = {row.key: row for row in rows}
    values = [(requirement, requirement.value(by_key)) for requirement in requirements]
    return [(requirement, value, requirement.verdict(value)) for requirement, value in values]


def _requirements_table(judgements):
    lines = [[requirement.text, _number(value, 2), requirement.bound(requirement.must),
              requirement.bound(requirement.aim), verdict]
             for requirement, value, verdict in judgements]
    return _table(["ratio of medians", "measured", "must", "aim", "verdict"], lines)


def _machine_lines(run):
    machine = run["machine"]
    kind = "virtual machine" if machine["virtual"] else "machine"
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return [
        f"- {kind} with {machine['cores']} cores, {machine['memory_gib']} GiB: "
        f"{machine['processor']}",
        f"- {machine['system']}, kernel {machine['kernel']}; data on {machine['file_system']}",
        f"- fdatasync of 3 KiB appended: median {_number(run['fsync_median_us'], 0)} µs",
        f"- pauses of the idle machine: each core stands still for more than 0.5 ms in "
        f"{_number(run['pauses_percent'], 2)} % of the time, for "
        f"{_number(run['longest_pause_ms'], 1)} ms at most",
        f"- stalls of the disk: who only writes 3 KiB and syncs spends "
        f"{_number(run['stalls_percent'], 2)} % of the time in syncs of more than 0.5 ms, "
        f"{_number(run['longest_sync_ms'], 1)} ms at most (medians)",
        f"- {versions}",
        f"- rounds: {run['rounds']}, interleaved; {run['seconds']} s a step; {run['users']:,} "
        "users, in scattered order; every client on the same cores as its server",
        f"- began {run['began']}, load average {run['load_average']} before it",
    ]


def markdown(run, rows, judgements):
    return "\n".join([
        "# factord beside its peers",
        "",
        "Made by `bench/compare`; [README.md](README.md) says how, and how to read it. Medians,",
        "and in brackets the lowest and highest round.",
        "",
        *(["**A quick run: it shows that everything works, its figures tell nothing.**", ""]
          if run["quick"] else []),
        *_machine_lines(run),
        "",
        "After every run of factord: one event for each 200, and `factorctl verify` found the",
        "store sound (in the table of growth after the first run of each size).",
        "",
        "## Ratios",
        "",
        _requirements_table(judgements),
        "",
        "## Figures",
        "",
        _rows_table(rows),
        "",
        "![Rates](rates.svg)",
        "",
        "![Server CPU per request](cpu.svg)",
        "",
        *_growth_table(rows),
    ])


_OURS = ("disk", "process", "healthz", "factorload", "grpc", "tls", "open_loop", "growth")


def _label(row):
    """What tells a row from all others."""
    parts = [row.title.replace("`", "")]
    if row.durability != "none":
        parts.append(row.durability)
    if row.connections:
        parts.append(f"{row.connections} connections")
    return ", ".join(parts) + (f" ({row.client})" if row.client == "factorload" else "")


def _bars(rows, measure):
    return [(_label(row), row.median(measure), min(row.values(measure)), max(row.values(measure)),
             row.key.startswith(_OURS))
            for row in rows if row.values(measure)]


def write(folder, run, rows, judgements):
    """report.json, report.md, rates.svg and cpu.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    everything = {
        **run,
        "rows": [row.as_json() for row in rows],
        "ratios": [{"text": requirement.text, "value": value, "must": requirement.must,
                    "aim": requirement.aim, "verdict": verdict}
                   for requirement, value, verdict in judgements],
    }
    (folder / "report.json").write_text(json.dumps(everything, indent=1, ensure_ascii=False) + "\n")
    (folder / "report.md").write_text(markdown(run, rows, judgements))
    served = [row for row in rows if not row.key.startswith(("fdatasync", "connections_"))]
    closed = [row for row in served if not row.key.endswith("open_loop")]
    (folder / "rates.svg").write_text(
        bar_chart("Operations a second (more is better)", _bars(closed, "rate")))
    (folder / "cpu.svg").write_text(
        bar_chart("Server CPU per operation, µs (less is better)", _bars(served, "cpu_us")))
