"""A bar chart as SVG."""

from xml.sax.saxutils import escape

_WIDTH = 1000
_LABELS = 420
_VALUES = 90
_BAR = 18
_STEP = 28
_TOP = 48
_FONT = 'font-family="sans-serif" font-size="13"'


def _axis_end(bars):
    """The highest value, or less where one bar would make all others too short to compare."""
    values = sorted(bar[3] for bar in bars)
    if len(values) > 1 and values[-1] > 3 * values[-2]:
        return 1.2 * values[-2]
    return values[-1] if values else 0


def _cut_bar(y, scale, end, label, value, ours):
    """A bar that goes on beyond the axis: drawn to its end, with a gap near it."""
    gap = _LABELS + end * scale - 30
    return [*_bar(y, scale, label, end, end, end, ours, shown=value),
            f'<path d="M{gap:.1f} {y + _BAR + 2}l8 {-_BAR - 4}h6l-8 {_BAR + 4}z" fill="#ffffff"/>']


def _bar(y, scale, label, value, low, high, ours, shown=None):
    middle = y + _BAR / 2
    shown = value if shown is None else shown
    fill = "#1f6feb" if ours else "#9aa4b2"
    parts = [
        f'<text x="{_LABELS - 10}" y="{middle + 4:.1f}" text-anchor="end" {_FONT}>'
        f"{escape(label)}</text>",
        f'<rect x="{_LABELS}" y="{y}" width="{max(value * scale, 1):.1f}" height="{_BAR}" '
        f'fill="{fill}"/>',
        f'<text x="{_LABELS + high * scale + 8:.1f}" y="{middle + 4:.1f}" {_FONT}>'
        f"{shown:,.{0 if shown >= 100 else 1}f}</text>",
    ]
    if high > low:
        # The range of the rounds.
        start, end = _LABELS + low * scale, _LABELS + high * scale
        parts.append(f'<path d="M{start:.1f} {middle:.1f}H{end:.1f}M{start:.1f} {y + 4}v{_BAR - 8}'
                     f'M{end:.1f} {y + 4}v{_BAR - 8}" stroke="#24292f" fill="none"/>')
    return parts


def bar_chart(title, bars):
    """`bars`: (label, value, lowest, highest, whether it is ours)."""
    height = _TOP + _STEP * len(bars) + 12
    end = _axis_end(bars)
    scale = (_WIDTH - _LABELS - _VALUES) / end if end else 0
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title, {chr(34): "&quot;"})}">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="28" font-family="sans-serif" font-size="16" font-weight="bold">'
        f"{escape(title)}</text>",
    ]
    for index, bar in enumerate(bars):
        y = _TOP + index * _STEP
        label, value, _, high, ours = bar
        lines += _cut_bar(y, scale, end, label, value, ours) if high > end else _bar(y, scale, *bar)
    return "\n".join([*lines, "</svg>", ""])
