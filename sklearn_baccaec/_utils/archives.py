"""Zip archives that fit into memory, whatever their few bytes would unpack to."""

from zipfile import ZipFile

MAX_UNPACKED = 2**28  # bytes; or, if that is more, what a file of floats grows to:
_MOST_GROWTH = 8  # times its own size


def check_unpacked(archive: ZipFile, size: int) -> None:
    """Refuse an archive of this many bytes that would unpack to far more.

    Raises
    ------
    ValueError
        If it would. No member is read for it, and `read_member` reads no more.
    """
    total = sum(member.file_size for member in archive.infolist())
    limit = max(MAX_UNPACKED, _MOST_GROWTH * size)
    if total > limit:
        raise ValueError(f"it would unpack to {total:,} bytes, more than {limit:,}")


def read_member(archive: ZipFile, name: str) -> bytes:
    """Content of a member, of which no more is unpacked than the archive tells."""
    size = archive.getinfo(name).file_size
    with archive.open(name) as member:
        content = member.read(size) if size else b""
        if member.read(1):
            raise ValueError(f"{name} is longer than the archive tells")
    return content
