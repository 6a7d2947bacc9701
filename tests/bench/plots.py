"""Plots as SVG, drawn here: bars side by side, stacked bars, and lines over a
logarithmic axis.  Pure: values in, text out.  Readable on light and on dark
paper, since the colours follow what the reader's page prefers; no script, no
font and nothing else from outside."""

import math
from xml.sax.saxutils import escape, quoteattr

WIDTH = 760
LEFT, RIGHT, TOP, BOTTOM = 150, 90, 64, 46
ROW, GAP = 24, 14
COLOURS = [("#2166ac", "#6baed6"), ("#b35806", "#fdb863"),
           ("#35793a", "#7fcf86"), ("#7a3e9d", "#c59be0"),
           ("#8c6d00", "#e6cf5c"), ("#555f66", "#aab4ba"),
           ("#a8324a", "#f2929f"), ("#00777a", "#5fd0d2")]

STYLE = """<style>
  text { font: 13px sans-serif; fill: #1a1a1a; }
  .title { font-size: 16px; font-weight: bold; }
  .small { font-size: 12px; fill: #555; }
  .paper { fill: #fff; }
  .axis { stroke: #555; stroke-width: 1; }
  .grid { stroke: #ddd; stroke-width: 1; }
  .line { fill: none; stroke-width: 2.5; }
%s
  @media (prefers-color-scheme: dark) {
    text { fill: #e8e8e8; }
    .small { fill: #aaa; }
    .paper { fill: #16191d; }
    .axis { stroke: #aaa; }
    .grid { stroke: #3a3f45; }
%s
  }
</style>"""


def style():
    light, dark = [], []
    for number, (day, night) in enumerate(COLOURS):
        for lines, colour in ((light, day), (dark, night)):
            lines.append(f"  .fill{number} {{ fill: {colour}; }}")
            lines.append(f"  .stroke{number} {{ stroke: {colour}; }}")
    return STYLE % ("\n".join(light), "\n".join(dark))


def number(value):
    """As an axis or a bar says it."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def ticks(most):
    """Four to six round steps from 0 to at least `most`."""
    if most <= 0:
        return [0, 1]
    step = 10 ** math.floor(math.log10(most / 4))
    for factor in (1, 2, 2.5, 5, 10):
        if most / (step * factor) <= 5:
            step *= factor
            break
    found = [0]
    while found[-1] < most:
        found.append(round(found[-1] + step, 10))
    return found


def text(x, y, words, anchor="start", kind=""):
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>' \
           f"{escape(str(words))}</text>"


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" ' \
           f'class="{kind}"/>'


def rectangle(x, y, width, height, kind, says=""):
    said = f"<title>{escape(says)}</title>" if says else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" ' \
           f'height="{height:.1f}" class="{kind}">{said}</rect>'


def page(height, title, note, parts):
    """The whole file; the title is also what a screen reader says."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" aria-label={quoteattr(title)}>',
        f"<title>{escape(title)}</title>", style(),
        rectangle(0, 0, WIDTH, height, "paper"),
        text(16, 26, title, kind="title"), text(16, 45, note, kind="small"),
        *parts, "</svg>", ""])


def legend(y, names):
    """A line of names with their colours."""
    parts, x = [], LEFT
    for index, name in enumerate(names):
        parts.append(rectangle(x, y - 10, 12, 12,
                               f"fill{index % len(COLOURS)}"))
        parts.append(text(x + 17, y, name))
        x += 34 + 7.6 * len(name)
    return parts


def value_axis(most, bottom, unit):
    """Grid, numbers and unit of a horizontal axis; and its scale."""
    steps = ticks(most)
    scale = (WIDTH - LEFT - RIGHT) / steps[-1]
    parts = []
    for step in steps:
        x = LEFT + step * scale
        parts.append(line(x, TOP, x, bottom, "grid"))
        parts.append(text(x, bottom + 17, number(step), "middle", "small"))
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, bottom + 35, unit,
                      "middle", "small"))
    return parts, scale


