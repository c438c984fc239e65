"""Documents as they come, for the readers to be seen at work and for the fuzzers to begin with."""

RSS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>A &amp; B</title><link>http://a.example/</link><ttl>30</ttl><item><title>One</title><link>/1?utm_source=x</link>
<guid isPermaLink="false">g1</guid><pubDate>Fri, 27 Nov 2026 09:30:00 +0200</pubDate><dc:creator>C D</dc:creator></item>
<item><title><![CDATA[Two <b>x</b>]]></title><link>http://a.example/2</link><description>&lt;p&gt;x</description></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a.example/b/" xml:lang="en"><title>A</title><entry>
<title type="html">One</title><link rel="alternate" href="c"/><updated>2026-11-27T09:30:00Z</updated><author><name>C</name>
</author></entry></feed>"""
DTD = '<!DOCTYPE rss [<!ENTITY a "b"><!ENTITY % p SYSTEM "x">]>' + RSS.partition("?>")[2].replace("One", "&a;&nbsp;&x;")
JSON_FEED = """{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","url":"/1","title":"a","authors":[{"name":"b"}],
"date_published":"2026-11-27"}]}"""
SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://a.example/1</loc>
<lastmod>2026-11-27</lastmod><news:news xmlns:news="n"><news:title>A</news:title></news:news></url></urlset>"""
RECORD = (
    "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nWARC-Target-URI: http://a.example/1\r\n"
    "WARC-Record-ID: <urn:uuid:12345678-1234-1234-1234-123456789012>\r\nContent-Length: 76\r\n\r\n"
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><p>hello hello</p></html>\r\n\r\n"
)
CHUNKED = RECORD.replace("Content-Type: text/html\r\n\r\n<html><p>", "Transfer-Encoding: chunked\r\n\r\n5\r\n<html")
OWN = RECORD.replace("WARC-Date", "Newsmill-Id: 0123456789abcdef\r\nNewsmill-URL: http://a.example/1\r\nWARC-Date")
ENCODED = (
    "caf\xe9 " * 20,
    "caf\xc3\xa9 " * 20 + "\xe9",
    "\x1b$B\x46\x7c\x1b(B",
    "\x83\x65\x83\x58\x83\x67 <meta charset=shift_jis>",
)
DATES = ("27 Nov 26 09:30 EST", "Fri, 27 Nov 2026 09:30:00 America/New_York", "27/11/2026", "2026-331")
MARKED = (
    '<p><a href="http://a.example/b c">x</a> <b>a*b</b> 1. _c_ &lt;d&gt;</p><ul><li>a<ul><li>b</ul></ul><pre>a\nb</pre>'
    "<table><tr><td>a<td>b<tr><td>c<td>d</table>" + "<p>Long words stand here in a row, by Ann Li. " * 20,
    "<div " + "a " * 200_000 + ">" + "<p>word " * 100,
    '<script type="application/ld+json">{"@type":"NewsArticle","hasPart":{"isAccessibleForFree":false,"cssSelector":".a"}}</script>'
    "<p class=a>word word",
    '<script type="application/ld+json">{"@type":["NewsArticle"],"headline":"a",}}{"@type":"x"</script><p>word word',
)
