"""Whose an address is, where many share one domain: platforms that the public suffix list does not know (pure).

SHARED_HOSTS: each subdomain is somebody's own site. SHARED_PATHS: so many leading parts of the path name the tenant.
Kept by hand: the platforms' own addresses, looked at on 2026-11-28; those that were added on 2026-11-30 are well known,
and were not asked. A missing one means that its tenants count as one site, as they do by the public suffix list.
"""

import re
from urllib.parse import urlsplit

SHARED_HOSTS = {
    "000webhostapp.com", "3dn.ru", "angelfire.com", "at.ua", "bandcamp.com", "beehiiv.com", "bitballoon.com",
    "blog.163.com", "blog.bg", "blog.cz", "blog.hu", "blog.idnes.cz", "blog.ir", "blog.lemonde.fr", "blog.me",
    "blog.pl", "blog.pravda.sk", "blog.sme.sk", "blog4ever.com", "blogactiv.eu", "blogas.lt", "blogbus.com",
    "blogcu.com", "blogfa.com", "blogg.no", "blogg.se", "blogger.de", "bloggo.nu", "bloggplatsen.se", "blogs.com",
    "blogs.fr", "blogs.sapo.pt", "blogsky.com", "blogspirit.com", "blogspirit.net", "bloog.pl", "blox.pl", "bokee.com",
    "bravenet.com", "bravesites.com", "buttondown.email", "buzzsprout.com", "byethost.com", "canalblog.com", "carrd.co",
    "centerblog.net", "clan.su", "cocolog-nifty.com", "cocolog-wbs.com", "deviantart.com", "diaryland.com", "do.am",
    "doorblog.jp", "edublogs.org", "egloos.com", "eklablog.com", "eklablog.fr", "exblog.jp", "fandom.com", "fc2.com",
    "fc2web.com", "feedburner.com", "freehostia.com", "galeon.com", "getrevue.co", "ghost.io", "glitch.me",
    "hashnode.dev", "hateblo.jp", "hatenablog.com", "hatenablog.jp", "hatenadiary.com", "hatenadiary.jp",
    "hatenadiary.org", "hautetfort.com", "home.blog", "hpage.com", "hubpages.com", "hypotheses.org", "iblogger.org",
    "infinityfreeapp.com", "insanejournal.com", "iobloggo.com", "itch.io", "jimdo.com", "jimdofree.com",
    "jimdosite.com", "journalspace.com", "jugem.jp", "kazeo.com", "kinsta.cloud", "ldblog.jp", "livedoor.biz",
    "livedoor.blog", "livedoor.jp", "livejournal.com", "lofter.com", "mataroa.blog", "medium.com", "mee.nu",
    "micro.blog", "mihanblog.com", "mirror.xyz", "moonfruit.com", "moy.su", "mozello.com", "muragon.com", "my1.ru",
    "mylivepage.ru", "mystrikingly.com", "narod.ru", "neocities.org", "nethouse.ru", "newgrounds.com", "ning.com",
    "noblogs.org", "okis.ru", "onlc.fr", "over-blog.com", "over-blog.net", "over.blog", "overblog.com", "page.tl",
    "page4.me", "paragraph.xyz", "persianblog.ir", "piczo.com", "pixnet.net", "podbean.com", "podigee.io", "postach.io",
    "posterous.com", "posthaven.com", "prose.sh", "pubpub.org", "pusku.com", "rf.gd", "roodo.com", "seesaa.net",
    "silvrback.com", "simplesite.com", "site123.me", "site44.com", "skyrock.com", "skyrock.net", "soup.io",
    "splinder.com", "spruz.com", "squarespace.com", "strikingly.com", "substack.com", "substack.pro", "svbtle.com",
    "sweb.cz", "tblog.com", "teletype.in", "tigblog.org", "tilda.cc", "tilda.ws", "tistory.com", "tripod.com",
    "tumblr.com", "twoday.net", "typepad.com", "typepad.fr", "typepad.jp", "ucoz.com", "ucoz.de", "ucoz.es", "ucoz.net",
    "ucoz.org", "ucoz.pl", "ucoz.ru", "ukoz.ru", "umi.ru", "unblog.fr", "uol.blog.br", "uw.hu", "vefblog.net",
    "webgarden.cz", "weblog.nl", "webnode.com", "webnode.cz", "webnode.es", "webnode.fr", "webnode.hu", "webnode.page",
    "webnode.ru", "webs.com", "weebly.com", "wikia.com", "wikidot.com", "wikispaces.com", "wixsite.com",
    "wixstudio.com", "wordpress.com", "wpcomstaging.com", "wpengine.com", "write.as", "xanga.com", "xuite.net",
    "yola.com", "yolasite.com", "zenfolio.com", "zohosites.com",
}  # fmt: skip
SHARED_PATHS = {
    "ameblo.jp": 1, "angelfire.com": 2, "archive.org": 2, "bitbucket.org": 1, "blog.csdn.net": 1, "blog.daum.net": 1,
    "blog.goo.ne.jp": 1, "blog.hatena.ne.jp": 1, "blog.livedoor.jp": 1, "blog.naver.com": 1, "blog.sina.com.cn": 2,
    "blog.udn.com": 1, "blogs.yahoo.co.jp": 1, "brunch.co.kr": 1, "bsky.app": 2, "buymeacoffee.com": 1,
    "cnblogs.com": 1, "codeberg.org": 1, "d.hatena.ne.jp": 1, "dailymotion.com": 1, "dev.to": 1, "diary.ru": 1,
    "docs.google.com": 3, "douban.com": 2, "dreamwidth.org": 1, "drive.google.com": 3, "dzen.ru": 1, "facebook.com": 1,
    "firebasestorage.googleapis.com": 3, "flipboard.com": 1, "geocities.com": 2, "gist.github.com": 1,
    "gist.githubusercontent.com": 1, "github.com": 1, "gitlab.com": 1, "groups.google.com": 2, "habr.com": 2,
    "hometown.aol.com": 1, "hubpages.com": 2, "instagram.com": 1, "issuu.com": 1, "ko-fi.com": 1, "linkedin.com": 2,
    "liveinternet.ru": 2, "livejournal.com": 1, "m.weibo.cn": 1, "mastodon.online": 1, "mastodon.social": 1,
    "matters.town": 1, "medium.com": 1, "members.aol.com": 1, "members.tripod.com": 1, "mirror.xyz": 1, "note.com": 1,
    "note.mu": 1, "ok.ru": 1, "paragraph.xyz": 1, "patreon.com": 1, "perso.orange.fr": 1, "perso.wanadoo.fr": 1,
    "pinterest.com": 1, "pixiv.net": 1, "plaza.rakuten.co.jp": 1, "plus.google.com": 1, "proza.ru": 2, "qiita.com": 1,
    "raw.githubusercontent.com": 1, "reddit.com": 2, "s3.amazonaws.com": 1, "scribd.com": 2, "sites.google.com": 2,
    "slideshare.net": 1, "soundcloud.com": 1, "steemit.com": 1, "stihi.ru": 2, "storage.cloud.google.com": 1,
    "storage.googleapis.com": 1, "substack.com": 1, "t.me": 1, "telegra.ph": 1, "threads.net": 1, "tiktok.com": 1,
    "tumblr.com": 1, "twitch.tv": 1, "twitter.com": 1, "users.livejournal.com": 1, "vc.ru": 1, "velog.io": 1,
    "vimeo.com": 1, "vk.com": 1, "vocus.cc": 1, "web.archive.org": 2, "weibo.com": 1, "write.as": 1, "x.com": 1,
    "youtube.com": 1, "zen.yandex.ru": 1, "zenn.dev": 1,
}  # fmt: skip
_HOME_PAGES = re.compile(r"/[~@][^/]{1,100}")  # people's pages: of a university, of Mastodon and those like it


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
