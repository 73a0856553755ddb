"""The same article from another source, and what only looks like it."""

import unicodedata
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.dedup import arrivals
from feedsvc.model import Verdict
from tests.dedup.samples import ARTICLE, ENGLISH, ENGLISH_TITLE, TITLE, Stored, edited, entry, kinds

LINES = ARTICLE.splitlines()
PARAGRAPHS = [edited(ARTICLE.replace("\n", " "), 0.97, seed) for seed in range(4)]


def judged(ours: str, theirs: str, title: str | None = "Nhan đề của báo này", other: str | None = None) -> Verdict:
    """Return what a text is when another source has another one."""
    stored = Stored()
    stored.offer(entry("x", "https://b.vn/x", other or "Một nhan đề khác hẳn", theirs))
    (verdict,) = stored.poll(entry("g", "https://a.vn/1", title, ours))
    return verdict


@pytest.mark.parametrize("text", [ARTICLE, ENGLISH], ids=["vi", "en"])
@pytest.mark.parametrize("share", [0.05, 0.1, 0.15, 0.2])
def test_edited_copies_join_the_story(text: str, share: float) -> None:
    copies = [judged(edited(text, share, seed), text).kind for seed in range(25)]
    # At a fifth of the words of so short an article a few may share no band.
    assert copies.count("copy") >= (25 if share < 0.2 else 22)


@pytest.mark.parametrize(
    "copy",
    [
        unicodedata.normalize("NFD", ARTICLE),
        ARTICLE.replace("Hoà", "Hòa").replace("Thuỷ", "Thủy"),
        f"(TTXVN) - {ARTICLE}",
        f"TTO - {ARTICLE}\nTheo TTXVN\nNguồn: nhandan.vn",
        f"{PARAGRAPHS[0][:300]}\n{ARTICLE}",
        "\n".join(LINES[:6]),
        "\n".join(LINES[2:]),
        ARTICLE.replace("14/11", "14-11").replace("3,2 tỷ", "3.2 tỷ").replace("1180 độ", "1.180 độ C"),
    ],
    ids=["NFD", "tones", "dateline", "credit", "foreword", "beginning", "end", "spelling"],
)
def test_a_copy_is_known_by_its_words(copy: str) -> None:
    verdict = judged(copy, ARTICLE)
    assert verdict.kind == "copy"
    assert verdict.evidence is not None
    assert verdict.evidence.kind == "text"
    assert verdict.evidence.entry_id == 1000
    assert "(other)" in verdict.evidence.detail


def test_an_excerpt_under_the_same_headline_finds_the_long_article() -> None:
    long = "\n".join([ARTICLE, *PARAGRAPHS])
    assert judged("\n".join(LINES[:2]), long, TITLE, TITLE).kind == "copy"


def test_a_round_up_does_not_swallow_a_story() -> None:
    round_up = "\n".join([*PARAGRAPHS, ARTICLE, *PARAGRAPHS])
    assert judged(ARTICLE, round_up).kind == "new"


WEATHER = (
    "Dự báo thời tiết ngày {}/11, khu vực Hà Nội nhiều mây, đêm và sáng có mưa nhỏ rải rác, trưa chiều giảm mây "
    "hửng nắng, gió đông bắc cấp {}. Nhiệt độ thấp nhất {} độ, cao nhất {} độ. Khu vực miền núi phía bắc trời "
    "rét, có nơi dưới {} độ. Từ Thanh Hoá đến Huế có mưa rào và dông, lượng mưa phổ biến {} mm, có nơi trên {} "
    "mm. Nam Bộ ngày nắng, chiều tối có mưa rào vài nơi, nhiệt độ cao nhất {} độ. Người dân cần theo dõi các bản "
    "tin tiếp theo của trung tâm dự báo."
)
GOLD = (
    "Sáng nay giá vàng miếng trong nước được các doanh nghiệp lớn niêm yết ở mức {} triệu đồng chiều mua vào và "
    "{} triệu đồng chiều bán ra, so với hôm qua thay đổi {} nghìn đồng mỗi lượng. Giá vàng nhẫn giao dịch quanh "
    "mức {} triệu đồng. Trên thị trường thế giới giá vàng giao ngay đứng ở {} đô la một ounce, quy đổi theo tỷ "
    "giá tương đương {} triệu đồng, thấp hơn giá trong nước khoảng {} triệu đồng. Giới phân tích cho rằng nhà đầu"
    " tư nên thận trọng trong lúc này, phiên giao dịch hôm nay có khối lượng {} tấn."
)
RESULTS = (
    "Quarterly results of the harbour company, for the period that ended on day {}: revenue came to {} million "
    "pounds, profit before tax to {} million, and the dividend is set at {} pence a share. The company moved {} "
    "thousand containers and employed {} people at the end of the period. The chairman thanked all staff for "
    "their work and said that the board looks forward with confidence, after investment of {} million in cranes "
    "and quays and {} new berths."
)


