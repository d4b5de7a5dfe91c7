"""A workspace's own house style: what is read, what is refused, and colours that can be read."""

import colorsys
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ijbtools.errors import InputRefused
from ijbtools.inputs import style
from ijbtools.inputs.style import Style, contrast, luminance, read_style, shade, tint

WHOLE = """\
organisation: Strathorran Integration Joint Board
accent: "#7A0019"
contact: finance@strathorran.example
accessibility: |
  Everybody can read these pages,
  at every size of text.

  Write to us for another form.
"""

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def refused(home, text):
    """The problems for which a house style of that text is refused."""
    (home / "house.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused) as error:
        read_style(home)
    assert "Mend house.yaml" in error.value.then
    return [str(problem) for problem in error.value.problems]


def test_a_whole_style_is_read(tmp_path):
    """All four names are read, the colour in small letters, the statement as its paragraphs."""
    (tmp_path / "house.yaml").write_text(WHOLE, encoding="utf-8")
    read = read_style(tmp_path)
    assert read.organisation == "Strathorran Integration Joint Board"
    assert read.light == "#7a0019"
    assert read.contact == "finance@strathorran.example"
    assert read.paragraphs == (
        "Everybody can read these pages, at every size of text.",
        "Write to us for another form.",
    )


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n", "organisation:\ncontact:\n", 'accent: ""\n'])
def test_nothing_said_is_the_plain_style(tmp_path, text):
    """Without the file, and where it says nothing, the style is the plain one."""
    if text is not None:
        (tmp_path / "house.yaml").write_text(text, encoding="utf-8")
    assert read_style(tmp_path) == Style()
    assert (Style().light, Style().dark, Style().paragraphs) == (style.ACCENT, style.DARK_ACCENT, ())


def test_the_plain_accent_said_aloud_changes_nothing():
    """Who writes down the accent that every page has gets the dark one that goes with it."""
    assert Style(accent=style.ACCENT).dark == style.DARK_ACCENT


def test_names_are_one_line():
    """Organisation and contact are set in one line, whatever line breaks they came with."""
    said = Style(organisation="Strathorran\n  Integration\tJoint Board", contact="Finance\nteam")
    assert (said.organisation, said.contact) == ("Strathorran Integration Joint Board", "Finance team")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'organisation: A\naccent: "#88c0d0"\n',
            "line 2: found #88c0d0, whose contrast with the page is 2.0 to 1; expected at least 4.5 to 1. "
            "Nearest: #587c87.",
        ),
        # 4.49995: rounded half-up it would be said to be what is expected.
        ('accent: "#008580"\n', "line 1: found #008580, whose contrast with the page is 4.4 to 1; expected at least"),
        (
            "accent: #12436d\n",
            'line 1: found nothing for accent; expected a colour in quotation marks, such as "#12436d": '
            "without them # begins a comment.",
        ),
        ("accent: blue\n", "line 1: found accent: 'blue'; expected a colour such as \"#12436d\"."),
        ("accent: 7a0019\n", 'expected a colour such as "#12436d". Nearest: #7a0019.'),
        (
            "accent: 123456\n",
            "line 1: found accent: '123456'; expected a colour such as \"#12436d\". Nearest: #123456.",
        ),
        ('accent: "#12436"\n', "line 1: found accent: '#12436'"),
        ('accent: "#12436d80"\n', "line 1: found accent: '#12436d80'"),
        ('accent: "#123}*{color:red"\n', "line 1: found accent: '#123}*{color:red'"),
        ('accent: "#٣٣٣"\n', "line 1: found accent: '#٣٣٣'"),
        ("accent: [red]\n", "line 1: found accent: "),
        (
            "\norganization: A\n",
            "line 2: found the name organization; expected one of organisation, accent, contact or accessibility. "
            "Nearest: organisation.",
        ),
        ("colour:\n", "line 1: found the name colour; expected one of"),
        ("? [a, b]\n: c\n", "line 1: found the name "),
        ("organisation: 2026\n", "line 1: found organisation: 2026; expected a valid string."),
        ("contact: [a, b]\n", "line 1: found contact: ['a', 'b']; expected a valid string."),
        ("contact: TBC\n", "line 1: found the placeholder 'TBC' in contact; expected text that is finished."),
        ("accessibility: |\n  Ask\n\n  {{ who }}\n", "line 1: found the placeholder '{{' in accessibility"),
        ('organisation: "a\\0b"\n', "line 1: found a character in organisation that text does not have ('\\x00')"),
        ('organisation: "a\\u202eb"\n', "found a character in organisation that text does not have ('\\u202e')"),
        ('contact: "a\\ud800"\n', "found a character in contact that text does not have ('\\ud800')"),
        ("organisation: A\norganisation: B\n", "line 2: found the name organisation a second time"),
        ("- organisation\n", "line 1: found a list or a single value"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, text, message):
    """A colour that cannot be read, an unknown name, a wrong or unfinished value: each told with its line."""
    (problem,) = refused(tmp_path, text)
    assert problem.startswith("house.yaml, line ")
    assert message in problem


