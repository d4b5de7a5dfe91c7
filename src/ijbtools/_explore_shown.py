"""What the workbench shows: words and markup. Everything from data is escaped."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from html import escape
from importlib.resources import files

import pandas as pd

from ijbtools.errors import CannotWrite, InputRefused
from ijbtools.finance.words import NBSP, listed, with_unit
from ijbtools.inputs.assumptions import Assumption, Range, Source
from ijbtools.report import parts
from ijbtools.report.figures import draw
from ijbtools.topics.result import Bars, ShownColumn, ShownFigure, ShownTable

# Two columns where there is room. The controls scroll by themselves, so that the answer is in sight while one moves.
_STYLE = """
.ijb-explore{container-type:inline-size;overflow:visible}
.ijb-explore .widget-box,.ijb-explore .widget-html,.ijb-explore .widget-html-content{overflow:visible}
.ijb-explore-halves{display:flex;flex-direction:row;gap:2rem;align-items:flex-start}
.ijb-explore-controls{flex:0 0 21rem;max-height:82vh;overflow-y:auto!important;padding:0 .75rem .5rem .5rem;gap:.35rem;
margin-left:-.5rem}
.ijb-explore-answer{flex:1 1 0;min-width:0}
@container (max-width:50rem){
.ijb-explore-halves{flex-direction:column;align-items:stretch;gap:1rem}
.ijb-explore-controls{flex:none;max-height:45vh;border-bottom:1px solid var(--jp-border-color1,#999);
flex-flow:row wrap;align-items:flex-end}
.ijb-explore-controls>*{flex:0 0 100%}
.ijb-explore-controls>.widget-dropdown{flex:1 1 12rem;min-width:0}
.ijb-explore-answer{flex:none}
}
.ijb-explore-pair{flex-flow:row wrap;gap:1rem 2rem;align-items:flex-start}
.ijb-explore-pair>*{flex:1 1 21rem;width:auto;min-width:0;margin:0}
.ijb-explore-pinned{border-left:1px solid var(--jp-border-color1,#999);padding-left:1.5rem}
.ijb-explore-said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.ijb-explore-fields{flex-flow:row wrap;gap:.5rem 1rem}
.ijb-explore-fields>*{flex:1 1 16rem}
.ijb-explore .widget-html,.ijb-explore .widget-dropdown,.ijb-explore .widget-text,.ijb-explore .jupyter-button{
margin-left:0}
.ijb-explore .widget-label{width:auto;max-width:none;flex:0 0 100%;margin:0;text-align:left;white-space:normal;
height:auto;line-height:1.35;overflow:visible}
.ijb-explore .widget-dropdown,.ijb-explore .widget-text,.ijb-explore .widget-hslider{flex-wrap:wrap;width:auto;
height:auto}
.ijb-explore .widget-dropdown>select,.ijb-explore .widget-text>input{flex:1 1 auto;min-width:0}
.ijb-explore-row{gap:1rem;align-items:flex-end}
.ijb-explore-row .widget-hslider{flex:1 1 0;min-width:0;margin:0}
.ijb-explore-row .widget-hslider .slider-container{flex:1 1 auto;margin:.35rem .6rem}
.ijb-explore-row .widget-text{flex:0 0 6.5rem;width:6.5rem;margin:0}
.ijb-explore-buttons{flex-wrap:wrap;gap:.25rem}
.ijb-explore-buttons .jupyter-button{width:auto}
.ijb-explore .noUi-handle:focus-visible{outline:3px solid #12436d;outline-offset:2px}
.ijb-explore .ijb{max-width:none}
.ijb-explore .ijb p{margin:0 0 .5rem}
.ijb-explore .ijb figure{margin:.75rem 0}
.ijb-explore .ijb img{max-width:100%;height:auto;color-scheme:light}
[data-jp-theme-light=false] .ijb-explore .ijb img{color-scheme:dark}
.ijb-explore .ijb .note,.ijb-explore .ijb .subtitle{opacity:1}
.ijb-explore .ijb h3{font-size:1.05em;margin:1rem 0 .25rem}
.ijb-explore .ijb .key{gap:.75rem 1.5rem;margin:0;padding-top:.5rem;
grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr))}
.ijb-explore .wrong{border-left:5px solid #f46a25;padding-left:.6rem;margin:.25rem 0}
"""

# The slider that ipywidgets make has neither a name nor a value that a screen reader could say: both are in its row.
# The sentence is read out once a control has come to rest.
NAMES = """
(() => {
  const area = element.closest('.jp-OutputArea') || element.parentElement || document.body;
  if (area.ijbNames) { return; }
  let waiting;
  const set = (node, name, text) => { if (node && text && node.getAttribute(name) !== text) {
    node.setAttribute(name, text); } };
  const say = (whole) => {
    const text = whole.querySelector('.headline')?.textContent;
    let said = whole.querySelector(':scope > .ijb-explore-said');
    if (!said) { said = document.createElement('div'); said.className = 'ijb-explore-said';
      said.setAttribute('role', 'status'); whole.append(said); said.before = text; }
    if (text && said.before !== text) { said.before = text; said.textContent = text; }
  };
  const name = () => {
    area.querySelectorAll('.ijb-explore-row').forEach((row) => {
      const label = row.querySelector('.widget-hslider .widget-label')?.textContent;
      const unit = row.querySelector('.widget-text .widget-label')?.textContent;
      if (!label) { return; }
      const handle = row.querySelector('.noUi-handle');
      set(handle, 'aria-label', label);
      set(handle, 'aria-valuetext', row.querySelector('.widget-readout')?.textContent);
      set(row.querySelector('input'), 'aria-label', `${label}, ${unit}`);
    });
    clearTimeout(waiting);
    waiting = setTimeout(() => area.querySelectorAll('.ijb-explore').forEach(say), 600);
  };
  area.ijbNames = new MutationObserver(name);
  area.ijbNames.observe(area, {subtree: true, childList: true, attributes: true, attributeFilter: ['aria-valuetext']});
  name();
})();
"""


@cache
def style() -> str:
    """The style sheet of the parts in JupyterLab, and that of the workbench."""
    sheet = (files("ijbtools.report") / "templates" / "lab.css").read_text(encoding="utf-8")
    return f"<style>{sheet}{_STYLE}</style>"


def block(html: str) -> str:
    """A piece in the style of the parts."""
    return f'<div class="ijb">{html}</div>'


def heading(text: str) -> str:
    """A heading within the workbench."""
    return block(f"<h3>{escape(text)}</h3>")


def note(text: str) -> str:
    """A line beside a control."""
    return f'<p class="note">{escape(text)}</p>' if text else ""


def wrong(text: str) -> str:
    """What is wrong with a control, in words beside it."""
    return f'<p class="wrong" role="alert"><strong>Not done.</strong> {escape(text)}</p>' if text else ""


def in_box(value: float, unit: str) -> float:
    """A value as it is typed: a share in percent, so that 0.15 is 15, with no rounding on the way."""
    return float(Decimal(repr(float(value))) * 100) if unit == "share" else float(value)


def from_box(typed: float, unit: str) -> float:
    """The value that was typed."""
    return float(Decimal(repr(float(typed))) / 100) if unit == "share" else float(typed)


def box_label(unit: str) -> str:
    """What stands at the box: `In %`, `In £ a day`, `In years`."""
    return "In %" if unit == "share" else f"In {unit}"


def spoken(value: float, unit: str) -> str:
    """A value in full, with its unit: `12.5%`, `£618.12 a day`, `25 years`."""
    shown = in_box(value, unit)
    places = max(0, -int(Decimal(repr(shown)).normalize().as_tuple().exponent))
    if unit.startswith("£") and places:
        places = max(2, places)
    return with_unit(shown, "%" if unit == "share" else unit, places)


def between(span: Range, unit: str) -> str:
    """The ends of a range, the unit once: `£262 to £618.12 a day`, `10% to 40%`."""
    plain = "£" if unit.startswith("£") else unit if unit == "share" else ""
    return f"{spoken(span.low, plain)} to {spoken(span.high, unit)}"


def facts(now: Assumption, params: Assumption, sources: Mapping[str, Source]) -> str:
    """One line on an assumption: its value in params, its range and what the ends mean, quality, source."""
    span = params.range
    said = [f"Central {spoken(next(iter(params.value.values())), params.unit)}"]
    if span:
        said[0] += f", range {between(span, now.unit)} ({span.meaning}{': ' + span.note if span.note else ''})"
    if now.price_base and now.unit.startswith("£"):
        said[0] += f", in {now.price_base} prices"
    if now.quality:
        said.append(f"{parts._SHAPES[now.quality]}{NBSP}{now.quality.capitalize()}")
    if now.source in sources:
        said.append(f"Source {now.source}, {sources[now.source].publisher}")
    return ". ".join(said) + "."


def series(assumption: Assumption) -> str:
    """Why an assumption has no slider."""
    years = [year for year in assumption.value if "/" in year]
    if len(assumption.value) > 1 and years:
        return (
            f"{assumption.label}: a value for each year from {years[0]} to {years[-1]}, so it has no slider. "
            "Change it in a scenario file."
        )
    return f"{assumption.label}: one value without a range, so it has no slider. Change it in a scenario file."


def picture(shown: ShownFigure, narrow: bool = False) -> str:
    """A figure: its title, what is measured, and the drawing with its words for those who do not see it."""
    width = "narrow" if narrow else "wide"
    drawing = getattr(draw(shown, only=width), width)
    # Decoded at once, so that the place is never empty between two drawings.
    return (
        f'<figure><figcaption><span class="title">{escape(shown.title)}</span> '
        f'<span class="subtitle">{escape(shown.subtitle)}</span></figcaption>'
        f'<img src="{drawing.uri}" width="{drawing.width}" height="{drawing.height}" decoding="sync" '
        f'alt="{escape(shown.alt)}"></figure>'
    )


def amounts(bars: Bars) -> ShownFigure:
    """The few amounts that the topic's what-if is about, as a figure."""
    frame = pd.DataFrame(bars.rows, columns=["label", "amount"])
    columns = (ShownColumn("label", "What"), ShownColumn("amount", bars.unit, bars.places))
    alt = "; ".join(f"{label}: {with_unit(amount, bars.unit, bars.places)}" for label, amount in bars.rows)
    return ShownFigure(
        kind="bars",
        title=bars.title,
        subtitle=bars.unit,
        alt=f"{alt}.",
        frame=frame,
        category="label",
        value="amount",
        series="",
        places=bars.places,
        unit=bars.unit,
        table=ShownTable(bars.title, bars.unit, columns, frame, ()),
    )


def set_to_ends(count: int) -> str:
    """What a preset did."""
    if not count:
        return "<p>All assumptions are central: with this preset none of them moves.</p>"
    others = "the ends of the others bring no more, so they stay central"
    return f"<p>{count} {'assumption' if count == 1 else 'assumptions'} set to an end of the range; {others}.</p>"


def standing(changes: Sequence[tuple[str, str, str]]) -> str:
    """How far the state is from params, in a line; the first few differences are named."""
    if not changes:
        return '<p class="note">Every assumption is central, as in params.</p>'
    named = [f"{label}, {now} instead of {then}" for label, then, now in changes[:3]]
    named += [f"and {len(changes) - 3} more"] if len(changes) > 3 else []
    count = "1 assumption differs" if len(changes) == 1 else f"{len(changes)} assumptions differ"
    return f'<p class="note"><strong>{count} from params:</strong> {escape("; ".join(named))}.</p>'


def differs(rows: Iterable[tuple[str, str, str]]) -> str:
    """What the pinned state and the present one differ in."""
    cells = "".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{escape(then)}</td><td>{escape(now)}</td></tr>'
        for label, then, now in rows
    )
    if not cells:
        return '<p class="note">Nothing differs from the pinned state yet: move a control.</p>'
    head = '<tr><th scope="col">What</th><th scope="col">Pinned</th><th scope="col">Now</th></tr>'
    return (
        '<table><caption><span class="title">What differs</span></caption>'
        f"<thead>{head}</thead><tbody>{cells}</tbody></table>"
    )


def pinned(label: str, kept: str) -> str:
    """The state that is kept beside the moving one."""
    return f'<div class="ijb ijb-pinned"><h3>{escape(label)}</h3>{kept}</div>'


def saved(parameters: Mapping[str, str], left_empty: Sequence[str]) -> str:
    """Where a scenario lies, and the lines by which a plan uses it; a rate is text there, as in the notebook."""
    lines = [f"  {name}: {_quoted(value)}" for name, value in parameters.items()]
    text = "\n".join(["parameters:", *lines])
    html = (
        f'<p role="status">Saved as <code>{escape(parameters["scenario"])}</code>. A plan uses it with these lines:</p>'
    )
    html += f"<pre>{escape(text)}</pre>"
    if left_empty:
        html += note(f"Leave {listed(list(left_empty))} empty among the parameters: a choice there wins over this one.")
    return html


def _quoted(value: str) -> str:
    return f'"{value}"' if value.replace(".", "", 1).isdigit() else value


def in_words(error: Exception) -> str:
    """An error as a sentence or two; never a traceback."""
    if isinstance(error, InputRefused):
        said = [
            f"Found {one.found}; expected {one.expected}.{f' Nearest: {one.nearest}.' if one.nearest else ''}"
            for one in error.problems
        ]
        return " ".join(said)
    if isinstance(error, CannotWrite):
        return str(error)
    return f"This cannot be worked out ({type(error).__name__}: {error})."
