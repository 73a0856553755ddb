"""Small pages of our own making, in the forms that publishers use."""

NHANDAN = """<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8">
<title>Làng gốm bên sông đổi mới | Báo Nhân Dân điện tử</title>
<meta property="og:title" content="Làng gốm bên sông đổi mới">
<meta property="og:image" content="https://image.example.vn/1200x630/Uploaded/gom.jpg">
<meta property="og:description" content="Hợp tác xã gốm Bến Đò đưa lò điện vào sản xuất.">
<link rel="canonical" href="https://bao.example.vn/lang-gom-post876543.html">
</head><body>
<header class="site-header"><nav class="menu"><a href="/">Trang chủ</a> <a href="/kinhte">Kinh tế</a></nav></header>
<div class="main-content"><div class="article">
<h1 class="article__title cms-title">Làng gốm bên sông đổi mới</h1>
<div class="article__meta"><time class="time" datetime="2025-04-25T05:00:00+0700">Thứ sáu, 25/04/2025 - 05:00</time>
<span class="article__author">Minh Hà</span></div>
<div class="article__sapo cms-desc">NDO - Sau hai năm thử nghiệm, hợp tác xã gốm Bến Đò đã thay toàn bộ lò than
bằng lò điện và giảm một nửa chi phí nhiên liệu.</div>
<div class="article__body zce-content-body cms-body">
<table class="picture" align="center"><tbody><tr><td class="pic">
<img class="cms-photo lazyload" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="
data-src="https://image.example.vn/w800/Uploaded/lo-dien.jpg.webp"
 alt="Lò điện" width="800" height="533"></td></tr>
<tr><td class="caption">Lò điện đầu tiên của làng. (Ảnh: AN BÌNH)</td></tr></tbody></table>
<p>Ông Trần Văn Gốm, giám đốc hợp tác xã, cho biết mỗi mẻ nung nay chỉ mất mười hai giờ, thay vì hai ngày như trước.
Sản phẩm ra lò đều màu và ít vỡ hơn nhiều so với lò than.</p>
<h2>Học nghề từ người già</h2>
<p>Lớp học nghề mở vào mỗi tối thứ ba, do các nghệ nhân cao tuổi đứng lớp. Học viên trẻ nhất mới mười lăm tuổi,
đã tự tay làm được bình hoa đầu tiên của mình sau ba tháng.</p>
<ul><li>Lò điện: bốn chiếc, dung tích hai mét khối mỗi chiếc</li><li>Thợ: sáu mươi hai người, một nửa là phụ
nữ</li></ul>
<table class="data"><tbody><tr><th>Năm</th><th>Sản lượng (chiếc)</th></tr><tr><td>2023</td><td>41.000</td></tr>
<tr><td>2024</td><td>57.500</td></tr></tbody></table>
<p>Xã sẽ tiếp tục hỗ trợ vay vốn để các hộ còn lại chuyển sang lò điện trước cuối năm, theo kế hoạch đã công bố.</p>
<div class="related-news"><h3>Tin liên quan</h3><ul><li><a href="/x-post1.html">Chợ nổi vắng khách mùa nước cạn năm
nay</a></li>
<li><a href="/y-post2.html">Cầu mới qua sông thông xe sớm hơn dự kiến hai tháng</a></li></ul></div>
</div>
<div class="article__tag"><a href="/tag/gom">gốm</a> <a href="/tag/lang-nghe">làng nghề</a></div>
</div></div>
<footer><p>Mọi quyền được bảo lưu. Ghi rõ nguồn khi phát hành lại thông tin từ trang này.</p></footer>
</body></html>"""

BLOG = """<html lang="en-GB"><head><title>Notes on a slow kettle – A Kitchen Diary</title>
<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
 {"@type": "WebSite", "@id": "/#site", "name": "A Kitchen Diary"},
 {"@type": "Person", "@id": "/#ann", "name": "Ann Fielding"},
 {"@type": "BlogPosting", "headline": "Notes on a slow kettle", "author": {"@id": "/#ann"},
  "datePublished": "2025-03-02T10:30:00Z", "dateModified": "2025-03-05T08:00:00+00:00",
  "mainEntityOfPage": {"@id": "https://blog.example.org/2025/03/slow-kettle/"},
  "image": {"@type": "ImageObject", "url": "https://blog.example.org/kettle.jpg"}, "isAccessibleForFree": true}
]}</script></head><body>
<div id="menu"><a href="/">Home</a><a href="/about">About</a></div>
<article class="post"><h1>Notes on a slow kettle</h1><p class="byline">By <a rel="author" href="/ann">Ann
Fielding</a></p>
<div class="entry-content">
<p>The kettle on our stove takes eleven minutes to boil, and for a long time I thought that this was a fault in it.</p>
<figure><noscript><img src="/kettle-large.jpg" alt="A kettle"></noscript><figcaption>The kettle. Photo: Tom
Reed</figcaption></figure>
<p>It turned out that the water here is simply cold: it comes from a spring under the hill, at six degrees all year
round.</p>
<blockquote><p>Cold water makes a patient cook, my grandmother used to say when somebody complained about
it.</p></blockquote>
<p>So I have begun to use the time. Eleven minutes are enough to <a href="/bread">knead a small loaf</a>, and to lay
the table.</p>
<p><a href="/other">Read more: How I learned to love the oven that we inherited</a></p>
<p>Sign up for our newsletter to get the diary in your inbox.</p>
</div></article>
<div id="comments" class="comments-area"><p>Lovely text, thank you very much for it, we have the same kettle at
home.</p></div>
</body></html>"""

COOKIE_WALL = """<html><head><title>The Daily Example</title></head><body><div class="wall"><h2>We value your
privacy</h2>
<p>We and our 812 partners store and access information on a device. Please accept cookies to continue to the site.
You can change your cookie settings at any time, also for legitimate interest.</p><button>Accept all</button></div>
</body></html>"""
