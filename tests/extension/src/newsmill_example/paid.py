"""A document filter: advertisements are dropped, and what a sponsor paid for is tagged."""

from newsmill import Document


def paid(document: Document) -> Document | str:
    keywords = {keyword.lower() for keyword in document.keywords}
    if "advertisement" in keywords:
        return "an advertisement"
    if "sponsored" in document.title.lower():
        return document.model_copy(update={"keywords": (*document.keywords, "sponsored")})
    return document
