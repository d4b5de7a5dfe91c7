"""The published pages in a browser: for everybody, at every width, in light and dark, without a request."""

import json
from collections import Counter
from importlib.resources import files
from itertools import pairwise

import pytest

pytestmark = pytest.mark.browser

HIGHLAND, ORKNEY, INDEX = "highland/2024-25/shunting.html", "orkney-islands/2024-25/shunting.html", "index.html"
PUBLIC, STRATHORRAN = "highland/2024-25/baseline.html", "strathorran/2026-27-q2/baseline.html"
SCHEMES = "strathorran/2026-27-q2/investment.html"
BRIEFINGS = {"highland": HIGHLAND, "orkney": ORKNEY, "public": PUBLIC, "strathorran": STRATHORRAN, "schemes": SCHEMES}
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

every_page = pytest.mark.parametrize("path", [*BRIEFINGS.values(), INDEX], ids=[*BRIEFINGS, "index"])
briefings = pytest.mark.parametrize("path", BRIEFINGS.values(), ids=list(BRIEFINGS))
light_and_dark = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
widths = pytest.mark.parametrize("width", [1280, 768, 360, 320])


# Everybody


@pytest.mark.parametrize("opened", [False, True], ids=["closed", "open"])
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)], ids=["1280-light", "360-dark"])
@every_page
def test_axe_finds_nothing(visit, path, width, dark, opened):
    """axe-core finds no violation of WCAG 2.2 AA or of good practice, with details closed and with details open."""
    assert not violations(visit(path, width, dark=dark, opened=opened, unguarded=True))


@pytest.mark.parametrize(
    ("width", "dark"),
    [(1280, True), (768, False), (360, False), (320, False)],
    ids=["1280-dark", "768-light", "360-light", "320-light"],
)
@every_page
def test_axe_finds_nothing_elsewhere(visit, path, width, dark):
    """axe-core finds nothing either at other widths and in other colours, where all that can be seen is open."""
    assert not violations(visit(path, width, dark=dark, opened=True, unguarded=True))


