"""Addresses, mentions, tags and numbers: where they begin, where they end, and what is none."""

from __future__ import annotations

import pytest

from textprep import ReplaceEmails, ReplaceHashtags, ReplaceMentions, ReplaceNumbers, ReplaceUrls

URLS = {
    "http://a.b": "U",
    "HTTPS://X.ORG/Path?q=1&r=%20#top": "U",
    "ftp://x.org, www.x.org.": "U, U.",
    "(see https://x.org/a_(b)_c) [https://x.org/]": "(see U) [U]",
    "<a href='http://x.org'>x</a>": "<a href='U'>x</a>",
    '"http://x.org" «http://x.org» “www.x.org”': '"U" «U» “U”',
    "http://x.org... http://x.org?! 'www.x.org'": "U... U?! 'U'",
    "http://bücher.example/ http://127.0.0.1:80/ http://[::1]/x": "U U U",
    "http://x.org\x1cwww.y.org\u3000z": "U\x1cU\u3000z",
    "example.org end.Start http:// www. xhttp://a foo.www.x.org me@www.x.org": None,
}
EMAILS = {
    "me@example.org, <first.last+tag@mail.example.co.uk>.": "E, <E>.",
    "mailto:me@x.org ...me@x.org. O_o@x-y.z-w": "mailto:E ...E. E",
    "jörg@bücher.example 用户@例子.公司": "E E",
    "me@x.org_you@y.org me@x.org,you@y.org": "E E,E",
    "me@localhost a@b @me@x.org a..b@ @x.org 5 @ 3.50": None,
}
MENTIONS = {
    "@anna @Ben_2: hi": "M M: hi",
    ".@anna (@ben) @anna's @user@example.org.": ".M (M) M's M.",
    "@@anna me@x.org x.org/@me @ @.": None,
}
HASHTAGS = {
    "#film #2fast #日本 ＃タグ #a#b, #x_y.": "H H H H HH, H.",
    "#1 #_1 C#minor page#top &#39; &#x27; ## # #️⃣ #️ x.org/#top": None,
}
NUMBERS = {
    "1968, 3.14, 1,000,000.50 and 1.": "N, N, N and N.",
    "10th B2B $5 -3 50% 10:30 ٣٫٤ १२": "Nth BNB $N -N N% N:N N٫N N",
    "x² ½ Ⅷ ① one": None,
}


@pytest.mark.parametrize(
    ("step", "text", "cleaned"),
    [
        (make(replacement=token), text, text if cleaned is None else cleaned)
        for make, token, table in (
            (ReplaceUrls, "U", URLS),
            (ReplaceEmails, "E", EMAILS),
            (ReplaceMentions, "M", MENTIONS),
            (ReplaceHashtags, "H", HASHTAGS),
            (ReplaceNumbers, "N", NUMBERS),
        )
        for text, cleaned in table.items()
    ],
)
def test_what_is_replaced_and_what_is_not(step, text, cleaned):
    assert step(text) == cleaned


def test_a_replacement_is_taken_literally():
    for make, text in ((ReplaceUrls, "www.x.org"), (ReplaceNumbers, "7"), (ReplaceHashtags, "#tag")):
        assert make(replacement=r"\1\g<0>")(text) == r"\1\g<0>"


def test_each_digit_may_be_replaced_by_itself():
    assert ReplaceNumbers(replacement="0", each_digit=True)("1,968.5 ٣") == "0,000.0 0"