@pytest.mark.parametrize("template", [WEATHER, GOLD, RESULTS], ids=["weather", "gold", "results"])
def test_the_same_words_around_other_numbers_are_another_article(template: str) -> None:
    random = Random(7)
    for _ in range(30):
        one, other = (template.format(*(random.randint(2, 999) for _ in range(8))) for _ in range(2))
        assert judged(one, other).kind == "new"
        assert judged(one, f"{one} (TTXVN)").kind == "copy"


def test_the_same_words_around_other_names_are_another_article() -> None:
    notice = (
        "Gia đình xin báo tin buồn: {0} đã từ trần sau một thời gian lâm bệnh nặng, hưởng thọ tuổi cao. Lễ viếng "
        "{0} được tổ chức tại nhà tang lễ thành phố {1}, sau đó đưa về an táng tại nghĩa trang quê nhà {2}. Thay "
        "mặt tang quyến, {3} xin chân thành cảm tạ bà con lối xóm, bạn bè gần xa và đoàn thể đã đến chia buồn, "
        "giúp đỡ gia đình trong những ngày qua. Trong lúc tang gia bối rối, nếu có điều gì sơ suất kính mong được"
        " lượng thứ."
    )
    one = notice.format("Cụ Nguyễn Văn Bình", "Nam Định", "Hải Hậu", "Nguyễn Thị Hoa")
    other = notice.format("Cụ Phạm Gia Khánh", "Cần Thơ", "Ô Môn", "Phạm Quốc Việt")
    assert judged(one, other).kind == "new"


def test_issues_of_a_series_stay_apart() -> None:
    assert judged(ARTICLE, edited(ARTICLE, 0.05), "Chuyện làng gốm, kỳ 1", "Chuyện làng gốm, kỳ 2").kind == "new"


def test_an_article_about_the_same_thing_in_other_words_is_new() -> None:
    shared = "\n".join([*LINES[:4], *PARAGRAPHS[:2]])
    assert judged(shared, ARTICLE).kind == "new"


def test_the_same_link_joins_what_agrees() -> None:
    link = "https://nhandan.vn/lo-gom-post845123.html"
    stored = Stored()
    stored.offer(entry("x", link, TITLE, "\n".join(LINES)))
    aggregated = entry("g", f"{link}?utm_source=feed", TITLE, "Đọc thêm.")
    blogged = entry("h", link, "Bạn tôi viết về đồ gốm đấy", "Một lời bình của riêng tôi.")
    linked = entry("i", link.replace("lo-gom", "lo-moi"), None, None)
    for each, kind in ((aggregated, "copy"), (blogged, "new"), (linked, "copy")):
        (verdict,) = stored.poll(each)
        assert verdict.kind == kind
        assert verdict.evidence is None or "nhandan.vn" in verdict.evidence.detail


def test_short_texts_join_by_link_only() -> None:
    assert judged("Tin vắn giống hệt nhau.", "Tin vắn giống hệt nhau.", TITLE, TITLE).kind == "new"


