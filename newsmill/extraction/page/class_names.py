"""What class, id, role and itemprop names of an element say about its content, as bits (pure).

The names come from what templates call their parts, the world over in English. They are features for the
classifier, not verdicts: `sidebar` may hold the article.
"""

import re
from itertools import pairwise

FAMILIES: dict[str, str] = {
    "nav": "nav navbar navigation menu submenu topbar megamenu toolbar",
    "footer": "footer foot colophon bottom copyright legal",
    "header": "header masthead banner hero",
    "sidebar": "sidebar aside rail secondary complementary widget widgets",
    "related": "related recommended recommendation recommendations recirc more next trending popular similar suggested "
    "also readmore latest teaser teasers promo outbrain taboola upnext",
    "share": "share sharing social facebook twitter addtoany sharedaddy follow",
    "comment": "comment comments commentlist disqus respond reply replies discussion",
    "cookie": "cookie cookies consent gdpr notice modal popup overlay dialog alert",
    "ad": "ad ads advert advertisement advertising sponsor sponsored dfp adsense banner-ad affiliate cta",
    "byline": "byline author authors bio writer contributor dateline vcard profile avatar",
    "meta": "meta metadata date time timestamp published posted info details entry-meta reading",
    "title": "title headline heading subtitle subhead dek standfirst kicker",
    "body": "articlebody articlecontent storybody postbody postcontent entrycontent richtext prose bodytext storytext "
    "articletext wysiwyg rte markdown rich entry body text copy paragraph",
    "content": "content main article post story page single primary container",
    "forum": "post message thread topic forum bbwrapper question answer answers replytext messagebody",
    "product": "product price cart sku buy basket shop variant variants swatch stock shipping add woocommerce",
    "card": "card cards grid tile tiles item items list listing collection collections carousel slider swiper slide "
    "archive feed loop gallery column columns col",
    "breadcrumb": "breadcrumb breadcrumbs crumb crumbs",
    "pagination": "pagination pager paging page-numbers prev previous",
    "tags": "tag tags category categories taxonomy label labels topics chips badge",
    "form": "form subscribe subscription newsletter signup login register input search "
    "filter filters facet facets sort",
    "hidden": "hidden hide sr screen visually offscreen invisible noprint collapse",
    "caption": "caption figcaption credit figure image photo img media video embed gallery wp-caption",
    "quote": "quote blockquote pullquote testimonial testimonials tweet",
    "code": "code highlight syntax sourcecode pre codehilite",
    "toc": "toc contents tableofcontents jump anchor outline",
    "summary": "summary intro lead lede excerpt abstract description desc standfirst",
    "review": "review reviews rating ratings stars feedback",
    "faq": "faq faqs accordion question toggle collapsible tab tabs panel",
    "button": "btn button buttons link links download action actions",
    "section": "section block row module wrapper inner outer region",
    "user": "user username member login account signature karma joined badge rank",
}
BIT: dict[str, int] = {name: 1 << i for i, name in enumerate(FAMILIES)}
_TOKEN_BITS: dict[bytes, int] = {}
for _name, _listed in FAMILIES.items():
    for _word in _listed.split():
        _key = _word.replace("-", "").encode()
        _TOKEN_BITS[_key] = _TOKEN_BITS.get(_key, 0) | BIT[_name]

_TOKENS = frozenset(_TOKEN_BITS)
_STARTS = frozenset(token[:end] for token in _TOKENS for end in range(1, len(token)))
_ENDS = frozenset(token[start:] for token in _TOKENS for start in range(1, len(token)))

MAX_KEY_CHARS = 400  # utility-class soup runs to thousands of characters; names that mean something come first
CACHED_WORDS = 50_000  # templates of all sites share most of their words; about 5 MB
_SPLIT = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# Letters stay, white space is a space, all else separates the parts of a word.
_SEPARATED = bytes(i if chr(i).isalpha() else 32 if chr(i).isspace() else 45 for i in range(128)) + b"-" * 128
_words: dict[bytes, int] = {}  # a plain dict: lru_cache costs more than most words do


def flags_of(names: str) -> int:
    """The families named in a string of class, id, role and itemprop names, as an OR of `BIT`s."""
    bits = 0
    for word in names[:MAX_KEY_CHARS].encode("ascii", "replace").translate(_SEPARATED).split():
        known = _words.get(word)
        if known is None:
            if len(_words) >= CACHED_WORDS:
                _words.clear()
            known = _words[word] = _flags_of_word(word)
        bits |= known
    return bits


def _flags_of_word(word: bytes) -> int:
    """Those of its parts, and of two parts that make one word: `articleBody`, `read-more`."""
    parts = word.split(b"-") if word.islower() else [part.lower() for part in _SPLIT.findall(word)]
    bits = 0
    if not _TOKENS.isdisjoint(parts):
        for part in parts:
            bits |= _TOKEN_BITS.get(part, 0)
    if not _STARTS.isdisjoint(parts) and not _ENDS.isdisjoint(parts):
        for first, second in pairwise(filter(None, parts)):
            bits |= _TOKEN_BITS.get(first + second, 0)
    return bits
