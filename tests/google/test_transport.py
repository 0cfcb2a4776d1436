"""The way out: each request once, proxies and certificates as the environment says, no plain http abroad."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3

from calsyncctl.errors import ConfigFault, Later
from calsyncctl.google.transport import USER_AGENT, Transport, make_pool, proxy_for, shared_pool, trusted_context
from tests.google.server import Answer, FakeServer


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as fake:
        yield fake


@pytest.fixture
def transport() -> Iterator[Transport]:
    pool = make_pool({})
    yield Transport(pool)
    pool.clear()


def test_an_answer_comes_back_whole_and_unzipped(server: FakeServer, transport: Transport) -> None:
    server.say({"a": "x" * 1000}, ETag='"1"')
    response, content = transport.request(f"{server.root}/x")

    assert (response.status, response["status"], response["etag"]) == (200, "200", '"1"')
    assert content == b'{"a": "' + b"x" * 1000 + b'"}'
    assert server.seen[0].headers["accept-encoding"] == "gzip"
    assert server.seen[0].headers["user-agent"] == USER_AGENT


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "GET"])
def test_a_request_whose_answer_is_lost_is_sent_once(server: FakeServer, transport: Transport, method: str) -> None:
    server.say()
    transport.request(f"{server.root}/warm")  # a kept connection is where other clients send again
    server.script += [Answer(drop=True), Answer()]
    with pytest.raises(Later):
        transport.request(f"{server.root}/x", method, body="{}")

    assert [seen.method for seen in server.seen] == ["GET", method]
    assert transport.requests == 2


def test_a_cut_answer_is_none(server: FakeServer, transport: Transport) -> None:
    server.script.append(Answer(body=b'{"items": []}' * 50, cut=True))

    with pytest.raises(Later, match="broke off"):
        transport.request(f"{server.root}/x")


def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(server: FakeServer) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        pool = make_pool({})
        pool.connection_pool_kw["timeout"] = urllib3.Timeout(connect=5, read=0.05)
        with pytest.raises(Later, match="took too long"):
            Transport(pool).request(f"http://127.0.0.1:{silent.getsockname()[1]}/x")
        pool.clear()


def test_redirects_are_shown_not_followed(server: FakeServer, transport: Transport) -> None:
    server.say(status=302, Location=f"{server.root}/elsewhere")
    response, _content = transport.request(f"{server.root}/x")

    assert response.status == 302
    assert len(server.seen) == 1


@pytest.mark.parametrize("address", ["http://www.googleapis.com/x", "http://192.0.2.1/x", "ftp://127.0.0.1/x"])
def test_nothing_is_said_in_plain_http_beyond_this_machine(transport: Transport, address: str) -> None:
    with pytest.raises(ConfigFault, match="Plain http"):
        transport.request(address, headers={"authorization": "Bearer x"})


def test_nobody_there_is_passing_trouble_that_names_the_host(transport: Transport) -> None:
    with pytest.raises(Later, match=r"Nothing answers at 127\.0\.0\.1:1\."):
        transport.request("http://127.0.0.1:1/x?syncToken=secret")


def test_what_is_raised_does_not_hold_the_address_asked_for(transport: Transport) -> None:
    with pytest.raises(Later) as caught:
        transport.request("http://127.0.0.1:1/x?syncToken=secret")

    assert "secret" not in f"{caught.value} {caught.value.what_to_do} {caught.value.__cause__}"


def test_https_goes_through_the_proxy_with_its_password(server: FakeServer) -> None:
    environ = {"HTTPS_PROXY": f"http://jo%40x:pass@127.0.0.1:{server.port}"}
    pool = make_pool(environ)
    with pytest.raises(Later, match="proxy"):
        Transport(pool).request("https://www.googleapis.com/x")
    pool.clear()

    assert [seen.method for seen in server.seen] == ["CONNECT"]
    assert server.seen[0].path == "www.googleapis.com:443"
    assert server.seen[0].headers["proxy-authorization"] == "Basic am9AeDpwYXNz"


def test_this_machine_is_reached_without_the_proxy(server: FakeServer) -> None:
    server.say()
    pool = make_pool({"HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"})
    response, _content = Transport(pool).request(f"{server.root}/x")
    pool.clear()

    assert response.status == 200


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ({"https_proxy": "p:3128", "HTTPS_PROXY": "http://other"}, "http://p:3128"),
        ({"ALL_PROXY": "http://p:3128"}, "http://p:3128"),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "example.com, .googleapis.com"}, None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "www.googleapis.com:443"}, None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "apis.com,www.googleapis.com:8443,"}, "http://p"),
    ],
)
def test_the_environment_names_the_proxy_and_its_exceptions(environ: dict[str, str], proxy: str | None) -> None:
    assert proxy_for("www.googleapis.com:443", environ) == proxy


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9000", "[::1]:9000"])
def test_loopback_is_never_proxied(host: str) -> None:
    assert proxy_for(host, {"HTTPS_PROXY": "http://p"}) is None


def test_a_proxy_of_another_kind_is_refused_without_repeating_its_password() -> None:
    with pytest.raises(ConfigFault, match="HTTPS_PROXY") as caught:
        make_pool({"HTTPS_PROXY": "socks5://jo:pass@p:1"}).request("GET", "https://www.googleapis.com/")

    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_certificates_that_are_not_there_are_named(name: str) -> None:
    with pytest.raises(ConfigFault, match=f"{name} names /nowhere/ca.pem"):
        trusted_context({name: "/nowhere/ca.pem"})


def test_certificates_of_the_environment_replace_the_bundled_ones(tmp_path_factory: pytest.TempPathFactory) -> None:
    import certifi

    one = certifi.contents().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n"
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    path.write_text(one)

    assert trusted_context({"SSL_CERT_FILE": str(path)}).cert_store_stats()["x509"] == 1
    assert trusted_context({}).cert_store_stats()["x509"] > 50


def test_one_environment_has_one_pool_and_another_has_another() -> None:
    assert shared_pool({"HOME": "/a"}) is shared_pool({"HOME": "/b"})
    assert shared_pool({"NO_PROXY": "x"}) is not shared_pool({})


def test_threads_share_one_pool(server: FakeServer, transport: Transport) -> None:
    for number in range(80):
        server.say({"n": number})
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: transport.request(f"{server.root}/x")[1], range(80)))

    assert len(set(answers)) == 80
    assert transport.requests == 80


def test_as_many_workers_as_there_may_be_each_keep_their_connection(server: FakeServer, transport: Transport) -> None:
    together = threading.Barrier(32)
    with ThreadPoolExecutor(32) as threads:
        for _ in range(3):
            server.script += [Answer(meet=together)] * 32
            list(threads.map(transport.request, [f"{server.root}/x"] * 32))

    assert len({seen.port for seen in server.seen}) == 32
