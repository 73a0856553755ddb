"""Languages: tags in their usual form (RFC 5646), and a guess where the publisher says none."""

import re
import unicodedata

from feedsvc.extract.elements import named

#: ISO 639-1; a feed that claims a two-letter language outside this list claims nothing.
_TWO_LETTERS = named(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee "
    "el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is "
    "it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms "
    "mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk "
    "sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi "
    "yo za zh zu"
)
_TAG = re.compile(
    r"([a-z]{2,3})((?:-[a-z]{3})?)((?:-[a-z]{4})?)((?:-(?:[a-z]{2}|\d{3}))?)((?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*)"
)

#: Letters that Vietnamese has and hardly another language: đ, ơ, ư and vowels with their tones, but for those that
#: Yoruba and Igbo write too (ẹ, ị, ọ, ụ).
_VIETNAMESE = re.compile("[đơưạảấầẩẫậắằẳẵặẻẽếềểễệỉỏốồổỗộớờởỡợủứừửữựỳỵỷỹ]")
#: Without those that are words of its neighbours too: in, was, of, a, as, on, not, we.
_ENGLISH_WORDS = named(
    "the and to that for it are with by this from have which were its will they their you your been would who how why"
)
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 500


def normalised(tag: str | None) -> str | None:
    """Return a language tag with each part in its usual case (`en-us`: `en-US`), or None where it is none."""
    match = _TAG.fullmatch(tag.strip().replace("_", "-").lower()) if tag else None
    if match is None:
        return None
    language, extension, script, region, variants = match.groups()
    if (len(language) == 2 and language not in _TWO_LETTERS) or language in ("und", "mul", "zxx", "mis"):
        return None
    return f"{language}{extension}{script.title()}{region.upper()}{variants}"


def detected(text: str) -> str | None:
    """Return "vi" or "en" where the text says so plainly, else None.

    Vietnamese: a twentieth of the letters are its own. English: a tenth of the words are its function words, two
    different ones at least, and the letters are plain.
    """
    words = _WORD.findall(unicodedata.normalize("NFC", text[:_SAMPLE]).lower())
    letters = "".join(words)
    if not letters:
        return None
    own = len(_VIETNAMESE.findall(letters)) / len(letters)
    if own >= 0.05 and len(words) >= 2:
        return "vi"
    common = [word for word in words if word in _ENGLISH_WORDS]
    plain = sum(letter.isascii() for letter in letters) / len(letters)
    if len(set(common)) >= 2 and len(common) / len(words) >= 0.1 and plain >= 0.97:
        return "en"
    return None