def test_a_story_takes_one_entry_of_a_source() -> None:
    stored = Stored()
    stored.offer(entry("x", "https://b.vn/x"), source_id="ours")
    assert kinds(stored.poll(entry("g", "https://a.vn/1"))) == ["new"]
    stored = Stored()
    stored.offer(entry("x", "https://b.vn/x"))
    near = entry("g", "https://a.vn/1", "Tin", edited(ARTICLE, 0.1))
    equal = entry("h", "https://a.vn/2")
    for document in ((near, equal), (equal, near)):
        verdicts = dict(zip((each.guid for each in document), stored.poll(*document), strict=True))
        assert (verdicts["g"].kind, verdicts["h"].kind) == ("new", "copy")


def test_the_strongest_evidence_wins() -> None:
    stored = Stored()
    stored.offer(
        entry("x", "https://b.vn/x", TITLE, edited(ARTICLE, 0.1)),
        entry("y", "https://b.vn/y", TITLE, ARTICLE),
        entry("z", "https://a.vn/1", TITLE, edited(ARTICLE, 0.15)),
    )
    by_text, by_link = stored.poll(entry("g", "https://c.vn/1")), stored.poll(entry("g", "https://a.vn/1"))
    assert by_text[0].story_id == stored.others[1].story_id
    assert by_link[0].story_id == stored.others[2].story_id


def test_nothing_is_asked_for_known_and_skipped_entries() -> None:
    stored = Stored()
    known, skipped = arrivals([entry("g", "https://a.vn/1"), entry("s", "https://a.vn/2")])
    skipped = replace(skipped, skipped="advertisement")
    stored.keep([known])
    assert kinds(stored.judge([known, skipped])) == ["unchanged", "new"]
    assert stored.asked == []


def test_an_entry_that_is_no_longer_skipped_gets_its_story() -> None:
    stored = Stored()
    (arrival,) = arrivals([entry("g", "https://a.vn/1")])
    stored.keep([replace(arrival, skipped="advertisement")])
    (verdict,) = stored.judge([arrival])
    assert (verdict.kind, verdict.entry_id, verdict.story_id) == ("changed", 0, None)
    stored.offer(entry("x", "https://b.vn/x"))
    (verdict,) = stored.judge([arrival])
    assert (verdict.kind, verdict.entry_id, verdict.story_id) == ("changed", 0, stored.others[0].story_id)


def test_fingerprints_of_another_version_are_not_compared() -> None:
    stored = Stored()
    (arrival,) = arrivals([entry("g", "https://a.vn/1")])
    old = replace(arrival, fingerprint=replace(arrival.fingerprint, version=1))
    stored.keep([old])
    assert kinds(stored.judge([arrival])) == ["changed"]
    stored = Stored()
    stored.offer(entry("x", "https://b.vn/x"))
    stored.others = [replace(c, fingerprint=replace(c.fingerprint, version=1)) for c in stored.others]
    assert kinds(stored.judge([arrival])) == ["new"]


TEXTS = [ARTICLE, edited(ARTICLE, 0.1, 1), edited(ARTICLE, 0.1, 2), ENGLISH, edited(ENGLISH, 0.1), "Tin vắn."]
DOCUMENTS = st.lists(
    st.tuples(st.sampled_from(["g", "h", "i", "j"]), st.sampled_from(TEXTS), st.sampled_from([TITLE, ENGLISH_TITLE])),
    unique_by=lambda each: each[0],
    max_size=4,
)


@settings(max_examples=40)
@given(DOCUMENTS, st.sets(st.sampled_from(TEXTS)), st.randoms(use_true_random=False))
def test_the_order_of_arrivals_does_not_matter(
    document: list[tuple[str, str, str]], stories: set[str], random: Random
) -> None:
    stored = Stored()
    stored.offer(*(entry(f"x{n}", f"https://b.vn/{n}", TITLE, text) for n, text in enumerate(sorted(stories))))
    arrived = list(arrivals([entry(guid, f"https://a.vn/{guid}", title, text) for guid, text, title in document]))
    verdicts = dict(zip((arrival.keys for arrival in arrived), stored.judge(arrived), strict=True))
    joined = [verdict.story_id for verdict in verdicts.values() if verdict.story_id]
    assert len(joined) == len(set(joined))
    random.shuffle(arrived)
    stored.others.reverse()
    assert dict(zip((arrival.keys for arrival in arrived), stored.judge(arrived), strict=True)) == verdicts
