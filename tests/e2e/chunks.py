"""An answer in chunks over HTTP/1.1, read line by line as it comes."""


class ChunkedLines:
    """Of a connection to which a request was sent."""

    def __init__(self, connection):
        self.connection = connection
        self.text = b""
        self.ended = False
        self.head = self.connection._take_head()  # pylint: disable=protected-access
        self.status = int(self.head.split(" ", 2)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def _read_chunk(self):
        """Adds the next chunk to the text; False at the end of the answer."""
        take = self.connection._take  # pylint: disable=protected-access
        size = b""
        while not size.endswith(b"\r\n"):
            size += take(1)
        length = int(size, 16)
        self.text += take(length)
        assert take(2) == b"\r\n"
        self.ended = length == 0
        return not self.ended

    def take_line(self):
        """The next line, or None at the end of the answer, which comes after a whole one."""
        while b"\n" not in self.text:
            if not self._read_chunk():
                assert self.text == b"", "a line was cut"
                return None
        line, _, self.text = self.text.partition(b"\n")
        return line.decode()
