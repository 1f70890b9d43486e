"""Texts as articles have them, and as they should not: for properties that hold of every text."""

from __future__ import annotations

from hypothesis import strategies as st

_PIECES = [
    "The bridge reopens in May.",
    "Ms. Döring said so.",
    "“We will not attack,” al-Rubaie said.",
    "“An open quotation. It goes on",
    'She asked "why?" and left.',
    "the U.S. envoy",
    "Gen. H.R. McMaster (ret.) declined to comment.",
    "1,200 people; 4.5 per cent",
    "- a list item",
    "1. another one",
    "Ine\u0301s Do\u0308ring",
    "🌊👩‍👩‍👧🇩🇪",
    "\u202eחדשות\u202c \u200fأخبار؟ نعم.",
    "価格が上がった。市長は否定した。",
    "word" * 60,
    "\x1b[31m[/bold] [sic]",
    "\ufeff",
    "\u200b",
    "\0",
]
_GAPS = [
    "",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "\r\n\r\n",
    "\n \n",
    "\xa0",
    "\u2003",
    "\t",
    "\u2028",
    "\u2029",
    "\f",
]

articles = st.one_of(
    st.lists(st.one_of(st.sampled_from(_PIECES), st.sampled_from(_GAPS)), max_size=40).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
)
