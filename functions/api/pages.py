"""The few pages that people see when there is nothing to play: plain, readable without styles, scripts or pictures."""

from typing import Final

REFRESH_S: Final = 5


def _page(title: str, text: str, *, refreshes: bool = False) -> str:
    refresh = f'<meta http-equiv="refresh" content="{REFRESH_S}">\n' if refreshes else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"{refresh}<title>{title}</title>\n</head>\n"
        f"<body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n</body>\n</html>\n"
    )


ON_ITS_WAY: Final = _page(
    "The recording is on its way",
    f"It usually takes less than a minute. This page looks again every {REFRESH_S} seconds.",
    refreshes=True,
)
NO_SOUND: Final = _page("There is no recording", "The sound of this call could not be kept.")
NO_LINK: Final = _page(
    "This link does not work",
    "It may be mistyped, or older than a link may be. The message can still be read by those who may read the mailbox.",
)