def violations(tab):
    """What axe finds on the page as it is: rule, target and summary."""
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    tab.evaluate(AXE)
    found = tab.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{rule['id']}: {node['target']}: {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@every_page
def test_structure(visit, path):
    """A page is British English with one first heading, no level jumped, and one of each landmark, each nav named."""
    tab = visit(path, opened=True)
    assert tab.evaluate("document.documentElement.lang") == "en-GB"
    levels = [int(level) for level in tab.evaluate(LEVELS)]
    assert levels.count(1) == 1
    assert not [(one, after) for one, after in pairwise(levels) if after > one + 1]
    assert {role: tab.get_by_role(role).count() for role in ("main", "banner", "contentinfo")} == {
        "main": 1,
        "banner": 1,
        "contentinfo": 1,
    }
    exposed = tree(tab)
    assert len([name for role, name in exposed if role == "navigation"]) == tab.locator("nav").count()
    assert ("navigation", "") not in exposed


LEVELS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(one => one.tagName[1])"


def tree(tab):
    """Role and name of everything that the browser tells assistive technology."""
    session = tab.context.new_cdp_session(tab)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [(one["role"]["value"], one.get("name", {}).get("value", "")) for one in nodes if not one["ignored"]]


@pytest.mark.parametrize("width", [1280, 320])
@every_page
def test_tables_reach_assistive_technology(visit, path, width):
    """Every table, row, header and cell is told to assistive technology as what it is, and every table has a name.

    One that is laid out as something else loses its role in some browsers, unless it is written down.
    """
    tab = visit(path, width, opened=True)
    exposed = tree(tab)
    roles = Counter(role for role, _ in exposed)
    written = tab.evaluate(
        "elements => Object.fromEntries(Object.entries(elements).map("
        "([role, one]) => [role, document.querySelectorAll(one).length]))",
        {
            "table": "table",
            "row": "tr",
            "columnheader": "th[scope=col]",
            "rowheader": "th[scope=row]",
            "cell": "td",
        },
    )
    assert written["table"] >= 1
    assert {role: roles[role] for role in written} == written
    assert ("table", "") not in exposed
    assert not tab.evaluate(
        """() => [...document.querySelectorAll('table, tr, th, td')].filter(one => !one.hasAttribute('role')
            && !getComputedStyle(one).display.startsWith('table')).map(one => one.outerHTML.slice(0, 120))"""
    )


@every_page
def test_tables_are_whole(visit, path):
    """A table has a caption, a scope and words for every header, rows of equal length, and no hyphen as a minus."""
    tab = visit(path, opened=True)
    assert not tab.evaluate(
        """() => [...document.querySelectorAll('table')].flatMap(table => {
            const faults = [], say = (fault, one) => faults.push(`${fault}: ${(one ?? table).outerHTML.slice(0, 200)}`)
            if (!table.caption?.innerText.trim()) say('no caption')
            if (!table.tHead?.rows.length || !table.tBodies[0]?.rows.length) say('no head or no body')
            const lengths = [...table.rows].map(row => [...row.cells].reduce((sum, one) => sum + one.colSpan, 0))
            if (new Set(lengths).size > 1 && !table.querySelector('[rowspan]')) say(`rows of ${lengths} cells`)
            for (const one of table.querySelectorAll('th')) {
                if (!['col', 'row', 'colgroup', 'rowgroup'].includes(one.getAttribute('scope'))) say('no scope', one)
                if (!one.innerText.trim()) say('blank header', one)
            }
            for (const one of table.querySelectorAll('td'))
                if (/^-[£\\d]/.test(one.innerText.trim())) say('hyphen for minus', one)
            return faults
        })"""
    )


@briefings
def test_numbers_stand_right(visit, path):
    """Where a column holds numbers alone, they and their heading are right-aligned, and the figures are tabular."""
    tab = visit(path, opened=True)
    seen, faults = tab.evaluate(
        """() => {
            const number = /^[−+]?£?\\d[\\d,]*(\\.\\d+)?(%| (million|days))?$/
            let seen = 0
            const faults = []
            for (const table of document.querySelectorAll('table'))
                for (const head of table.tHead.rows[table.tHead.rows.length - 1].cells) {
                    const rows = [...table.tBodies].flatMap(body => [...body.rows])
                    const cells = rows.map(row => row.cells[head.cellIndex])
                    const numbers = cells.filter(one => one.tagName === 'TD' && one.innerText.trim())
                    if (!numbers.length || !numbers.every(one => number.test(one.innerText.trim()))) continue
                    seen += numbers.length
                    for (const one of [head, ...numbers]) {
                        const style = getComputedStyle(one)
                        const right = ['right', 'end'].includes(style.textAlign)
                        if (!right || !style.fontVariantNumeric.includes('tabular-nums')) faults.push(one.outerHTML)
                    }
                }
            return [seen, faults]
        }"""
    )
    assert seen >= 40
    assert not faults


@every_page
def test_the_keyboard_reaches_everything(visit, path):
    """Tab goes to every link, summary and region once, in order, each on the screen and visibly focused."""
    for width, opened in ((1280, False), (360, True)):
        tab = visit(path, width, opened=opened)
        expected = tab.evaluate(STOPS)
        stops = []
        for _ in range(200):
            tab.keyboard.press("Tab")
            if (stop := tab.evaluate(STOP)) is None or stop in stops[:1]:
                break
            stops.append(stop)
        assert [stop["html"] for stop in stops] == expected
        assert not [stop["html"] for stop in stops if not stop["visible"]]


STOPS = """() => [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
    .filter(one => one.checkVisibility() && (one.type !== 'radio' || one.checked))
    .map(one => one.outerHTML.slice(0, 120))"""
STOP = """() => {
    const one = document.activeElement
    if (one === document.body) return null
    const style = getComputedStyle(one), box = one.getBoundingClientRect()
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    const onScreen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
    return {html: one.outerHTML.slice(0, 120), visible: onScreen && (outlined || style.boxShadow !== 'none')}
}"""


@pytest.mark.parametrize("width", [1280, 320])
@every_page
def test_the_first_stop_skips_to_the_content(visit, path, width):
    """The first stop is a link that is on the screen while focused, and Enter takes reading and Tab to the content."""
    tab = visit(path, width)
    tab.keyboard.press("Tab")
    box = tab.locator(":focus").bounding_box()
    assert tab.evaluate("document.activeElement === document.querySelector('a')")
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= width
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.querySelector('main').contains(document.querySelector(':target'))")
    assert tab.evaluate("Math.abs(document.querySelector(':target').getBoundingClientRect().top) < innerHeight / 2")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.querySelector('main').contains(document.activeElement)")


@briefings
def test_contents_lead_to_sections(visit, path):
    """Every entry of the contents leads to a heading with the same words."""
    tab = visit(path)
    entries = tab.evaluate(
        """() => [...document.querySelectorAll('nav a')].map(
            one => [one.innerText, document.querySelector(one.getAttribute('href'))?.innerText])"""
    )
    assert len(entries) >= 4
    assert not [entry for entry in entries if entry[0] != entry[1]]


# Alone


@every_page
def test_nothing_leaves_the_page(browser, site, path):
    """Reading a page at two widths, in light and dark and in print asks for nothing and breaks no rule of the page."""
    asked, said = [], []
    with browser.new_context() as context:
        tab = context.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.add_init_script(
            "window.refused = []; document.addEventListener('securitypolicyviolation', "
            "one => refused.push(`${one.violatedDirective} ${one.blockedURI} ${one.sample}`))"
        )
        address = (site / path).as_uri()
        tab.goto(address)
        tab.set_viewport_size({"width": 320, "height": 900})
        tab.emulate_media(media="print", color_scheme="dark")
        tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        tab.screenshot(full_page=True)
        refused = tab.evaluate("refused")
    assert [one for one in asked if not one.startswith("data:")] == [address]
    assert (said, refused) == ([], [])


@briefings
def test_the_page_says_what_it_was_made_from(visit, site, path):
    """The beginning of the fingerprint of every file that the run read is on the page."""
    beside = next((site / path).parent.glob(f"{(site / path).stem}-*/run.json"))
    record = json.loads(beside.read_text("utf-8"))
    text = visit(path).locator("main").inner_text()
    assert record["inputs"]
    assert not [name for name, digest in record["inputs"].items() if digest[:12] not in text]


# At every width


@widths
@every_page
def test_the_page_never_scrolls_sideways(visit, path, width):
    """A page is not wider than the screen, with details closed and with details open."""
    for opened in (False, True):
        root = visit(path, width, opened=opened).evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert root[0] <= root[1]


@widths
@every_page
def test_what_scrolls_is_a_named_region(visit, path, width):
    """What is wider than its place scrolls in a region that has a name and takes the keyboard's focus."""
    tab = visit(path, width, opened=True)
    scrolling = tab.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(one => one.scrollWidth > one.clientWidth
            && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX)).map(one => ({
                html: one.outerHTML.slice(0, 120), role: one.getAttribute('role'), tab: one.tabIndex,
                name: one.ariaLabel || (one.ariaLabelledByElements ?? []).map(by => by.innerText.trim()).join(' ')}))"""
    )
    assert not [
        one for one in scrolling if one["role"] not in ("region", "group") or one["tab"] != 0 or not one["name"]
    ]


@pytest.mark.parametrize("width", [1280, 961, 768, 481, 360, 320])
@every_page
def test_words_stay_in_their_boxes(visit, path, width):
    """No words run out of the box that they are in."""
    assert not visit(path, width, opened=True).evaluate(SPILLED)


SPILLED = """() => {
    const spilled = []
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (words.nextNode()) {
        const text = words.currentNode
        let box = text.parentElement
        if (!text.data.trim() || !box.checkVisibility()) continue
        while (getComputedStyle(box).display.startsWith('inline')) box = box.parentElement
        if (['auto', 'scroll'].includes(getComputedStyle(box).overflowX)) continue
        const range = document.createRange(), edge = box.getBoundingClientRect()
        for (const word of text.data.matchAll(/\\S+/g)) {
            range.setStart(text, word.index)
            range.setEnd(text, word.index + word[0].length)
            for (const rect of range.getClientRects())
                if (rect.width && (rect.left < edge.left - 1 || rect.right > edge.right + 1))
                    spilled.push(`${word[0]} at ${rect.left} to ${rect.right} in ${edge.left} to ${edge.right}`)
        }
    }
    return spilled
}"""


@pytest.mark.parametrize("width", [768, 360, 320])
@every_page
def test_captions_do_not_scroll_away(visit, path, width):
    """A table's caption is read whole without scrolling sideways."""
    assert not visit(path, width, opened=True).evaluate(
        """() => [...document.querySelectorAll('caption')].filter(one => {
            const range = document.createRange()
            range.selectNodeContents(one)
            return [...range.getClientRects()].some(rect => rect.right > innerWidth)
        }).map(one => one.innerText)"""
    )


