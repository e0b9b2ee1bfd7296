"""Three calendars and four languages: how a day is named to its reader.

A stored day is Gregorian, `YYYY-MM-DD`. Here it is named in the Gregorian, the Hijri (Umm al-Qura) or the Solar Hijri
calendar, in Arabic (with the month names used in Iraq), Persian, Central Kurdish or English, with that language's
digits, and always with the calendar's own name, because months of different calendars share names in our languages.
Nothing here is input to a fold: rendering is for readers. Where a party announces its lunar months by the sighting of
the moon, its day may differ from Umm al-Qura by the offset that its instrument states; such a day is shown "as
declared".
"""

from dataclasses import dataclass
from datetime import date

import hijridate
import jdatetime

from mithaq import moments
from mithaq.errors import Refusal

LANGUAGES = ("ar", "fa", "ckb", "en")
CALENDARS = ("gregorian", "hijri", "solar")

_DIGITS = {"ar": "٠١٢٣٤٥٦٧٨٩", "fa": "۰۱۲۳۴۵۶۷۸۹", "ckb": "٠١٢٣٤٥٦٧٨٩", "en": "0123456789"}
_TO_ASCII = {ord(digit): str(value) for digits in _DIGITS.values() for value, digit in enumerate(digits)}
_FROM_ASCII = {lang: {ord("0") + value: digit for value, digit in enumerate(row)} for lang, row in _DIGITS.items()}

_MONTHS = {
    ("gregorian", "ar"): "كانون الثاني|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|تشرين الثاني|كانون الأول",
    ("gregorian", "fa"): "ژانویه|فوریه|مارس|آوریل|مه|ژوئن|ژوئیه|اوت|سپتامبر|اکتبر|نوامبر|دسامبر",
    ("gregorian", "ckb"): (
        "کانوونی دووەم|شوبات|ئازار|نیسان|ئایار|حوزەیران|تەمووز|ئاب|ئەیلوول|تشرینی یەکەم|تشرینی دووەم|کانوونی یەکەم"
    ),
    ("gregorian", "en"): ("January|February|March|April|May|June|July|August|September|October|November|December"),
    ("hijri", "ar"): (
        "محرم|صفر|ربيع الأول|ربيع الآخر|جمادى الأولى|جمادى الآخرة|رجب|شعبان|رمضان|شوال|ذو القعدة|ذو الحجة"
    ),
    ("hijri", "fa"): ("محرم|صفر|ربیع‌الاول|ربیع‌الثانی|جمادی‌الاول|جمادی‌الثانی|رجب|شعبان|رمضان|شوال|ذی‌القعده|ذی‌الحجه"),
    ("hijri", "ckb"): (
        "موحەڕەم|سەفەر|ڕەبیعی یەکەم|ڕەبیعی دووەم|جومادای یەکەم|جومادای دووەم|ڕەجەب|شەعبان|ڕەمەزان|شەووال|"
        "زولقەعدە|زولحیججە"
    ),
    ("hijri", "en"): (
        "Muharram|Safar|Rabi al-Awwal|Rabi al-Thani|Jumada al-Ula|Jumada al-Akhira|Rajab|Shaban|Ramadan|Shawwal|"
        "Dhu al-Qada|Dhu al-Hijja"
    ),
    ("solar", "ar"): "فروردين|أرديبهشت|خرداد|تير|مرداد|شهريور|مهر|آبان|آذر|دي|بهمن|إسفند",
    ("solar", "fa"): "فروردین|اردیبهشت|خرداد|تیر|مرداد|شهریور|مهر|آبان|آذر|دی|بهمن|اسفند",
    ("solar", "ckb"): (
        "خاکەلێوە|گوڵان|جۆزەردان|پووشپەڕ|گەلاوێژ|خەرمانان|ڕەزبەر|گەڵاڕێزان|سەرماوەز|بەفرانبار|ڕێبەندان|ڕەشەمێ"
    ),
    ("solar", "en"): "Farvardin|Ordibehesht|Khordad|Tir|Mordad|Shahrivar|Mehr|Aban|Azar|Dey|Bahman|Esfand",
}
_WEEKDAYS = {
    "ar": "الاثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت|الأحد",
    "fa": "دوشنبه|سه‌شنبه|چهارشنبه|پنجشنبه|جمعه|شنبه|یکشنبه",
    "ckb": "دووشەممە|سێشەممە|چوارشەممە|پێنجشەممە|هەینی|شەممە|یەکشەممە",
    "en": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
}
_NAMES = {
    ("gregorian", "ar"): "ميلادي",
    ("gregorian", "fa"): "میلادی",
    ("gregorian", "ckb"): "زایینی",
    ("gregorian", "en"): "Gregorian",
    ("hijri", "ar"): "هجري",
    ("hijri", "fa"): "هجری قمری",
    ("hijri", "ckb"): "کۆچیی مانگی",
    ("hijri", "en"): "Hijri",
    ("solar", "ar"): "هجري شمسي",
    ("solar", "fa"): "هجری شمسی",
    ("solar", "ckb"): "کۆچیی هەتاوی",
    ("solar", "en"): "Solar Hijri",
}
_DECLARED = {"ar": "كما أُعلن", "fa": "چنان‌که اعلام شده", "ckb": "وەک ڕاگەیەنراوە", "en": "as declared"}
"""Beside a lunar day that a party's declaration has moved from Umm al-Qura."""

