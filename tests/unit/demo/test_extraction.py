@pytest.mark.parametrize("path", ["/uk/svit/island-post-office", "/uk/svit/glacier-ice-archive"])
def test_an_english_article_in_ukrainian_chrome_is_english_only(base: str, path: str):
    article = extract(urlopen(base + path, timeout=10).read(), base + path, now=datetime.now(UTC))
    assert article.language == "en"
    assert not [char for char in article.text if "\u0400" <= char <= "\u04ff"]
