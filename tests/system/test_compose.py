"""The compose file: its shape always, and a real run of it where a Docker engine and the base images are at hand."""

import json
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from newsmill.demo.expected import expected
from newsmill.demo.site import sources
from newsmill.settings import Settings, read_settings
from tests.system.test_readme import DOCKER
from workers.pipeline import QUEUES, STAGES

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("newsmill")]
MONITORING = {"prometheus", "alertmanager", "grafana"}
OTHERS = {"redis", "opensearch", "s3", *MONITORING}
CLUSTER: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.cluster.yml").read_text("utf-8"))
ALL_HEALTHY_S = 120
ALL_INGESTED_S = 240  # a page a second at most, on a host that asks for that pause


def test_every_role_is_a_service() -> None:
    assert set(OURS) == {"beat", "flower", "metrics", "web", "demo", *QUEUES}
    assert SERVICES.keys() == {*OURS, *OTHERS}


@pytest.mark.parametrize("name", SERVICES)
def test_services_come_back_are_watched_and_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert "interval" in service["healthcheck"]
    assert service["stop_grace_period"]
    assert service["logging"]["options"].keys() >= {"max-size", "max-file"}
    assert isinstance(service["command"], list), "the exec form, so that signals reach it"
    assert "container_name" not in service, "it could not be scaled"


