"""What the linter of free text finds in four languages and three kinds of digits, and what it leaves alone."""

import itertools

import pytest

from mithaq.notices.linter import Passage, lint


@pytest.mark.parametrize(
    ("text", "code", "passage"),
    [
        ("call +964 770 123 4567 now", "text.telephone", "+964 770 123 4567"),
        ("با ۰۹۱۲ ۱۲۳ ۴۵۶۷ تماس بگیرید", "text.telephone", "۰۹۱۲ ۱۲۳ ۴۵۶۷"),
        ("اتصل ٠٧٧٠١٢٣٤٥٦٧", "text.telephone", "٠٧٧٠١٢٣٤٥٦٧"),
        ("0 7 7 0 1 2 3 4 5 6 7", "text.telephone", "0 7 7 0 1 2 3 4 5 6 7"),
        ("اتصل ٠٧٧٠،١٢٣،٤٥٦٧", "text.telephone", "٠٧٧٠،١٢٣،٤٥٦٧"),
        ("کد ۱۲٬۳۴۵۶٬۷۸", "text.long-number", "۱۲٬۳۴۵۶٬۷۸"),
        ("سُلّم للشيخ كريم هناك", "text.name", "للشيخ كريم"),
        ("شوهد والسيد كريم هناك", "text.name", "والسيد كريم"),
        ("number 12345678 was seen", "text.long-number", "12345678"),
        ("کد ۱۲۳۴۵۶۷۸۹۰", "text.long-number", "۱۲۳۴۵۶۷۸۹۰"),
        ("passport A12345678 found", "text.document-number", "A12345678"),
        ("خودرو ۱۲ ب ۳۴۵ ایران ۶۷", "text.plate", "۱۲ ب ۳۴۵ ایران ۶۷"),
        ("write to duty@desk.example", "text.mail-address", "duty@desk.example"),
        ("see https://example.org/x", "text.web-address", "https://example.org/x"),
        ("ask @somebody there", "text.account-name", "@somebody"),
        ("at 33.11618, 46.08148 north", "text.position", "33.11618, 46.08148"),
        ("Colonel Example saw it", "text.name", "Colonel Example"),
        ("السيد مثال شاهد", "text.name", "السيد مثال"),
        ("آقای نمونه دید", "text.name", "آقای نمونه"),
        ("کاک نموونە بینی", "text.name", "کاک نموونە"),
    ],
)
def test_it_finds_what_no_notice_may_hold_and_says_where(text: str, code: str, passage: str) -> None:
    found = lint(text)
    assert [(each.code, text[each.start : each.end]) for each in found] == [(code, passage)]


@pytest.mark.parametrize(
    "text",
    [
        "Reeds are burning along 2 km since 06:40; 3 fire engines are there.",
        "On 2025-08-11 and 1404/05/20 the road was closed.",
        "عبر ٢٬٦٤٣٬٣٤٣ زائراً، و۳٬۳۲۲٬۹۳۷ في العام السابق.",
        "At kilometres 120, 130, 140 and 1500.",
        "2,643,343 pilgrims crossed, 47 % of them here.",
        "نیزار در حدود کیلومتر ۵۳۰ می‌سوزد و ۱۲۰ رأس دام گذشت.",
        "الدخان مرئي من الجانبين منذ الساعة ٦:٤٠.",
        "ئاگرەکە لە نزیک دەروازەکە کوژێنرایەوە.",
        "",
    ],
)
def test_it_leaves_plain_reports_alone(text: str) -> None:
    assert lint(text) == ()


def test_passages_come_in_order_and_do_not_overlap() -> None:
    found = lint("duty@desk.example and +964 770 123 4567 and A12345678")
    assert [each.code for each in found] == ["text.mail-address", "text.telephone", "text.document-number"]
    assert all(isinstance(each, Passage) for each in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
