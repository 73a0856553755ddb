"""The configuration in config/, its manual and its schemas."""

import io
import json
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from ruamel.yaml import YAML

from feedsvc import query
from feedsvc.model import Category, Tag
from feedsvc.query import Subject, Wording
from feedsvc.settings import CONFIG_FILES, Settings, json_schema, load, reference

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load(CONFIG, {})[1]


def test_it_reads_real_sources_in_both_languages(settings: Settings) -> None:
    assert len(settings.sources) >= 20
    assert {source.language for source in settings.sources} == {"vi", "en"}
    nhandan = [
        source for source in settings.sources if source.url.partition("//")[2].startswith(("nhandan", "en.nhandan"))
    ]
    assert {source.language for source in nhandan} == {"vi", "en"}
    assert len({source.url for source in settings.sources}) == len(settings.sources)


def test_no_publisher_has_given_leave_so_all_are_excerpts_with_credit(settings: Settings) -> None:
    for source in settings.sources:
        assert (source.policy.republish, source.policy.pictures) == ("excerpt", False)
        assert source.policy.rights
        assert source.policy.attribution is not None
        assert source.policy.attribution.in_language("vi").startswith("Nguồn: ")
        assert source.policy.attribution.in_language("en").startswith("Source: ")


@pytest.mark.shared
def test_every_address_was_seen_in_public_code(settings: Settings, shared: Path) -> None:
    seen = (shared / "source-addresses.json").read_text("utf-8")
    assert [source.url for source in settings.sources if f'"{source.url}"' not in seen] == []


def test_its_eight_categories_speak_both_languages(settings: Settings) -> None:
    assert [category.id for category in settings.categories] == [
        "product-quality",
        "intellectual-property",
        "innovation",
        "green-transition",
        "industry-promotion",
        "trade",
        "science-and-technology",
        "small-enterprises",
    ]
    for category in settings.categories:
        assert dict(category.title.by_language).keys() == {"vi", "en"}
        assert category.description
        assert category.match


def filed(settings: Settings, title: str, summary: str = "", lang: str = "vi") -> set[str]:
    subject = Subject(wording=Wording(title=title, summary=summary), lang=lang, zone=ZoneInfo("UTC"))
    labels: tuple[Category | Tag, ...] = (*settings.categories, *settings.tags)
    rules = {each.id: query.parse(each.match) for each in labels if each.match}
    return {id_ for id_, rule in rules.items() if query.matches(rule, subject)}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Bắt giữ 2.000 sản phẩm hàng giả tại TP.HCM", {"product-quality"}),
        ("Nâng cao chất lượng sản phẩm, hàng hoá xuất khẩu", {"product-quality", "trade"}),
        ("Cà phê Buôn Ma Thuột được bảo hộ chỉ dẫn địa lý", {"intellectual-property"}),
        ("Thúc đẩy khởi nghiệp đổi mới sáng tạo", {"innovation"}),
        ("Hỗ trợ doanh nghiệp nhỏ và vừa chuyển đổi số", {"small-enterprises", "innovation", "digital-transformation"}),
        ("Phát triển điện gió ngoài khơi, hướng tới Net Zero", {"green-transition"}),
        ("Gỡ khó cho công nghiệp hỗ trợ", {"industry-promotion"}),
        ("Hà Nội có thêm 50 sản phẩm OCOP", {"industry-promotion", "ocop"}),
        ("Xuất khẩu gạo lập kỷ lục", {"trade"}),
        (
            "Chiến lược phát triển công nghiệp bán dẫn",
            {"science-and-technology", "industry-promotion", "semiconductors"},
        ),
        ("Trí tuệ nhân tạo trong y tế", {"science-and-technology", "artificial-intelligence"}),
    ],
)
def test_a_vietnamese_headline_is_filed(settings: Settings, title: str, expected: set[str]) -> None:
    assert filed(settings, title) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Vietnam tightens food safety checks", {"product-quality"}),
        ("New law strengthens intellectual property protection", {"intellectual-property"}),
        ("Da Nang builds an innovation hub for startups", {"innovation"}),
        ("Renewable energy makes up a third of supply", {"green-transition"}),
        ("Bac Ninh to open two industrial parks", {"industry-promotion"}),
        ("Seafood exports to EU rise under EVFTA", {"trade", "trade-agreements"}),
        ("AI helps farmers", {"science-and-technology", "artificial-intelligence"}),
        ("Banks lend more to SMEs", {"small-enterprises"}),
    ],
)
def test_an_english_headline_is_filed(settings: Settings, title: str, expected: set[str]) -> None:
    assert filed(settings, title, lang="en") == expected


@pytest.mark.parametrize(
    "title",
    [
        "Nhân viên ngân hàng giả chữ ký của khách để rút tiền",
        "Ai sẽ vô địch V-League mùa này?",
        "VTV mua bản quyền truyền hình World Cup",
        "Thanh tra việc tuyển dụng xuất khẩu lao động",
        "Triệt phá đường dây đánh bạc công nghệ cao",
        "Quy hoạch đô thị vệ tinh Hòa Lạc",
        "Cháy lớn trong khu công nghiệp",
        "Nhà hàng Việt tại Singapore",
        "Chelsea beat Schalke to go top",
    ],
)
def test_a_headline_that_only_sounds_alike_is_not_filed(settings: Settings, title: str) -> None:
    assert filed(settings, title) == set()


@pytest.mark.parametrize("name", CONFIG_FILES)
@pytest.mark.parametrize("quotes", [True, None], ids=["quotes-kept", "quotes-free"])
@pytest.mark.parametrize("width", [80, 4096])
def test_it_is_shipped_in_the_form_that_ruamel_writes(name: str, quotes: bool | None, width: int) -> None:
    yaml = YAML()
    yaml.preserve_quotes = quotes
    yaml.width = width
    written = io.BytesIO()
    yaml.dump(yaml.load(CONFIG / name), written)
    assert written.getvalue() == (CONFIG / name).read_bytes()


@pytest.mark.parametrize("name", CONFIG_FILES)
def test_its_schema_accepts_it(name: str) -> None:
    schema = json_schema()[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(YAML(typ="safe", pure=True).load(CONFIG / name), schema)
    header = (CONFIG / name).read_text("utf-8").partition("\n")[0]
    assert header.endswith(f"$schema=schema/{name.replace('.yaml', '.json')}")


def test_manual_and_schemas_are_fresh(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "README.md").write_bytes((CONFIG / "README.md").read_bytes())
    subprocess.run([sys.executable, "-W", "error", "-m", "feedsvc.settings", folder], check=True, timeout=30)
    for path in sorted(folder.rglob("*.*")):
        shipped = CONFIG / path.relative_to(folder)
        assert path.read_bytes() == shipped.read_bytes(), f"run python -m feedsvc.settings: {shipped.name} is stale"


def test_the_manual_lists_every_key_with_type_default_and_sentence() -> None:
    text = reference()
    for schema in json_schema().values():
        for definition in (schema, *schema["$defs"].values()):
            for name, field in definition["properties"].items():
                assert field["description"].endswith(".")
                assert field["description"] in text
                assert f"{name}` |" in text
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
    assert {len(row) for row in rows} == {4}
    assert "| `publish.window` | duration: `90s` `15m` `6h` `2d` | `48h` | " in text
    assert json.dumps(json_schema())  # plain JSON