@widths
@every_page
def test_no_text_is_small(visit, path, width):
    """No text of a page is smaller than 12 pixels."""
    sizes = visit(path, width, opened=True).evaluate(SIZES)
    assert not [one for one in sizes["all"] if one["size"] < 12]


@pytest.mark.parametrize("media", ["screen", "print"])
@every_page
def test_sizes_keep_their_order(visit, path, media):
    """On screen and on paper, no text in a table or a caption is larger than the text of the page."""
    tab = visit(path, opened=True)
    tab.emulate_media(media=media)
    sizes = tab.evaluate(SIZES)
    assert not [one for one in sizes["tables"] if one["size"] > sizes["body"]]


SIZES = """() => {
    const own = one => [...one.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())
    const size = one => parseFloat(getComputedStyle(one).fontSize)
    const sizes = elements => [...document.querySelectorAll(elements)].filter(one => own(one) && one.checkVisibility())
        .map(one => ({size: size(one), text: one.innerText.slice(0, 60)}))
    return {body: size(document.body), all: sizes('body *'), tables: sizes('table *, figcaption *')}
}"""


# Pictures


@light_and_dark
@briefings
def test_pictures_are_drawn_for_narrow_and_wide(visit, path, dark):
    """Every picture has words for those who do not see it, and shows another drawing at 360 pixels than at 1280."""
    narrow, wide = (pictures(visit(path, width, dark=dark)) for width in (360, 1280))
    assert len(narrow) == len(wide) >= 1
    for small, large in zip(narrow, wide, strict=True):
        assert small["alt"].strip()
        assert small["source"] != large["source"]
        assert small["width"] == 328
        assert 328 < large["width"] <= 680
        assert min(small["height"], large["height"]) > 0


