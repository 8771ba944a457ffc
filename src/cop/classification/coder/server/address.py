"""Where a narrative may go: the address is resolved, judged by number, and that number is what is connected to.

In the house are loopback and the private ranges of RFC 1918 and RFC 4193. Link-local addresses are not: metadata
services of clouds answer there. A name counts by every address it has, and it is looked up anew for each batch.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from cop.kernel.errors import Refused, Unavailable

IN_HOUSE = tuple(
    ip_network(n) for n in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)

_EXPECTED = "http://host:port/path or https://host:port/path, nothing else in it"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked address.

    `numbers` are all that its name has, each of them checked; `host` is the Host header, `name` what a certificate must
    be for.
    """

    encrypted: bool
    name: str
    port: int
    path: str
    numbers: tuple[IPv4Address | IPv6Address, ...]

    @property
    def host(self) -> str:
        """The Host header (RFC 9110, 7.2)."""
        named = f"[{self.name}]" if ":" in self.name else self.name
        return named if self.port == (443 if self.encrypted else 80) else f"{named}:{self.port}"

    def url(self, seconds: float) -> str:
        """The address by number: the first number that takes a connection, where there are several.

        `localhost` is two numbers, and servers often listen on one of them.
        """
        number = next((n for n in self.numbers[:-1] if self._listens(n, seconds)), self.numbers[-1])
        shown = f"[{number}]" if isinstance(number, IPv6Address) else str(number)
        return f"{'https' if self.encrypted else 'http'}://{shown}:{self.port}{self.path}/chat/completions"

    def _listens(self, number: IPv4Address | IPv6Address, seconds: float) -> bool:
        try:
            with socket.create_connection((str(number), self.port), timeout=seconds):
                return True
        except OSError:
            return False


def locate(address: str, *, allow_remote: bool) -> Endpoint:
    """Judge an address and fix it to its numbers.

    Args:
        address: what stands before `/chat/completions`.
        allow_remote: it may be outside the house; then it must be https.

    Raises:
        Refused: it is no such address, or it leaves the house without leave.
        Unavailable: the name cannot be looked up.
    """
    scheme, host, port, path = _parts(address)
    numbers = _numbers(host, port)
    outside = [n for n in numbers if not in_house(n)]
    if outside and not allow_remote:
        raise Refused.value(
            host, f"leads outside this house ({outside[0]}), and a narrative would go there",
            expected="a loopback or private address, or allow_remote = true", field="address",
        )  # fmt: skip
    if outside and scheme != "https":
        raise Refused.value(host, "would get narratives unencrypted", expected="https", field="address")
    return Endpoint(scheme == "https", host, port, path, tuple(dict.fromkeys(numbers)))


def in_house(number: IPv4Address | IPv6Address) -> bool:
    """Whether an address is loopback or private; an IPv4 address within IPv6 counts as what it is."""
    inner = number.ipv4_mapped if isinstance(number, IPv6Address) else None
    seen = inner or number
    return any(seen in network for network in IN_HOUSE if network.version == seen.version)


def _parts(address: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        raise Refused("is no address", expected=_EXPECTED) from None
    plain = address.isascii() and address.isprintable() and not set(address) & set(" \\%?#@")
    if scheme not in {"http", "https"} or not host or not plain:
        # not quoted: what is wrong with it may be a key that stands in it
        raise Refused("the address will not do", expected=_EXPECTED)
    return scheme, host, port or (443 if scheme == "https" else 80), parts.path.rstrip("/")


def _numbers(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [ip_address(str(entry[4][0])) for entry in found]
    except (OSError, ValueError, UnicodeError):
        raise Unavailable(f"{host} cannot be looked up", expected="a name or number of this network") from None
