"""Plans: what they come to, and how a wrong one is refused."""

import pytest

from ijbtools.errors import InputRefused
from ijbtools.publish.plans import read_plan


@pytest.fixture
def plan(root, tmp_path):
    """A workspace with one notebook, and a function that writes and reads its plan."""
    (tmp_path / "params" / "plans").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "shunting.ipynb").touch()

    def read(text, **narrow):
        file = tmp_path / "params" / "plans" / "mine.yaml"
        file.write_text(text, encoding="utf-8")
        return read_plan(file, **narrow)

    return read


GOOD = """label: Mine
notebooks: [shunting]
partnerships: [fife, angus]
period: 2024/25
status: final
signed_by: A. Chief
"""


def test_a_plan_comes_to_one_job_for_each_page(plan, tmp_path):
    """Partnerships times notebooks, each with the plan's parameters and its own."""
    planned = plan(GOOD)
    assert [job.parameters["partnership"] for job in planned.jobs] == ["fife", "angus"]
    assert planned.jobs[0].parameters == {
        "partnership": "fife",
        "period": "2024/25",
        "status": "final",
        "prepared_by": "",
        "signed_by": "A. Chief",
    }
    assert planned.out == tmp_path / "site"
    assert planned.home == tmp_path


def test_arguments_replace_what_the_plan_says(plan, tmp_path):
    """Another partnership, period or folder takes the place of the plan's."""
    planned = plan(GOOD, partnerships=("moray",), periods=("2023/24",), out=tmp_path / "else")
    assert [(j.parameters["partnership"], j.parameters["period"]) for j in planned.jobs] == [("moray", "2023/24")]
    assert planned.out == tmp_path / "else"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("[shunting]", "[shuntng]"), "the notebook 'shuntng'"),
        (GOOD.replace("period:", "perod:"), "line 4: found the name perod"),
        (GOOD.replace("[fife, angus]", "[]"), "partnerships"),
        (GOOD.replace("signed_by: A. Chief\n", ""), "expected signed_by, who signed it off"),
        (GOOD + "parameters: {status: draft}\n", "status as lines of the plan"),
        (GOOD + "label: Again\n", "line 7: found the name label a second time"),
        ("- a list\n", "names with values"),
        (GOOD.replace("[fife, angus]", "[fife, angus"), "not YAML"),
    ],
)
def test_a_wrong_plan_is_refused_with_its_line(plan, text, said):
    """A plan that cannot be used says where and what."""
    with pytest.raises(InputRefused, match=said.replace("[", r"\[")):
        plan(text)