@pytest.mark.parametrize("width", [1280, 961, 768, 600, 481, 360, 320])
@briefings
def test_words_in_pictures_are_not_small(visit, path, width):
    """Words in a picture are shown at 12 pixels or more at every width."""
    shown = pictures(visit(path, width))
    scratch = visit(INDEX, unguarded=True)
    for one in shown:
        words = drawn(scratch, one["svg"])["words"]
        assert min(word["size"] for word in words) * one["shown"] / one["width"] >= 12


@light_and_dark
@pytest.mark.parametrize("width", [1280, 360])
@briefings
def test_words_in_pictures_can_be_read(visit, path, width, dark):
    """In a picture no words are cut by its edge, none overlap, and all stand out by 4.5 to 1 from what is behind."""
    shown = pictures(visit(path, width, dark=dark))
    scratch = visit(INDEX, dark=dark, unguarded=True)
    for one in shown:
        drawing = drawn(scratch, one["svg"])
        assert len(drawing["words"]) >= 4
        assert not [word["text"] for word in drawing["words"] if word["cut"]]
        assert not drawing["overlaps"]
        assert not [word for word in drawing["words"] if word["contrast"] < 4.5]


def pictures(tab):
    """Every picture as it is shown."""
    return tab.evaluate(
        """async () => Promise.all([...document.images].map(async one => {
            await one.decode()
            const data = one.currentSrc.split('base64,')[1] ?? ''
            const svg = new TextDecoder().decode(Uint8Array.from(atob(data), letter => letter.charCodeAt()))
            return {alt: one.alt, source: one.currentSrc, svg, shown: one.clientWidth,
                    width: one.naturalWidth, height: one.naturalHeight}
        }))"""
    )


