"""Whose an address is, where many share one domain: platforms that the public suffix list does not know (pure).

SHARED_HOSTS: each subdomain is somebody's own site. SHARED_PATHS: so many leading parts of the path name the tenant.
Kept by hand: the platforms' own addresses, looked at on 2026-11-28. A missing one means that its tenants count
as one site, as they do by the public suffix list.
"""

import re
from urllib.parse import urlsplit

SHARED_HOSTS = {
    "beehiiv.com", "blog.hu", "blogg.se", "bloggo.nu", "blogs.com", "bravenet.com", "buttondown.email",
    "canalblog.com", "carrd.co", "centerblog.net", "cocolog-nifty.com", "exblog.jp", "fc2.com", "feedburner.com",
    "getrevue.co", "ghost.io", "hashnode.dev", "hatenablog.com", "hatenablog.jp", "hatenadiary.com",
    "hatenadiary.jp", "home.blog", "insanejournal.com", "jimdofree.com", "jimdosite.com", "jugem.jp",
    "livedoor.blog", "livedoor.jp", "livejournal.com", "medium.com", "micro.blog", "muragon.com", "nethouse.ru",
    "newgrounds.com", "ning.com", "noblogs.org", "over-blog.com", "over-blog.net", "overblog.com", "pixnet.net",
    "posterous.com", "prose.sh", "seesaa.net", "skyrock.com", "skyrock.net", "squarespace.com", "strikingly.com",
    "substack.com", "substack.pro", "svbtle.com", "teletype.in", "tilda.ws", "tistory.com", "tumblr.com",
    "typepad.com", "ucoz.com", "ucoz.net", "ucoz.ru", "unblog.fr", "webnode.com", "webnode.page", "weebly.com",
    "wikidot.com", "wixsite.com", "wordpress.com", "wpcomstaging.com", "write.as", "xanga.com", "zenfolio.com",
}  # fmt: skip
SHARED_PATHS = {
    "ameblo.jp": 1, "angelfire.com": 2, "blog.goo.ne.jp": 1, "blog.naver.com": 1, "brunch.co.kr": 1, "bsky.app": 2,
    "dev.to": 1, "dreamwidth.org": 1, "facebook.com": 1, "flipboard.com": 1, "geocities.com": 2, "github.com": 1,
    "gitlab.com": 1, "groups.google.com": 2, "habr.com": 2, "instagram.com": 1, "issuu.com": 1, "linkedin.com": 2,
    "livejournal.com": 1, "mastodon.social": 1, "medium.com": 1, "note.com": 1, "note.mu": 1, "patreon.com": 1,
    "pixiv.net": 1, "plus.google.com": 1, "qiita.com": 1, "reddit.com": 2, "sites.google.com": 2, "steemit.com": 1,
    "substack.com": 1, "telegra.ph": 1, "threads.net": 1, "tumblr.com": 1, "twitter.com": 1,
    "users.livejournal.com": 1, "vc.ru": 1, "velog.io": 1, "vk.com": 1, "web.archive.org": 2, "weibo.com": 1,
    "x.com": 1, "youtube.com": 1, "zen.yandex.ru": 1, "zenn.dev": 1,
}  # fmt: skip
_HOME_PAGES = re.compile(r"/~[^/]{1,100}")  # people's pages on a host of their university


def shared_site(host: str) -> str:
    """The site of one tenant of a shared domain ("name.wordpress.com" of "www.name.wordpress.com"); "" elsewhere."""
    labels = host.split(".")
    for i in range(len(labels) - 1):
        if ".".join(labels[i:]) in SHARED_HOSTS:
            return "" if i == 0 or labels[i - 1] == "www" else ".".join(labels[i - 1 :])
    return ""


def tenant(url: str) -> str:
    """The part of a canonical address's path that names whose it is, on a host that is shared by path; else ""."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if home := _HOME_PAGES.match(parts.path):
        return home[0].lower()
    count = SHARED_PATHS.get(host, 0)
    return "/".join(parts.path.split("/")[1 : count + 1]).lower() if count else ""
