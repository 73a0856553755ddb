"""The publishers' own pages, plain ones: where "read the original" leads."""

from html import escape

from feedsvc.demo.documents import FEEDS, HEIGHT, WIDTH, Paths, html
from feedsvc.demo.newsroom import Publisher
from feedsvc.demo.timeline import Issue, Post, Withdrawal

_STYLE = (
    "body{max-width:42rem;margin:0 auto;padding:1.5rem 1rem 3rem;font:1.1rem/1.65 Georgia,'Noto Serif',serif;"
    "color:#222;background:#fdfcf9}header{border-bottom:3px double #b9ae97;margin-bottom:1.5rem;padding-bottom:.5rem}"
    "h1{line-height:1.25}h2{font-size:1.2rem}a{color:#7a3415}img{width:100%;height:auto}figure{margin:1.5rem 0}"
    "header,time,figcaption,footer{font-family:system-ui,'Noto Sans',sans-serif;font-size:.9rem;color:#5c5546}"
    "header a{font-weight:700;font-size:1.15rem;text-decoration:none}"
    "footer{border-top:1px solid #d9d0bd;margin-top:2.5rem;padding-top:.75rem}"
    "@media(prefers-color-scheme:dark){body{background:#1d1b18;color:#e8e3d8}a{color:#e9a57c}"
    "header,time,figcaption,footer{color:#b5ac9a}}"
)
_WORDS = {
    "vi": ("Tờ báo này không có thật: nó thuộc về bản trình diễn của feedsvc.", "Bài này đã được gỡ."),
    "en": ("This publisher does not exist: it belongs to the demonstration of feedsvc.", "This article was withdrawn."),
}


def article_page(paths: Paths, post: Post) -> str:
    article, figure = post.article, ""
    if article.picture:
        figure = (
            f'<figure><img src="{paths.picture(article.picture.name)}" width="{WIDTH}" height="{HEIGHT}" alt="">'
            f"<figcaption>{escape(article.picture.caption)} ({escape(article.picture.credit)})</figcaption></figure>"
        )
    by = f" · {escape(article.author)}" if article.author else ""
    return _page(
        paths,
        article.title,
        f"<h1>{escape(article.title)}</h1>\n<p>{_time(post)}{by}</p>\n{figure}\n{html(article.text)}",
    )


def withdrawn_page(paths: Paths, withdrawal: Withdrawal) -> str:
    gone = _WORDS[paths.publisher.language][1]
    return _page(paths, gone, f"<h1>{gone}</h1>\n<p>{escape(withdrawal.comment or '')}</p>")


def home_page(paths: Paths, issue: Issue) -> str:
    links = "\n".join(
        f'<li><a href="{paths.page(post)}">{escape(post.article.title)}</a><br>{_time(post)}</li>'
        for post in issue.posts
    )
    return _page(paths, paths.publisher.title, f"<p>{escape(paths.publisher.subtitle)}</p>\n<ul>\n{links}\n</ul>")


def list_page(publishers: tuple[Publisher, ...], address: str) -> str:
    links = "\n".join(
        f'<li><a href="{address}/{each.id}/">{escape(each.title)}</a>: {escape(each.subtitle)}</li>'
        for each in publishers
    )
    return _document("en", "Made-up publishers", "", f"<h1>Made-up publishers</h1>\n<ul>\n{links}\n</ul>")


def _time(post: Post) -> str:
    return f'<time datetime="{post.published.isoformat()}">{post.published:%d/%m/%Y %H:%M} UTC</time>'


def _page(paths: Paths, title: str, body: str) -> str:
    publisher = paths.publisher
    kind = FEEDS[publisher.format][1].partition(";")[0]
    head = f'<link rel="alternate" type="{kind}" title="{escape(publisher.title)}" href="{paths.feed}">'
    header = f'<header><a href="{paths.home}">{escape(publisher.title)}</a> · {publisher.host}</header>'
    note = _WORDS[publisher.language][0]
    return _document(publisher.language, title, head, f"{header}\n<main>\n{body}\n</main>\n<footer>{note}</footer>")


def _document(language: str, title: str, head: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n{head}\n'
        f"<style>{_STYLE}</style>\n{body}\n"
    )