def drawn(tab, svg):
    """The words of a drawing that is laid open on a page of its own: size, contrast, cut or not, and overlaps."""
    return tab.evaluate(DRAWN, svg)


DRAWN = """svg => {
    document.body.innerHTML = svg
    const picture = document.querySelector('svg'), frame = picture.getBoundingClientRect()
    scrollTo(0, 0)
    const colour = text => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return {rgb: [r, g, b], a} }
    const over = (top, under) => top.rgb.map((part, i) => part * top.a + under[i] * (1 - top.a))
    const light = rgb => rgb.map(part => part / 255)
        .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0)
    const fill = one => {
        const style = getComputedStyle(one), none = style.fill === 'none' || !style.fill.startsWith('rgb')
        const found = none ? {rgb: [0, 0, 0], a: 0} : colour(style.fill)
        return {rgb: found.rgb, a: found.a * style.fillOpacity * style.opacity}
    }
    const behind = (x, y) => document.elementsFromPoint(x, y)
        .filter(one => picture.contains(one) && one !== picture && !one.closest('text')).reverse()
        .reduce((under, one) => over(fill(one), under), colour(getComputedStyle(document.body).backgroundColor).rgb)
    const words = [...picture.querySelectorAll('text')].filter(one => one.textContent.trim()).map(one => {
        const box = one.getBoundingClientRect()
        const under = behind((box.left + box.right) / 2, (box.top + box.bottom) / 2)
        const [darker, lighter] = [light(under), light(over(fill(one), under))].sort((a, b) => a - b)
        return {text: one.textContent.trim(), box, size: parseFloat(getComputedStyle(one).fontSize),
            contrast: (lighter + 0.05) / (darker + 0.05),
            cut: box.left < frame.left - 1 || box.right > frame.right + 1
                || box.top < frame.top - 2 || box.bottom > frame.bottom + 2}
    })
    const slack = box => box.height / 6
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
        && a.top + slack(a) < b.bottom - slack(b) && b.top + slack(b) < a.bottom - slack(a)
    const overlaps = words.flatMap((one, i) => words.slice(i + 1).filter(other => meet(one.box, other.box))
        .map(other => `${one.text} and ${other.text}`))
    return {words, overlaps}
}"""


# In the dark


@every_page
def test_dark_is_dark(visit, path):
    """A page is dark with light text where the reader asks for dark, and light with dark text elsewhere."""
    for dark in (False, True):
        ground, ink = visit(path, dark=dark).evaluate(
            """() => ['backgroundColor', 'color'].map(part => getComputedStyle(document.body)[part])
                .map(text => text.match(/[\\d.]+/g).slice(0, 3).reduce((sum, one) => sum + one / 3 / 255, 0))"""
        )
        assert (ground < 0.2 and ink > 0.8) if dark else (ground > 0.9 and ink < 0.2)


@briefings
def test_pictures_follow_the_dark(visit, path):
    """Every picture holds colours for the dark, and shows others in the dark than in the light."""
    for width in (360, 1280):
        tab = visit(path, width)
        assert not [one["alt"] for one in pictures(tab) if "prefers-color-scheme" not in one["svg"]]
        light = [one.screenshot() for one in tab.locator("img").all()]
        dark = [one.screenshot() for one in visit(path, width, dark=True).locator("img").all()]
        assert not [i for i, one in enumerate(light) if one == dark[i]]
