"""Plain text of safe HTML, for cards and search results."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.extract.markup import safe
from feedsvc.fragments import plain, take_out, tree, written


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>It ends here.</p><p>Beta <b>w</b>ord</p>", "It ends here. Beta word"),
        ("<ul><li>a</li><li>b</li></ul>c", "a b c"),
        ("<table><tbody><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></tbody></table>", "a b c"),
        ("<h2>A</h2>b<br/>c<hr/>d", "A b c d"),
        ("<figure><img src='x'/><figcaption>a</figcaption></figure>b", "a b"),
        ("a <i>b</i>\n<i> c</i> d", "a b c d"),
        ("1 &lt; 2 &amp;amp; &quot;3&quot; &#39;", '1 < 2 &amp; "3" \''),
        ('<p title="a &gt; b">c</p>', "c"),
        ("a<wbr/>b<span>c</span>", "abc"),
        ("a < b", "a < b"),
        ("", ""),
    ],
)
def test_plain(html: str, text: str) -> None:
    assert plain(html, 100) == text


@given(st.lists(st.sampled_from(["<p>ab</p>", " ", "&amp;", "c d", "<br/>", "\n<b>e </b>"])), st.integers(1, 40))
def test_the_beginning_is_that_of_the_whole(pieces: list[str], limit: int) -> None:
    html = "".join(pieces)
    assert plain(html, limit) == plain(html, 10_000)[:limit].rstrip()


def test_the_rest_of_a_long_text_is_not_read() -> None:
    # Neither a tag nor a reference is cut.
    assert plain("<p>" + '<a href="https://a.example/">x</a>' * 20_000, 5) == "xxxxx"
    assert plain("&amp;" * 20, 5) == "&&&&&"


@given(st.text("ab<>&\"'/=p \n\t", max_size=60))
def test_what_is_read_and_written_is_as_extract_writes_it(text: str) -> None:
    made = safe(f'<p title="{text.replace(chr(34), "&quot;")}">a</p>{text}<br>', None)
    assert made is not None
    assert written(tree(made.html)) == made.html


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p>a<img/>b<img/>c</p>", "<p>abc</p>"),
        ("<p>a</p><p><b> <img/></b><i><img/> </i></p>b", "<p>a</p>b"),
        ("<div><p><img/><img/></p>a</div>", "<div>a</div>"),
        ("<p><img/><br/></p>", "<p><br/></p>"),
        ("<ul><li><img/></li></ul>", "<ul><li></li></ul>"),
        ("<img><img/>a</img>b", "b"),
        ("<p>" + "<img/>a" * 50_000 + "</p>", f"<p>{'a' * 50_000}</p>"),
    ],
)
def test_what_is_taken_out_leaves_its_tail_and_no_empty_wrapper(html: str, left: str) -> None:
    root = tree(html)
    take_out(root, root.iter("img"))
    assert written(root) == left
