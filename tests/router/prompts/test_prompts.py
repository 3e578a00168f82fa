"""Prompts on their way to a model: nothing of the user's words is lost while the template has any, nothing is cut in
silence, and other programs' syntax never reaches a model, while ordinary text stays to the letter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from configs.catalog import Installation
from configs.contracts import AssetTypeConfig
from configs.errors import InvalidRequest, UnknownName
from configs.load import ROOT
from configs.placements import GeneratorPlacement
from configs.schema import Size
from router.job_request import JobRequest
from router.notes import NoteCode
from router.plan import Plan
from router.planning.contract import find_frame
from router.planning.making import make_plan
from router.prompts.composing import Composed, Frame, compose
from router.prompts.syntax import read_syntax
from router.prompts.tokens import Counter, Estimated, counter_of
from router.rates import Rates
from tests.catalogue import add_lora, copy_configs, load_installation
from tests.short_form import examples

LOCAL = load_installation("local")
MINI = LOCAL.catalog.models["mini"]
COUNTER = counter_of(MINI, LOCAL)
ASSET_TYPES = sorted(LOCAL.catalog.asset_types)
HEADED = AssetTypeConfig(
    id="headed",
    name="Headed",
    description="words before the prompt",
    prompt_template="a flat icon of {prompt} on white, minimal, clean geometric shapes",
    default_size=Size(width=512, height=512),
    sizes=(Size(width=512, height=512),),
    formats=("png",),
)
WORDS = st.sampled_from(
    [
        "a",
        "red",
        "bicycle",
        "basket",
        "café",
        "Straßenlampe",
        "cat's",
        "unquestionably",
        "自行车",
        "12",
        "x-ray,",
        "#1",
        "🚲",
    ]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=90).map(" ".join)
NEEDS_COUNTING = {NoteCode.PROMPT_CUT, NoteCode.STYLE_SHORTENED}


def planned(installation: Installation = LOCAL, **job_request: object) -> Plan:
    return make_plan(JobRequest.model_validate(job_request), installation, Rates(), 1)


def codes(plan: Plan) -> set[str]:
    return {one.code for one in plan.notes}


def test_mini_is_counted_with_its_own_tokenizer() -> None:
    own = Tokenizer.from_file(str(ROOT / "deployments/weights/mini/tokenizer_2/tokenizer.json"))
    plan = planned(prompt="a red bicycle")
    assert plan.base.reading is not None
    assert (plan.base.reading.tokens, plan.base.reading.exact) == (len(own.encode(plan.base.full_prompt).ids), True)


@pytest.mark.parametrize("asset_type", [*ASSET_TYPES, "headed"])
@settings(max_examples=examples(120), deadline=None)
@given(TEXTS, st.lists(st.sampled_from(["pixelart", "sks style"]), max_size=2, unique=True), st.booleans())
def test_no_word_of_the_user_gives_way_while_the_template_has_any(
    asset_type: str, prompt: str, triggers: list[str], exact: bool
) -> None:
    kind = LOCAL.catalog.asset_types.get(asset_type, HEADED)
    counter: Counter = COUNTER if exact else Estimated()
    got = compose(prompt, frame_of(kind), triggers, MINI, counter)
    whole = frame_of(kind).before + prompt + frame_of(kind).after
    check(got, prompt, ", ".join([*(word for word in triggers if word not in whole), whole]), counter)


def frame_of(kind: AssetTypeConfig) -> Frame:
    """What its template has around a prompt that fills no slot."""
    return find_frame(JobRequest(prompt="anything"), kind, None, None)


def check(got: Composed, prompt: str, whole: str, counter: Counter) -> None:
    reading, limit = got.reading, MINI.text_length
    tokens = counter.measure(whole, limit).tokens
    assert (got.text == whole) == (tokens <= limit)
    told = {note.code for note in got.notes}
    assert told <= NEEDS_COUNTING | {NoteCode.PROMPT_UNKNOWN}
    assert bool(told & NEEDS_COUNTING) == (tokens > limit)
    assert (NoteCode.PROMPT_UNKNOWN in told) == (counter.exact and any(letter in prompt for letter in "éß自🚲"))
    assert prompt in got.text
    assert (reading.tokens > limit) == bool(reading.lost)
    if reading.lost:
        assert prompt.rstrip(" ,").endswith(reading.lost) or got.text.endswith(prompt)
        assert got.text.endswith(prompt)
        assert reading.left_out, "the template kept words"
    for phrase in reading.left_out:
        assert any(phrase in note.message for note in got.notes)


@settings(max_examples=examples(200), deadline=None)
@given(TEXTS, st.integers(3, 64))
def test_what_is_read_is_what_the_tokens_that_are_read_spell(text: str, limit: int) -> None:
    measured = COUNTER.measure(text, limit)
    assert (measured.read < len(text)) == (measured.tokens > limit)
    if measured.read:
        assert COUNTER.measure(text[: measured.read], limit).tokens <= limit
    following = len(text[: measured.read + 1].rstrip())
    if measured.read < following:
        assert COUNTER.measure(text[:following], limit).tokens > limit or text[following - 1 : following + 1].isalnum()


def test_letters_that_a_model_does_not_know_are_told() -> None:
    plan = planned(prompt="a red 自行车 🚲, 自行车")
    (note,) = (note for note in plan.notes if note.code == NoteCode.PROMPT_UNKNOWN)
    assert "'自行车 🚲'" in note.message
    assert NoteCode.PROMPT_UNKNOWN not in codes(planned(prompt='a cafe, a "street" & 50 % – {off}'))


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(60, 120))
def test_the_words_that_are_said_to_be_lost_are_those_that_the_model_does_not_read(count: int) -> None:
    words = [f"{'abcdefghij'[i % 10]}{i}" for i in range(count)]
    got = compose(" ".join(words), frame_of(LOCAL.catalog.asset_types["icon"]), (), MINI, COUNTER)
    read = got.text.removesuffix(got.reading.lost)
    assert COUNTER.measure(read, MINI.text_length).tokens <= MINI.text_length
    assert COUNTER.measure(f"{read}{got.reading.lost.split()[0]}", MINI.text_length).tokens > MINI.text_length
    assert " ".join(words).endswith(got.reading.lost)


def test_the_style_of_a_long_prompt_is_kept_before_its_padding() -> None:
    prompt = (
        "a red bicycle with a basket of yellow flowers that leans on a blue wall in the sun, a cat and a bird beside it"
    )
    plan = planned(prompt=prompt)
    assert plan.base.reading is not None
    assert plan.base.full_prompt.startswith(f"{prompt}, Fluent 2 design icon")
    assert plan.base.reading.left_out[-1] == "high contrast"
    assert (plan.base.reading.lost, codes(plan) & NEEDS_COUNTING) == ("", {NoteCode.STYLE_SHORTENED})


def test_a_model_whose_tokenizer_is_not_here_is_estimated_and_that_is_said(tmp_path: Path) -> None:
    gpu = load_installation("gpu")
    for id in gpu.catalog.models:
        if id != "mini":
            placement = GeneratorPlacement(model=id)
            alone = gpu.model_copy(update={"profile": gpu.profile.model_copy(update={"generators": (placement,)})})
            counter = counter_of(gpu.catalog.models[id], alone)
            assert not counter.exact, id
    long = planned(gpu, prompt="a, " * 600, model="flux-1-dev")
    (cut,) = (note for note in long.notes if note.code == NoteCode.PROMPT_CUT)
    assert "reads 512 tokens and this prompt takes about 12" in cut.message


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.sampled_from(["a", "red", "umbrella", "bicycle,", "wall."]), min_size=1, max_size=60).map(" ".join))
def test_an_estimate_is_not_far_off(text: str) -> None:
    counted, estimated = (one.measure(text, 1000).tokens for one in (COUNTER, Estimated()))
    assert counted * 0.6 - 2 <= estimated <= counted * 1.8 + 2


ORDINARY = st.sampled_from(
    [
        "a house (red)",
        "ratio 1:2",
        "(16:9)",
        "at 10:30",
        "(scale 1:2)",
        "C++ logo",
        "std::vector",
        "f(x)",
        "50 % off",
        '"COFFEE BREAK"',
        "COFFEE BREAK",
        "rock & roll",
        "the letter A",
        "well-known — and old",
        "--help",
        "a:1.2",
        "<html> tag",
        "5 > 3",
        "don't",
        "#1",
        "e.g. this",
        "(2024)",
        "3:2 (landscape)",
        "coffee: hot",
        "Müller's café",
        "(sale: 50)",
        "print()",
        "<p> tag",
    ]  # fmt: skip
)
PLAIN = st.sampled_from(["cat", "a red bicycle", "wool", "the sun", "big eyes", "Straße"])
NUMBERS = st.sampled_from(["1.2", "0.8", ".5", "-1", "2", "+1.05"])
SYNTAX = st.one_of(
    st.builds("({}:{})".format, PLAIN, NUMBERS),
    st.builds("({} : {})".format, PLAIN, NUMBERS),
    st.builds("(({} x:{}):1.3)".format, PLAIN, NUMBERS).map(lambda text: text.replace("(x", "(")),
    st.builds("(({}))".format, PLAIN),
    st.builds("(({}:1.1), {}:{})".format, PLAIN, PLAIN, NUMBERS),
    st.builds("[{}]".format, PLAIN),
    st.builds("[[{}]]".format, PLAIN),
    st.builds("[{}|{}]".format, PLAIN, PLAIN),
    st.builds("[{}:{}:0.5]".format, PLAIN, PLAIN),
    st.builds("{{{}|{}}}".format, PLAIN, PLAIN),
    st.builds("{}:::{}".format, PLAIN, NUMBERS),
    st.builds("{}::{}".format, PLAIN, NUMBERS),
    st.builds("({})1.3".format, PLAIN),
    st.builds("({})++".format, PLAIN),
    st.builds("{} BREAK {}".format, PLAIN, PLAIN),
    st.builds("<hypernet:{}:1>".format, st.just("x")),
    st.builds("({}_9:{})".format, st.sampled_from(["score", "v"]), st.sampled_from(["1.2", ".5"])),
    st.builds("（{}：{}）".format, PLAIN, NUMBERS),
    st.builds("({}, <hypernet:x:1>:{})".format, PLAIN, NUMBERS),
    st.builds("(<hypernet:x:1>, {})".format, PLAIN),
    st.builds("(embedding:bad-hands:1.2) {}".format, PLAIN),
    st.builds("{{{{{}}}}}".format, PLAIN),
    st.builds("__{}__".format, st.sampled_from(["animals", "places/cities"])),
    st.builds("<random:{}, {}>".format, PLAIN, PLAIN),
    st.builds("<fromto[0.4]:{}|{}>".format, PLAIN, PLAIN),
    st.builds("{} <segment:{}>".format, PLAIN, st.sampled_from(["face", "yolo-face-1", "the hands, 0.6"])),
    st.builds("{} <lora:unclosed:0.8".format, PLAIN),
)
OPTIONS = st.sampled_from(
    ["", " --ar 16:9", " --v 6.1 --style raw", " --no text, water --seed 5", " —ar 3:2", " --tile"]
)
FOREIGN = re.compile(
    r"[\[\]{}|]|::|<hypernet|<lora|:\s*[-+]?\d*\.\d+\)|\(\(|\)\)|\bBREAK\b|(?<!\S)(--|—)(ar|v|no|style|seed|tile)"
    r"|：|__|<|\( |embedding:|_9:"
)


@pytest.mark.slow
@settings(max_examples=examples(400), deadline=None)
@given(st.lists(ORDINARY, min_size=1, max_size=6), st.sampled_from([", ", " ", "  ", "; "]))
def test_ordinary_text_stays_to_the_letter(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    assert read_syntax(text).text == text
    assert read_syntax(text).ignored == ()


@pytest.mark.slow
@settings(max_examples=examples(400), deadline=None)
@given(st.lists(SYNTAX, min_size=1, max_size=5), OPTIONS)
def test_syntax_goes_and_its_words_stay(pieces: list[str], options: str) -> None:
    reading = read_syntax(", ".join(pieces) + options)
    assert not FOREIGN.search(reading.text), reading.text
    assert reading.ignored
    for piece in pieces:
        for word in re.findall(
            r"[^\W\d_]{2,}", re.sub(r"<(hyper|segm).*?>|<lora:\S*|<\w+[:[]|BREAK|embedding:\S+", "", piece)
        ):
            assert word in reading.text
    assert read_syntax(reading.text) == type(reading)(reading.text)


@settings(max_examples=examples(200), deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["({}:1.2)", "[{}]", "(({}))", "({})1.1 ", "{}", "{{{}|x}}"]), PLAIN), min_size=2
    )
)
def test_words_stay_apart_that_only_syntax_kept_apart(pieces: list[tuple[str, str]]) -> None:
    enclosed = [form.format(words) for form, words in pieces]
    for one, other in zip(pieces, pieces[1:], strict=False):
        if one[0] == other[0] == "{}":
            return  # nothing kept them apart
    text = read_syntax("".join(enclosed)).text
    for _, words in pieces:
        assert re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text), text


@pytest.mark.parametrize(
    "prompt", ["()", "((()))", "(((", "{}", "[]", ",,,", "(:1.2)", "<segment:face>", "( , )", "[[|]]"]
)
def test_a_prompt_of_syntax_alone_says_nothing(prompt: str) -> None:
    with pytest.raises(InvalidRequest, match="no words beside its syntax"):
        planned(prompt=prompt)


@settings(max_examples=examples(300), deadline=None)
@given(st.text("()[]{}<>:|\\-+ aB1.,—lor", max_size=60))
def test_any_text_is_read_once_and_for_all(text: str) -> None:
    once = read_syntax(text)
    assert read_syntax(once.text).loras == ()
    if not (once.ignored or once.loras or "\\" in text):
        assert once.text == text


@pytest.fixture(scope="module")
def with_loras(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    root = copy_configs(tmp_path_factory.mktemp("prompts"))
    add_lora(root, "pixel-art", "default_strength: 0.7")
    add_lora(root, "icons")
    return load_installation("local", root)


@pytest.mark.parametrize(
    ("tag", "used"),
    [
        ("<lora:icons:0.8>", {"icons": 0.8}),
        ("<lora:icons>", {"icons": 1.0}),
        ("<lora:pixel-art>", {"pixel-art": 0.7}),
        ("<lora:Pixel_Art.safetensors:-0.5>", {"pixel-art": -0.5}),
        ("<lora:Pixel Art:1:0.5>", {"pixel-art": 1.0}),
        ("<LoRA: icons : 0.3 > <lyco:pixel-art:unet=0.4>", {"icons": 0.3, "pixel-art": 0.4}),
    ],
)
def test_a_known_lora_of_a_prompt_takes_part(with_loras: Installation, tag: str, used: dict[str, float]) -> None:
    plan = planned(with_loras, prompt=f"a red bicycle {tag}, flat")
    assert {one.lora: one.strength for one in plan.base.loras} == used
    assert NoteCode.PROMPT_LORA in codes(plan)
    assert "<" not in plan.base.full_prompt
    assert plan.base.full_prompt.startswith("a red bicycle, flat")
    assert tag in plan.prompt


def test_a_lora_that_is_not_here_is_refused_with_those_that_are(with_loras: Installation) -> None:
    with pytest.raises(UnknownName, match=r"'add_detail', which is not here; known are icons, pixel-art") as caught:
        planned(with_loras, prompt="a cat <lora:add_detail:0.8>")
    assert (caught.value.field, caught.value.allowed) == ("prompt", ("icons", "pixel-art"))
    with pytest.raises(InvalidRequest, match="a strength is -2 to 2"):
        planned(with_loras, prompt="a cat <lora:icons:80>")
    with pytest.raises(InvalidRequest, match="no words beside its syntax"):
        planned(with_loras, prompt="<lora:icons:1>")


def test_the_strength_of_the_request_counts_before_that_of_the_prompt(with_loras: Installation) -> None:
    job_request = {"prompt": "a cat <lora:icons:0.4>", "loras": [{"id": "icons", "strength": 0.9}]}
    plan = planned(with_loras, **job_request)
    assert [(one.lora, one.strength) for one in plan.base.loras] == [("icons", 0.9)]
    assert any("that of the request counts" in note.message for note in plan.notes)


def test_what_is_not_understood_is_named() -> None:
    plan = planned(prompt="a (red:1.2) bicycle [small] --ar 16:9")
    (note,) = (note for note in plan.notes if note.code == NoteCode.PROMPT_SYNTAX)
    assert all(piece in note.message for piece in ("(red:1.2)", "[small]", "--ar 16:9", "fields of the request"))
    assert plan.base.full_prompt.startswith("a red bicycle small, Fluent")
    assert plan.prompt == "a (red:1.2) bicycle [small] --ar 16:9"
    assert NoteCode.PROMPT_SYNTAX not in codes(planned(prompt="a house (red), ratio 1:2"))
