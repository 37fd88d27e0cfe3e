"""How long something has lasted, in a word, for the lists of the staff."""

from datetime import timedelta


def length(lasting: timedelta) -> str:
    """ "12분", "3시간", "2일"; rounded down."""
    minutes = max(0, int(lasting.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes}분"
    return f"{minutes // 60}시간" if minutes < 24 * 60 else f"{minutes // (24 * 60)}일"


def passed(lasting: timedelta) -> str:
    """ "방금", "12분 전"."""
    said = length(lasting)
    return "방금" if said == "0분" else f"{said} 전"
