"""Which HTML is kept: what articles are made of, and nothing that acts, loads by itself or styles."""


def named(names: str) -> frozenset[str]:
    return frozenset(names.split())


_BLOCKS = (
    "address article aside blockquote dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li "
    "ol p pre section summary ul"
)
_TABLES = "caption col colgroup table tbody td tfoot th thead tr"
_INLINE = (
    "a abbr b bdi bdo br cite code data del dfn em i ins kbd mark q rp rt ruby s samp small span strong sub sup time u "
    "var wbr"
)
_MEDIA = "audio img picture source video"

KEPT = named(f"{_BLOCKS} {_TABLES} {_INLINE} {_MEDIA}")

#: Elements that are kept under the name of a living one; without this their text would run into its neighbours.
RENAMED = {
    "acronym": "abbr",
    "big": "span",
    "center": "div",
    "dialog": "div",
    "dir": "ul",
    "fieldset": "div",
    "font": "span",
    "form": "div",
    "hgroup": "div",
    "legend": "div",
    "listing": "pre",
    "main": "div",
    "menu": "ul",
    "nav": "div",
    "optgroup": "div",
    "option": "div",
    "search": "div",
    "strike": "s",
    "tt": "code",
}
#: SVG and MathML around text. nh3 drops whatever is in a foreign element that it does not know, so it lets these pass
#: where there is SVG or MathML.
FOREIGN = named(
    "svg g text tspan textPath foreignObject switch "
    "math maction menclose merror mfrac mi mlabeledtr mmultiscripts mn mo mover mpadded mphantom mroot mrow ms msqrt "
    "mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics"
)
#: Where there is none, nh3 drops elements with these names, and all that is in them: someone wrote of a `<filter>`.
STRAY = named(
    "animate animatecolor animatemotion animatetransform circle clippath cursor defs discard ellipse feblend "
    "fecolormatrix fecomponenttransfer fecomposite feconvolvematrix fediffuselighting fedisplacementmap fedistantlight "
    "fedropshadow feflood fefunca fefuncb fefuncg fefuncr fegaussianblur feimage femerge femergenode femorphology "
    "feoffset fepointlight fespecularlighting fespotlight fetile feturbulence filter foreignobject g glyph glyphref "
    "hatch hatchpath hkern line lineargradient marker mask mesh meshgradient meshpatch meshrow mpath none path pattern "
    "polygon polyline radialgradient rect set solidcolor stop switch symbol text textpath tref tspan unknown use view "
    "vkern annotation annotation-xml desc maction maligngroup malignmark menclose merror metadata mfenced mfrac mglyph "
    "mi mlabeledtr mlongdiv mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mscarries mscarry "
    "msgroup msline mspace msqrt msrow mstack mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics"
)
#: What the HTML parser hands on to the second step, beside FOREIGN.
READ = KEPT | RENAMED.keys()

#: Dropped with everything in them; of all others that are not kept the text stays.
DROPPED_WHOLE = named("annotation annotation-xml desc metadata script style title")
#: Whose start ends a paragraph.
CLOSES_P = named(f"{_BLOCKS} table")
VOID = named("br col hr img source wbr")

LAZY_SRC = ("data-src", "data-lazy-src", "data-original")
LAZY_SRCSET = ("data-srcset", "data-lazy-srcset")
#: Attributes that the second step looks at and drops.
LOOKED_AT = ("class", *LAZY_SRC, *LAZY_SRCSET)

ATTRIBUTES: dict[str, frozenset[str]] = {
    "*": frozenset({"dir", "lang", "title"}),
    "a": frozenset({"href", "hreflang"}),
    "audio": frozenset({"src"}),
    "blockquote": frozenset({"cite"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "data": frozenset({"value"}),
    "del": frozenset({"cite", "datetime"}),
    "details": frozenset({"open"}),
    "img": frozenset({"alt", "height", "src", "srcset", "width", *LAZY_SRC, *LAZY_SRCSET}),
    "ins": frozenset({"cite", "datetime"}),
    "li": frozenset({"value"}),
    "ol": frozenset({"reversed", "start", "type"}),
    "q": frozenset({"cite"}),
    "source": frozenset({"media", "src", "srcset", "type", *LAZY_SRCSET}),
    "td": frozenset({"class", "colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "time": frozenset({"datetime"}),
    "video": frozenset({"height", "poster", "src", "width"}),
    # To recognise captions; the second step drops it.
    **dict.fromkeys(("div", "p", "span", "table"), frozenset({"class"})),
}
#: The second step looks only at these.
SPECIAL = tuple(
    sorted(
        {"a", "audio", "blockquote", "del", "div", "img", "ins", "pre", "q", "source", "table", "video"}
        | RENAMED.keys()
    )
)

#: A box around pictures and their caption: nhandan.vn's and its sisters' `table.picture`, VnExpress's, WordPress's.
CAPTIONED = frozenset({"picture", "tplcaption", "wp-caption"})
CAPTION = frozenset({"caption", "image", "wp-caption-text"})
