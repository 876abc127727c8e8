"""Two changes of one text: what is about other lines stays whole, what is about the same lines is refused by name."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.changes.line_merge import LinesCollide, changed_lines, merge_lines

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"\n", b"d\r\n"]), max_size=12)
RANDOMS = st.randoms(use_true_random=False)


def numbered(count: int) -> list[bytes]:
    return [b"line %d\n" % number for number in range(count)]


def changed(random: Random, lines: list[bytes], name: bytes) -> tuple[list[bytes], list[tuple[int, int]]]:
    """The lines with one to three of them replaced, taken out or put in, and from where to where that reaches."""
    touched, result = list[tuple[int, int]](), list(lines)
    for number in sorted(random.sample(range(len(lines)), random.randint(1, 3)), reverse=True):
        new = [b"%s %d\n" % (name, number)]
        match random.randrange(3):
            case 0:
                result[number : number + 1] = new
            case 1:
                del result[number]
            case _:
                result[number:number] = new
                touched.append((number, number))
                continue
        touched.append((number, number + 1))
    return result, touched


@given(count=st.integers(3, 30), random=RANDOMS)
def test_what_is_apart_is_put_together_and_what_meets_is_refused(count: int, random: Random) -> None:
    base = numbered(count)
    wanted, ours = changed(random, base, b"wanted")
    current, theirs = changed(random, base, b"current")
    texts = [b"".join(each) for each in (base, wanted, current)]
    if any(start <= high and low <= stop for start, stop in ours for low, high in theirs):
        with pytest.raises(LinesCollide):
            merge_lines(*texts)
        return
    merged = merge_lines(*texts).splitlines(keepends=True)
    kept = {line for line in base if line in wanted and line in current}
    made = {line for line in (*wanted, *current) if line not in base}
    assert Counter(merged) == Counter(kept | made), "no line is lost, none is there twice"
    for side in (wanted, current):
        shared = [line for line in merged if line in side]
        assert shared == [line for line in side if line in merged], "each side keeps its order"


@given(base=LINES, wanted=LINES)
def test_with_one_change_alone_the_other_side_is_given_back_to_the_byte(
    base: list[bytes], wanted: list[bytes]
) -> None:
    one, other = b"".join(base), b"".join(wanted)
    assert merge_lines(one, other, one) == other
    assert merge_lines(one, one, other) == other


@pytest.mark.parametrize(
    ("current", "spans"),
    [
        (b"a\nb\nX\nd\n", [(3, 3)]),  # the same line
        (b"a\nX\nY\nc\nd\n", [(2, 3)]),  # the line before
        (b"a\nb\nc\nX\n", [(4, 4)]),  # the line after
        (b"a\nb\nX\nc\nd\n", [(3, 3)]),  # between
        (b"a\nb\nd\n", [(3, 2)]),  # the line is gone
    ],
)
def test_a_collision_names_the_lines_as_they_are_now(current: bytes, spans: list[tuple[int, int]]) -> None:
    with pytest.raises(LinesCollide) as caught:
        merge_lines(b"a\nb\nc\nd\n", b"a\nb\nC\nd\n", current)
    assert caught.value.spans == spans


def test_lines_that_were_put_in_are_named_in_order() -> None:
    spans = changed_lines(
        b"".join(numbered(9)), b"".join([b"x\n", *numbered(4), b"y\n", b"y\n", *numbered(9)[4:]])
    )
    assert spans == [(1, 1), (6, 7)]
