"""A bar chart as SVG."""

from xml.sax.saxutils import escape

_WIDTH = 900
_LABELS = 330
_VALUES = 90
_BAR = 18
_STEP = 28
_TOP = 48
_FONT = 'font-family="sans-serif" font-size="13"'


def _bar(y, scale, label, value, low, high, ours):
    middle = y + _BAR / 2
    fill = "#1f6feb" if ours else "#9aa4b2"
    parts = [
        f'<text x="{_LABELS - 10}" y="{middle + 4:.1f}" text-anchor="end" {_FONT}>'
        f"{escape(label)}</text>",
        f'<rect x="{_LABELS}" y="{y}" width="{max(value * scale, 1):.1f}" height="{_BAR}" '
        f'fill="{fill}"/>',
        f'<text x="{_LABELS + high * scale + 8:.1f}" y="{middle + 4:.1f}" {_FONT}>'
        f"{value:,.{0 if value >= 100 else 1}f}</text>",
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
    most = max((bar[3] for bar in bars), default=0)
    scale = (_WIDTH - _LABELS - _VALUES) / most if most else 0
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title, {chr(34): "&quot;"})}">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="28" font-family="sans-serif" font-size="16" font-weight="bold">'
        f"{escape(title)}</text>",
    ]
    for index, bar in enumerate(bars):
        lines += _bar(_TOP + index * _STEP, scale, *bar)
    return "\n".join([*lines, "</svg>", ""])
