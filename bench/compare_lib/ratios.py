"""How much larger one of two figures is, by pairs that were taken side by side."""

import math
import statistics


def describe_ratios(before, after):
    """Median and geometric mean of AFTER/BEFORE, with its standard error. (An arithmetic mean of
    ratios is above 1 for noise alone.)"""
    logs = [math.log(b / a) for a, b in zip(before, after)]
    mean = math.exp(statistics.mean(logs))
    error = mean * statistics.stdev(logs) / len(logs) ** 0.5
    return f"median {math.exp(statistics.median(logs)):.3f}   mean {mean:.3f} ± {error:.3f}"
