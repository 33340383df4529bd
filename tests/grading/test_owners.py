"""Whose a file is, in what each system hands over; a student who chooses a clever name gains nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.grading.judge.owners import compiled, owners


def whose(*names: str, **options) -> list[tuple[str, str]]:
    """Name and number for each file."""
    return [(owner.student, owner.id) for owner in owners(names, **options) if owner]


EXPORTS = {
    "canvas": {
        "doejane_123_456_rnn.ipynb": ("doejane", "123"),
        "doe_smith_jane_LATE_124_457_rnn-2.ipynb": ("doe_smith_jane", "124"),
        "teamrocket_125_458_1_2_x.ipynb": ("teamrocket", "125"),  # a group has the number of one of its students
        "müller_126_link.html": ("müller", "126"),
    },
    "canvas, anonymous": {
        "anon_XyZ12_6_1_2_x.ipynb": ("anon_XyZ12", ""),
        "LATE_anon_ab3_7_rnn.ipynb": ("anon_ab3", ""),
    },
    "moodle": {
        "Jane Doe_901_assignsubmission_file_/rnn.ipynb": ("Jane Doe", "901"),
        "Jane Doe_902_assignsubmission_file/deep/rnn.ipynb": ("Jane Doe", "902"),
        "Participant_903_assignsubmission_file_/rnn.ipynb": ("Participant", "903"),
        "John Roe_904_assignsubmission_file_1_2_rnn.ipynb": ("John Roe", "904"),
        "Default group_assignsubmission_file_/rnn.ipynb": ("Default group", ""),
        "Ada L_905_assignsubmission_onlinetext/onlinetext.html": ("Ada L", "905"),
        "Ada L_905_assignsubmission_onlinetext_onlinetext.html": ("Ada L", "905"),
    },
    "blackboard": {
        "Exercise_1_2_jdoe_attempt_2026-10-04-12-30-45_rnn.ipynb": ("jdoe", "jdoe"),
        "Exercise_1_2_m_roe_attempt_2026-10-04-12-30-46_rnn.ipynb": ("m_roe", "m_roe"),
        "Exercise_1_2_m_roe_attempt_2026-10-04-12-30-46.txt": ("m_roe", "m_roe"),
    },
    "brightspace": {
        "397063-1 - Mary-Ann Smith - Sep 24, 2026 926 PM/rnn.ipynb": ("Mary-Ann Smith", "397063-1"),
        "397064-1 - John Doe - Dec 5, 2026 1149 AM - rnn.ipynb": ("John Doe", "397064-1"),
        "397065-1 - Jo D - 5 December, 2026 1149/rnn.ipynb": ("Jo D", "397065-1"),
        "index.html": ("index.html", ""),
    },
    "sakai": {
        "Week 1/Doe, Jane(jdoe)/Submission attachment(s)/rnn.ipynb": ("Doe, Jane", "jdoe"),
        "Week 1/Roe, Jo(jroe)/Submission attachment(s)/rnn.ipynb": ("Roe, Jo", "jroe"),
    },
    "ilias": {
        "Exercise/Abgaben/Doe_Jane_jdoe_1234/rnn.ipynb": ("Jane Doe", "jdoe"),
        "Exercise/Abgaben/Roe_Jo_j_roe_1235/rnn.ipynb": ("Jo Roe", "j_roe"),
    },
    "nbgrader": {
        "submitted/jdoe/rnn/rnn.ipynb": ("jdoe", ""),
        "submitted/jdoe/mlp/mlp.ipynb": ("jdoe", ""),
    },
    "github classroom": {
        "rnn-submissions/rnn-ada/exercises/rnn/starter.ipynb": ("ada", ""),
        "rnn-submissions/rnn-ada/exercises/rnn/solution.ipynb": ("ada", ""),
    },
    "google forms": {
        "Answers/rnn - Jane Doe.ipynb": ("Jane Doe", ""),
        "Answers/a - b - Jo Roe (1).ipynb": ("Jo Roe", ""),
    },
    "google drive": {
        "drive-download-20261104T1/ada/rnn.ipynb": ("ada", ""),
        "drive-download-20261104T1/bob/rnn.ipynb": ("bob", ""),
    },
    "folder": {"ada.ipynb": ("ada", ""), "bob/x/ada.ipynb": ("bob", ""), "../../eve.ipynb": ("eve", "")},
}


@pytest.mark.parametrize("names", EXPORTS.values(), ids=EXPORTS)
def test_each_system_is_read(names):
    assert whose(*names) == list(names.values())


@pytest.mark.parametrize("names", EXPORTS.values(), ids=EXPORTS)
def test_a_folder_common_to_all_is_nobody(names):
    if len(set(names.values())) > 1:
        assert whose(*(f"all of them/again/{name}" for name in names)) == list(names.values())


def test_late_and_later_ones_are_told_apart():
    names = ["doe_LATE_1_99_a.ipynb", "doe_1_100_a.ipynb", "LATE_anon_x_5_a.ipynb"]
    late, in_time, anonymous = owners(names)
    assert late
    assert in_time
    assert anonymous
    assert (late.late, in_time.late, anonymous.late) == (True, False, True)
    assert late.attempt < in_time.attempt
    morning, evening, afternoon = owners(
        [
            f"1-2 - Jo - {when} - a.ipynb"
            for when in ("Dec 5, 2026 1149 AM", "Dec 5, 2026 1201 PM", "Dec 5, 2026 100 PM")
        ]
    )
    assert morning
    assert evening
    assert afternoon
    assert morning.attempt < evening.attempt < afternoon.attempt


@pytest.mark.parametrize(
    ("mine", "others"),
    [
        ("eve/doejane_123_456_rnn.ipynb", []),
        ("eve/doejane_123_456_rnn.ipynb", ["bob/rnn.ipynb"]),
        ("eve/Jane Doe_901_assignsubmission_file_/rnn.ipynb", []),
        ("eve/submission_7/rnn.ipynb", ["bob/rnn.ipynb"]),
        ("eve_5_6_Jane_77_assignsubmission_file_x.ipynb", ["bob_7_8_x.ipynb"]),
        ("eve_5_6_Jane_77_assignsubmission_file_x.ipynb", []),
        ("eve_5_6_x_doe_attempt_2026-10-04-12-30-45_y.ipynb", ["bob_7_8_x.ipynb"]),
        ("eve_5_6_1-2 - Jane - Dec 5, 2026 - x.ipynb", ["bob_7_8_x.ipynb"]),
        ("eve_5_assignsubmission_file_/doejane_123_456_rnn.ipynb", ["bob_6_assignsubmission_file_/x.ipynb"]),
    ],
)
def test_a_file_called_like_anothers_stays_with_who_handed_it_in(mine, others):
    student, _ = whose(mine, *others)[0]
    assert student == "eve"


def test_a_pattern_says_whose_a_file_is():
    pattern = compiled(r"(?P<id>\d+)-(?P<name>[^/]+)/")
    assert owners(["7-Ada/a.ipynb", "b.ipynb"], pattern)[1] is None
    assert whose("7-Ada/a.ipynb", "8-Bob/8-Eve/a.ipynb", pattern=pattern) == [("Ada", "7"), ("Bob", "8")]
    assert whose("7/a.ipynb", pattern=compiled(r"(?P<id>\d+)")) == [("7", "7")]
    with pytest.raises(ValueError, match=r"'\(' is not a regular expression: missing \)"):
        compiled("(")
    with pytest.raises(ValueError, match=r"has no group \(\?P<name>\.\.\.\) or .*; an example: "):
        compiled(r"(\w+)/")


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), max_size=5))
def test_every_name_has_one_answer(names):
    assert len(owners(names)) == len(names)