def bars(title, unit, rows, note=""):
    """Horizontal bars.  `rows`: [(group, [(name, value)])]; equal names have
    equal colours.  A value of None is left out."""
    names = list(dict.fromkeys(name for _, of in rows for name, _ in of))
    values = [value for _, of in rows for _, value in of
              if value is not None]
    height = TOP + sum(ROW * len(of) + GAP for _, of in rows)
    parts, scale = value_axis(max(values, default=1), height, unit)
    y = TOP + GAP / 2
    for group, of in rows:
        parts.append(text(16, y + 16, group))
        for name, value in of:
            if value is not None:
                parts.append(rectangle(
                    LEFT, y + 2, value * scale, ROW - 4,
                    f"fill{names.index(name) % len(COLOURS)}",
                    f"{name}: {number(value)} {unit}"))
                parts.append(text(LEFT + value * scale + 6, y + 16,
                                  number(value)))
            y += ROW
        y += GAP
    parts.append(line(LEFT, TOP, LEFT, height, "axis"))
    parts += legend(height + BOTTOM + 14, names)
    return page(height + BOTTOM + 32, title, note, parts)


def stacked(title, unit, rows, note=""):
    """One bar a row of parts behind each other.  `rows`: [(row, {name:
    value})]."""
    names = list(dict.fromkeys(name for _, of in rows for name in of))
    height = TOP + (ROW + GAP) * len(rows)
    parts, scale = value_axis(max((sum(of.values()) for _, of in rows),
                                  default=1), height, unit)
    y = TOP + GAP / 2
    for row, of in rows:
        parts.append(text(16, y + 16, row))
        x = LEFT
        for name in names:
            width = of.get(name, 0) * scale
            if width > 0:
                parts.append(rectangle(
                    x, y, width, ROW,
                    f"fill{names.index(name) % len(COLOURS)}",
                    f"{name}: {number(of[name])} {unit}"))
            x += width
        parts.append(text(x + 6, y + 16, number(sum(of.values()))))
        y += ROW + GAP
    parts.append(line(LEFT, TOP, LEFT, height, "axis"))
    parts += legend(height + BOTTOM + 14, names)
    return page(height + BOTTOM + 32, title, note, parts)


def curves(title, x_unit, y_unit, series, note=""):
    """Lines over a logarithmic horizontal axis.  `series`: [(name, [(x,
    y)])]."""
    points = [point for _, of in series for point in of]
    low = math.floor(math.log10(min((x for x, _ in points), default=1)))
    high = math.ceil(math.log10(max((x for x, _ in points), default=10)))
    high = max(high, low + 1)
    steps = ticks(max((y for _, y in points), default=1))
    left, bottom = 90, TOP + 240
    across = (WIDTH - left - RIGHT) / (high - low)
    up = (bottom - TOP) / steps[-1]

    def place(x, y):
        return left + (math.log10(x) - low) * across, bottom - y * up

    parts = []
    for step in steps:
        y = bottom - step * up
        parts.append(line(left, y, WIDTH - RIGHT, y, "grid"))
        parts.append(text(left - 8, y + 4, number(step), "end", "small"))
    for power in range(low, high + 1):
        x = left + (power - low) * across
        parts.append(line(x, TOP, x, bottom, "grid"))
        parts.append(text(x, bottom + 17, number(10.0 ** power), "middle",
                          "small"))
    parts.append(text((left + WIDTH - RIGHT) / 2, bottom + 35, x_unit,
                      "middle", "small"))
    parts.append(f'<text class="small" text-anchor="middle" transform='
                 f'"translate(24 {(TOP + bottom) / 2:.0f}) rotate(-90)">'
                 f"{escape(y_unit)}</text>")
    for index, (name, of) in enumerate(series):
        kind = index % len(COLOURS)
        path = " ".join(f"{x:.1f},{y:.1f}"
                        for x, y in (place(*point) for point in of))
        parts.append(f'<polyline points="{path}" '
                     f'class="line stroke{kind}"/>')
        for x, y in of:
            across_x, up_y = place(x, y)
            parts.append(f'<circle cx="{across_x:.1f}" cy="{up_y:.1f}" r="4" '
                         f'class="fill{kind}"><title>{escape(name)}: '
                         f"{number(y)} {escape(y_unit)} at {number(x)}"
                         "</title></circle>")
            parts.append(text(across_x + 4, up_y - 9, number(y)))
    parts.append(line(left, TOP, left, bottom, "axis"))
    parts.append(line(left, bottom, WIDTH - RIGHT, bottom, "axis"))
    if len(series) == 1:
        return page(bottom + BOTTOM + 4, title, note, parts)
    parts += legend(bottom + BOTTOM + 14, [name for name, _ in series])
    return page(bottom + BOTTOM + 32, title, note, parts)