_PATTERNS = {
    "ar": "{day} {month} {year} ({calendar})",
    "fa": "{day} {month} {year} ({calendar})",
    "ckb": "{day}ی {month}ی {year} ({calendar})",
    "en": "{day} {month} {year} ({calendar})",
}
_COMMA = {"ar": "، ", "fa": "، ", "ckb": "، ", "en": ", "}


@dataclass(frozen=True, order=True, slots=True)
class Day:
    """A day in one of the three calendars; `month` and `day` count from 1."""

    calendar: str
    year: int
    month: int
    day: int


def gregorian(iso_day: str) -> Day:
    known = moments.parse_day(iso_day)
    return Day("gregorian", known.year, known.month, known.day)


def hijri(iso_day: str, offset: int = 0) -> Day:
    """The Umm al-Qura day of a Gregorian `YYYY-MM-DD`, `offset` days later where a party announced it so.

    The tables reach from 1343 to 1500 AH (1924 to 2077); outside, `calendar.out-of-range`.
    """
    try:
        known = date.fromordinal(moments.parse_day(iso_day).toordinal() + offset)
        found = hijridate.Gregorian.fromdate(known).to_hijri()
    except (OverflowError, ValueError) as error:
        raise Refusal("calendar.out-of-range", calendar="hijri", found=iso_day) from error
    return Day("hijri", found.year, found.month, found.day)


def solar(iso_day: str) -> Day:
    """The Solar Hijri day of a Gregorian `YYYY-MM-DD`."""
    known = moments.parse_day(iso_day)
    if not 1800 <= known.year <= 2200:
        raise Refusal("calendar.out-of-range", calendar="solar", found=iso_day)
    year, month, day = jdatetime.GregorianToJalali(known.year, known.month, known.day).getJalaliList()
    return Day("solar", year, month, day)


def convert(iso_day: str, calendar: str, offset: int = 0) -> Day:
    """The day in the named calendar; `offset` applies to the Hijri calendar only."""
    match calendar:
        case "gregorian":
            return gregorian(iso_day)
        case "hijri":
            return hijri(iso_day, offset)
        case "solar":
            return solar(iso_day)
        case _:
            raise Refusal("calendar.unknown", calendar=calendar)


def to_gregorian(day: Day, offset: int = 0) -> str:
    """The Gregorian `YYYY-MM-DD` of a day of any of the three calendars; refuses a day that does not exist."""
    try:
        match day.calendar:
            case "gregorian":
                return date(day.year, day.month, day.day).isoformat()
            case "hijri":
                known = hijridate.Hijri(day.year, day.month, day.day).to_gregorian()
                return date.fromordinal(known.toordinal() - offset).isoformat()
            case "solar":
                found: date = jdatetime.date(day.year, day.month, day.day).togregorian()
                return found.isoformat()
    except (OverflowError, ValueError) as error:
        raise Refusal("calendar.no-such-day", calendar=day.calendar, found=_numbers(day)) from error
    raise Refusal("calendar.unknown", calendar=day.calendar)


