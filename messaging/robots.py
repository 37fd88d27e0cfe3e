"""Programs that open links without anybody reading: link previews, search engines, scanners, command-line clients.

Each entry is a piece of the User-Agent, in small letters, and where its owner says so. People's own apps are near
them and must not be caught: KAKAOTALK and NAVER(inapp) are browsers inside apps, CUBOT is a make of telephone.
"""

import re
from typing import Final

#: (piece of the User-Agent, who it is and where that is documented).
KNOWN: Final[tuple[tuple[str, str], ...]] = (
    ("kakaotalk-scrap", "KakaoTalk link preview; devtalk.kakao.com/t/scrap/33984"),
    (
        "facebookexternalhit",
        "Meta link preview, also iMessage; developers.facebook.com/docs/sharing/webmasters",
    ),
    ("facebookcatalog", "Meta; developers.facebook.com/docs/sharing/webmasters/web-crawlers"),
    ("meta-external", "Meta; developers.facebook.com/docs/sharing/webmasters/web-crawlers"),
    ("twitterbot", "X link preview; developer.x.com, Cards, getting started"),
    ("slackbot", "Slack link preview; api.slack.com/robots"),
    ("discordbot", "Discord link preview; discordapp.com in its User-Agent"),
    ("telegrambot", "Telegram link preview; its User-Agent"),
    ("whatsapp/", "WhatsApp link preview: links themselves open in the browser"),
    ("line-poker", "LINE link preview; its User-Agent"),
    ("skypeuripreview", "Skype and Teams link preview; its User-Agent"),
    ("linkedinbot", "LinkedIn link preview; linkedin.com in its User-Agent"),
    ("googlebot", "Google; developers.google.com/search/docs/crawling-indexing/google-common-crawlers"),
    ("google-inspectiontool", "Google; the same page"),
    ("googleother", "Google; the same page"),
    ("google-read-aloud", "Google; developers.google.com, user-triggered fetchers"),
    ("googleimageproxy", "Gmail's picture proxy; its User-Agent"),
    ("adsbot-google", "Google; developers.google.com, special-case crawlers"),
    ("mediapartners-google", "Google; the same page"),
    ("yeti/", "NAVER search; naver.me/spd in its User-Agent"),
    ("naverbot", "NAVER search, the older name"),
    ("daumoa", "Daum search; its User-Agent"),
    ("daum/", "Daum search; its User-Agent. DaumApps is the app people read in"),
    ("bingbot", "Bing; bing.com/webmasters, Which crawlers does Bing use"),
    ("bingpreview", "Bing; the same page"),
    ("applebot", "Apple; support.apple.com/119829"),
    ("yandex", "Yandex; yandex.com/bots in its User-Agent"),
    ("baiduspider", "Baidu; baidu.com/search/spider.html in its User-Agent"),
    ("bytespider", "ByteDance; its User-Agent"),
    ("gptbot", "OpenAI; platform.openai.com/docs/bots"),
    ("chatgpt-user", "OpenAI; the same page"),
    ("headlesschrome", "Chromium without a screen: tests and scanners; developer.chrome.com, Headless"),
    ("chrome-lighthouse", "Lighthouse; developer.chrome.com"),
    ("curl/", "curl.se, --user-agent"),
    ("wget/", "gnu.org/software/wget, --user-agent"),
    ("python-requests", "requests.readthedocs.io"),
    ("python-urllib", "docs.python.org, urllib.request"),
    ("python-httpx", "python-httpx.org"),
    ("aiohttp/", "docs.aiohttp.org"),
    ("go-http-client", "pkg.go.dev/net/http"),
    ("okhttp", "square.github.io/okhttp: an app fetching by itself"),
    ("apache-httpclient", "hc.apache.org"),
    ("java/", "docs.oracle.com, HttpURLConnection"),
    ("libwww-perl", "metacpan.org, LWP::UserAgent"),
    ("axios/", "axios-http.com"),
    ("node-fetch", "github.com/node-fetch/node-fetch"),
    ("postmanruntime", "learning.postman.com"),
    ("scrapy", "docs.scrapy.org, USER_AGENT"),
)

# Those that name themselves by what they are. "bot" ends a word, and not that of the telephone.
_SELF_NAMED: Final = re.compile(r"(?<!cu)bot\b|crawler|spider|link ?preview|url ?preview|scrap(?:er|y)\b")


def is_robot(user_agent: str) -> bool:
    """Whether this User-Agent belongs to a program rather than to a person's browser; an empty one does."""
    said = user_agent.strip().lower()
    return not said or any(piece in said for piece, _ in KNOWN) or _SELF_NAMED.search(said) is not None
