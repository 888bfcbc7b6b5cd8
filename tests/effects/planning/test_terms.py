import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.planning.terms import Term, Transform, parse_term

NAMES = st.text(alphabet="abcæøåXYZ019._- ", min_size=1, max_size=20).map(str.strip).filter(bool)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("age", Term("age", Transform.IDENTITY)),
        ("age^2", Term("age", Transform.SQUARE)),
        ("log(income)", Term("income", Transform.LOG)),
        ("factor(region)", Term("region", Transform.FACTOR)),
        ("first.treat", Term("first.treat", Transform.IDENTITY)),
        ("log income", Term("log income", Transform.IDENTITY)),
        ("antal_børn", Term("antal_børn", Transform.IDENTITY)),
    ],
)
def test_the_four_forms_are_terms(text: str, term: Term) -> None:
    assert parse_term(text) == term


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " age",
        "age ",
        "age^3",
        "age^2^2",
        "a*b",
        "a:b",
        "a+b",
        "exp(age)",
        "log(age)^2",
        "log(log(age))",
        "log()",
        "log(",
        "factor(a,b)",
        "C(region)",
        "__import__('os')",
        "age\n",
        "a\x00b",
        "a|b",
        "~age",
    ],
)
def test_nothing_else_is_a_term(text: str) -> None:
    assert parse_term(text) is None


@given(NAMES, st.sampled_from(Transform))
def test_a_term_reads_back_from_its_label(name: str, transform: Transform) -> None:
    term = Term(name, transform)
    assert parse_term(term.label) == term


@given(st.text(max_size=40))
def test_no_text_makes_parsing_fail(text: str) -> None:
    term = parse_term(text)
    assert term is None or term.label == text