def render(iso_day: str, calendar: str, language: str, offset: int = 0) -> str:
    """The day in words, in the reader's language, digits and calendar, with the calendar named."""
    _check_language(language)
    found = convert(iso_day, calendar, offset)
    return _PATTERNS[language].format(
        day=digits(str(found.day), language),
        month=month_name(calendar, found.month, language),
        year=digits(str(found.year), language),
        calendar=calendar_name(calendar, language, offset),
    )


def render_with_weekday(iso_day: str, calendar: str, language: str, offset: int = 0) -> str:
    """`render` with the day of the week before it."""
    name = weekday_name(moments.parse_day(iso_day).isoweekday(), language)
    gap = " " if language in ("ar", "fa") else _COMMA[language]
    return f"{name}{gap}{render(iso_day, calendar, language, offset)}"


def render_moment(moment: moments.Moment, calendar: str, language: str, utc_offset: int, hijri_offset: int = 0) -> str:
    """An instant on a party's civil clock: the day in words, the time of day, and the offset from UTC."""
    day = render(moments.civil_day(moment, utc_offset), calendar, language, hijri_offset)
    time = digits(moments.civil_time(moment, utc_offset), language)
    return f"{day}{_COMMA[language]}{time} {offset_name(utc_offset, language)}"


def numeric(iso_day: str, language: str) -> str:
    """The Gregorian day as `YYYY-MM-DD` in the language's digits: the form that no month name can make doubtful."""
    moments.parse_day(iso_day)
    return digits(iso_day, language)


def offset_name(utc_offset: int, language: str) -> str:
    """`(UTC+03:30)` in the language's digits, isolated: in a line of Arabic it reads from left to right as well."""
    sign, size = "+" if utc_offset >= 0 else "-", abs(utc_offset)
    return f"(\u2066UTC{sign}{digits(f'{size // 60:02}:{size % 60:02}', language)}\u2069)"


def month_name(calendar: str, month: int, language: str) -> str:
    """The name of a month, counted from 1."""
    if (calendar, language) not in _MONTHS:
        raise Refusal("calendar.unknown", calendar=calendar)
    names = _MONTHS[calendar, language].split("|")
    if not 1 <= month <= len(names):
        raise Refusal("calendar.no-such-day", calendar=calendar, found=str(month))
    return names[month - 1]


def weekday_name(iso_weekday: int, language: str) -> str:
    """The name of an ISO weekday; Monday is 1."""
    _check_language(language)
    return _WEEKDAYS[language].split("|")[iso_weekday - 1]


def calendar_name(calendar: str, language: str, offset: int = 0) -> str:
    """The calendar's own name, and that it is as declared where a party moves its lunar days by `offset`."""
    if (calendar, language) not in _NAMES:
        raise Refusal("calendar.unknown", calendar=calendar)
    declared = declared_mark(calendar, language, offset)
    return f"{_NAMES[calendar, language]}{_COMMA[language]}{declared}" if declared else _NAMES[calendar, language]


def declared_mark(calendar: str, language: str, offset: int) -> str:
    """What stands beside a lunar day that is as a party declared it; empty for every other day."""
    return _DECLARED[language] if calendar == "hijri" and offset else ""


def digits(text: str, language: str) -> str:
    """The text with its ASCII digits written in the language's own."""
    _check_language(language)
    return text.translate(_FROM_ASCII[language])


def parse_digits(text: str) -> str:
    """The text with Arabic-Indic and Persian digits written in ASCII."""
    return text.translate(_TO_ASCII)


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise Refusal("calendar.unknown-language", language=language)


def _numbers(day: Day) -> str:
    return f"{day.year}-{day.month}-{day.day}"