def test_all_problems_are_told_in_the_order_of_the_file(tmp_path):
    """Every problem is told in one pass, from the top of the file down."""
    found = refused(tmp_path, 'contact: TBC\ncolour: red\naccent: "#fff"\norganisation: 1\n')
    assert [int(one.split("line ")[1].split(":")[0]) for one in found] == [1, 2, 3, 4]


@pytest.mark.parametrize("name", ["house.yml", "House.yml"])
def test_another_name_is_told(tmp_path, name):
    """A house style under nearly its name is not passed over in silence."""
    (tmp_path / name).write_text(WHOLE, encoding="utf-8")
    with pytest.raises(InputRefused, match=re.escape(name)):
        read_style(tmp_path)


def test_a_folder_is_no_house_style(tmp_path):
    """A folder of that name is told in a sentence."""
    (tmp_path / "house.yaml").mkdir()
    with pytest.raises(InputRefused, match=r"house\.yaml: found a folder; expected a file"):
        read_style(tmp_path)


@given(st.text())
@example("x: \ud800")
def test_any_file_is_read_or_refused(tmp_path_factory, text):
    """Whatever stands in the file, it is read or refused in sentences."""
    home = tmp_path_factory.mktemp("home")
    (home / "house.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        read_style(home)
    except InputRefused as error:
        assert error.problems


# Colours


def test_contrast_is_that_of_the_guidelines():
    """Contrast agrees with published ratios: black on white 21, #767676 the lightest grey that passes, #777 not."""
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#123456", "#123456") == 1
    # 0.2126 and 0.7152 are the luminances of full red and full green: (1 + 0.05) / (0.2126 + 0.05) = 3.998.
    assert contrast("#ff0000", "#ffffff") == pytest.approx(3.998, abs=0.0005)
    assert luminance("#00ff00") == pytest.approx(0.7152)
    # WebAIM's contrast checker: #767676 4.54 to 1, #777777 4.48 to 1.
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@given(colours)
@example("#767676")
@example("#777777")
@example("#000000")
@example("#ffffff")
def test_an_accent_is_refused_when_it_cannot_be_read(tmp_path_factory, colour):
    """An accent is refused exactly when its contrast with white is below 4.5; what is proposed instead passes."""
    home = tmp_path_factory.mktemp("home")
    (home / "house.yaml").write_text(f'accent: "{colour}"\n', encoding="utf-8")
    try:
        read = read_style(home)
    except InputRefused as error:
        (problem,) = error.problems
        assert contrast(colour, "#ffffff") < 4.5
        assert Style(accent=problem.nearest).accent == problem.nearest
        assert contrast(problem.nearest, "#ffffff") >= 4.5
        with pytest.raises(ValueError, match=r"4\.5 to 1"):
            Style(accent=colour)
    else:
        assert contrast(colour, "#ffffff") >= 4.5
        assert read.light == Style(accent=colour).light == colour


@given(st.integers(0, 0xFFF).map(lambda number: f"#{number:03x}"))
def test_three_digits_are_six(colour):
    """`#rgb` is `#rrggbb`, whether it passes or not."""
    whole = "#" + "".join(digit * 2 for digit in colour[1:])
    if contrast(whole, "#ffffff") >= 4.5:
        assert Style(accent=colour) == Style(accent=whole.upper())
    else:
        with pytest.raises(ValueError, match="at least"):
            Style(accent=colour)


@given(colours)
def test_dark_pages_get_a_tint_that_can_be_read(colour):
    """Every accent that passes has a lighter tint, which stands out from the dark paper by 7 to 1 and no more."""
    light = shade(colour)
    tinted = Style(accent=light).dark
    assert re.fullmatch("#[0-9a-f]{6}", tinted)
    assert luminance(tinted) > luminance(light)
    assert 7 <= contrast(tinted, style.DARK_PAPER) < 7.2 or light == style.ACCENT


@given(colours)
def test_shades_and_tints_keep_the_hue(colour):
    """A shade is no lighter, a tint no darker, no channel passes another; one that passes already stays as it is."""
    for mixed, darker in ((shade(colour), True), (tint(colour), False)):
        pairs = list(zip(channels(colour), channels(mixed), strict=True))
        assert all(new <= old if darker else new >= old for old, new in pairs)
        ordered = sorted(pairs)
        assert [new for _, new in ordered] == sorted(new for _, new in ordered)
    assert shade(shade(colour)) == shade(colour)
    assert tint(tint(colour)) == tint(colour)


@given(colours)
def test_strong_colours_keep_their_hue(colour):
    """The hue of a strong colour’s shade and tint is its own, to the rounding of whole channels."""
    hue, _, strength = colorsys.rgb_to_hsv(*(one / 255 for one in channels(colour)))
    for mixed in (shade(colour), tint(colour)):
        spread = max(channels(mixed)) - min(channels(mixed))
        if strength > 0.2 and spread > 40:
            off = abs(colorsys.rgb_to_hsv(*(one / 255 for one in channels(mixed)))[0] - hue)
            assert min(off, 1 - off) < 0.02


def channels(colour):
    """Red, green and blue from 0 to 255."""
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
