"""Captions: are they there, do they say enough, and do they say it in the same words?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from configs.dataset_rules import DatasetRules
from configs.datasets import DatasetConfig, DatasetPicture
from router.datasets.preflight.finding import Finding, found
from router.datasets.preflight.samples import count_of
from router.datasets.preflight.words import normal, says, without, words_of

TokenCount: TypeAlias = Callable[[str], int]
DRAFT = "draft"


def check_captions(dataset: DatasetConfig, rules: DatasetRules, tokens: TokenCount, limit: int) -> Iterator[Finding]:
    """`tokens` counts those of a text as the model does that is to learn; it reads `limit` of them."""
    said = [one for one in dataset.pictures if one.caption]
    yield from _missing(dataset, rules)
    yield from _lengths(dataset, said, rules, tokens, limit)
    yield from _equal(said, rules)
    drafts = [one for one in said if one.caption_by == DRAFT or "@" in one.caption_by]
    if drafts:
        unsure = sum(one.unsure for one in drafts)
        of_these = f"; of {count_of(unsure)} it was not sure itself" if unsure else ""
        reason = f"{count_of(len(drafts))} with a caption that a program wrote and nobody has read{of_these}"
        drafts.sort(key=lambda one: not one.unsure)
        yield found(
            rules.checks["captions_unread"],
            "captions_unread",
            reason,
            "read them, and mend what is wrong",
            _ids(drafts),
        )


def _ids(pictures: Sequence[DatasetPicture]) -> tuple[str, ...]:
    return tuple(one.picture for one in pictures)


def _missing(dataset: DatasetConfig, rules: DatasetRules) -> Iterator[Finding]:
    silent = [one for one in dataset.pictures if not one.caption]
    if silent:
        all_of = len(silent) == len(dataset.pictures)
        reason = "no picture has a caption" if all_of else f"{count_of(len(silent))} without a caption"
        remedy = (
            "have captions suggested (“Suggest captions” on the page, `atelier datasets captions ID --suggest`) and "
            "read them, write what each shows, or bring a text file of the same name beside each picture"
        )
        yield found(rules.checks["caption_missing"], "caption_missing", reason, remedy, _ids(silent))


def _lengths(
    dataset: DatasetConfig, said: Sequence[DatasetPicture], rules: DatasetRules, tokens: TokenCount, limit: int
) -> Iterator[Finding]:
    least = int(rules.at("caption_short"))
    short = [one for one in said if len(words_of(without(one.caption, dataset.trigger))) < least]
    if short:
        reason = f"{count_of(len(short))} with a caption of fewer than {least} words, such as “{short[0].caption[:40]}”"
        remedy = "say what is shown, in which colours, and where: what is not said is taken for part of the look"
        yield found(rules.checks["caption_short"], "caption_short", reason, remedy, _ids(short))
    long = [one for one in said if tokens(one.caption) > limit]
    if long:
        reason = f"{count_of(len(long))} with a caption of more than {limit} tokens: what is beyond is not read"
        yield found(rules.checks["caption_too_long"], "caption_too_long", reason, "shorten it", _ids(long))


def _equal(said: Sequence[DatasetPicture], rules: DatasetRules) -> Iterator[Finding]:
    by_text = defaultdict[str, list[DatasetPicture]](list)
    for one in said:
        by_text[normal(one.caption)].append(one)
    for same in by_text.values():
        if len(same) > 1 and len({one.sha256 for one in same}) > 1:
            reason = f"{count_of(len(same))} have the same caption: “{same[0].caption[:60]}”"
            remedy = "say what tells them apart; one of them may have the caption of another"
            yield found(rules.checks["captions_equal"], "captions_equal", reason, remedy, _ids(same))


def check_terms(dataset: DatasetConfig, rules: DatasetRules) -> Iterator[Finding]:
    """The same thing in the same words, and no words for what is always so."""
    said = [one for one in dataset.pictures if one.caption]
    for group in rules.vocabulary:
        yield from _mixed(said, group, rules)
    for group in rules.synonyms:
        by_term = {term: those for term in group if (those := [one for one in said if says(one.caption, term)])}
        if len(by_term) > 1:
            named = " and ".join(f"“{term}” ({len(those)})" for term, those in by_term.items())
            rare = min(by_term.values(), key=len)
            reason = f"captions say {named} for what may be the same"
            yield found(rules.checks["synonyms"], "synonyms", reason, "choose one word, if it is one thing", _ids(rare))
    for word in rules.style_words:
        those = [one for one in said if says(one.caption, word)]
        if len(said) > 2 and len(those) == len(said) and not says(dataset.trigger, word):
            reason = (
                f"all captions say “{word}”: what is always so is learned with the trigger, and is then asked for twice"
            )
            remedy = "leave it out of captions, or write it into prompts, too"
            yield found(rules.checks["style_words"], "style_words", reason, remedy)


def _mixed(said: Sequence[DatasetPicture], group: Sequence[str], rules: DatasetRules) -> Iterator[Finding]:
    """Some captions use one word of a group, others another: “flat” here, “minimal” there."""
    used = {one.picture: frozenset(term for term in group if says(one.caption, term)) for one in said}
    ways = defaultdict[frozenset[str], list[DatasetPicture]](list)
    for one in said:
        if used[one.picture]:
            ways[used[one.picture]].append(one)
    if len(ways) < 2:
        return
    most = max(ways.values(), key=len)
    others = [one for those in ways.values() if those is not most for one in those]
    told = "; ".join(f"“{', '.join(sorted(way))}” in {len(those)}" for way, those in ways.items())
    reason = f"captions call the look by different words: {told}"
    remedy = f"write “{', '.join(sorted(used[most[0].picture]))}” in all of them, or in none"
    yield found(rules.checks["vocabulary"], "vocabulary", reason, remedy, _ids(others))


def check_trigger(dataset: DatasetConfig, rules: DatasetRules, tokens: TokenCount) -> Iterator[Finding]:
    """The word that is to call what was learned: is there one, is it said, is it a new word, is it short?"""
    trigger, checks = dataset.trigger, rules.checks
    said = [one for one in dataset.pictures if one.caption]
    if not trigger:
        reason = "there is no trigger word: nothing calls what was learned, and it shows in every picture"
        yield found(checks["trigger_unset"], "trigger_unset", reason, "make up a word, and write it into each caption")
        return
    without_it = [one for one in said if not says(one.caption, trigger)]
    if without_it:
        reason = f"{count_of(len(without_it))} whose caption lacks “{trigger}”"
        yield found(checks["trigger_missing"], "trigger_missing", reason, "write it into each", _ids(without_it))
    if all(word in rules.common_words for word in words_of(trigger)):
        reason = f"“{trigger}” means something to the model already, and would mean something else then"
        yield found(
            checks["trigger_common"],
            "trigger_common",
            reason,
            "make up a word, such as your brand's name and a few letters",
        )
    if tokens(trigger) > rules.at("trigger_long"):
        reason = f"“{trigger}” takes {tokens(trigger)} tokens"
        yield found(checks["trigger_long"], "trigger_long", reason, "take one or two short words")