@pytest.mark.parametrize("name", OURS)
def test_our_services_have_no_rights_to_spare(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service


def test_only_what_watches_is_published_and_only_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.keys() == {"flower", "metrics", "web", *MONITORING}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert SERVICES["web"]["environment"]["NEWSMILL_WEB__PASSWORD"] == "${WEB_PASSWORD:-}"
    assert "secrets" not in COMPOSE, "compose 1.29 does not read one that comes from the environment"
    assert "FLOWER_PASSWORD:?" in SERVICES["flower"]["environment"]["FLOWER_BASIC_AUTH"]


def test_redis_keeps_what_it_is_told_and_asks_for_a_password() -> None:
    redis = SERVICES["redis"]
    assert "--requirepass" in redis["command"]
    assert "REDIS_PASSWORD:?" in redis["command"][-1], "no start without a password"
    configuration = dict(
        line.split(maxsplit=1)
        for line in (ROOT / "config/redis.conf").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    )
    assert configuration["appendonly"] == "yes"
    assert configuration["maxmemory-policy"] == "noeviction"
    assert any(volume.startswith("redis:") for volume in redis["volumes"])


@pytest.mark.parametrize("stage", QUEUES)
def test_a_worker_is_what_the_pipeline_says(stage: str) -> None:
    command = SERVICES[stage]["command"]
    assert command[:5] == ["celery", "-q", "-A", "workers.app", "worker"], "quiet: its banner is no JSON"
    assert command[command.index("-Q") + 1] == stage
    assert "-P" not in command, "the pool follows from the stage"
    remapped = SERVICES[stage]["environment"].get("REMAP_SIGTERM")
    prefork = {str(name) for name, spec in STAGES.items() if spec.pool == "prefork"}
    assert remapped == ("SIGQUIT" if stage in prefork else None)


def test_opensearch_is_the_default_and_only_what_uses_it_reaches_it() -> None:
    assert SERVICES["index"]["environment"]["NEWSMILL_SEARCH__URL"] == "${SEARCH_URL-http://opensearch:9200}"
    assert SERVICES["index"]["depends_on"]["opensearch"] == {"condition": "service_healthy"}
    assert COMPOSE["networks"]["search"] == {"internal": True}
    assert SERVICES["opensearch"]["networks"] == ["search"], "it has no password"
    assert {name for name in SERVICES if "search" in SERVICES[name].get("networks", [])} == {
        "opensearch",
        "index",
        "produce",
        "web",
    }
    assert set(SERVICES["index"]["depends_on"]) > set(SERVICES["fetch"]["depends_on"])


def test_every_variable_is_a_setting() -> None:
    given = SERVICES["index"]["environment"]
    chosen = {name: value for name, value in given.items() if name.startswith("NEWSMILL_") and "${" not in value}
    by_default = dict.fromkeys((name for name in given if name.startswith("NEWSMILL_STORES__")), "")
    made = read_settings({**chosen, **by_default, "NEWSMILL_SEARCH__URL": "http://opensearch:9200"}, ROOT / "config")
    assert made.stores == Settings().stores


def test_three_nodes_form_one_cluster_that_workers_know() -> None:
    nodes = [name for name in CLUSTER["services"] if name.startswith("opensearch")]
    assert len(nodes) == 3
    for name in nodes:
        node = SERVICES.get(name, {}) | CLUSTER["services"][name]
        assert node["image"] == SERVICES["opensearch"]["image"]
        assert (node["restart"], node["networks"]) == ("unless-stopped", ["search"])
        assert node["healthcheck"] == SERVICES["opensearch"]["healthcheck"]
        assert node["logging"] == SERVICES["opensearch"]["logging"]
        environment = SERVICES.get(name, {}).get("environment", {}) | node["environment"]
        assert environment["cluster.name"] == "newsmill"
        assert environment["node.name"] == name
        assert environment.get("discovery.type") != "single-node"
        assert set(environment["discovery.seed_hosts"].split(",")) >= set(nodes) - {name}
    for stage in ("index", "produce"):
        url = CLUSTER["services"][stage]["environment"]["NEWSMILL_SEARCH__URL"]
        assert url.split(",") == [f"http://{name}:9200" for name in nodes]
    assert len({v for name in nodes for v in (SERVICES.get(name, {}) | CLUSTER["services"][name])["volumes"]}) == 3


def test_demo_browser_and_object_store_only_where_they_are_asked_for() -> None:
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    asked_for = {"demo": ["demo"], "render": ["render"], "s3": ["s3"]}
    assert profiles == asked_for | {name: ["monitoring"] for name in MONITORING}


def test_the_object_store_has_the_credentials_and_the_bucket_of_the_workers() -> None:
    server, worker = SERVICES["s3"]["environment"], SERVICES["fetch"]["environment"]
    assert worker["NEWSMILL_STORES__S3_ACCESS_KEY_ID"] == server["ROOT_ACCESS_KEY"]
    assert worker["NEWSMILL_STORES__S3_SECRET_ACCESS_KEY"] == server["ROOT_SECRET_KEY"]
    assert worker["NEWSMILL_STORES__S3_REGION"] == server["VGW_REGION"]
    shown = (ROOT / ".env.example").read_text("utf-8")
    bucket = SERVICES["s3"]["volumes"][0].rpartition("/")[2]
    assert f"# RAW_URL=s3://{bucket}/" in shown
    assert f"# S3_ENDPOINT=http://s3{server['VGW_PORT']}\n" in shown


def test_volumes_are_named() -> None:
    mounted = {v.split(":")[0] for service in SERVICES.values() for v in service.get("volumes", [])}
    assert {v for v in mounted if not v.startswith("./")} == set(COMPOSE["volumes"])


def test_the_example_environment_names_every_variable_without_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    given = [line.split("=")[0] for line in (ROOT / ".env.example").read_text("utf-8").splitlines() if "=" in line]
    needed = {part.split(":?")[0] for part in text.split("${")[1:] if ":?" in part.split("}")[0]}
    assert needed <= set(given)


def test_the_image_is_plain_and_not_root() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    assert "USER newsmill" in lines
    assert not any("--mount" in line for line in lines), "buildable without BuildKit"
    stages = [line.removeprefix("FROM ").split(" AS ") for line in lines if line.startswith("FROM ")]
    own = {name for _, *names in stages for name in names}
    assert {base for base, *_ in stages} - own == {"python:3.13-slim"}
    assert stages[-1] == ["newsmill"], "without a target it is the image without a browser"


def _says_yes(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _compose() -> list[str]:
    """The compose command that is here, or an empty list."""
    found = (["docker", "compose"], ["docker-compose"])
    return next((command for command in found if _says_yes(*command, "version")), [])


class Stack:
    """The compose file, up in a project of its own, from a copy of what the image needs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.project = folder, f"newsmilltest{uuid.uuid4().hex[:8]}"
        self.image = f"{self.project}:test"
        for name in ("docker-compose.yml", "Dockerfile", ".dockerignore", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, folder)
        for name in ("README.md", "LICENSE"):
            shutil.copy(ROOT / name, folder)
        for name in ("newsmill", "workers", "config"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "config/sources.toml").write_text(sources("http://demo.test:8710"), "utf-8")
        build = {"build": {"context": ".", "network": "host"}, "image": self.image}
        override = {"services": dict.fromkeys([name for name in OURS if name != "render"], build)}
        override["services"]["opensearch"] = {"image": "redis:8"}  # none is started, so any that is here will do
        (folder / "docker-compose.override.yml").write_text(yaml.safe_dump(override), "utf-8")
        (folder / ".env").write_text(
            f"REDIS_PASSWORD={uuid.uuid4().hex}\nFLOWER_PASSWORD={uuid.uuid4().hex}\nFLOWER_USER=operator\n"
            f"WEB_PASSWORD={uuid.uuid4().hex}\nWEB_PORT={_free_port()}\n"
            f"SEARCH_URL=\nOPENSEARCH_NODES=0\nMETRICS_PORT={_free_port()}\n"
            f"FLOWER_PORT={_free_port()}\nALLOW_NETWORKS=172.16.0.0/12,192.168.0.0/16,10.0.0.0/8\n"
            "USER_AGENT=NewsmillTest/1.0 (+https://newsmill.example/contact)\n",
            "utf-8",
        )

    def __call__(self, *words: str, timeout: float = 600) -> str:
        command = [*_compose(), "-p", self.project, *words]
        environment = {**os.environ, "COMPOSE_PROFILES": "demo"}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=timeout, check=False
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout

    def shell(self, command: str) -> None:
        """A command of the README, in this stack, without a terminal and without traffic to anywhere else."""
        for shown, here in (
            ("docker compose", f"{' '.join(_compose())} -p {self.project}"),
            ("exec produce", "exec -T produce"),
            ("https://news.example/story", "http://demo.test:8710/en/gallery"),
        ):
            command = command.replace(shown, here)
        environment = {**os.environ, "COMPOSE_PROFILES": "demo"}
        subprocess.run(["sh", "-euc", command], cwd=self.folder, env=environment, check=True, timeout=600)

    def newsmill(self, *words: str) -> Any:
        return json.loads(self("exec", "-T", "produce", "newsmill", *words, "--json"))

    def containers(self, what: str) -> dict[str, str]:
        """What `docker inspect` says of each container, by the name of its service."""
        ids = self("ps", "-aq").split()
        form = '{{index .Config.Labels "com.docker.compose.service"}} ' + what
        done = subprocess.run(["docker", "inspect", "-f", form, *ids], capture_output=True, text=True, check=True)
        lines = [line.partition(" ") for line in done.stdout.splitlines() if line.strip()]
        return {name: told for name, _, told in lines}

    def wait_until_healthy(self) -> dict[str, str]:
        """Until every container is; what their probes said last."""
        end = time.monotonic() + ALL_HEALTHY_S
        while set(health := self.containers("{{.State.Health.Status}}").values()) != {"healthy"}:
            assert time.monotonic() < end, self.containers("{{json .State.Health}}")
            assert health
            time.sleep(2)
        return self.containers("{{json (index .State.Health.Log 0).Output}}")

    def wait_for(self, accepted: int) -> dict[str, Any]:
        """Until every address has its outcome; the last status."""
        end = time.monotonic() + ALL_INGESTED_S
        while True:
            status: dict[str, Any] = self.newsmill("status")
            if status["accepted"] == accepted and not status["waiting"] and not status["in_progress"]:
                return status
            assert time.monotonic() < end, status
            time.sleep(2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    if not (_says_yes("docker", "info") and _compose()):
        pytest.skip("needs a Docker engine with compose")
    if not (
        _says_yes("docker", "image", "inspect", "python:3.13-slim")
        and _says_yes("docker", "image", "inspect", "redis:8")
    ):
        pytest.skip("needs the images python:3.13-slim and redis:8 (docker pull them)")
    made = Stack(tmp_path)
    try:
        yield made
    finally:
        made("down", "-v")
        subprocess.run(["docker", "image", "rm", made.image], capture_output=True, check=False)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_it_ingests_scales_stops_and_comes_back_with_its_data(stack: Stack) -> None:
    expectation = expected().with_browser(False)
    stack("build", timeout=900)
    for command in DOCKER:  # what the README shows, in its order
        if command.startswith("cp "):
            continue  # the passwords are in place
        if command.endswith(" status"):
            stack.wait_until_healthy()  # in the first seconds it says, and its exit code, that workers are missing
        if " search " in command:
            status = stack.wait_for(len(expectation.outcomes))
        stack.shell(command)
        if "--scale" in command:
            assert len(stack("ps", "-q", "parse").split()) == 4
    assert status["outcomes"]["indexed"]
    assert not status["outcomes"]["failed"] + status["outcomes"]["quarantined"]
    found = {finds.query: stack.newsmill("search", finds.query) for finds in expectation.finds}
    assert all(found.values())
    said = stack.wait_until_healthy()
    assert "messages wait" in said["fetch"], "the probe asks whether the queue is consumed"
    stack.newsmill("retry", "--outcome", "indexed")  # all of them are asked for again, so that there is work to stop in
    time.sleep(5)
    before = stack.newsmill("status")
    assert before["waiting"] + before["in_progress"] > 0
    started = time.monotonic()
    stack("stop")
    assert time.monotonic() - started < 120, "a worker did not stop within its grace"
    ended = stack.containers("{{.State.ExitCode}}")
    assert {name: code for name, code in ended.items() if code == "137"} == {}, "some were killed at the end of it"
    stack("down")
    stack("up", "-d")
    again = stack.wait_for(len(expectation.outcomes))
    assert not again["outcomes"]["failed"] + again["outcomes"]["quarantined"]
    assert again["balanced"]
    assert {query: stack.newsmill("search", query) for query in found} == found
