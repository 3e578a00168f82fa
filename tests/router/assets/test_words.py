"""What is typed into a search, as words, terms and colours."""

from __future__ import annotations

import pytest

from configs.errors import InvalidRequest
from router.assets.search.colours import cell_of, cells_near, oklab
from router.assets.search.question import Filters, Question
from router.assets.search.terms import token
from router.assets.search.words import MOST_WORDS, Word, asked_words, words_of
from router.people.viewer import Viewer


def test_words_are_folded_and_come_once() -> None:
    assert words_of("A Café, a CAFE\u0301 au lait!", "snake_case 3D Straße", "") == (
        *("a", "cafe", "au", "lait", "snake", "case", "3d", "strasse"),
    )


def test_the_last_word_and_a_star_find_what_begins_so() -> None:
    assert asked_words("Red fox") == (Word("red"), Word("fox", begins=True))
    assert asked_words("re* fox* a") == (Word("re", begins=True), Word("fox", begins=True), Word("a"))


@pytest.mark.parametrize(
    "query", ['"red" AND (fox OR NEAR)', "red -fox", "red:fox*", "^red + fox'", "red & fox | !x", "{red fox}\x00"]
)
def test_signs_of_any_query_language_mean_nothing(query: str) -> None:
    assert {"red", "fox"} <= {word.text for word in asked_words(query)}


@pytest.mark.parametrize("query", ['"" - * ( ) : ^', "&|!<->", "   ", "\x00\x07", "***"])
def test_a_query_without_a_word_is_refused_in_a_sentence(query: str) -> None:
    with pytest.raises(InvalidRequest, match="no word in it"):
        asked_words(query)


def test_a_query_of_too_many_words_is_refused_and_a_long_word_is_cut() -> None:
    with pytest.raises(InvalidRequest, match=f"at most {MOST_WORDS}"):
        asked_words("ab " * (MOST_WORDS + 1))
    assert asked_words("x" * 10_000) == (Word("x" * 40, begins=True),)


def test_a_term_is_one_token_of_letters_and_digits_whatever_it_holds() -> None:
    for term in ("tag:a b", "tag:' OR 1=1", "tag:\ud800", "type:icon"):
        assert token(term).isalnum()
        assert token(term).isascii()
    assert token("tag:a") != token("tag:b")


def test_near_colours_are_found_and_others_are_not() -> None:
    for asked, near in (("e01b24", "#d13438"), ("#0078D4", "#106ebe"), ("ffffff", "#fcfcfc"), ("000000", "#010101")):
        assert cell_of(near) in cells_near(asked)
    for asked, other in (("e01b24", "#f2a03d"), ("0078d4", "#2e8b57"), ("ffffff", "#c0c0c0"), ("000000", "#404040")):
        assert cell_of(other) not in cells_near(asked)
    assert oklab("#ffffff") == pytest.approx((1.0, 0.0, 0.0), abs=1e-6)
    with pytest.raises(InvalidRequest, match="six digits"):
        cells_near("red")


def test_a_cursor_is_of_one_search() -> None:
    question = Question(Viewer("ana"), Filters(query="fox"))
    assert question.after(question.sign(2**61 + 3)) == 2**61 + 3
    for other in (
        Question(Viewer("ben"), Filters(query="fox")),
        Question(Viewer("ana"), Filters(query="foxes")),
        Question(Viewer("ana"), Filters(query="fox"), sort="oldest"),
        Question(Viewer("ana"), Filters(query="fox"), deleted=True),
        Question(Viewer("ana"), Filters(query="fox", terms=(("type", "icon"),))),
    ):
        with pytest.raises(InvalidRequest, match="begin again without `before`"):
            other.after(question.sign(7))
