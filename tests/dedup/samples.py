"""Articles to compare, and the world around them: what is stored, and who offers it as a candidate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from feedsvc.dedup import arrivals, recognise
from feedsvc.model import Arrival, Candidate, Content, Entry, KnownEntry, Verdict

DAY = datetime(2026, 11, 20, 8, tzinfo=UTC)

TITLE = "Làng gốm bên sông Hoà Xuân tìm đường ra thế giới"
#: made up, so that nobody's text lies in the repository
ARTICLE = """
Sáng 14/11, tại huyện Hoà Xuân, hợp tác xã gốm Thuỷ Tiên khánh thành lò nung chạy điện đầu tiên, trị giá 3,2 tỷ đồng.
Lò mới thay cho sáu lò than đã đỏ lửa suốt bốn mươi năm qua bên bờ sông, nơi khói bụi từng phủ xám mái ngói của cả làng.
Bà Trần Thị Khuê, chủ nhiệm hợp tác xã, cho biết mỗi mẻ nung nay chỉ mất 9 giờ thay vì hai ngày hai đêm như trước đây.
Tỷ lệ sản phẩm nứt vỡ giảm từ 17 xuống còn 4 phần trăm, người thợ không còn phải thức trắng canh lửa những đêm mưa bão.
Theo kỹ sư Lê Văn Toản, điều khó nhất là giữ được màu men nâu đất vốn sinh ra từ tro rơm và khói củi của lò cũ.
Nhóm của ông đã thử hơn một trăm công thức trước khi tìm ra cách phun hơi nước vào buồng nung ở nhiệt độ 1180 độ.
Những chiếc bình đầu tiên được một nhà buôn ở Yokohama đặt mua ngay khi còn ấm, với giá cao gấp đôi hàng cùng loại.
Chính quyền huyện hứa hỗ trợ lãi suất trong 24 tháng cho các hộ chuyển đổi và mở lớp dạy nghề miễn phí cho thanh niên.
Tuy vậy không phải ai cũng vui, một số gia đình bán than củi lo mất nguồn thu đã nuôi họ từ đời ông bà đến nay.
Hợp tác xã hẹn sẽ thuê chính những người ấy chở hàng ra cảng, khi chuyến tàu đầu tiên nhổ neo vào mùa xuân tới.
""".strip()

ENGLISH_TITLE = "Island library lends boats along with its books"
ENGLISH = """
The public library on Fallow Island has begun to lend rowing boats to its 840 readers, the council said on Monday.
Anyone with a card may take one of the twelve boats for up to three days, provided that the harbour master agrees.
Librarian Moira Quennell thought of it when the last ferry of the evening was cancelled and half her reading circle
had to sleep between the shelves of the history section. The boats were built by pupils of the island school from the
timber of a barn that fell in the storm of 2019, and each carries the name of a character from a novel set at sea.
A boat that comes back late costs its borrower two pounds a day, the same as an atlas, and a life jacket is part of the
loan. In the first month 311 loans were counted, only one of which ended on the sandbank below the old lighthouse, from
where a reader of detective stories was fetched by the coastguard, chapter unfinished and boots full of water.
Neighbouring islands have asked for the drawings, which the school gives away for nothing but a postcard in return.
""".strip()


def entry(
    guid: str | None = None,
    link: str | None = None,
    title: str | None = TITLE,
    text: str | None = ARTICLE,
    *,
    published: datetime | None = None,
    updated: datetime | None = None,
) -> Entry:
    content = Content(value=text, type="text", text=text) if text is not None else None
    return Entry(guid=guid, link=link, title=title, content=content, published=published, updated=updated)


def edited(text: str, share: float, seed: int = 0) -> str:
    """Return the text with a share of its words replaced, dropped, or followed by another."""
    random = Random(seed)
    words = text.split()
    out: list[str] = []
    for word in words:
        if random.random() >= share:
            out.append(word)
            continue
        other = random.choice(words)
        out += random.choice(([other], [other], [], [word, other]))
    return " ".join(out)


@dataclass
class Stored:
    """What a store holds, for one source that polls and others that have stories already."""

    known: dict[str, KnownEntry] = field(default_factory=dict)
    others: list[Candidate] = field(default_factory=list)
    asked: list[Arrival] = field(default_factory=list)

    def keep(self, arrived: Iterable[Arrival]) -> None:
        for id, arrival in enumerate(arrived, len(self.known)):
            stored = KnownEntry(
                id=id,
                keys=arrival.keys,
                story_id=None if arrival.skipped else UUID(int=id),
                fingerprint=arrival.fingerprint,
                skipped=arrival.skipped,
            )
            self.known |= dict.fromkeys(arrival.keys, stored)

    def offer(self, *entries: Entry, source_id: str = "other") -> None:
        for each in entries:
            id = 1000 + len(self.others)
            (arrival,) = arrivals([each])
            offered = Candidate(
                id=id,
                source_id=source_id,
                story_id=UUID(int=id),
                story_sources=(source_id,),
                entry=each,
                link_keys=arrival.link_keys,
                fingerprint=arrival.fingerprint,
                first_seen_at=DAY,
            )
            self.others.append(offered)

    def candidates(self, arrival: Arrival) -> tuple[Candidate, ...]:
        """Return what a store would find by link or band."""
        self.asked.append(arrival)
        bands, links = set(arrival.fingerprint.bands), set(arrival.link_keys)
        return tuple(c for c in self.others if links & {*c.link_keys} or bands & {*c.fingerprint.bands})

    def poll(self, *entries: Entry) -> tuple[Verdict, ...]:
        return self.judge(arrivals(entries))

    def judge(self, arrived: Sequence[Arrival]) -> tuple[Verdict, ...]:
        return recognise(arrived, self.known, self.candidates, source_id="ours")


def kinds(verdicts: Iterable[Verdict]) -> list[str]:
    return [verdict.kind for verdict in verdicts]
